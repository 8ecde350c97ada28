import type { Command } from 'commander';
import type { TestRulesFlags } from './test-rules.ts';

/** Commands of metrics and rules. */
export function registerMetricCommands(program: Command): void {
  program
    .command('test-rules <files...>')
    .description('run unit tests of rules, in the format of promtool test rules')
    .option('--run <pattern>', 'only tests whose name matches this regular expression')
    .action(async (files: string[], flags: TestRulesFlags) => {
      const { testRules } = await import('./test-rules.ts');
      await testRules(files, flags);
    });
}
