import { Braces, ChartLine, Database, type LucideIcon, ScrollText } from 'lucide-react';
import type { Draft } from './draft.ts';
import type { connectionWords } from './words.ts';

type FieldWord = keyof (typeof connectionWords)['en']['fields'];
type SectionWord = keyof (typeof connectionWords)['en']['sections'];

export interface SettingField {
  /** Of the draft, of `jsonData`, or of the secrets. */
  readonly place: 'draft' | 'json' | 'secret';
  readonly key: string;
  readonly word: FieldWord;
  readonly kind: 'text' | 'secret' | 'pem' | 'flag' | 'choice' | 'list';
  readonly choices?: readonly string[];
  readonly placeholder?: string;
  readonly isRequired?: boolean;
  /** Shown only then. */
  readonly when?: (draft: Draft) => boolean;
}

export interface SettingSection {
  readonly word: SectionWord;
  readonly fields: readonly SettingField[];
  /** A list of headers with secret values stands at its end. */
  readonly hasHeaders?: boolean;
}

export interface SourceKind {
  readonly type: string;
  /** Proper names: the same in every language. */
  readonly label: string;
  readonly icon: LucideIcon;
  readonly sections: readonly SettingSection[];
}

const draft = (key: string, word: FieldWord, more: Partial<SettingField> = {}): SettingField => ({
  place: 'draft',
  key,
  word,
  kind: 'text',
  ...more,
});
const json = (key: string, word: FieldWord, more: Partial<SettingField> = {}): SettingField => ({
  place: 'json',
  key,
  word,
  kind: 'text',
  ...more,
});
const secret = (key: string, word: FieldWord, more: Partial<SettingField> = {}): SettingField => ({
  place: 'secret',
  key,
  word,
  kind: 'secret',
  ...more,
});
const hasJson = (key: string, value: unknown) => (one: Draft) => one.jsonData[key] === value;

const basicAuth: readonly SettingField[] = [
  draft('basicAuth', 'basicAuth', { kind: 'flag' }),
  draft('basicAuthUser', 'user', { when: (one) => one.basicAuth }),
  secret('basicAuthPassword', 'password', { when: (one) => one.basicAuth }),
];
const tls: SettingSection = {
  word: 'tls',
  fields: [
    json('tlsAuthWithCACert', 'ownAuthority', { kind: 'flag' }),
    secret('tlsCACert', 'caCert', { kind: 'pem', when: hasJson('tlsAuthWithCACert', true) }),
    json('tlsAuth', 'clientCert', { kind: 'flag' }),
    secret('tlsClientCert', 'cert', { kind: 'pem', when: hasJson('tlsAuth', true) }),
    secret('tlsClientKey', 'key', { kind: 'pem', when: hasJson('tlsAuth', true) }),
    json('serverName', 'serverName', { placeholder: 'prometheus.example' }),
    json('tlsSkipVerify', 'skipVerify', { kind: 'flag' }),
  ],
};
const timeout = json('timeout', 'timeout', { placeholder: '60' });

/** Every kind that can be added, and the fields of its form. */
export const sourceKinds: readonly SourceKind[] = [
  {
    type: 'prometheus',
    label: 'Prometheus',
    icon: ChartLine,
    sections: [
      {
        word: 'connection',
        fields: [
          draft('url', 'url', { isRequired: true, placeholder: 'http://prometheus.example:9090' }),
        ],
      },
      { word: 'login', fields: basicAuth, hasHeaders: true },
      tls,
      {
        word: 'more',
        fields: [
          json('timeInterval', 'scrapeInterval', { placeholder: '15s' }),
          json('httpMethod', 'method', { kind: 'choice', choices: ['POST', 'GET'] }),
          json('customQueryParameters', 'queryParameters', { placeholder: 'dedup=true&max=1' }),
          timeout,
        ],
      },
    ],
  },
  {
    type: 'grafana-postgresql-datasource',
    label: 'PostgreSQL',
    icon: Database,
    sections: [
      {
        word: 'connection',
        fields: [
          draft('url', 'host', { isRequired: true, placeholder: 'db.example:5432' }),
          draft('database', 'database', { isRequired: true }),
          draft('user', 'role', { isRequired: true, placeholder: 'reader' }),
          secret('password', 'password'),
        ],
      },
      {
        word: 'tls',
        fields: [
          json('sslmode', 'tlsMode', {
            kind: 'choice',
            choices: ['require', 'verify-full', 'verify-ca', 'disable'],
          }),
          secret('tlsCACert', 'caCert', {
            kind: 'pem',
            when: (one) => String(one.jsonData['sslmode']).startsWith('verify'),
          }),
          secret('tlsClientCert', 'cert', {
            kind: 'pem',
            when: (one) => one.jsonData['sslmode'] !== 'disable',
          }),
          secret('tlsClientKey', 'key', {
            kind: 'pem',
            when: (one) => one.jsonData['sslmode'] !== 'disable',
          }),
        ],
      },
      {
        word: 'more',
        fields: [json('maxOpenConns', 'connections', { placeholder: '5' }), timeout],
      },
    ],
  },
  {
    type: 'cloudwatch',
    label: 'CloudWatch Logs',
    icon: ScrollText,
    sections: [
      {
        word: 'connection',
        fields: [
          json('defaultRegion', 'region', { isRequired: true, placeholder: 'ap-northeast-2' }),
        ],
      },
      {
        word: 'login',
        fields: [
          json('authType', 'awsLogin', {
            kind: 'choice',
            choices: ['default', 'keys', 'credentials'],
          }),
          secret('accessKey', 'accessKey', { when: hasJson('authType', 'keys') }),
          secret('secretKey', 'secretKey', { when: hasJson('authType', 'keys') }),
          json('profile', 'profile', { when: hasJson('authType', 'credentials') }),
          json('assumeRoleArn', 'roleArn', { placeholder: 'arn:aws:iam::123456789012:role/logs' }),
          json('externalId', 'externalId'),
        ],
      },
      {
        word: 'more',
        fields: [
          json('endpoint', 'endpoint', {
            placeholder: 'https://logs.ap-northeast-2.amazonaws.com',
          }),
          timeout,
        ],
      },
    ],
  },
  {
    type: 'yesoreyeram-infinity-datasource',
    label: 'JSON, CSV',
    icon: Braces,
    sections: [
      {
        word: 'connection',
        fields: [
          draft('url', 'baseUrl', { placeholder: 'https://api.github.com' }),
          json('allowedHosts', 'allowedHosts', {
            kind: 'list',
            placeholder: 'api.github.com, docs.google.com, *.googleusercontent.com',
          }),
        ],
      },
      {
        word: 'login',
        fields: [
          json('auth_method', 'loginKind', {
            kind: 'choice',
            choices: ['none', 'basicAuth', 'bearerToken', 'apiKey'],
          }),
          draft('basicAuthUser', 'user', { when: hasJson('auth_method', 'basicAuth') }),
          secret('basicAuthPassword', 'password', { when: hasJson('auth_method', 'basicAuth') }),
          secret('bearerToken', 'token', { when: hasJson('auth_method', 'bearerToken') }),
          json('apiKeyKey', 'apiKeyName', {
            placeholder: 'X-API-Key',
            when: hasJson('auth_method', 'apiKey'),
          }),
          json('apiKeyType', 'apiKeyPlace', {
            kind: 'choice',
            choices: ['header', 'query'],
            when: hasJson('auth_method', 'apiKey'),
          }),
          secret('apiKeyValue', 'apiKeyValue', { when: hasJson('auth_method', 'apiKey') }),
        ],
        hasHeaders: true,
      },
      tls,
      {
        word: 'more',
        fields: [json('customHealthCheckUrl', 'healthUrl', { placeholder: 'https://…' }), timeout],
      },
    ],
  },
];

const aliases: Readonly<Record<string, string>> = {
  postgres: 'grafana-postgresql-datasource',
  'grafana-amazonprometheus-datasource': 'prometheus',
};

export const kindOfType = (type: string): SourceKind | undefined =>
  sourceKinds.find((kind) => kind.type === (aliases[type] ?? type));
