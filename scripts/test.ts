/**
 * Runs all tests: `npm test`, or `npm test -- src/config` for those under a path.
 *
 * Tests of a tool that this machine lacks skip with a reason. NUNCHI_TEST_REQUIRE names suites that
 * must run (`aws,chromium,cluster`): a skip whose reason names one of them is a failure.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { failuresOf, slowestOf } from './tap.ts';

/** A test that hangs must not hold CI until its own end. */
const testTimeoutMs = 300_000;
const slowestShown = 25;

const root = new URL('..', import.meta.url).pathname;
const args = process.argv.slice(2);
const isFlag = (arg: string): boolean => arg.startsWith('--');
const wanted = args.filter((arg) => !isFlag(arg)).map((arg) => arg.replace(/\/$/, ''));
const files = globSync(
  [
    'src/**/*.test.ts',
    'scripts/*.test.ts',
    'web/src/**/*.test.ts',
    'test/**/*.test.ts',
    'bench/**/*.test.ts',
  ],
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
const children = new Set<ChildProcess>();
const closingLines: string[] = [];
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    for (const child of children) child.kill(name);
  });
}

/**
 * Lanes that run at once. Most files compute, as many of them as there are processors. Beside them, one
 * file at a time each: those that watch a browser, and those that share the one real cluster. Every pod
 * that comes or goes changes the machine's network, for which a browser drops its requests: browsers get
 * a network of their own, and where that cannot be had they go first and the cluster waits.
 */
const inCluster = files.filter((file) => file.startsWith('test/cluster/'));
const inBrowser = files.filter((file) => file.startsWith('test/browser/'));
const rest = files.filter((file) => !inCluster.includes(file) && !inBrowser.includes(file));
const ownNetwork = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
const hasOwnNetwork = spawnSync(ownNetwork[0]!, [...ownNetwork.slice(1), 'true']).status === 0;
const browsing = runFiles('browser', inBrowser, 1, hasOwnNetwork ? ownNetwork : []);
const lanes = await Promise.all([
  runFiles('rest', rest, Math.max(2, availableParallelism())),
  browsing,
  (hasOwnNetwork ? Promise.resolve() : browsing).then(() =>
    withCluster(() => runFiles('cluster', inCluster, 1)),
  ),
]);
const tap = lanes.map((run) => run.tap).join('');
const code = lanes.some((run) => run.code !== 0) ? 1 : 0;
const skips = [...tap.matchAll(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/gm)].map((match) => ({
  name: match[1] ?? '',
  reason: match[2] ?? '',
}));
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
for (const { path, details } of failuresOf(tap)) {
  console.log(`failed: ${path}`);
  for (const line of details) console.log(`  | ${line}`);
}
for (const { name, reason } of missing) console.log(`required, but skipped: ${name} (${reason})`);
if (wanted.length === 0) {
  for (const { name, durationMs } of slowestOf(tap, slowestShown)) {
    console.log(`slow: ${Math.round(durationMs / 1000)} s ${name}`);
  }
}
for (const line of closingLines) console.log(line);
// The runners' own closing lines, as one.
for (const name of ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo']) {
  console.log(`# ${name} ${sumOf(name)}`);
}
console.log(`# duration_ms ${Math.max(...closing('duration_ms'))}`);
keepForCi(tap);
rmSync(folder, { recursive: true, force: true });
process.exitCode = code !== 0 || missing.length > 0 ? 1 : 0;

interface Run {
  readonly code: number;
  /** The report. */
  readonly tap: string;
}

/** @param within a command and its first arguments that runs the command given after them */
async function runFiles(
  name: string,
  chosen: readonly string[],
  atOnce: number,
  within: readonly string[] = [],
): Promise<Run> {
  if (chosen.length === 0) return { code: 0, tap: '' };
  const report = join(folder, `${name}.tap`);
  const [program = '', ...argv] = [
    ...within,
    ...[
      process.execPath,
      '--test',
      `--test-concurrency=${atOnce}`,
      `--test-timeout=${testTimeoutMs}`,
      `--test-reporter=${process.stdout.isTTY ? 'spec' : 'dot'}`,
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${report}`,
      ...args.filter(isFlag),
      ...chosen,
    ],
  ];
  const startedMs = performance.now();
  const child = spawn(program, argv, {
    cwd: root,
    // Compiled sources are shared by all test files and the programs that they start.
    env: { NODE_COMPILE_CACHE: join(folder, 'compiled'), ...process.env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.add(child);
  const exitCode = await new Promise<number>((resolve) => {
    child.on('exit', (status) => resolve(status ?? 1));
  });
  children.delete(child);
  const lastedSeconds = Math.round((performance.now() - startedMs) / 1000);
  closingLines.push(`lane ${name}: ${chosen.length} files, ${lastedSeconds} s`);
  return { code: exitCode, tap: readFileSync(report, 'utf8') };
}

/** Several files share the cluster: it is started for the first and stopped after the last. */
async function withCluster(work: () => Promise<Run>): Promise<Run> {
  const program = process.env['NUNCHI_TEST_CLUSTER'] ?? '';
  if (inCluster.length < 2 || !existsSync(program)) return work();
  const exports = spawnSync(program, ['env'], { encoding: 'utf8' }).stdout;
  const home = /CLUSTER_DIR=(\S+)/.exec(exports)?.[1];
  const isUp = home !== undefined && existsSync(join(home, 'kube-apiserver.pid'));
  // A cluster that does not start is the files' own failure, with its reason.
  if (!isUp) await clusterDoes(program, ['up', '--node']);
  try {
    return await work();
  } finally {
    if (!isUp) await clusterDoes(program, ['down']);
  }
}

async function clusterDoes(program: string, argv: readonly string[]): Promise<void> {
  const child = spawn(program, argv, { stdio: 'ignore' });
  await new Promise((resolve) => child.on('close', resolve).on('error', resolve));
}

function closing(name: string): number[] {
  const pattern = new RegExp(`^# ${name} ([0-9.]+)$`, 'gm');
  return [...tap.matchAll(pattern)].map((match) => Number(match[1]));
}

function sumOf(name: string): number {
  return closing(name).reduce((sum, value) => sum + value, 0);
}

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
