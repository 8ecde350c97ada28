/**
 * Countries: code of two letters, of three, latitude, longitude, name. Codes are those of ISO 3166-1; a place is the
 * middle of the largest land of Natural Earth's map 1:10 million (public domain), names are those of CLDR.
 */
export const countries = `
AD,AND,42.54,1.56,Andorra
AE,ARE,23.9,54.31,United Arab Emirates
AF,AFG,33.84,66.01,Afghanistan
AG,ATG,17.07,-61.79,Antigua & Barbuda
AI,AIA,18.22,-63.06,Anguilla
AL,ALB,41.14,20.05,Albania
AM,ARM,40.29,44.93,Armenia
AO,AGO,-12.33,17.56,Angola
AQ,ATA,-80,0,Antarctica
AR,ARG,-35.19,-65.16,Argentina
AS,ASM,-14.3,-170.72,American Samoa
AT,AUT,47.59,14.13,Austria
AU,AUS,-25.57,134.35,Australia
AW,ABW,12.52,-69.97,Aruba
AX,ALA,60.23,19.94,Åland Islands
AZ,AZE,40.35,47.66,Azerbaijan
BA,BIH,44.17,17.77,Bosnia & Herzegovina
BB,BRB,13.18,-59.56,Barbados
BD,BGD,23.88,90.23,Bangladesh
BE,BEL,50.64,4.64,Belgium
BF,BFA,12.27,-1.76,Burkina Faso
BG,BGR,42.77,25.22,Bulgaria
BH,BHR,26.05,50.55,Bahrain
BI,BDI,-3.36,29.87,Burundi
BJ,BEN,9.64,2.33,Benin
BL,BLM,17.91,-62.83,St. Barthélemy
BM,BMU,32.31,-64.76,Bermuda
BN,BRN,4.49,114.6,Brunei
BO,BOL,-16.71,-64.68,Bolivia
BQ,BES,12.18,-68.27,Caribbean Netherlands
BR,BRA,-10.84,-53.11,Brazil
BS,BHS,24.7,-78.04,Bahamas
BT,BTN,27.42,90.4,Bhutan
BV,BVT,-54.43,3.38,Bouvet Island
BW,BWA,-22.19,23.8,Botswana
BY,BLR,53.53,28.03,Belarus
BZ,BLZ,17.2,-88.7,Belize
CA,CAN,57.94,-102.36,Canada
CC,CCK,-12.17,96.83,Cocos (Keeling) Islands
CD,COD,-2.88,23.65,Congo - Kinshasa
CF,CAF,6.57,20.46,Central African Republic
CG,COG,-0.84,15.22,Congo - Brazzaville
CH,CHE,46.8,8.22,Switzerland
CI,CIV,7.63,-5.57,Côte d’Ivoire
CK,COK,-21.22,-159.79,Cook Islands
CL,CHL,-35.45,-71.25,Chile
CM,CMR,5.69,12.74,Cameroon
CN,CHN,36.62,103.81,China
CO,COL,3.91,-73.08,Colombia
CR,CRI,9.97,-84.19,Costa Rica
CU,CUB,21.61,-78.96,Cuba
CV,CPV,15.08,-23.64,Cape Verde
CW,CUW,12.19,-68.97,Curaçao
CX,CXR,-10.48,105.63,Christmas Island
CY,CYP,34.91,32.95,Cyprus
CZ,CZE,49.73,15.31,Czechia
DE,DEU,51.09,10.37,Germany
DJ,DJI,11.75,42.57,Djibouti
DK,DNK,56.23,9.37,Denmark
DM,DMA,15.44,-61.36,Dominica
DO,DOM,18.9,-70.5,Dominican Republic
DZ,DZA,28.15,2.65,Algeria
EC,ECU,-1.45,-78.39,Ecuador
EE,EST,58.68,25.83,Estonia
EG,EGY,26.49,29.86,Egypt
EH,ESH,24.23,-12.22,Western Sahara
ER,ERI,15.35,38.84,Eritrea
ES,ESP,40.39,-3.56,Spain
ET,ETH,8.62,39.6,Ethiopia
FI,FIN,64.51,26.29,Finland
FJ,FJI,-17.82,177.98,Fiji
FK,FLK,-51.74,-58.75,Falkland Islands
FM,FSM,6.88,158.23,Micronesia
FO,FRO,62.14,-6.99,Faroe Islands
FR,FRA,46.62,2.45,France
GA,GAB,-0.59,11.79,Gabon
GB,GBR,53.95,-2.52,United Kingdom
GD,GRD,12.12,-61.68,Grenada
GE,GEO,42.17,43.51,Georgia
GF,GUF,3.93,-53.13,French Guiana
GG,GGY,49.46,-2.58,Guernsey
GH,GHA,7.95,-1.22,Ghana
GI,GIB,36.14,-5.35,Gibraltar
GL,GRL,74.76,-41.44,Greenland
GM,GMB,13.45,-15.4,Gambia
GN,GIN,10.43,-10.94,Guinea
GP,GLP,16.2,-61.5,Guadeloupe
GQ,GNQ,1.57,10.47,Equatorial Guinea
GR,GRC,39.48,22.58,Greece
GS,SGS,-54.37,-36.68,South Georgia & South Sandwich Islands
GT,GTM,15.7,-90.36,Guatemala
GU,GUM,13.44,144.77,Guam
GW,GNB,12.06,-14.93,Guinea-Bissau
GY,GUY,4.79,-58.98,Guyana
HK,HKG,22.42,114.16,Hong Kong SAR China
HM,HMD,-53.09,73.51,Heard & McDonald Islands
HN,HND,14.82,-86.63,Honduras
HR,HRV,45.16,16.42,Croatia
HT,HTI,18.94,-72.68,Haiti
HU,HUN,47.16,19.4,Hungary
ID,IDN,-0.19,114.02,Indonesia
IE,IRL,53.18,-8.14,Ireland
IL,ISR,31.44,35,Israel
IM,IMN,54.23,-4.53,Isle of Man
IN,IND,22.91,79.59,India
IO,IOT,-7.35,72.43,British Indian Ocean Territory
IQ,IRQ,33.04,43.75,Iraq
IR,IRN,32.58,54.28,Iran
IS,ISL,65,-18.6,Iceland
IT,ITA,43.52,12.16,Italy
JE,JEY,49.22,-2.13,Jersey
JM,JAM,18.16,-77.32,Jamaica
JO,JOR,31.25,36.77,Jordan
JP,JPN,36.65,137.97,Japan
KE,KEN,0.55,37.82,Kenya
KG,KGZ,41.46,74.53,Kyrgyzstan
KH,KHM,12.72,104.91,Cambodia
KI,KIR,1.85,-157.37,Kiribati
KM,COM,-11.65,43.34,Comoros
KN,KNA,17.33,-62.76,St. Kitts & Nevis
KP,PRK,40.15,127.19,North Korea
KR,KOR,36.46,127.87,South Korea
KW,KWT,29.32,47.56,Kuwait
KY,CYM,19.32,-81.25,Cayman Islands
KZ,KAZ,48.16,67.29,Kazakhstan
LA,LAO,18.5,103.74,Laos
LB,LBN,33.92,35.88,Lebanon
LC,LCA,13.9,-60.97,St. Lucia
LI,LIE,47.14,9.54,Liechtenstein
LK,LKA,7.61,80.71,Sri Lanka
LR,LBR,6.45,-9.32,Liberia
LS,LSO,-29.58,28.23,Lesotho
LT,LTU,55.33,23.89,Lithuania
LU,LUX,49.77,6.07,Luxembourg
LV,LVA,56.85,24.91,Latvia
LY,LBY,27.03,18.01,Libya
MA,MAR,29.84,-8.4,Morocco
MC,MCO,43.74,7.4,Monaco
MD,MDA,47.2,28.46,Moldova
ME,MNE,42.79,19.24,Montenegro
MF,MAF,18.08,-63.05,St. Martin
MG,MDG,-19.38,46.7,Madagascar
MH,MHL,7.1,171.2,Marshall Islands
MK,MKD,41.59,21.68,North Macedonia
ML,MLI,17.34,-3.54,Mali
MM,MMR,21.21,96.49,Myanmar (Burma)
MN,MNG,46.83,103.06,Mongolia
MO,MAC,22.14,113.56,Macao SAR China
MP,MNP,15.18,145.74,Northern Mariana Islands
MQ,MTQ,14.65,-61,Martinique
MR,MRT,20.26,-10.34,Mauritania
MS,MSR,16.74,-62.19,Montserrat
MT,MLT,35.89,14.44,Malta
MU,MUS,-20.28,57.57,Mauritius
MV,MDV,-0.59,73.24,Maldives
MW,MWI,-13.22,34.29,Malawi
MX,MEX,23.94,-102.51,Mexico
MY,MYS,3.61,114.72,Malaysia
MZ,MOZ,-17.27,35.54,Mozambique
NA,NAM,-22.13,17.21,Namibia
NC,NCL,-21.33,165.49,New Caledonia
NE,NER,17.42,9.39,Niger
NF,NFK,-29.03,167.96,Norfolk Island
NG,NGA,9.6,8.09,Nigeria
NI,NIC,12.84,-85.03,Nicaragua
NL,NLD,52.28,5.64,Netherlands
NO,NOR,64.24,14.02,Norway
NP,NPL,28.25,83.92,Nepal
NR,NRU,-0.52,166.93,Nauru
NU,NIU,-19.05,-169.87,Niue
NZ,NZL,-43.98,170.52,New Zealand
OM,OMN,20.57,56.09,Oman
PA,PAN,8.52,-80.11,Panama
PE,PER,-9.15,-74.38,Peru
PF,PYF,-17.66,-149.42,French Polynesia
PG,PNG,-6.61,144.25,Papua New Guinea
PH,PHL,15.95,121.42,Philippines
PK,PAK,29.95,69.34,Pakistan
PL,POL,52.12,19.39,Poland
PM,SPM,46.95,-56.32,St. Pierre & Miquelon
PN,PCN,-24.37,-128.32,Pitcairn Islands
PR,PRI,18.23,-66.48,Puerto Rico
PS,PSE,31.95,35.24,Palestinian Territories
PT,PRT,39.68,-7.97,Portugal
PW,PLW,7.51,134.58,Palau
PY,PRY,-23.23,-58.4,Paraguay
QA,QAT,25.31,51.19,Qatar
RE,REU,-21.13,55.53,Réunion
RO,ROU,45.85,24.97,Romania
RS,SRB,44.22,20.79,Serbia
RU,RUS,61.66,99.07,Russia
RW,RWA,-1.99,29.92,Rwanda
SA,SAU,24.12,44.54,Saudi Arabia
SB,SLB,-9.62,160.17,Solomon Islands
SC,SYC,-4.68,55.47,Seychelles
SD,SDN,15.99,29.94,Sudan
SE,SWE,62.83,16.74,Sweden
SG,SGP,1.36,103.81,Singapore
SH,SHN,-15.96,-5.72,St. Helena
SI,SVN,46.12,14.81,Slovenia
SJ,SJM,78,16,Svalbard & Jan Mayen
SK,SVK,48.7,19.48,Slovakia
SL,SLE,8.57,-11.79,Sierra Leone
SM,SMR,43.94,12.44,San Marino
SN,SEN,14.37,-14.47,Senegal
SO,SOM,4.75,45.71,Somalia
SR,SUR,4.13,-55.91,Suriname
SS,SSD,7.28,30.3,South Sudan
ST,STP,0.24,6.61,São Tomé & Príncipe
SV,SLV,13.74,-88.87,El Salvador
SX,SXM,18.04,-63.07,Sint Maarten
SY,SYR,35.02,38.5,Syria
SZ,SWZ,-26.56,31.48,Eswatini
TC,TCA,21.81,-71.74,Turks & Caicos Islands
TD,TCD,15.33,18.65,Chad
TF,ATF,-49.31,69.5,French Southern Territories
TG,TGO,8.53,0.96,Togo
TH,THA,15.14,101.01,Thailand
TJ,TJK,38.53,71.02,Tajikistan
TK,TKL,-9.2,-171.85,Tokelau
TL,TLS,-8.8,125.94,Timor-Leste
TM,TKM,39.12,59.38,Turkmenistan
TN,TUN,34.12,9.55,Tunisia
TO,TON,-21.17,-175.2,Tonga
TR,TUR,38.99,35.42,Türkiye
TT,TTO,10.42,-61.29,Trinidad & Tobago
TV,TUV,-8.52,179.2,Tuvalu
TW,TWN,23.75,120.96,Taiwan
TZ,TZA,-6.28,34.8,Tanzania
UA,UKR,49.16,31.26,Ukraine
UG,UGA,1.28,32.37,Uganda
UM,UMI,19.28,166.65,U.S. Outlying Islands
US,USA,39.53,-99.14,United States
UY,URY,-32.8,-56.02,Uruguay
UZ,UZB,41.76,63.13,Uzbekistan
VA,VAT,NaN,NaN,Vatican City
VC,VCT,13.26,-61.19,St. Vincent & Grenadines
VE,VEN,7.12,-66.18,Venezuela
VG,VGB,18.42,-64.62,British Virgin Islands
VI,VIR,17.74,-64.76,U.S. Virgin Islands
VN,VNM,16.66,106.3,Vietnam
VU,VUT,-15.23,166.85,Vanuatu
WF,WLF,-13.28,-176.16,Wallis & Futuna
WS,WSM,-13.63,-172.44,Samoa
XK,XKK,42.58,20.87,Kosovo
YE,YEM,15.94,47.54,Yemen
YT,MYT,-12.82,45.15,Mayotte
ZA,ZAF,-29.01,25.16,South Africa
ZM,ZMB,-13.46,27.77,Zambia
ZW,ZWE,-19,29.85,Zimbabwe
`;
