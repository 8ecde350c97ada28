import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { invariant, MetricsRegistry, silentLogger, systemClock } from '#base';
import { createQueryService, type QueryRun, type QueryService } from '#logs/queries';
import { type LogStore, openLogStore } from '#logs/store';
import { eksBatches, eksGroup, needle } from './data.ts';

/** What is asked, and what it must give. Kept beside the data, which is made once. */
interface Answers {
  readonly events: number;
  readonly messageBytes: number;
  readonly needles: number;
  readonly forbidden: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly byUserAgent: readonly (readonly [string, number])[];
  readonly byCode: readonly (readonly [number, number])[];
}

interface Case {
  readonly name: string;
  readonly text: string;
  /** Upper bound that the design sets, ms. */
  readonly barMs: number | undefined;
  readonly check: (run: QueryRun) => boolean;
}

const defaultEvents = 1_450_000;

/**
 * Queries through the query service (compile, run, rows, statistics and histogram) over about 1.15 GB
 * of control-plane logs in the store, beside grep, rg and zstd over the same messages in a file.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string', default: String(defaultEvents) },
      runs: { type: 'string', default: '5' },
      peers: { type: 'boolean', default: true },
    },
    allowNegative: true,
  });
  const directory = join(import.meta.dirname, 'data', `logs-query-${values.events}`);
  const answers = await makeData(directory, Number(values.events));
  await using store = await openLogStore({ directory: join(directory, 'store') });
  await using queries = createQueryService({
    store,
    clock: systemClock,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    accountId: '000000000000',
  });
  const results: { name: string; ms: number; cpuMs: number; barMs: number | undefined }[] = [];
  for (const one of casesFor(answers)) {
    const times: number[] = [];
    const cpuTimes: number[] = [];
    for (let i = 0; i < Number(values.runs); i++) {
      const before = process.cpuUsage();
      times.push(await timed(queries, one, answers));
      const { user, system } = process.cpuUsage(before);
      cpuTimes.push((user + system) / 1000);
    }
    results.push({ name: one.name, ms: median(times), cpuMs: median(cpuTimes), barMs: one.barMs });
  }
  const peers = values.peers
    ? [await plainDuckDB(store, answers), ...runPeers(join(directory, 'messages.log'))]
    : [];
  const megabytes = Math.round(answers.messageBytes / 1e6);
  console.log(
    `${answers.events} events, ${megabytes} MB of messages; median of ${values.runs} runs`,
  );
  // CPU time over all threads: on a machine that others use too, it says more than the wall clock.
  for (const { name, ms, cpuMs, barMs } of results) {
    const bar = barMs === undefined ? '' : `(bar ${barMs} ms)`;
    const cpu = `${cpuMs.toFixed(0).padStart(6)} ms of CPU`;
    console.log(`${name.padEnd(34)} ${ms.toFixed(0).padStart(6)} ms ${cpu}  ${bar}`);
  }
  for (const { name, ms } of peers)
    console.log(`${name.padEnd(34)} ${ms.toFixed(0).padStart(6)} ms`);
  console.log(
    JSON.stringify({
      benchmark: 'logs-query',
      events: answers.events,
      messageBytes: answers.messageBytes,
      milliseconds: Object.fromEntries(results.map(({ name, ms }) => [name, Math.round(ms)])),
      cpuMilliseconds: Object.fromEntries(
        results.map(({ name, cpuMs }) => [name, Math.round(cpuMs)]),
      ),
      peers: Object.fromEntries(peers.map(({ name, ms }) => [name, Math.round(ms)])),
      withinBars: results.every(({ ms, barMs }) => barMs === undefined || ms <= barMs),
    }),
  );
}

function casesFor(answers: Answers): Case[] {
  const first = (run: QueryRun): unknown => run.rows(0, 1).columns[0]?.[0];
  const pairs = (run: QueryRun): string => {
    const [keys = [], counts = []] = run.rows(0, 10_000).columns;
    return JSON.stringify(keys.map((key, i) => [String(key), counts[i]]).sort());
  };
  const wanted = (entries: readonly (readonly [string | number, number])[]): string =>
    JSON.stringify(entries.map(([key, count]) => [String(key), count]).sort());
  return [
    {
      name: 'substring over all',
      text: 'filter @message like "Forbidden" | stats count(*)',
      barMs: 600,
      check: (run) => first(run) === answers.forbidden,
    },
    {
      name: 'regex over all',
      text: 'filter @message like /Forb[a-z]{3}en/ | stats count(*)',
      barMs: 600,
      check: (run) => first(run) === answers.forbidden,
    },
    {
      name: 'rare token',
      text: `fields @timestamp, @message | filter @message like "${needle}" | limit 100`,
      barMs: 50,
      check: (run) =>
        run.rowCount === answers.needles && run.statistics.recordsMatched === answers.needles,
    },
    {
      name: "the post's query",
      text: 'fields userAgent, requestURI, @timestamp, @message | filter @logStream ~= "kube-apiserver-audit" | stats count(userAgent) as count by userAgent | sort count desc',
      barMs: 400,
      check: (run) => pairs(run) === wanted(answers.byUserAgent),
    },
    {
      name: 'two fields, filter on JSON',
      text: 'filter @logStream like /audit/ and verb != "watch2" | stats count(*) as n by responseStatus.code | sort n desc',
      barMs: undefined,
      check: (run) => pairs(run) === wanted(answers.byCode),
    },
    {
      name: 'newest 25',
      text: 'fields @timestamp, @message | sort @timestamp desc | limit 25',
      barMs: undefined,
      check: (run) => run.rowCount === 25 && run.statistics.recordsMatched === answers.events,
    },
  ];
}

async function timed(queries: QueryService, one: Case, answers: Answers): Promise<number> {
  const startedMs = performance.now();
  const run = queries.start({
    text: one.text,
    language: 'CWLI',
    groups: [eksGroup],
    fromMs: answers.startMs,
    toMs: answers.endMs,
    maxRows: 10_000,
  });
  await run.done;
  const ms = performance.now() - startedMs;
  invariant(run.status === 'Complete', `${one.name}: ${run.status} ${run.error}`);
  invariant(
    one.check(run),
    `${one.name} gave a wrong answer: ${JSON.stringify(run.rows(0, 3).columns)}`,
  );
  return ms;
}

async function makeData(directory: string, events: number): Promise<Answers> {
  const answersPath = join(directory, 'answers.json');
  if (existsSync(answersPath)) return JSON.parse(readFileSync(answersPath, 'utf8')) as Answers;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  console.log('Making the data; later runs use it again');
  const file = openSync(join(directory, 'messages.log'), 'w');
  await using store = await openLogStore({ directory: join(directory, 'store') });
  const batches = eksBatches({ events });
  for (;;) {
    const step = batches.next();
    if (step.done === true) {
      await store.seal();
      closeSync(file);
      const answers: Answers = {
        ...step.value,
        byUserAgent: [...step.value.byUserAgent],
        byCode: [...step.value.byCode],
      };
      writeFileSync(answersPath, JSON.stringify(answers));
      return answers;
    }
    await store.append({ sections: step.value });
    for (const { messages, count } of step.value) writeSync(file, asLines(messages, count));
  }
}

/** The section's messages as lines: each length, which is never needed again, makes room for an LF. */
function asLines(messages: Uint8Array, count: number): Buffer {
  const out = Buffer.allocUnsafe(messages.length);
  const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
  let from = 0;
  let to = 0;
  for (let row = 0; row < count; row++) {
    const length = view.getUint32(from, true);
    out.set(messages.subarray(from + 4, from + 4 + length), to);
    to += length;
    out[to++] = 10;
    from += 4 + length;
  }
  return out.subarray(0, to);
}

/** The post's query as one would write it for DuckDB over the same Parquet files. */
async function plainDuckDB(
  store: LogStore,
  { startMs, endMs, byUserAgent }: Answers,
): Promise<{ name: string; ms: number }> {
  const signal = AbortSignal.timeout(120_000);
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const startedMs = performance.now();
    await using scan = await store.openScan(
      { groups: [eksGroup], fromMs: startMs, toMs: endMs },
      signal,
    );
    const sql = `SELECT json_extract_string(message, '$.userAgent') AS agent, count(*) AS n
      FROM ${scan.relationOf(scan.parts)} WHERE contains(log_stream, 'kube-apiserver-audit')
      GROUP BY agent ORDER BY n DESC`;
    let rows = 0;
    for await (const chunk of scan.run(sql, { signal })) rows += chunk.rowCount;
    times.push(performance.now() - startedMs);
    invariant(rows === byUserAgent.length, 'DuckDB alone gave a wrong answer');
  }
  return { name: "DuckDB alone, the post's query", ms: median(times) };
}

function runPeers(path: string): { name: string; ms: number }[] {
  const found: { name: string; ms: number }[] = [];
  const time = (name: string, command: string): void => {
    const times = [1, 2, 3].map(() => {
      const startedMs = performance.now();
      spawnSync('sh', ['-c', command], { stdio: 'pipe' });
      return performance.now() - startedMs;
    });
    found.push({ name, ms: median(times) });
  };
  const has = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
  if (has('rg')) time('rg -c, raw file', `rg -c Forbidden ${path}`);
  if (has('grep')) time('grep -c, raw file', `LC_ALL=C grep -cF Forbidden ${path}`);
  if (has('zstd') && has('grep')) {
    if (!existsSync(`${path}.zst`)) execFileSync('zstd', ['-q', '-3', '-T2', path]);
    time('zstd -dc and grep -c', `zstd -dcq ${path}.zst | LC_ALL=C grep -cF Forbidden`);
  }
  return found;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
