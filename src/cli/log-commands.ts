import { type Command, Option } from 'commander';
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

/** `query` and `tail`: clients of a running server. */
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
}
