import { readFileSync } from 'node:fs';
import { AppError, type Clock, type Logger, MetricsRegistry } from '#base';
import { type Credentials, findAccess, type KubernetesAccess, type Pem } from '#kubernetes/client';
import { Cluster } from '#kubernetes/cluster';
import { configKey, type KubernetesSdConfig, type TlsConfig } from '#metrics/config';

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** The cluster that the server watches anyhow. */
  readonly cluster: Cluster | undefined;
}

export interface Connection extends AsyncDisposable {
  readonly cluster: Cluster;
  /** Others read it too, as a whole. */
  readonly isShared: boolean;
}

interface Held {
  readonly opening: Promise<Cluster>;
  users: number;
}

/** Connections to API servers: one for all entries that name the same with the same credentials. */
export class Connections {
  readonly #deps: ConnectionDeps;
  readonly #held = new Map<string, Held>();

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
  }

  /** @throws {AppError} KUBERNETES_NO_CLUSTER, KUBERNETES_AUTH_UNSUPPORTED, KUBECONFIG_INVALID */
  async open(config: KubernetesSdConfig): Promise<Connection> {
    const { cluster } = this.#deps;
    if (config.apiServer === undefined && config.kubeconfigFile === undefined) {
      if (cluster !== undefined) {
        return { cluster, isShared: true, [Symbol.asyncDispose]: async () => {} };
      }
      throw new AppError(
        'KUBERNETES_NO_CLUSTER',
        'There is no cluster: no kubeconfig, and no service account as pods have it',
        { hint: 'Set kubernetes.kubeconfig, or api_server or kubeconfig_file of the entry' },
      );
    }
    const key = keyOf(config);
    let held = this.#held.get(key);
    if (held === undefined) {
      held = { opening: this.#make(config), users: 0 };
      this.#held.set(key, held);
    }
    held.users++;
    const mine = held;
    const close = async (): Promise<void> => {
      if (--mine.users > 0) return;
      if (this.#held.get(key) === mine) this.#held.delete(key);
      await (await mine.opening)[Symbol.asyncDispose]();
    };
    try {
      return { cluster: await mine.opening, isShared: false, [Symbol.asyncDispose]: close };
    } catch (error) {
      await close().catch(() => {});
      throw error;
    }
  }

  async #make(config: KubernetesSdConfig): Promise<Cluster> {
    const { clock, log, env, version } = this.#deps;
    const access = await accessOf(config, env);
    return new Cluster(
      { access, userAgent: `nunchi/${version}` },
      // Their names would be those of the server's own cluster.
      { clock, log, env, metrics: new MetricsRegistry() },
    );
  }
}

/** All that says where and as whom, without what is discovered there. */
function keyOf({
  role,
  namespaces,
  selectors,
  attachMetadata,
  ...rest
}: KubernetesSdConfig): string {
  return configKey(rest);
}

async function accessOf(
  config: KubernetesSdConfig,
  env: ConnectionDeps['env'],
): Promise<KubernetesAccess> {
  const { kubeconfigFile, apiServer = '' } = config;
  if (kubeconfigFile !== undefined) {
    const found = await findAccess({ kubeconfig: kubeconfigFile, env });
    if (found !== undefined) return found;
  }
  const { tlsConfig, proxyUrl } = config;
  return {
    server: apiServer.replace(/\/+$/, ''),
    source: 'api_server',
    clusterName: undefined,
    context: undefined,
    namespace: 'default',
    tls: {
      authority: pem(tlsConfig?.ca, tlsConfig?.caFile),
      certificate: pem(tlsConfig?.cert, tlsConfig?.certFile),
      privateKey: pem(tlsConfig?.key?.reveal(), tlsConfig?.keyFile),
      serverName: tlsConfig?.serverName,
      insecureSkipVerify: tlsConfig?.insecureSkipVerify ?? false,
    },
    credentials: credentialsOf(config),
    proxyUrl,
    impersonate: undefined,
  };
}

function pem(inline: TlsConfig['ca'], file: string | undefined): Pem | undefined {
  if (inline !== undefined) return { kind: 'inline', pem: inline };
  return file === undefined ? undefined : { kind: 'file', path: file };
}

function credentialsOf(config: KubernetesSdConfig): Credentials {
  const { basicAuth, authorization, oauth2, bearerToken, bearerTokenFile, httpHeaders } = config;
  if (oauth2 !== undefined) throw unsupported('oauth2');
  if (Object.keys(httpHeaders).length > 0) throw unsupported('http_headers');
  if (basicAuth !== undefined) {
    const { username, usernameFile, password, passwordFile } = basicAuth;
    return {
      kind: 'basic',
      username: usernameFile === undefined ? username : readText(usernameFile),
      password: passwordFile === undefined ? (password?.reveal() ?? '') : readText(passwordFile),
    };
  }
  if (authorization !== undefined && authorization.type.toLowerCase() !== 'bearer') {
    throw unsupported(`authorization of type ${authorization.type}`);
  }
  const path = authorization?.credentialsFile ?? bearerTokenFile;
  if (path !== undefined) return { kind: 'token-file', path };
  const token = authorization?.credentials ?? bearerToken;
  return token === undefined ? { kind: 'none' } : { kind: 'token', token: token.reveal() };
}

const readText = (file: string): string => readFileSync(file, 'utf8').trim();

const unsupported = (what: string): AppError =>
  new AppError(
    'KUBERNETES_AUTH_UNSUPPORTED',
    `An API server cannot be reached with ${what} in kubernetes_sd_configs`,
    { hint: 'Use a bearer token, a client certificate or basic_auth; or kubeconfig_file' },
  );
