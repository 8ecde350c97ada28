import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type AgentOptions, inClusterAccess, type KubernetesAccess, runAgent } from '#agent';
import { AppError, describeError, type Logger, type MetricsRegistry, systemClock } from '#base';
import type { Config } from '#config';

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
  const agentOptions = agentOptionsOf(options.config());
  await runAgent(
    agentOptions,
    { clock: systemClock, logger: options.log.child('agent'), metrics: options.metrics },
    signal,
  );
}

/** @throws {AppError} AGENT_TOKEN_UNREADABLE */
export function agentOptionsOf(config: Config): AgentOptions {
  const { agent, server } = config;
  const token = agentToken(agent);
  const { discover, containers, files, journald, kmsg } = agent.inputs;
  const extra = [...agent.include, ...files.flatMap((input) => input.paths)];
  return {
    folder: agent.spool.dir ?? join(server.dataDir, 'agent'),
    host: agent.id ?? hostname(),
    server: {
      url:
        agent.server.url ??
        `http://${server.listen.replace(/^(0\.0\.0\.0|\[::\])?:/, '127.0.0.1:')}`,
      ...(token === undefined ? {} : { token }),
    },
    ...(server.clusterName === undefined ? {} : { cluster: server.clusterName }),
    ...(containers !== undefined || !discover ? { containerPaths: containers ?? [] } : {}),
    ...(extra.length > 0 || !discover ? { filePaths: extra } : {}),
    excludePaths: [...agent.exclude, ...files.flatMap((input) => input.exclude)],
    ...kubernetesAccess(agent.kubernetes),
    multiline: files.flatMap((input) => input.multiline),
    journal: journald !== 'off',
    kernelLog: kmsg !== 'off',
    fromHead: agent.readFromHead,
    maxSpoolBytes: agent.spool.maxSizeBytes,
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

/** The token for the server; undefined: none is set. @throws {AppError} AGENT_TOKEN_UNREADABLE */
export function agentToken({ server }: Config['agent']): string | undefined {
  return server.token ?? readToken(server.tokenFile);
}

/** `--dry-run` without a Fluent Bit configuration: what the agent would read and where it sends. */
export function describeAgent(options: AgentOptions): string {
  const { folder, server } = options;
  const list = (paths: readonly string[] | undefined): string =>
    paths === undefined ? 'what this machine has' : paths.join(', ') || 'none';
  return [
    `container logs: ${list(options.containerPaths)}`,
    `log files: ${list(options.filePaths)}`,
    `sends to: ${server.url}`,
    `state and spool: ${folder}`,
    '',
  ].join('\n');
}

function readToken(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new AppError('AGENT_TOKEN_UNREADABLE', `Cannot read ${path}: ${describeError(error)}`, {
      hint: 'agent.server.tokenFile must hold the API token of the agent',
      cause: error,
    });
  }
}
