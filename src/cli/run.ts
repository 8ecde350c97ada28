import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { type Logger, MetricsRegistry, systemClock } from '#base';
import { type Config, openConfigWatcher } from '#config';
import type { Principal } from '#server';
import { startAgentChild } from './agent-child.ts';
import type { GlobalFlags } from './flags.ts';
import { createProgramLogger } from './program-log.ts';
import { shutdownSignal } from './shutdown.ts';

interface Program extends AsyncDisposable {
  readonly config: () => Config;
  readonly onConfigChange: (listener: (config: Config) => void) => () => void;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** What every long-running role starts with: configuration, kept up to date, log and metrics. */
function openProgram(flags: GlobalFlags, env: NodeJS.ProcessEnv): Program {
  const metrics = new MetricsRegistry();
  const watcher = openConfigWatcher({ path: flags.config, env, flags }, { metrics });
  const log = createProgramLogger(() => watcher.config().log.level, metrics);
  watcher.start(log);
  return {
    config: watcher.config,
    onConfigChange: watcher.onChange,
    env,
    log,
    metrics,
    [Symbol.asyncDispose]: () => watcher[Symbol.asyncDispose](),
  };
}

/** `nunchi server`. Resolves after a graceful stop. */
export async function runServer(flags: GlobalFlags, env: NodeJS.ProcessEnv): Promise<void> {
  await using program = openProgram(flags, env);
  const { log } = program;
  const signal = shutdownSignal((name) => log.info('Stopping', { signal: name }));
  const { startServerRole } = await import('./server-role.ts');
  await using server = await startServerRole(program);
  await serveUntil(signal, server);
}

/** `nunchi start`: the server here, the agent as a child that ships to it over loopback. */
export async function runStart(
  flags: GlobalFlags & { readonly demo?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await using program = openProgram(flags, env);
  const { log, metrics } = program;
  const signal = shutdownSignal((name) => log.info('Stopping', { signal: name }));
  const agentToken = randomBytes(32).toString('base64url');
  const agentPrincipal: Principal = { kind: 'token', name: 'agent', role: 'agent' };
  const { startServerRole } = await import('./server-role.ts');
  await using server = await startServerRole({
    ...program,
    internalTokens: new Map([[agentToken, agentPrincipal]]),
    demo: flags.demo === true,
  });
  await using parts = new AsyncDisposableStack();
  const { agent, server: serverConfig } = program.config();
  if (agent.enabled) {
    const args = flags.config === undefined ? [] : ['--config', flags.config];
    const child = parts.use(
      startAgentChild(
        {
          args: [...args, '--data-dir', serverConfig.dataDir],
          dataDir: resolve(serverConfig.dataDir),
          env: {
            ...env,
            NUNCHI_AGENT_SERVER_URL: server.url,
            NUNCHI_AGENT_TOKEN: agentToken,
            ...demoVariables(server.demoContainerPaths, serverConfig.clusterName),
            ...(flags.logLevel === undefined ? {} : { NUNCHI_LOG_LEVEL: flags.logLevel }),
          },
        },
        { clock: systemClock, log, metrics },
      ),
    );
    server.addMetrics(() => child.renderMetrics());
  }
  await serveUntil(signal, server);
}

/** Tells when everything is there, and waits for the end. @throws why it cannot start */
async function serveUntil(
  signal: AbortSignal,
  server: { readonly url: string; readonly ready: Promise<void> },
): Promise<void> {
  const ended = signal.aborted ? Promise.resolve() : once(signal, 'abort');
  await Promise.race([server.ready, ended]);
  if (signal.aborted) return;
  process.stderr.write(`Nunchi is ready at ${server.url}\n`);
  await ended;
}

/** The agent tails the demo's files beside the machine's own, under the demo's cluster name. */
function demoVariables(
  containerPaths: readonly string[],
  clusterName: string | undefined,
): NodeJS.ProcessEnv {
  if (containerPaths.length === 0) return {};
  return {
    NUNCHI_AGENT_CONTAINERS: containerPaths.join(','),
    NUNCHI_CLUSTER_NAME: clusterName ?? 'demo',
  };
}
