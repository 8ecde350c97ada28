/**
 * Runs all tests: `npm test`, or `npm test -- src/config` for those under a path.
 *
 * Tests of a tool that this machine lacks skip with a reason. NUNCHI_TEST_REQUIRE names suites that
 * must run (`aws,chromium,cluster`): a skip whose reason names one of them is a failure.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

/** A test that hangs must not hold CI until its own end. */
const testTimeoutMs = 300_000;

const root = new URL('..', import.meta.url).pathname;
const args = process.argv.slice(2);
const isFlag = (arg: string): boolean => arg.startsWith('--');
const wanted = args.filter((arg) => !isFlag(arg)).map((arg) => arg.replace(/\/$/, ''));
const files = globSync(
  ['src/**/*.test.ts', 'web/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
  {
    cwd: root,
  },
)
  .filter((file) => wanted.length === 0 || wanted.some((path) => file.startsWith(path)))
  .sort();
if (files.length === 0) {
  console.error(`No tests under ${wanted.join(', ')}`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'nunchi-test-'));
const report = join(folder, 'report.tap');
const child = spawn(
  process.execPath,
  [
    '--test',
    `--test-concurrency=${Math.max(2, availableParallelism())}`,
    `--test-timeout=${testTimeoutMs}`,
    `--test-reporter=${process.stdout.isTTY ? 'spec' : 'dot'}`,
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${report}`,
    ...args.filter(isFlag),
    ...files,
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name));
const code = await new Promise<number>((resolve) => {
  child.on('exit', (exitCode) => resolve(exitCode ?? 1));
});

const tap = readFileSync(report, 'utf8');
const skips = [...tap.matchAll(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/gm)].map((match) => ({
  name: match[1] ?? '',
  reason: match[2] ?? '',
}));
const failures = [...tap.matchAll(/^( *)not ok \d+ - (?!.*# TODO)(.*)$/gm)].map(
  (match) => match[2] ?? '',
);
const open = [...tap.matchAll(/^ *not ok \d+ - (.*?) # TODO (.*)$/gm)];
const required = (process.env['NUNCHI_TEST_REQUIRE'] ?? '')
  .split(',')
  .filter((name) => name !== '');
const missing = skips.filter(({ name, reason }) =>
  required.some((tool) => `${name} ${reason}`.toLowerCase().includes(tool.toLowerCase())),
);

console.log('');
for (const [reason, count] of countBy(skips.map((skip) => skip.reason))) {
  console.log(`skipped ${count}: ${reason || 'no reason given'}`);
}
for (const [, name, why] of open) console.log(`known and open: ${name} (${why})`);
for (const name of failures) console.log(`failed: ${name}`);
for (const { name, reason } of missing) console.log(`required, but skipped: ${name} (${reason})`);
// The runner's own closing lines.
for (const line of tap
  .split('\n')
  .filter((text) => /^# (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(text))) {
  console.log(line);
}
keepForCi(tap);
rmSync(folder, { recursive: true, force: true });
process.exitCode = code !== 0 || missing.length > 0 ? 1 : 0;

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Where NUNCHI_TEST_REPORT names a file, the whole report goes there. */
function keepForCi(text: string): void {
  const path = process.env['NUNCHI_TEST_REPORT'];
  if (path !== undefined && path !== '') createWriteStream(path).end(text);
}
