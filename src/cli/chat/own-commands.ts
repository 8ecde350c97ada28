import type { ChatDeps } from '#chat';
import { type LogCommandDeps, logCommands } from './log-commands.ts';
import { type MetricCommandDeps, metricCommands } from './metric-commands.ts';
import { silenceCommands } from './silence-commands.ts';
import { type TroubleCommandDeps, troubleCommands } from './trouble-commands.ts';
import { withHelp } from './usage.ts';

export type OwnCommandDeps = LogCommandDeps & MetricCommandDeps & TroubleCommandDeps;

/** Commands that only Nunchi can answer: its stores, its incidents, its silences. */
export function ownCommands(deps: OwnCommandDeps): ChatDeps['own'] {
  return withHelp({
    ...troubleCommands(deps),
    ...logCommands(deps),
    ...metricCommands(deps),
    ...silenceCommands(deps),
  });
}
