import { AppError, type Clock } from '#base';
import type { KubernetesAccess, Pem } from '../contract.ts';
import type { ExecCredential } from './exec-plugin.ts';
import { ChangingFiles } from './file-cache.ts';
import type { Environment } from './in-cluster.ts';

/** A token is not used up to its last moment: requests take time, and clocks differ. */
const expirySlackMs = 30_000;

/** PEM texts for a connection, and a mark that changes with them. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly mark: string;
}

/** Headers and certificates of an access, as they are at the moment. */
export class Authenticator {
  readonly #access: KubernetesAccess;
  readonly #clock: Clock;
  readonly #env: Environment;
  readonly #files = new ChangingFiles();
  readonly #impersonation: Readonly<Record<string, string | string[]>>;
  #credential: ExecCredential | undefined;
  #running: Promise<ExecCredential> | undefined;

  constructor(access: KubernetesAccess, clock: Clock, env: Environment) {
    this.#access = access;
    this.#clock = clock;
    this.#env = env;
    this.#impersonation = impersonationHeaders(access);
  }

  /** @throws {AppError} KUBERNETES_CREDENTIALS, KUBERNETES_EXEC_FAILED */
  async headers(): Promise<Readonly<Record<string, string | string[]>>> {
    const authorization = await this.#authorization();
    return authorization === undefined
      ? this.#impersonation
      : { ...this.#impersonation, authorization };
  }

  /** @throws {AppError} KUBERNETES_CREDENTIALS, KUBERNETES_EXEC_FAILED */
  async tls(): Promise<TlsMaterial> {
    const { tls, credentials } = this.#access;
    const ca = this.#pem(tls.authority, 'certificate authority');
    let cert = this.#pem(tls.certificate, 'client certificate');
    let key = this.#pem(tls.privateKey, 'client key');
    if (credentials.kind === 'exec') {
      const given = await this.#execCredential();
      cert = given.certificatePem ?? cert;
      key = given.privateKeyPem ?? key;
    }
    return { ca, cert, key, mark: [ca, cert, key].join('\0') };
  }

  /** The API server does not know who we are: ask the plugin anew. */
  refuse(): void {
    this.#credential = undefined;
  }

  async #authorization(): Promise<string | undefined> {
    const { credentials } = this.#access;
    switch (credentials.kind) {
      case 'none':
        return undefined;
      case 'token':
        return `Bearer ${credentials.token}`;
      case 'token-file':
        return `Bearer ${this.#read(credentials.path, 'token').trim()}`;
      case 'basic': {
        const pair = `${credentials.username}:${credentials.password}`;
        return `Basic ${Buffer.from(pair).toString('base64')}`;
      }
      case 'exec': {
        const { token } = await this.#execCredential();
        return token === undefined ? undefined : `Bearer ${token}`;
      }
      default:
        throw new Error(credentials satisfies never);
    }
  }

  async #execCredential(): Promise<ExecCredential> {
    const known = this.#credential;
    if (known !== undefined) {
      const { expiresAtMs = Number.POSITIVE_INFINITY } = known;
      if (this.#clock.nowMs() < expiresAtMs - expirySlackMs) return known;
    }
    // Many requests, one run.
    this.#running ??= this.#runPlugin().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #runPlugin(): Promise<ExecCredential> {
    const { credentials, tls } = this.#access;
    if (credentials.kind !== 'exec') throw new Error('No credential plugin');
    const { runExecPlugin } = await import('./exec-plugin.ts');
    const authority = this.#pem(tls.authority, 'certificate authority');
    const given = await runExecPlugin(credentials.plugin, this.#access, this.#env, authority);
    this.#credential = given;
    return given;
  }

  #pem(pem: Pem | undefined, what: string): string | undefined {
    if (pem === undefined) return undefined;
    return pem.kind === 'inline' ? pem.pem : this.#read(pem.path, what);
  }

  #read(path: string, what: string): string {
    try {
      return this.#files.read(path);
    } catch (cause) {
      throw new AppError('KUBERNETES_CREDENTIALS', `The ${what} ${path} cannot be read`, {
        cause,
        details: { file: path },
      });
    }
  }
}

function impersonationHeaders({
  impersonate,
}: KubernetesAccess): Readonly<Record<string, string | string[]>> {
  if (impersonate === undefined) return {};
  const { user, uid, groups, extra } = impersonate;
  const headers: Record<string, string | string[]> = { 'impersonate-user': user };
  if (uid !== undefined) headers['impersonate-uid'] = uid;
  if (groups.length > 0) headers['impersonate-group'] = [...groups];
  for (const [key, values] of Object.entries(extra)) {
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = [...values];
  }
  return headers;
}
