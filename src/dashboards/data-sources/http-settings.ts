import { defaultHttpClient, type HttpClientConfig, Secret } from '#metrics/config';
import { type AddressCheck, createHttpClient, type HttpClient } from '#metrics/http';
import type { DataSource } from './contract.ts';
import { invalidKey } from './errors.ts';
import type { KindDeps, SourceConfig } from './kind.ts';

const maxHeaders = 50;
const headerName = /^[\w!#$%&'*+.^`|~-]+$/;
/** Those that the connection itself sets. */
const reservedHeaders: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
]);

/** Names of secrets that every data source over HTTP may have; headers are `httpHeaderValue1`, … */
export const httpSecretNames: readonly string[] = [
  'basicAuthPassword',
  'tlsCACert',
  'tlsClientCert',
  'tlsClientKey',
];

/** A client with the login, headers and certificates of a data source. */
export function sourceHttpClient(
  config: SourceConfig,
  deps: KindDeps,
  options: {
    /** Where it may connect to. */
    readonly checkAddress: AddressCheck;
    readonly checkHost?: (host: string) => void;
    /** Secret headers besides those of the settings. */
    readonly headers?: Readonly<Record<string, string>>;
    readonly authorization?: HttpClientConfig['authorization'];
    readonly followRedirects?: boolean;
  },
): HttpClient {
  const { source, secret } = config;
  const { jsonData } = source;
  const basic =
    source.basicAuth === true
      ? {
          username: source.basicAuthUser ?? '',
          usernameFile: undefined,
          password: new Secret(secret('basicAuthPassword') ?? ''),
          passwordFile: undefined,
        }
      : undefined;
  const key = jsonData['tlsAuth'] === true ? secret('tlsClientKey') : undefined;
  return createHttpClient(
    {
      ...defaultHttpClient,
      followRedirects: options.followRedirects ?? true,
      basicAuth: basic,
      authorization: options.authorization,
      tlsConfig: {
        ca: jsonData['tlsAuthWithCACert'] === true ? secret('tlsCACert') : undefined,
        cert: jsonData['tlsAuth'] === true ? secret('tlsClientCert') : undefined,
        key: key === undefined ? undefined : new Secret(key),
        caFile: undefined,
        certFile: undefined,
        keyFile: undefined,
        serverName: textOf(jsonData, 'serverName'),
        insecureSkipVerify: jsonData['tlsSkipVerify'] === true,
        minVersion: undefined,
        maxVersion: undefined,
      },
      httpHeaders: headersOf(config, options.headers ?? {}),
    },
    {
      ...deps,
      checkAddress: options.checkAddress,
      ...(options.checkHost === undefined ? {} : { checkHost: options.checkHost }),
    },
  );
}

/** `httpHeaderName1` of the settings with `httpHeaderValue1` of the secrets, and so on. */
function headersOf(
  { source, secret }: SourceConfig,
  more: Readonly<Record<string, string>>,
): HttpClientConfig['httpHeaders'] {
  const headers: Record<string, HttpClientConfig['httpHeaders'][string]> = {};
  for (const [name, value] of Object.entries(more)) {
    headers[name] = { values: [], secrets: [new Secret(value)], files: [] };
  }
  for (let at = 1; at <= maxHeaders; at++) {
    const name = textOf(source.jsonData, `httpHeaderName${at}`);
    const value = secret(`httpHeaderValue${at}`);
    if (name === undefined || value === undefined) continue;
    headers[name] = { values: [], secrets: [new Secret(value)], files: [] };
  }
  return headers;
}

/** @throws {AppError} DATA_SOURCE_INVALID */
export function checkHeaders(jsonData: DataSource['jsonData']): void {
  for (const [key, value] of Object.entries(jsonData)) {
    if (!/^httpHeaderName\d+$/.test(key)) continue;
    const name = String(value);
    if (headerName.test(name) && !reservedHeaders.has(name.toLowerCase())) continue;
    const problem = `"${name}" cannot be set`;
    throw invalidKey('DATA_SOURCE_INVALID', `jsonData.${key}`, problem, 'the name of a header');
  }
}

/** An http or https URL without login. @throws {AppError} DATA_SOURCE_INVALID */
export function checkUrl(url: string): void {
  const problem = urlProblem(url);
  if (problem === undefined) return;
  throw invalidKey('DATA_SOURCE_INVALID', 'url', problem, 'http://host:port or https://host/path');
}

function urlProblem(url: string): string | undefined {
  if (url === '') return 'is missing';
  if (!URL.canParse(url)) return `"${url}" is no URL`;
  const { protocol, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return `${protocol} is not spoken`;
  // It would be shown to everybody who may see the data source.
  return username === '' && password === '' ? undefined : 'a login does not belong into it';
}

/** `jsonData.timeout` is in seconds, a number or its text. */
export function timeoutOf(jsonData: DataSource['jsonData'], limitMs: number): number {
  const seconds = Number(jsonData['timeout'] ?? 0);
  return seconds > 0 ? Math.min(limitMs, seconds * 1000) : limitMs;
}

export function textOf(values: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = values[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
