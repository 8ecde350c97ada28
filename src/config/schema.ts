import { agent } from './agent.ts';
import { alerting } from './alerting.ts';
import { chat } from './chat.ts';
import type { Config } from './contract.ts';
import { dashboards } from './dashboards.ts';
import { choice, type Field, section } from './fields.ts';
import { kubernetes } from './kubernetes.ts';
import { logs } from './logs.ts';
import { metrics } from './metrics.ts';
import { auth, aws, server } from './server.ts';
import { watchOver } from './watch-over.ts';

/** Every key of nunchi.yaml: type, default, unit, bounds and its line in the reference. */
export const configSchema: Field<Config> = section<Config>('', {
  server,
  auth,
  logs,
  metrics,
  dashboards,
  alerting,
  watch: watchOver,
  chat,
  aws,
  kubernetes,
  agent,
  log: section<Config['log']>("The program's own log, on stderr.", {
    level: choice(['debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      reloadable: true,
      doc: 'What is written.',
    }),
  }),
});
