import { type Command, InvalidArgumentError, Option } from 'commander';
import type { LogsFlags } from './logs.ts';
import type { QueryFlags } from './query.ts';
import type { TailFlags } from './tail.ts';

const collect = (value: string, before: string[]): string[] => [...before, value];

/** The flags that name a running server. */
export function clientFlags(command: Command, env: NodeJS.ProcessEnv): Command {
  return command
    .option(
      '--server <url>',
      'address of the server (NUNCHI_SERVER)',
      env['NUNCHI_SERVER'] || 'http://127.0.0.1:7600',
    )
    .addOption(
      new Option('--token <secret>', 'API token (NUNCHI_TOKEN)').default(
        env['NUNCHI_TOKEN'] || undefined,
        'none',
      ),
    );
}

/** @throws {InvalidArgumentError} */
function lineCount(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number; -1 for all lines');
}

/** `query`, `tail` and `logs`: clients of a running server. */
export function registerLogCommands(program: Command, env: NodeJS.ProcessEnv): void {
  clientFlags(program.command('query <text>'), env)
    .description('run a Logs Insights query (or SQL) and print its rows')
    .option('-g, --group <name>', 'log group, * for any characters; may repeat', collect, [])
    .option('--since <when>', 'start: a time, or a duration before now such as 3h', '1h')
    .option('--until <when>', 'end: a time, or a duration before now', '0')
    .addOption(
      new Option('--format <format>', 'how rows are printed')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
    .option('--sql', 'the text is SQL', false)
    .action(async (text: string, flags: QueryFlags) => {
      const { runQuery } = await import('./query.ts');
      await runQuery(text, flags);
    });

  clientFlags(program.command('tail <groups...>'), env)
    .description('print events of log groups as they arrive')
    .option('--filter-pattern <pattern>', 'CloudWatch filter pattern')
    .option('--stream <name>', 'log stream; may repeat', collect, [])
    .option('--stream-prefix <prefix>', 'beginning of log streams; may repeat', collect, [])
    .addOption(
      new Option('--format <format>', 'short: the message; long: with time and stream; json')
        .choices(['short', 'long', 'json'])
        .default('long'),
    )
    .action(async (groups: string[], flags: TailFlags) => {
      const { runTail } = await import('./tail.ts');
      await runTail(groups, flags);
    });

  clientFlags(program.command('logs [pod]'), env)
    .description('print the logs of pods, as kubectl logs does, also of those that are gone')
    .option('-n, --namespace <name>', 'namespace of the pods', 'default')
    .option('-l, --selector <selector>', 'label selector, in place of a pod')
    .option('-c, --container <name>', 'container of the pod')
    .option('--all-containers', 'all containers of the pods', false)
    .option('-p, --previous', 'of the container before its last restart', false)
    .option('-f, --follow', 'go on with what comes, until Ctrl-C', false)
    .option('--since <when>', 'lines since: a duration such as 1h, or a time; without it all')
    .option('--since-time <time>', 'lines since this time, RFC 3339')
    .option(
      '--tail <lines>',
      'last lines of each container; -1: all. Without it all of a pod, 10 with a selector',
      lineCount,
    )
    .option('--timestamps', 'time before each line', false)
    .option('--prefix', 'pod and container before each line', false)
    .option('-g, --group <name>', 'log group, * for any characters; may repeat', collect, [])
    .action(async (pod: string | undefined, flags: LogsFlags) => {
      const { runLogs } = await import('./logs.ts');
      await runLogs(pod, flags);
    });
}
