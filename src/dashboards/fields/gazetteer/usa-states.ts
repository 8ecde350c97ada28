/**
 * States and territories of the USA, as `countries.ts` but with one code. A place is the middle of the largest
 * land of the Census Bureau's cartographic boundaries (public domain).
 */
export const usaStates = `
AK,,64.5,-152.69,Alaska
AL,,32.79,-86.83,Alabama
AR,,34.9,-92.44,Arkansas
AS,,-14.29,-170.7,American Samoa
AZ,,34.29,-111.66,Arizona
CA,,37.25,-119.61,California
CO,,39,-105.55,Colorado
CT,,41.62,-72.73,Connecticut
DC,,38.9,-77.02,District of Columbia
DE,,NaN,NaN,Delaware
FL,,28.65,-82.5,Florida
GA,,32.65,-83.45,Georgia
GU,,13.44,144.77,Guam
HI,,19.6,-155.52,Hawaii
IA,,42.07,-93.5,Iowa
ID,,44.39,-114.66,Idaho
IL,,40.07,-89.2,Illinois
IN,,39.91,-86.28,Indiana
KS,,38.48,-98.38,Kansas
KY,,37.53,-85.29,Kentucky
LA,,31.05,-91.98,Louisiana
MA,,42.27,-71.82,Massachusetts
MD,,39.03,-76.77,Maryland
ME,,45.36,-69.23,Maine
MI,,43.48,-84.62,Michigan
MN,,46.32,-94.31,Minnesota
MO,,38.37,-92.48,Missouri
MP,,15.19,145.75,Northern Mariana Islands
MS,,32.75,-89.67,Mississippi
MT,,47.03,-109.64,Montana
NC,,35.54,-79.36,North Carolina
ND,,47.45,-100.47,North Dakota
NE,,41.53,-99.81,Nebraska
NH,,43.69,-71.58,New Hampshire
NJ,,40.18,-74.66,New Jersey
NM,,34.42,-106.11,New Mexico
NV,,39.36,-116.66,Nevada
NY,,42.94,-75.51,New York
OH,,40.29,-82.79,Ohio
OK,,35.58,-97.51,Oklahoma
OR,,43.94,-120.56,Oregon
PA,,40.87,-77.8,Pennsylvania
PR,,18.22,-66.48,Puerto Rico
RI,,41.69,-71.59,Rhode Island
SC,,33.91,-80.9,South Carolina
SD,,44.44,-100.23,South Dakota
TN,,35.84,-86.34,Tennessee
TX,,31.48,-99.35,Texas
UT,,39.32,-111.68,Utah
VA,,37.51,-78.88,Virginia
VI,,17.73,-64.77,U.S. Virgin Islands
VT,,44.07,-72.66,Vermont
WA,,47.37,-120.43,Washington
WI,,44.63,-90.01,Wisconsin
WV,,38.64,-80.62,West Virginia
WY,,43,-107.55,Wyoming
`;
