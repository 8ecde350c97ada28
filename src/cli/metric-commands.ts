import { type Command, Option } from 'commander';
import { clientFlags } from './log-commands.ts';
import type { PromqlFlags } from './promql.ts';
import type { TestRulesFlags } from './test-rules.ts';
import type { TsdbAnalyzeFlags } from './tsdb-analyze.ts';

/** Commands of metrics and rules. */
export function registerMetricCommands(program: Command, env: NodeJS.ProcessEnv): void {
  clientFlags(program.command('promql <query>'), env)
    .description('run a PromQL query at one time or over a range')
    .option('--time <when>', 'a time, or a duration before now such as 3h (default: now)')
    .option('--start <when>', 'start of a range (default: 1h before its end)')
    .option('--end <when>', 'end of a range (default: now)')
    .option('--step <duration>', 'step of a range (default: a 240th of it)')
    .addOption(
      new Option('-o, --output <format>', 'graph: a chart of a range in the terminal')
        .choices(['table', 'graph', 'json', 'csv'])
        .default('table'),
    )
    .action(async (query: string, flags: PromqlFlags) => {
      const { runPromql } = await import('./promql.ts');
      await runPromql(query, flags);
    });

  program
    .command('test-rules <files...>')
    .description('run unit tests of rules, in the format of promtool test rules')
    .option('--run <pattern>', 'only tests whose name matches this regular expression')
    .action(async (files: string[], flags: TestRulesFlags) => {
      const { testRules } = await import('./test-rules.ts');
      await testRules(files, flags);
    });

  const tsdb = program.command('tsdb').description('look into the store of metrics');
  clientFlags(tsdb.command('analyze [data-dir]'), env)
    .description('where series come from: of a running server, or of the folder of a stopped one')
    .option('--limit <n>', 'entries in each list', '20')
    .action(async (dataDir: string | undefined, flags: TsdbAnalyzeFlags) => {
      const { analyzeTsdb } = await import('./tsdb-analyze.ts');
      await analyzeTsdb(dataDir, flags);
    });
}
