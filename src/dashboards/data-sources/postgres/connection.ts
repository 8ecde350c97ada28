import { isIP, Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { PoolConfig } from 'pg';
import { type AddressCheck, checkedLookup } from '#metrics/http';
import { addressGuard } from '../address-guard.ts';
import type { DataSource } from '../contract.ts';
import { dataError, invalidKey } from '../errors.ts';
import { textOf } from '../http-settings.ts';
import type { KindDeps, SourceConfig } from '../kind.ts';

const defaultPort = 5432;
const defaultConnections = 5;
/** A panel asks few things at once; a database has few hundred connections for everybody. */
const maxConnections = 50;
const connectTimeoutMs = 10_000;
const idleTimeoutMs = 60_000;
const maxLifetimeSeconds = 4 * 3600;

export const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

type Settings = Pick<DataSource, 'url' | 'user' | 'database' | 'jsonData'>;

/** `host:port` of the URL field. @throws {AppError} DATA_SOURCE_INVALID */
export function hostOf({ url }: Pick<DataSource, 'url'>): {
  readonly host: string;
  readonly port: number;
} {
  const match = /^(?:postgres(?:ql)?:\/\/)?(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/.exec(
    url,
  );
  const port = Number(match?.[2] ?? defaultPort);
  if (match === null || port === 0 || port > 65_535) {
    const problem = url === '' ? 'is missing' : `"${url}" is no address`;
    throw invalidKey('DATA_SOURCE_INVALID', 'url', problem, 'host:port, such as db.example:5432');
  }
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port };
}

/** Newer files have it among the settings. */
export function databaseOf({ database, jsonData }: Settings): string {
  return textOf(jsonData, 'database') ?? database ?? '';
}

export function sslModeOf({ jsonData }: Settings): SslMode {
  const given = textOf(jsonData, 'sslmode') ?? 'require';
  const mode = sslModes.find((known) => known === given);
  if (mode !== undefined) return mode;
  const allowed = sslModes.join(', ');
  throw invalidKey('DATA_SOURCE_INVALID', 'jsonData.sslmode', `is "${given}"`, allowed);
}

/** @throws {AppError} DATA_SOURCE_INVALID */
export function checkSettings(source: Settings): void {
  hostOf(source);
  sslModeOf(source);
  if (databaseOf(source) === '') {
    throw invalidKey('DATA_SOURCE_INVALID', 'database', 'is missing', 'the name of a database');
  }
  if ((source.user ?? '') === '') {
    throw invalidKey('DATA_SOURCE_INVALID', 'user', 'is missing', 'a role that may only read');
  }
  if (source.jsonData['tlsConfigurationMethod'] === 'file-path') {
    const allowed = 'file-content, with the certificates as secrets';
    throw invalidKey(
      'DATA_SOURCE_INVALID',
      'jsonData.tlsConfigurationMethod',
      'is file-path',
      allowed,
    );
  }
}

export function poolConfig(config: SourceConfig, deps: KindDeps): PoolConfig {
  const { source, secret } = config;
  const { host, port } = hostOf(source);
  const asked = Number(source.jsonData['maxOpenConns'] ?? 0);
  const check = addressGuard(() => 'loopback', deps.allowedNetworks);
  return {
    host,
    port,
    user: source.user ?? '',
    database: databaseOf(source),
    // Without one the library would look into the environment.
    password: secret('password') ?? '',
    ssl: tlsOf(config, host),
    max: asked > 0 ? Math.min(maxConnections, Math.floor(asked)) : defaultConnections,
    idleTimeoutMillis: idleTimeoutMs,
    maxLifetimeSeconds,
    connectionTimeoutMillis: connectTimeoutMs,
    allowExitOnIdle: true,
    application_name: 'Nunchi',
    stream: () => new CheckedSocket(check),
  };
}

function tlsOf({ source, secret }: SourceConfig, host: string): false | ConnectionOptions {
  const mode = sslModeOf(source);
  if (mode === 'disable') return false;
  const ca = secret('tlsCACert');
  const cert = secret('tlsClientCert');
  const key = secret('tlsClientKey');
  return {
    // What the certificate must be for; an address is not sent as a name.
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
    // The certificate must be of our authority, whatever name it is for.
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

/** Connects to checked addresses only. */
class CheckedSocket extends Socket {
  readonly #check: AddressCheck;

  constructor(check: AddressCheck) {
    super();
    this.#check = check;
  }

  /** As the library calls it: with a port and a host. */
  override connect(...args: unknown[]): this {
    const [port, host] = args;
    if (typeof port !== 'number' || typeof host !== 'string') {
      throw dataError('DATA_SOURCE_FAILED', 'Only host and port can be connected to');
    }
    try {
      // Of a name, the addresses are checked when they are known.
      if (isIP(host) !== 0) this.#check(host, host);
    } catch (error) {
      queueMicrotask(() => this.destroy(error as Error));
      return this;
    }
    return super.connect({ port, host, lookup: checkedLookup(this.#check) });
  }
}
