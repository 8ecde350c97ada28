import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError, describeError } from '#base';
import { loadRuleFiles } from '#metrics/rules';
import { type RuleTestFailure, runRuleTest } from './rule-tests/run-test.ts';
import { parseRuleTestFile } from './rule-tests/test-file.ts';

export interface TestRulesFlags {
  /** Only tests whose name matches. */
  readonly run?: string | undefined;
}

/**
 * `nunchi test-rules`: files of `promtool test rules`, as they are.
 * @throws {AppError} RULE_TESTS_FAILED when any test of any file did not hold
 */
export async function testRules(files: readonly string[], flags: TestRulesFlags): Promise<void> {
  const only = flags.run === undefined ? undefined : patternOf(flags.run);
  let failed = 0;
  for (const file of files) if (!(await testFile(file, only))) failed++;
  if (failed > 0) {
    throw new AppError('RULE_TESTS_FAILED', `${failed} of ${files.length} files failed`);
  }
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new AppError('INVALID_PATTERN', `--run: ${describeError(error)}`, { cause: error });
  }
}

async function testFile(path: string, only: RegExp | undefined): Promise<boolean> {
  process.stdout.write(`${path}\n`);
  let passed = 0;
  let failed = 0;
  try {
    const file = parseRuleTestFile(path, readFileSync(path, 'utf8'));
    const folder = dirname(resolve(path));
    const groups = loadRuleFiles(file.ruleFiles.map((pattern) => resolve(folder, pattern)));
    for (const [at, test] of file.tests.entries()) {
      if (only !== undefined && !only.test(test.name)) continue;
      const failures = await runRuleTest(test, file, groups);
      if (failures.length === 0) passed++;
      else {
        failed++;
        process.stdout.write(failureText(test.name || `test ${at + 1}`, path, failures));
      }
    }
  } catch (error) {
    process.stdout.write(`  FAILED\n${indented(describeError(error).split('\n'), 4)}\n`);
    return false;
  }
  process.stdout.write(
    `  ${failed === 0 ? 'passed' : 'FAILED'}: ${passed} of ${passed + failed}\n`,
  );
  return failed === 0;
}

function failureText(name: string, path: string, failures: readonly RuleTestFailure[]): string {
  const lines = failures.flatMap(({ line, headline, details }) => [
    `    ${line === undefined ? '' : `${path}:${line}: `}${headline}`,
    indented(details, 6),
  ]);
  return `  ${name}\n${lines.join('\n')}\n`;
}

const indented = (lines: readonly string[], by: number): string =>
  lines.map((line) => `${' '.repeat(by)}${line}`).join('\n');
