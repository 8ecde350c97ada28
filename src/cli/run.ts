import { once } from 'node:events';
import { MetricsRegistry } from '#base';
import { loadConfig } from '#config';
import type { GlobalFlags } from './commands.ts';
import { createProgramLogger, startServerRole } from './server-role.ts';
import { shutdownSignal } from './shutdown.ts';

export async function runServer(flags: GlobalFlags, env: NodeJS.ProcessEnv): Promise<void> {
  const config = loadConfig(flags.config, env, flags);
  const metrics = new MetricsRegistry();
  const log = createProgramLogger(config.log.level, metrics);
  const signal = shutdownSignal((name) => log.info('Stopping', { signal: name }));
  await using server = await startServerRole({ config: () => config, log, metrics });
  process.stderr.write(`Nunchi is ready at ${server.url}\n`);
  if (!signal.aborted) await once(signal, 'abort');
}
