import { AppError, nearestWord } from '#base';
import type { Credentials, ExecPlugin, Impersonation, KubernetesAccess, Pem } from '../contract.ts';
import { readKubeconfig, type Section } from './kubeconfig-file.ts';

/**
 * Access as one context of one or several kubeconfig files says. Of several files the first one that
 * has an entry of a name, or a current context, counts; files that do not exist are passed over.
 * Source: kubernetes.io, "Organizing Cluster Access Using kubeconfig Files".
 * @returns undefined where no file exists or none has a context
 * @throws {AppError} KUBECONFIG_INVALID, KUBECONFIG_UNREADABLE
 */
export async function kubeconfigAccess(
  files: readonly string[],
  context?: string,
): Promise<KubernetesAccess | undefined> {
  const found: Section[] = [];
  for (const file of files) {
    const read = await readKubeconfig(file);
    if (read !== undefined) found.push(read);
  }
  const merged = new MergedConfig(found);
  const name = context ?? merged.currentContext();
  if (name === undefined) return undefined;
  return accessOf(merged, name);
}

class MergedConfig {
  readonly #files: readonly Section[];

  constructor(files: readonly Section[]) {
    this.#files = files;
  }

  get names(): string {
    return this.#files.map(({ file }) => file).join(', ');
  }

  currentContext(): string | undefined {
    for (const file of this.#files) {
      const name = file.text('current-context');
      if (name !== undefined) return name;
    }
    return undefined;
  }

  /** The entry's inner mapping: `{name, cluster: {…}}` gives `{…}`. */
  entry(list: 'clusters' | 'users' | 'contexts', name: string): Section | undefined {
    const key = list.slice(0, -1);
    for (const file of this.#files) {
      for (const entry of file.sections(list)) {
        if (entry.text('name') !== name) continue;
        const inner = entry.section(key);
        if (inner === undefined) throw entry.problem(key, 'is missing');
        return inner;
      }
    }
    return undefined;
  }

  entryNames(list: 'clusters' | 'users' | 'contexts'): string[] {
    return this.#files.flatMap((file) =>
      file.sections(list).flatMap((entry) => entry.text('name') ?? []),
    );
  }
}

function accessOf(config: MergedConfig, name: string): KubernetesAccess {
  const context = config.entry('contexts', name);
  if (context === undefined) {
    const known = config.entryNames('contexts');
    const near = nearestWord(name, known);
    throw new AppError('KUBECONFIG_INVALID', `${config.names} has no context "${name}"`, {
      details: { context: name },
      hint:
        near === undefined
          ? `Contexts there: ${known.join(', ') || 'none'}`
          : `Did you mean "${near}"?`,
    });
  }
  const clusterName = context.text('cluster');
  if (clusterName === undefined) throw context.problem('cluster', 'is missing');
  const cluster = config.entry('clusters', clusterName);
  if (cluster === undefined) {
    throw context.problem('cluster', `names "${clusterName}", which clusters does not have`);
  }
  const userName = context.text('user');
  const user = userName === undefined ? undefined : config.entry('users', userName);
  if (userName !== undefined && user === undefined) {
    throw context.problem('user', `names "${userName}", which users does not have`);
  }
  return {
    server: serverOf(cluster),
    source: `context "${name}" of ${context.file}`,
    clusterName,
    context: name,
    namespace: context.text('namespace') ?? 'default',
    tls: {
      authority: pemOf(cluster, 'certificate-authority'),
      certificate: user === undefined ? undefined : pemOf(user, 'client-certificate'),
      privateKey: user === undefined ? undefined : pemOf(user, 'client-key'),
      serverName: cluster.text('tls-server-name'),
      insecureSkipVerify: cluster.flag('insecure-skip-tls-verify'),
    },
    credentials: user === undefined ? { kind: 'none' } : credentialsOf(user, cluster),
    proxyUrl: proxyOf(cluster),
    impersonate: user === undefined ? undefined : impersonationOf(user),
  };
}

function serverOf(cluster: Section): string {
  const server = cluster.text('server');
  if (server === undefined) throw cluster.problem('server', 'is missing');
  const text = server.includes('://') ? server : `https://${server}`;
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw cluster.problem('server', `must be a http or https URL, not "${server}"`);
  }
  return text.replace(/\/+$/, '');
}

function proxyOf(cluster: Section): string | undefined {
  const proxy = cluster.text('proxy-url');
  if (proxy === undefined) return undefined;
  if (!URL.canParse(proxy) || !/^(https?|socks5h?):$/.test(new URL(proxy).protocol)) {
    throw cluster.problem('proxy-url', `must be a http, https or socks5 URL, not "${proxy}"`);
  }
  return proxy;
}

/** `KEY-data` is inline and comes before the file of `KEY`. */
function pemOf(section: Section, key: string): Pem | undefined {
  const pem = section.base64(`${key}-data`);
  if (pem !== undefined) {
    if (!pem.includes('-----BEGIN ')) throw section.problem(`${key}-data`, 'holds no PEM');
    return { kind: 'inline', pem };
  }
  const path = section.filePath(key);
  return path === undefined ? undefined : { kind: 'file', path };
}

function credentialsOf(user: Section, cluster: Section): Credentials {
  const provider = user.section('auth-provider');
  if (provider !== undefined) {
    throw user.problem(
      'auth-provider',
      `"${provider.text('name') ?? ''}" is not supported, as in kubectl since 1.26`,
      'Use an exec plugin for it: `kubectl oidc-login` for oidc, gke-gcloud-auth-plugin for gcp, kubelogin for azure',
    );
  }
  // A file comes before the text beside it, which is what it once held.
  const path = user.filePath('tokenFile');
  if (path !== undefined) return { kind: 'token-file', path };
  const token = user.text('token');
  if (token !== undefined) return { kind: 'token', token };
  const username = user.text('username');
  if (username !== undefined) {
    return { kind: 'basic', username, password: user.text('password') ?? '' };
  }
  const exec = user.section('exec');
  return exec === undefined ? { kind: 'none' } : { kind: 'exec', plugin: pluginOf(exec, cluster) };
}

const apiVersions = ['v1', 'v1beta1', 'v1alpha1'].map(
  (version) => `client.authentication.k8s.io/${version}` as ExecPlugin['apiVersion'],
);
const interactiveModes = ['Never', 'IfAvailable', 'Always'] as const;

function pluginOf(exec: Section, cluster: Section): ExecPlugin {
  const apiVersion = apiVersions.find((known) => known === exec.text('apiVersion'));
  if (apiVersion === undefined) {
    throw exec.problem('apiVersion', `must be one of ${apiVersions.join(', ')}`);
  }
  const command = exec.text('command');
  if (command === undefined) throw exec.problem('command', 'is missing');
  const mode = exec.text('interactiveMode') ?? 'IfAvailable';
  const interactiveMode = interactiveModes.find((known) => known === mode);
  if (interactiveMode === undefined) {
    throw exec.problem('interactiveMode', `must be one of ${interactiveModes.join(', ')}`);
  }
  if (interactiveMode === 'Always') {
    throw exec.problem('interactiveMode', 'is Always, and a server has no terminal to ask at');
  }
  const env: Record<string, string> = {};
  for (const pair of exec.sections('env')) {
    const name = pair.text('name');
    if (name === undefined) throw pair.problem('name', 'is missing');
    env[name] = pair.text('value') ?? '';
  }
  return {
    apiVersion,
    // A name is looked up on the PATH; a path is relative to the kubeconfig.
    command: command.includes('/') ? (exec.filePath('command') ?? command) : command,
    args: exec.texts('args'),
    env,
    installHint: exec.text('installHint'),
    provideClusterInfo: exec.flag('provideClusterInfo'),
    interactiveMode,
    clusterConfig: cluster
      .sections('extensions')
      .find((one) => one.text('name') === 'client.authentication.k8s.io/exec')
      ?.raw('extension'),
  };
}

function impersonationOf(user: Section): Impersonation | undefined {
  const name = user.text('as');
  if (name === undefined) {
    for (const key of ['as-uid', 'as-groups', 'as-user-extra']) {
      if (user.has(key)) throw user.problem(key, 'needs a user in `as`');
    }
    return undefined;
  }
  const extra = user.section('as-user-extra');
  const keys = Object.keys((user.raw('as-user-extra') as object | null | undefined) ?? {});
  return {
    user: name,
    uid: user.text('as-uid'),
    groups: user.texts('as-groups'),
    extra: Object.fromEntries(keys.map((key) => [key, extra?.texts(key) ?? []])),
  };
}
