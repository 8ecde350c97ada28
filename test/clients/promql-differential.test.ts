import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { formatLabels, type Labels, labelsOfRecord, labelsToRecord } from '#metrics/model';
import { openPromqlEngine, type PromqlEngine } from '#metrics/promql';
import { type MetricStore, openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { skipWithout } from './aws-tool.ts';

/**
 * Random queries over random data, asked of Prometheus 2.42 (Debian's) and of our engine. Where the
 * versions differ, the data and queries avoid it; docs/promql.md lists what is avoided and why:
 *
 * - samples are never at a whole second and everything in queries is, so that no sample is at the
 *   bound of a window (closed to the left in version 2, open since version 3); steps of subqueries
 *   are multiples of 10 s, and times of evaluation are 3 s off;
 * - counters have no gaps and do not start near zero (the extrapolation to zero changed);
 * - variances are asked only of groups without NaN (a first NaN was taken for 0 in version 2);
 * - the best of a group are asked only of values without ties.
 */

const run = promisify(execFile);
const startMs = 1_700_000_000_000 - (1_700_000_000_000 % 10_000);
const samples = 240;
const intervalMs = 15_000;
const queries = Number(process.env['NUNCHI_TEST_QUERIES'] ?? 300);
const seed = Number(process.env['NUNCHI_TEST_SEED'] ?? 20_260_115);
/** Relative difference that comes from another order of the same arithmetic. */
const tolerance = 1e-6;

interface Series {
  readonly labels: Labels;
  readonly samples: readonly (readonly [timeMs: number, value: number])[];
}

function makeData(): Series[] {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const times = (hasGaps: boolean): number[] => {
    const offset = Math.floor(random() * intervalMs);
    const all: number[] = [];
    for (let at = 0; at < samples; at++) {
      if (hasGaps && random() < 0.05) continue;
      const timeMs = startMs + at * intervalMs + offset + Math.floor(random() * 200);
      all.push(timeMs % 1000 === 0 ? timeMs + 1 : timeMs);
    }
    return all;
  };
  const all: Series[] = [];
  for (const job of ['a', 'b']) {
    for (const inst of ['0', '1', '2']) {
      let total = 10_000 + Math.floor(random() * 1000);
      const counter = times(false).map((timeMs, at): [number, number] => {
        total = at > 10 && random() < 0.01 ? 3 : total + Math.floor(random() * 50);
        return [timeMs, total];
      });
      all.push({ labels: labelsOfRecord({ __name__: 'a_total', job, inst }), samples: counter });
      const value = (): number => Math.round((random() - 0.4) * 1e6) / 1000;
      const gauge = times(true).map((timeMs): [number, number] => [timeMs, value()]);
      all.push({ labels: labelsOfRecord({ __name__: 'g', job, inst }), samples: gauge });
      const odd = times(true).map((timeMs): [number, number] => [
        timeMs,
        random() < 0.05 ? Number.NaN : value(),
      ]);
      all.push({ labels: labelsOfRecord({ __name__: 'odd', job, inst }), samples: odd });
    }
    const shared = times(false);
    const totals = ['0.1', '1', '5', '+Inf'].map(() => 20_000);
    const rows = shared.map(() => {
      let cumulative = 0;
      return totals.map((before, bound) => {
        cumulative += Math.floor(random() * 6);
        totals[bound] = before + cumulative;
        return totals[bound]!;
      });
    });
    for (const [bound, le] of ['0.1', '1', '5', '+Inf'].entries()) {
      all.push({
        labels: labelsOfRecord({ __name__: 'h_bucket', job, le }),
        samples: shared.map((timeMs, at): [number, number] => [timeMs, rows[at]![bound]!]),
      });
    }
    const one = times(true).map((timeMs): [number, number] => [timeMs, job === 'a' ? 2 : 5]);
    all.push({ labels: labelsOfRecord({ __name__: 'owner', job, team: `t${job}` }), samples: one });
  }
  return all;
}

/** Queries that both versions know. Whole seconds only. */
function queryText(): fc.Arbitrary<string> {
  const pick = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
  const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((texts) => texts.join(''));
  const text = (value: string): fc.Arbitrary<string> => fc.constant(value);
  const matchers = pick('', '', '{job="a"}', '{inst!="1"}', '{job=~"a|c"}', '{inst=~"[01]"}');
  const shift = pick(
    '',
    '',
    '',
    ' offset 1m',
    ' offset -30s',
    ` @ ${startMs / 1000 + 1803}`,
    ' @ end()',
  );
  const range = pick('[1m]', '[2m]', '[5m]', '[90s]', '[20s]', '[10m]');
  const counter = join(text('a_total'), matchers);
  const gauge = join(text('g'), matchers);
  const odd = join(text('odd'), matchers);
  const either = fc.oneof(counter, gauge, odd);
  const counterCalls = pick('rate', 'increase', 'irate', 'resets', 'delta', 'idelta', 'changes');
  const overTime = pick(
    ...['avg', 'min', 'max', 'sum', 'count', 'stddev', 'stdvar', 'last', 'present'].map(
      (name) => `${name}_over_time`,
    ),
    ...['deriv', 'changes', 'delta', 'idelta'],
  );
  const grouping = pick('', ' by (job) ', ' by (inst) ', ' without (inst) ', ' by (job, inst) ');
  const folds = pick('sum', 'avg', 'min', 'max', 'count', 'group');
  const maths = pick('abs', 'ceil', 'floor', 'sgn', 'sqrt', 'exp', 'ln', 'round', 'deg', 'atan');
  const { vector } = fc.letrec<{ vector: string; scalar: string }>((tie) => ({
    scalar: fc.oneof(
      pick('1', '2', '-0.5', '100', '0', 'pi()', '(time() % 97)'),
      join(text('scalar(g{job="a",inst="0"}'), text(')')),
    ),
    vector: fc.oneof(
      { depthSize: 'small' },
      { weight: 3, arbitrary: join(either, shift) },
      { weight: 4, arbitrary: join(counterCalls, text('('), counter, range, shift, text(')')) },
      { weight: 3, arbitrary: join(overTime, text('('), either, range, shift, text(')')) },
      join(
        text('quantile_over_time('),
        pick('0.1', '0.5', '0.99', '2'),
        text(', '),
        either,
        range,
        text(')'),
      ),
      join(text('predict_linear('), either, range, text(', 60)')),
      { weight: 4, arbitrary: join(folds, grouping, text('('), tie('vector'), text(')')) },
      join(pick('stddev', 'stdvar'), grouping, text('('), fc.oneof(counter, gauge), text(')')),
      join(pick('topk', 'bottomk'), grouping, text('(2, '), gauge, text(')')),
      join(text('quantile'), grouping, text('(0.7, '), tie('vector'), text(')')),
      join(maths, text('('), tie('vector'), text(')')),
      join(text('clamp('), tie('vector'), text(', -10, 200)')),
      join(
        text('('),
        tie('vector'),
        pick(' + ', ' - ', ' * ', ' / ', ' > ', ' <= bool ', ' ^ '),
        tie('scalar'),
        text(')'),
      ),
      join(
        text('('),
        tie('scalar'),
        pick(' - ', ' / ', ' < ', ' == bool '),
        tie('vector'),
        text(')'),
      ),
      join(
        text('('),
        tie('vector'),
        pick(' + ', ' / ', ' > ', ' and ', ' or ', ' unless ', ' != bool '),
        tie('vector'),
        text(')'),
      ),
      join(
        text('('),
        either,
        pick(
          ' * on (job) group_left (team) owner',
          ' and on (job) owner{team="ta"}',
          ' - ignoring (inst) group_left owner',
        ),
        text(')'),
      ),
      join(
        text('histogram_quantile('),
        pick('0.5', '0.9', '1'),
        text(', '),
        pick('sum by (le) (rate(h_bucket[2m]))', 'h_bucket', 'rate(h_bucket[5m])'),
        text(')'),
      ),
      join(
        pick('max_over_time', 'avg_over_time', 'count_over_time', 'deriv'),
        text('('),
        pick('rate(a_total[1m])', 'sum by (job) (g)', '(g > 0)', 'abs(g)'),
        pick('[2m:10s]', '[5m:30s]', '[10m:1m]'),
        pick('', ' offset 1m'),
        text(')'),
      ),
      join(text('label_replace('), tie('vector'), text(', "site", "s-$1", "job", "(.*)")')),
      join(text('absent('), pick('g{job="x"}', 'g', 'g > 1e9'), text(')')),
      join(text('timestamp('), either, text(')')),
      join(text('-'), either),
      // Of whole numbers only: the rest of a division makes the smallest difference a large one.
      join(counter, pick(' % 7', ' % -3')),
    ),
  }));
  return vector;
}

type Answer = ReadonlyMap<string, number> | 'error';

const key = (labels: Labels, timeMs: number): string => `${formatLabels(labels)} ${timeMs}`;

async function ours(engine: PromqlEngine, query: string, window: Window): Promise<Answer> {
  try {
    const { value } = await engine.range(query, window, {}, new AbortController().signal);
    assert.ok(value.type === 'matrix');
    const found = new Map<string, number>();
    for (const { labels, timesMs, values } of value.series) {
      for (const [at, timeMs] of timesMs.entries()) found.set(key(labels, timeMs), values[at]!);
    }
    return found;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'PROMQL_EXECUTION')
      return 'error';
    throw error;
  }
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

async function theirs(url: string, query: string, window: Window): Promise<Answer> {
  const body = new URLSearchParams({
    query,
    start: String(window.startMs / 1000),
    end: String(window.endMs / 1000),
    step: String(window.stepMs / 1000),
  });
  const response = await fetch(`${url}/api/v1/query_range`, { method: 'POST', body });
  const answer = (await response.json()) as {
    status: string;
    errorType?: string;
    error?: string;
    data?: { result: { metric: Record<string, string>; values: [number, string][] }[] };
  };
  if (answer.status === 'error') {
    assert.equal(answer.errorType, 'execution', `${query}: ${answer.error}`);
    return 'error';
  }
  const found = new Map<string, number>();
  for (const { metric, values } of answer.data!.result) {
    for (const [seconds, text] of values) {
      const value = text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
      found.set(key(labelsOfRecord(metric), Math.round(seconds * 1000)), value);
    }
  }
  return found;
}

function isSame(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  return a === b || Math.abs(a - b) <= tolerance * Math.max(1e-3, Math.abs(a), Math.abs(b));
}

function assertSame(query: string, mine: Answer, other: Answer): void {
  if (mine === 'error' || other === 'error') {
    assert.equal(typeof mine, typeof other, `${query}: one of both is an error`);
    return;
  }
  for (const [name, value] of other) {
    const own = mine.get(name);
    assert.ok(own !== undefined, `${query}: ${name} is missing, should be ${value}`);
    assert.ok(isSame(own, value), `${query}: ${name} is ${own}, Prometheus says ${value}`);
  }
  for (const name of mine.keys()) assert.ok(other.has(name), `${query}: ${name} should not be`);
}

async function fillStore(store: MetricStore, data: readonly Series[]): Promise<void> {
  for (const { labels, samples: list } of data) {
    const batch = new SampleBatch();
    const ref = store.seriesRef(labels);
    for (const [timeMs, value] of list) batch.add(ref, timeMs, value);
    await store.append(batch);
  }
}

function openMetrics(data: readonly Series[]): string {
  const lines: string[] = [];
  for (const { labels, samples: list } of data) {
    const { __name__: name, ...rest } = labelsToRecord(labels);
    const text = Object.entries(rest).map(([label, value]) => `${label}="${value}"`);
    for (const [timeMs, value] of list) {
      lines.push(`${name}{${text.join(',')}} ${value} ${(timeMs / 1000).toFixed(3)}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startPrometheus(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'prometheus.yml');
  await writeFile(config, 'global: {}\n');
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      '--enable-feature=promql-at-modifier,promql-negative-offset',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const deadline = performance.now() + 60_000;
  for (;;) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return { url, stop };
    if (performance.now() > deadline) {
      await stop();
      throw new Error('Prometheus was not ready within a minute');
    }
    await sleep(100);
  }
}

const hasTools = ['prometheus', 'promtool'].every(
  (tool) => spawnSync(tool, ['--version']).status === 0,
);

describe('PromQL beside Prometheus', () => {
  const skip = skipWithout('prometheus', hasTools ? 'prometheus' : undefined);
  it('answers random queries alike (prometheus)', { skip }, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'nunchi-promql-'));
    const data = makeData();
    const file = join(folder, 'data.om');
    await writeFile(file, openMetrics(data));
    await run('promtool', [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      file,
      join(folder, 'data'),
    ]);
    const prometheus = await startPrometheus(folder);
    try {
      await using store = openMemoryMetricStore();
      await fillStore(store, data);
      await using engine = openPromqlEngine(store);
      const window = {
        startMs: startMs + 303_000,
        endMs: startMs + 303_000 + 49 * 60_000,
        stepMs: 60_000,
      };
      context.diagnostic(`NUNCHI_TEST_SEED=${seed}, ${queries} queries`);
      let errors = 0;
      let values = 0;
      await fc.assert(
        fc.asyncProperty(queryText(), async (query) => {
          const [mine, other] = [
            await ours(engine, query, window),
            await theirs(prometheus.url, query, window),
          ];
          assertSame(query, mine, other);
          if (mine === 'error') errors++;
          else values += mine.size;
        }),
        { numRuns: queries, seed },
      );
      context.diagnostic(`${values} samples alike, ${errors} queries refused by both`);
      assert.ok(errors < queries / 3 && values > queries);
    } finally {
      await prometheus.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
