import { preloadAgent } from '#agent';
import { MetricsRegistry } from '#base';
import { type Config, openConfigWatcher } from '#config';
import { serveParent } from './agent-child.ts';
import { agentOptionsOf, agentToken, describeAgent, startAgentRole } from './agent-role.ts';
import type { AgentFlags } from './commands.ts';
import { type FluentBitFlags, parseFluentBitFlags } from './fluent-bit-flags.ts';
import { createProgramLogger } from './program-log.ts';
import { shutdownSignal } from './shutdown.ts';

/**
 * `nunchi agent`: what this machine has, or a Fluent Bit configuration. Resolves after what was read
 * is delivered or safe in the spool.
 */
export async function runAgentRole(
  flags: AgentFlags & { readonly rest: readonly string[] },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const fluentBit = parseFluentBitFlags(flags.rest);
  if (fluentBit.workdir !== undefined) process.chdir(fluentBit.workdir);
  // Launch lines of Fluent Bit may name its file with --config, which is nunchi.yaml's flag here.
  const isClassic = flags.config?.endsWith('.conf') === true;
  const path = isClassic ? undefined : flags.config;
  const metrics = new MetricsRegistry();
  await using watcher = openConfigWatcher({ path, env, flags }, { metrics });
  const configFile =
    flags.fluentBitConfig ??
    fluentBit.configFile ??
    (isClassic ? flags.config : watcher.config().agent.fluentBitConfig);
  if (configFile !== undefined || fluentBit.sections.length > 0) {
    await runByFluentBit({ flags, fluentBit, configFile }, watcher.config, metrics, env);
    return;
  }
  const isSupervised = env['NUNCHI_SUPERVISED'] === '1' && process.channel !== undefined;
  if (flags.dryRun === true || fluentBit.dryRun) {
    const options = agentOptionsOf(watcher.config());
    process.stdout.write(describeAgent(options));
    await preloadAgent(options);
    return;
  }
  const log = createProgramLogger(() => fluentBit.level ?? watcher.config().log.level, metrics);
  watcher.start(log);
  const signal = stopSignal(log, metrics, isSupervised);
  await using _monitor = await monitorOf(watcher.config(), metrics, signal);
  await startAgentRole({ config: watcher.config, log, metrics }, signal);
  if (isSupervised) process.disconnect?.();
}

async function runByFluentBit(
  given: {
    readonly flags: AgentFlags;
    readonly fluentBit: FluentBitFlags;
    readonly configFile: string | undefined;
  },
  config: () => Config,
  metrics: MetricsRegistry,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { flags, fluentBit, configFile } = given;
  const { dryRunFluentBit, FluentBitLog, runFluentBitRole } = await import('./fluent-bit-role.ts');
  const isSupervised = env['NUNCHI_SUPERVISED'] === '1' && process.channel !== undefined;
  const isLevelGiven = flags.logLevel !== undefined || Boolean(env['NUNCHI_LOG_LEVEL']);
  const sink = new FluentBitLog(fluentBit.level ?? (isLevelGiven ? config().log.level : undefined));
  const log = createProgramLogger(() => sink.level ?? config().log.level, metrics, sink.write);
  const { agent, server } = config();
  const token = agentToken(agent);
  const options = {
    configFile,
    flags: fluentBit,
    folder: agent.spool.dir ?? `${server.dataDir}/agent`,
    maxSpoolBytes: agent.spool.maxSizeBytes,
    // An endpoint that is a Nunchi server is sent to with this token.
    env: token === undefined ? env : { NUNCHI_TOKEN: token, ...env },
    onService: sink.adopt.bind(sink),
  };
  if (flags.dryRun === true || fluentBit.dryRun) {
    await dryRunFluentBit(options, { log, metrics });
    return;
  }
  const signal = stopSignal(log, metrics, isSupervised);
  await using _monitor = await monitorOf(config(), metrics, signal);
  await runFluentBitRole(options, { log, metrics }, signal);
  if (isSupervised) process.disconnect?.();
}

/** The agent's own listener, loaded where one is wanted. @throws {AppError} AGENT_LISTEN_FAILED */
async function monitorOf(
  { agent }: Config,
  metrics: MetricsRegistry,
  signal: AbortSignal,
): Promise<AsyncDisposable | undefined> {
  if (agent.listen === undefined) return undefined;
  const { openAgentMonitor } = await import('./agent-monitor.ts');
  return openAgentMonitor(agent.listen, metrics, signal);
}

function stopSignal(
  log: ReturnType<typeof createProgramLogger>,
  metrics: MetricsRegistry,
  isSupervised: boolean,
): AbortSignal {
  const stop = shutdownSignal((name) => log.info('Stopping the agent', { signal: name }), {
    ignoreInterrupt: isSupervised,
  });
  return isSupervised ? AbortSignal.any([stop, serveParent(metrics)]) : stop;
}
