import {
  choice,
  type Field,
  type Fields,
  flag,
  httpUrl,
  list,
  optional,
  path,
  record,
  secret,
  section,
  text,
} from './fields.ts';
import type { Secret } from './secret.ts';

export type TlsVersion = 'TLS10' | 'TLS11' | 'TLS12' | 'TLS13';

export interface TlsConfig {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: Secret | undefined;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: TlsVersion | undefined;
  readonly maxVersion: TlsVersion | undefined;
}

export interface BasicAuth {
  readonly username: string;
  readonly usernameFile: string | undefined;
  readonly password: Secret | undefined;
  readonly passwordFile: string | undefined;
}

export interface Authorization {
  readonly type: string;
  readonly credentials: Secret | undefined;
  readonly credentialsFile: string | undefined;
}

export interface ProxyConfig {
  readonly proxyUrl: string | undefined;
  readonly noProxy: string;
  readonly proxyFromEnvironment: boolean;
  readonly proxyConnectHeader: Readonly<Record<string, readonly (Secret | undefined)[]>>;
}

export interface Oauth2Config extends ProxyConfig {
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly clientSecretFile: string | undefined;
  readonly scopes: readonly string[];
  readonly tokenUrl: string;
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly tlsConfig: TlsConfig | undefined;
}

export interface HttpHeaderConfig {
  readonly values: readonly string[];
  readonly secrets: readonly (Secret | undefined)[];
  readonly files: readonly string[];
}

/** How requests are made: who we are, whom we trust, through what. Files are read when they are used. */
export interface HttpClientConfig extends ProxyConfig {
  readonly basicAuth: BasicAuth | undefined;
  readonly authorization: Authorization | undefined;
  readonly oauth2: Oauth2Config | undefined;
  /** The older form of `authorization`. */
  readonly bearerToken: Secret | undefined;
  readonly bearerTokenFile: string | undefined;
  readonly tlsConfig: TlsConfig | undefined;
  readonly followRedirects: boolean;
  readonly enableHttp2: boolean;
  readonly httpHeaders: Readonly<Record<string, HttpHeaderConfig>>;
}

const tlsVersions = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;

export const tlsConfig: Field<TlsConfig> = section<TlsConfig>(
  {
    ca: optional(text()),
    cert: optional(text()),
    key: secret,
    caFile: optional(path),
    certFile: optional(path),
    keyFile: optional(path),
    serverName: optional(text()),
    insecureSkipVerify: flag(false),
    minVersion: optional(choice(tlsVersions, 'TLS12')),
    maxVersion: optional(choice(tlsVersions, 'TLS13')),
  },
  ({ ca, caFile, cert, certFile, key, keyFile }) => {
    if (ca !== undefined && caFile !== undefined)
      return 'at most one of ca and ca_file must be configured';
    if (cert !== undefined && certFile !== undefined)
      return 'at most one of cert and cert_file must be configured';
    if (key !== undefined && keyFile !== undefined)
      return 'at most one of key and key_file must be configured';
    const hasCert = (cert ?? certFile) !== undefined;
    const hasKey = (key ?? keyFile) !== undefined;
    if (hasCert && !hasKey)
      return 'exactly one of key or key_file must be configured when a client certificate is configured';
    if (hasKey && !hasCert)
      return 'exactly one of cert or cert_file must be configured when a client key is configured';
    return undefined;
  },
);

const proxyFields: Fields<ProxyConfig> = {
  proxyUrl: optional(httpUrl),
  noProxy: text(),
  proxyFromEnvironment: flag(false),
  proxyConnectHeader: record(list(secret)),
};

const basicAuth = section<BasicAuth>(
  {
    username: text(),
    usernameFile: optional(path),
    password: secret,
    passwordFile: optional(path),
  },
  (value) => {
    if (value.username !== '' && value.usernameFile !== undefined) {
      return 'at most one of basic_auth username & username_file must be configured';
    }
    if (value.password !== undefined && value.passwordFile !== undefined) {
      return 'at most one of basic_auth password & password_file must be configured';
    }
    return undefined;
  },
);

const authorization = section<Authorization>(
  { type: text('Bearer'), credentials: secret, credentialsFile: optional(path) },
  (value) => {
    if (value.type.toLowerCase() === 'basic') {
      return 'authorization type cannot be set to "basic", use "basic_auth" instead';
    }
    return value.credentials !== undefined && value.credentialsFile !== undefined
      ? 'at most one of authorization credentials & credentials_file must be configured'
      : undefined;
  },
);

const oauth2 = section<Oauth2Config>(
  {
    clientId: text(),
    clientSecret: secret,
    clientSecretFile: optional(path),
    scopes: list(text()),
    tokenUrl: httpUrl,
    endpointParams: record(text()),
    tlsConfig: optional(tlsConfig),
    ...proxyFields,
  },
  (value) => {
    if (value.clientId === '') return 'oauth2 client_id must be configured';
    if (value.tokenUrl === '') return 'oauth2 token_url must be configured';
    return value.clientSecret !== undefined && value.clientSecretFile !== undefined
      ? 'at most one of oauth2 client_secret & client_secret_file must be configured'
      : undefined;
  },
);

/** Headers that are ours to set, or have a key of their own. */
const reservedHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-prometheus-scrape-timeout-seconds',
]);

export const headerProblem = (name: string): string | undefined =>
  reservedHeaders.has(name.toLowerCase())
    ? `setting header "${name}" is not allowed`
    : /^[\w!#$%&'*+.^`|~-]+$/.test(name)
      ? undefined
      : `"${name}" is not a header name`;

export const httpClientFields = (enableHttp2: boolean): Fields<HttpClientConfig> => ({
  basicAuth: optional(basicAuth),
  authorization: optional(authorization),
  oauth2: optional(oauth2),
  bearerToken: secret,
  bearerTokenFile: optional(path),
  tlsConfig: optional(tlsConfig),
  followRedirects: flag(true),
  enableHttp2: flag(enableHttp2),
  httpHeaders: record(
    section<HttpHeaderConfig>({ values: list(text()), secrets: list(secret), files: list(path) }),
    headerProblem,
  ),
  ...proxyFields,
});

/** What is wrong with the keys together. Source: prometheus/common `config/http_config.go`. */
export function checkHttpClient(config: HttpClientConfig): string | undefined {
  if (config.bearerToken !== undefined && config.bearerTokenFile !== undefined) {
    return 'at most one of bearer_token & bearer_token_file must be configured';
  }
  const hasBearer = (config.bearerToken ?? config.bearerTokenFile) !== undefined;
  const isCrowded = (config.basicAuth ?? config.oauth2) !== undefined;
  if (hasBearer && isCrowded) {
    return 'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured';
  }
  if (config.authorization !== undefined) {
    if (hasBearer) return 'authorization is not compatible with bearer_token & bearer_token_file';
    if (isCrowded) return 'at most one of basic_auth, oauth2 & authorization must be configured';
  }
  if (config.basicAuth !== undefined && config.oauth2 !== undefined) {
    return 'at most one of basic_auth, oauth2 & authorization must be configured';
  }
  if (config.proxyFromEnvironment && config.proxyUrl !== undefined) {
    return 'if proxy_from_environment is configured, proxy_url must not be configured';
  }
  if (config.proxyFromEnvironment && config.noProxy !== '') {
    return 'if proxy_from_environment is configured, no_proxy must not be configured';
  }
  if (config.noProxy !== '' && config.proxyUrl === undefined) {
    return 'if no_proxy is configured, proxy_url must also be configured';
  }
  return undefined;
}

/** How requests are made where nothing is configured. */
export const defaultHttpClient: HttpClientConfig = section<HttpClientConfig>(
  httpClientFields(true),
).absent();
