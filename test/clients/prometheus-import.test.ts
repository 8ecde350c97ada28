/** A real Prometheus writes its files; `nunchi import` takes them over; both are asked the same. */
import assert from 'node:assert/strict';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compress } from 'snappy';
import { ProtoWriter } from '#wire';
import { freePort } from '../faults/rig.ts';
import { skipWithout } from './aws-tool.ts';
import { startNunchi } from './nunchi-process.ts';
import { findProgram, type ProgramResult, Programs, runProgram } from './prometheus-tool.ts';

const prometheus = findProgram('prometheus');
const skip = skipWithout('prometheus', prometheus);
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

const stepMs = 15_000;
/** More than three chunks of each series, and still within the head. */
const steps = 400;
const startMs = Math.floor(Date.now() / stepMs) * stepMs - steps * stepMs;
const staleBits = 0x7ff0000000000002n;
const histogramNames = ['t_whole', 't_float', 't_gauge'];

describe('the files of a Prometheus', { skip, concurrency: 1 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-prometheus-import-'));
  const data = join(folder, 'theirs');
  const programs = new Programs();
  let url: string;
  let kill: () => Promise<void>;
  let end: () => Promise<void>;

  before(async () => {
    await start();
    for (let from = 0; from < steps; from += 50) await push(from, from + 50);
  });
  after(async () => {
    await programs[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const config = join(folder, 'prometheus.yml');
    // Late samples go into a log and chunks of their own.
    writeFileSync(config, 'storage: {tsdb: {out_of_order_time_window: 3h}}\n');
    const address = `127.0.0.1:${await freePort()}`;
    url = `http://${address}`;
    kill = await programs.start(
      prometheus!,
      [
        ...[`--config.file=${config}`, `--storage.tsdb.path=${data}`],
        ...[`--web.listen-address=${address}`, '--web.enable-remote-write-receiver'],
        ...['--web.enable-admin-api', '--web.enable-lifecycle'],
        ...['--enable-feature=native-histograms', '--log.level=warn'],
      ],
      `${url}/-/ready`,
    );
    end = async () => {
      await fetch(`${url}/-/quit`, { method: 'POST' });
      await programs.ended();
    };
  }

  async function push(from: number, to: number): Promise<void> {
    const response = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: await compress(samples(from, to)),
    });
    assert.ok(response.ok, `${response.status} ${await response.text()}`);
  }

  type Row = { metric: Record<string, string>; values?: unknown[]; histograms?: unknown[] };

  async function ask(from: string): Promise<{ raw: Row[]; stepped: Row[] }> {
    const get = async (path: string, query: Record<string, string>): Promise<Row[]> => {
      const response = await fetch(`${from}/api/v1/${path}?${new URLSearchParams(query)}`);
      const answer = (await response.json()) as { error?: string; data: { result: Row[] } };
      assert.equal(answer.error, undefined);
      const key = ({ metric }: Row): string => JSON.stringify(Object.entries(metric).sort());
      return answer.data.result.sort((a, b) => (key(a) < key(b) ? -1 : 1));
    };
    const endSeconds = (startMs + (steps + 100) * stepMs) / 1000;
    const stepped: Row[] = [];
    for (const name of ['t_total', 't_odd', 't_stale', 't_late', ...histogramNames]) {
      // Between samples: whether a window holds its very beginning is another thing in Prometheus 2 and 3.
      const range = { start: String(startMs / 1000 + 0.01), end: String(endSeconds), step: '15' };
      stepped.push(...(await get('query_range', { query: name, ...range })));
    }
    return {
      // Of ranges Prometheus 2.42 gives histograms that belong to other samples.
      raw: await get('query', {
        query: '{__name__=~"t_(total|odd|stale|late)"}[3h]',
        time: String(endSeconds),
      }),
      // Each sample has a step of its own; markers of staleness show as gaps.
      stepped,
    };
  }

  async function imported(
    from: string,
    dataDir: string,
  ): Promise<{ answers: Awaited<ReturnType<typeof ask>>; result: ProgramResult }> {
    const result = await runProgram(process.execPath, [
      main,
      'import',
      from,
      '--data-dir',
      dataDir,
    ]);
    assert.equal(result.code, 0, result.stderr);
    await using nunchi = await startNunchi({ dataDir });
    return { answers: await ask(nunchi.url), result };
  }

  const timesOf = ({ values, histograms }: Row): unknown[] =>
    [...(values ?? []), ...(histograms ?? [])].map((row) => (row as unknown[])[0]);

  /** Bounds of buckets are powers that two programs need not compute to the same last bit. */
  const rounded = (answer: unknown): unknown =>
    JSON.parse(JSON.stringify(answer), (_, value: unknown) =>
      typeof value === 'string' && /^-?\d+\.\d{12,}/.test(value)
        ? Number(value).toPrecision(12)
        : value,
    );

  function checked(got: Awaited<ReturnType<typeof ask>>, want: typeof got, least: number): void {
    assert.equal(got.raw.length, want.raw.length);
    for (const [at, series] of want.raw.entries()) {
      assert.deepEqual(timesOf(got.raw[at]!), timesOf(series), JSON.stringify(series.metric));
      assert.deepEqual(rounded(got.raw[at]), rounded(series));
    }
    assert.equal(got.stepped.length, want.stepped.length);
    for (const [at, series] of want.stepped.entries()) {
      assert.deepEqual(rounded(got.stepped[at]), rounded(series));
    }
    const count = ({ values, histograms }: Row): number =>
      (values?.length ?? 0) + (histograms?.length ?? 0);
    assert.ok(Math.max(...want.raw.map(count)) >= least);
    const histograms = want.stepped.filter((row) => (row.histograms?.length ?? 0) >= least);
    assert.equal(histograms.length, histogramNames.length);
  }

  it('blocks, with histograms in them', async () => {
    const want = await ask(url);
    const answer = await fetch(`${url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' });
    const { data: snapshot } = (await answer.json()) as { data: { name: string } };
    const source = join(data, 'snapshots', snapshot.name);
    assert.ok(readdirSync(source).length > 0);
    const { answers } = await imported(source, join(folder, 'of-blocks'));
    // A snapshot of Prometheus leaves out what came late and is in no block yet.
    const inOrder = ({ raw, stepped }: typeof want): typeof want => {
      const isInOrder = ({ metric }: Row): boolean => metric['__name__'] !== 't_late';
      return { raw: raw.filter(isInOrder), stepped: stepped.filter(isInOrder) };
    };
    checked(inOrder(answers), inOrder(want), steps);
  });

  it('the head of one that was stopped, once', async () => {
    const want = await ask(url);
    await end();
    assert.ok(readdirSync(join(data, 'chunks_head')).length > 0, 'chunks of the head');
    const dataDir = join(folder, 'of-stopped');
    const { answers, result } = await imported(data, dataDir);
    assert.equal(result.stderr.match(/left out/), null, result.stderr);
    checked(answers, want, steps);
    const again = await imported(data, dataDir);
    assert.match(again.result.stdout, /^0 samples in 0 blocks/);
    checked(again.answers, want, steps);
  });

  it('the head of one that was killed, and the part of a log that is whole', async () => {
    await start();
    await push(steps, steps + 60);
    const want = await ask(url);
    await kill();
    const { answers } = await imported(data, join(folder, 'of-killed'));
    checked(answers, want, steps + 60);

    const torn = join(folder, 'torn');
    cpSync(data, torn, { recursive: true });
    const segment = readdirSync(join(torn, 'wal'))
      .filter((name) => /^\d+$/.test(name))
      .map((name) => join(torn, 'wal', name))
      .filter((path) => statSync(path).size > 1000)
      .at(-1)!;
    truncateSync(segment, statSync(segment).size - 40);
    const less = await imported(torn, join(folder, 'of-torn'));
    assert.match(
      less.result.stderr,
      /wal\/\d+: .*; what stands behind it in this file was left out/,
    );
    const times = ({ values }: Row): number => values?.length ?? 0;
    const before = want.raw.find(({ metric }) => metric['__name__'] === 't_total')!;
    const now = less.answers.raw.find(({ metric }) => metric['__name__'] === 't_total')!;
    assert.ok(times(now) >= steps && times(now) <= times(before), `${times(now)} samples`);
    assert.deepEqual(now.values, before.values!.slice(0, times(now)));
  });
});

/** Counters, odd values, markers, late samples; histograms with whole counts, with floats, and a gauge. */
function samples(from: number, to: number): Buffer {
  const writer = new ProtoWriter();
  const series = (labels: Record<string, string>, rows: () => void): void => {
    const mark = writer.open(1);
    for (const [name, value] of Object.entries(labels)) {
      const label = writer.open(1);
      writer.string(1, name);
      writer.string(2, value);
      writer.close(label);
    }
    rows();
    writer.close(mark);
  };
  const each = (row: (step: number, timeMs: number) => void): void => {
    for (let step = from; step < to; step++) row(step, startMs + step * stepMs);
  };
  const float = (timeMs: number, value: number | bigint): void => {
    const mark = writer.open(2);
    if (typeof value === 'bigint') writer.fixed64(1, value);
    else writer.double(1, value);
    writer.int64(2, timeMs);
    writer.close(mark);
  };
  series({ __name__: 't_total', path: '/ünï' }, () =>
    each((step, timeMs) => float(timeMs + (step % 7), step * 3)),
  );
  const odd = [0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 17, 17, 1 / 3];
  series({ __name__: 't_odd' }, () =>
    each((step, timeMs) => float(timeMs, odd[step % odd.length]!)),
  );
  series({ __name__: 't_stale' }, () =>
    each((step, timeMs) => float(timeMs, step % 10 === 9 ? staleBits : step)),
  );
  // Every third sample comes after those behind it.
  series({ __name__: 't_late' }, () => {
    each((step, timeMs) => step % 3 !== 0 && float(timeMs, step));
  });
  series({ __name__: 't_late' }, () => {
    each((step, timeMs) => step % 3 === 0 && float(timeMs, step));
  });
  series({ __name__: 't_whole' }, () =>
    each((step, timeMs) => histogram(writer, step, timeMs, 'whole')),
  );
  series({ __name__: 't_float' }, () =>
    each((step, timeMs) => histogram(writer, step, timeMs, 'float')),
  );
  series({ __name__: 't_gauge' }, () =>
    each((step, timeMs) => histogram(writer, step, timeMs, 'gauge')),
  );
  return writer.take();
}

/**
 * Grows, gets another layout now and then, and is reset. No marker of staleness: Prometheus 2.42 loses the
 * chunk before one.
 */
function histogram(
  writer: ProtoWriter,
  step: number,
  timeMs: number,
  kind: 'whole' | 'float' | 'gauge',
): void {
  const mark = writer.open(4);
  const age = step % 150;
  const buckets = [age * 2 + 1, age + 3, age * 3, ...(age > 60 ? [age - 60] : [])];
  const zero = age;
  const count = zero + 2 + buckets.reduce((sum, value) => sum + value, 0);
  if (kind === 'whole') writer.uint(1, count);
  else writer.double(2, count + 0.5);
  writer.double(3, age * 1.5);

  writer.uint(4, 6); // schema 3, zigzag
  writer.double(5, age > 100 ? 0.25 : 0.001);
  if (kind === 'whole') writer.uint(6, zero);
  else writer.double(7, zero + 0.5);
  const negative = writer.open(8);
  writer.uint(2, 1);
  writer.close(negative);
  if (kind === 'whole') writer.bytes(9, Buffer.from([4]));
  else writer.bytes(10, doubles([2]));
  // Buckets 5, 6 and 7, later another one behind a gap.
  for (const [offset, length] of [[5, 3], ...(age > 60 ? [[2, 1]] : [])] as [number, number][]) {
    const span = writer.open(11);
    writer.uint(1, offset * 2);
    writer.uint(2, length);
    writer.close(span);
  }
  if (kind === 'whole') {
    for (const [at, value] of buckets.entries()) {
      const delta = value - (buckets[at - 1] ?? 0);
      writer.uint(12, delta >= 0 ? delta * 2 : -delta * 2 - 1);
    }
  } else writer.bytes(13, doubles(buckets));
  if (kind === 'gauge') writer.uint(14, 3);
  writer.int64(15, timeMs);
  writer.close(mark);
}

function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [at, value] of values.entries()) bytes.writeDoubleLE(value, at * 8);
  return bytes;
}
