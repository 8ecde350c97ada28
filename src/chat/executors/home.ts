import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stringify } from 'yaml';
import { inClusterAccess } from '#kubernetes/client';

/** How the cluster is reached by the programs. */
export interface ToolAccess {
  /** A kubeconfig; undefined: looked for as kubectl does, and then the pod's own account. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the service account, for tests. */
  readonly serviceAccountFolder?: string;
}

/** What the programs need of the environment: how to reach the cluster, and plugins of a kubeconfig. */
const passed = [
  ...['PATH', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_CONFIG_FILE'],
  ...['AWS_SHARED_CREDENTIALS_FILE', 'AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
  ...['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'],
];

/**
 * A folder of the programs' own, removed at the end: what they keep is not where others could put files for
 * them to find. Nothing of the environment of the server gets to them but what is named here.
 */
export class ToolHome implements Disposable {
  readonly #access: ToolAccess;
  #folder: string | undefined;

  constructor(access: ToolAccess) {
    this.#access = access;
  }

  [Symbol.dispose](): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  /** Empty: no file in it can be meant by a name. */
  get workFolder(): string {
    return join(this.#open(), 'work');
  }

  /** Arguments that say which cluster, before all others. */
  clusterArgs(tool: 'kubectl' | 'helm'): string[] {
    const { context } = this.#access;
    const kubeconfig = this.#kubeconfig();
    return [
      ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
      ...(context === undefined
        ? []
        : [`--${tool === 'kubectl' ? '' : 'kube-'}context=${context}`]),
    ];
  }

  /** The whole environment of a program. */
  environment(helmDriver: string): Record<string, string> {
    const { env } = this.#access;
    const folder = this.#open();
    const home = env['HOME'] ?? '/nonexistent';
    const found: Record<string, string> = {
      HOME: folder,
      KUBECACHEDIR: join(folder, 'cache'),
      KUBERC: 'off',
      KUBECTL_ENABLE_CMD_SHADOW: 'false',
      HELM_DRIVER: helmDriver,
      HELM_CACHE_HOME: join(folder, 'helm', 'cache'),
      HELM_CONFIG_HOME: join(folder, 'helm', 'config'),
      HELM_DATA_HOME: join(folder, 'helm', 'data'),
      HELM_PLUGINS: join(folder, 'helm', 'none'),
      // Of a kubeconfig whose plugins ask AWS or Google who they are.
      AWS_CONFIG_FILE: join(home, '.aws', 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws', 'credentials'),
      CLOUDSDK_CONFIG: join(home, '.config', 'gcloud'),
      GOMEMLIMIT: '256MiB',
    };
    for (const name of passed) {
      const value = env[name] ?? env[name.toLowerCase()];
      if (value !== undefined) found[name] = value;
    }
    const several = this.#listed();
    if (this.#access.kubeconfig === undefined && several.length > 0)
      found['KUBECONFIG'] = several.join(delimiter);
    return found;
  }

  #listed(): readonly string[] {
    return (this.#access.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  }

  /** A file that is named for sure; undefined: $KUBECONFIG names it, or there is none. */
  #kubeconfig(): string | undefined {
    const { kubeconfig, env, serviceAccountFolder } = this.#access;
    if (kubeconfig !== undefined) return kubeconfig;
    if (this.#listed().length > 0) return undefined;
    const own = join(env['HOME'] ?? '/nonexistent', '.kube', 'config');
    if (existsSync(own)) return own;
    // kubectl takes no account of a pod once it is told to impersonate somebody: it must have a file.
    const access = inClusterAccess(env, serviceAccountFolder);
    if (access === undefined) return undefined;
    const { credentials, tls } = access;
    const path = join(this.#open(), 'kubeconfig');
    const named = { name: 'nunchi' };
    const cluster = {
      server: access.server,
      ...(tls.authority?.kind === 'file' ? { 'certificate-authority': tls.authority.path } : {}),
    };
    const user = credentials?.kind === 'token-file' ? { tokenFile: credentials.path } : {};
    const file = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'nunchi',
      clusters: [{ ...named, cluster }],
      users: [{ ...named, user }],
      contexts: [{ ...named, context: { cluster: 'nunchi', user: 'nunchi' } }],
    };
    writeFileSync(path, stringify(file), { mode: 0o600 });
    return path;
  }

  #open(): string {
    if (this.#folder !== undefined && existsSync(this.#folder)) return this.#folder;
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-chat-'));
    mkdirSync(join(folder, 'work'), { mode: 0o500 });
    this.#folder = folder;
    return folder;
  }
}
