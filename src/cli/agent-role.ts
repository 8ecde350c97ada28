import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type AgentFileInput,
  type AgentOptions,
  inClusterAccess,
  type KubeletOptions,
  type KubernetesAccess,
  runAgent,
} from '#agent';
import { AppError, describeError, type Logger, type MetricsRegistry, systemClock } from '#base';
import type { Config } from '#config';
import { programVersion } from './version.ts';

export interface AgentRoleOptions {
  readonly config: () => Config;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** Runs the agent until the signal aborts. */
export async function startAgentRole(
  options: AgentRoleOptions,
  signal: AbortSignal,
): Promise<void> {
  const { config, log } = options;
  const agentOptions = agentOptionsOf(config());
  const access = agentOptions.kubernetes ?? (await kubeconfigAccess(config(), log));
  await runAgent(
    { ...agentOptions, ...(access === undefined ? {} : { kubernetes: access }) },
    { clock: systemClock, logger: options.log.child('agent'), metrics: options.metrics },
    signal,
  );
}

/** @throws {AppError} AGENT_FILE_UNREADABLE */
export function agentOptionsOf(config: Config): AgentOptions {
  const { agent, server } = config;
  const { discover, containers, files, journald, kmsg } = agent.inputs;
  const { clusterName } = server;
  const { caFile } = agent.server;
  // Read now for its errors.
  agentToken(agent);
  return {
    folder: agent.spool.dir ?? join(server.dataDir, 'agent'),
    host: agent.id ?? hostname(),
    server: {
      url:
        agent.server.url ??
        `http://${server.listen.replace(/^(0\.0\.0\.0|\[::\])?:/, '127.0.0.1:')}`,
      token: tokenReader(agent),
      ...(caFile === undefined ? {} : { ca: readFile(caFile, 'agent.server.caFile') }),
    },
    version: programVersion(),
    ...(clusterName === undefined ? {} : { cluster: clusterName }),
    ...(containers !== undefined || !discover ? { containerPaths: containers ?? [] } : {}),
    ...(discover ? {} : { filePaths: [] }),
    extraPaths: agent.include,
    fileInputs: files.map(fileInputOf),
    excludePaths: [...agent.exclude, join(resolve(server.dataDir), 'logs/*')],
    ...controlPlaneOptions(agent.controlPlane),
    ...kubernetesAccess(agent.kubernetes),
    ...metricOptions(agent),
    journal: discover || journald !== 'auto' ? journald : 'off',
    kernelLog: discover || kmsg !== 'auto' ? kmsg : 'off',
    env: process.env,
    fromHead: agent.readFromHead,
    maxFirstReadBytes: agent.maxFirstReadBytes,
    maxSpoolBytes: agent.spool.maxSizeBytes,
  };
}

function controlPlaneOptions({
  enabled,
  ...paths
}: Config['agent']['controlPlane']): Pick<AgentOptions, 'controlPlane'> {
  if (!enabled) return {};
  const named = Object.entries(paths).filter(([, globs]) => globs !== undefined);
  return { controlPlane: { paths: Object.fromEntries(named) } };
}

/** @throws {AppError} AGENT_NOT_IN_CLUSTER */
function metricOptions(agent: Config['agent']): Pick<AgentOptions, 'metrics'> {
  const { enabled, intervalMs, maxSpoolSizeBytes, extraCollectors, procPath, sysPath, rootPath } =
    agent.metrics;
  // The machine's files are Linux's.
  if (!enabled || process.platform !== 'linux') return {};
  const paths = { proc: procPath, sys: sysPath, root: rootPath };
  const kubelet = kubeletOptions(agent);
  return {
    metrics: {
      intervalMs,
      maxSpoolBytes: maxSpoolSizeBytes,
      paths,
      extra: extraCollectors,
      ...(kubelet === undefined ? {} : { kubelet }),
    },
  };
}

const kubeletPaths = ['/metrics', '/metrics/cadvisor', '/metrics/resource', '/metrics/probes'];
const kubeletPort = 10_250;

/** @throws {AppError} AGENT_NOT_IN_CLUSTER when it is demanded and nothing says where it is */
function kubeletOptions({ id, kubelet }: Config['agent']): KubeletOptions | undefined {
  const { enabled, caFile, insecureTls, intervalMs, paths, keepAll } = kubelet;
  if (enabled === 'off') return undefined;
  const access = inClusterAccess(process.env);
  const { HOST_IP: address = '', NODE_NAME: nodeName = '' } = process.env;
  const host = address.includes(':') ? `[${address}]` : address;
  const own = address === '' ? undefined : `https://${host}:${kubeletPort}`;
  const url = kubelet.url ?? own;
  if (enabled === 'auto' && (access === undefined || url === undefined)) return undefined;
  if (url === undefined) {
    throw new AppError('AGENT_NOT_IN_CLUSTER', 'The address of the kubelet is not known', {
      hint: 'agent.kubelet.enabled: on needs agent.kubelet.url or the variable HOST_IP',
    });
  }
  return {
    url,
    node: nodeName === '' ? (id ?? hostname()) : nodeName,
    tokenFile: access?.tokenFile,
    caFile: caFile ?? access?.caFile,
    insecureTls,
    intervalMs,
    paths: paths.length === 0 ? kubeletPaths : paths,
    keepAll,
  };
}

/** @throws {AppError} AGENT_NOT_IN_CLUSTER when metadata is demanded and no pod environment is there */
function kubernetesAccess(wanted: Config['agent']['kubernetes']): {
  readonly kubernetes?: KubernetesAccess;
} {
  const access = wanted === 'off' ? undefined : inClusterAccess(process.env);
  if (access !== undefined) return { kubernetes: access };
  if (wanted !== 'on') return {};
  throw new AppError('AGENT_NOT_IN_CLUSTER', 'The Kubernetes API server is not known', {
    hint: 'agent.kubernetes: on needs KUBERNETES_SERVICE_HOST and a service account, as pods have them',
  });
}

/** Where a kubelet leaves the logs of containers. */
const containerFolders = ['/var/log/containers', '/var/log/pods'];

/**
 * A node's agent that is started by hand, beside a kubeconfig: metadata as in a pod. Nothing else is
 * asked of that cluster, and nothing where this machine has no containers' logs.
 */
async function kubeconfigAccess(
  { agent, kubernetes }: Config,
  log: Logger,
): Promise<KubernetesAccess | undefined> {
  if (agent.kubernetes !== 'auto' || kubernetes.enabled === 'off') return undefined;
  if (!containerFolders.some((folder) => existsSync(folder))) return undefined;
  const { Authenticator, findAccess } = await import('#kubernetes/client');
  const { kubeconfig, context } = kubernetes;
  try {
    const access = await findAccess({ kubeconfig, context, env: process.env });
    if (access === undefined) return undefined;
    if (access.proxyUrl !== undefined) {
      log.info('The kubeconfig has a proxy: records have what file names say', {
        source: access.source,
      });
      return undefined;
    }
    const authenticator = new Authenticator(access, systemClock, process.env);
    return {
      url: access.server,
      identity: {
        credentials: async () => {
          const { ca, cert, key } = await authenticator.tls();
          return { headers: await authenticator.headers(), ca, cert, key };
        },
        refuse: () => authenticator.refuse(),
      },
      serverName: access.tls.serverName,
      insecureSkipVerify: access.tls.insecureSkipVerify,
    };
  } catch (error) {
    const err = describeError(error);
    log.warn('The kubeconfig cannot be used: records have what file names say', { err });
    return undefined;
  }
}

/** The token for the server; undefined: none is set. @throws {AppError} AGENT_FILE_UNREADABLE */
export function agentToken({ server }: Config['agent']): string | undefined {
  return server.token ?? readToken(server.tokenFile);
}

/** `--dry-run` without a Fluent Bit configuration: what the agent would read and where it sends. */
export function describeAgent(options: AgentOptions): string {
  const { folder, metrics, server } = options;
  const list = (paths: readonly string[] | undefined): string =>
    paths === undefined ? 'what this machine has' : paths.join(', ') || 'none';
  return [
    `container logs: ${list(options.containerPaths)}`,
    `log files: ${[list(options.filePaths), ...(options.extraPaths ?? [])].join(', ')}`,
    ...(options.fileInputs ?? []).map(
      ({ paths, group, parser }) =>
        `log files: ${paths.join(', ')} (${parser}${group === undefined ? '' : `, to ${group}`})`,
    ),
    `journal: ${options.journal ?? 'off'}, kernel log: ${options.kernelLog ?? 'off'}`,
    `metrics of the machine: ${metrics === undefined ? 'off' : `every ${metrics.intervalMs / 1000} s`}`,
    `kubelet: ${metrics?.kubelet === undefined ? 'not scraped' : `${metrics.kubelet.url} every ${metrics.kubelet.intervalMs / 1000} s`}`,
    `sends to: ${server.url}`,
    `state and spool: ${folder}`,
    '',
  ].join('\n');
}

function readToken(path: string | undefined): string | undefined {
  return path === undefined ? undefined : readFile(path, 'agent.server.tokenFile').trim();
}

const tokenLifetimeMs = 10_000;

/** The token as it is in the file now: service-account tokens are replaced while the agent runs. */
function tokenReader(agent: Config['agent']): () => string | undefined {
  let token = agentToken(agent);
  let readMs = systemClock.monotonicMs();
  if (agent.server.token !== undefined || agent.server.tokenFile === undefined) return () => token;
  return () => {
    if (systemClock.monotonicMs() - readMs < tokenLifetimeMs) return token;
    readMs = systemClock.monotonicMs();
    try {
      token = agentToken(agent);
    } catch {
      // In the middle of being replaced: the old one is still good, or the server says that it is not.
    }
    return token;
  };
}

function fileInputOf(input: Config['agent']['inputs']['files'][number]): AgentFileInput {
  const { paths, exclude, group, stream, parser, multiline, readFromHead } = input;
  return {
    paths,
    excludePaths: exclude,
    ...(group === undefined ? {} : { group }),
    ...(stream === undefined ? {} : { stream }),
    parser,
    multiline,
    fromHead: readFromHead,
  };
}

/** @throws {AppError} AGENT_FILE_UNREADABLE */
function readFile(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('AGENT_FILE_UNREADABLE', `Cannot read ${path}: ${describeError(error)}`, {
      hint: `It is named by ${key}`,
      cause: error,
    });
  }
}
