import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { constants, zstdCompressSync } from 'node:zlib';
import { type BatchSection, decodeBatch, encodeBatch, inflateBatch } from '#logs/batch';
import { openLogStore } from '#logs/store';
import { type EksData, eksBatches, eksGroup, needle } from './data.ts';

/** Batches sent before the first is acknowledged, as several agents together would. */
const inFlight = 4;
const maxBatchBytes = 64 * 1024 * 1024;

interface SpooledBatch {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * What a server does with agents' batches: decompress, check, append durably, until all are
 * acknowledged and then until all are sealed. Making the data is not measured. The count and a sum
 * over all rows are asked of the store afterwards.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string', default: '1450000' },
      keep: { type: 'string' },
      level: { type: 'string', default: '3' },
    },
  });
  const work = mkdtempSync(join(tmpdir(), 'nunchi-bench-'));
  const directory = values.keep ?? join(work, 'store');
  const spoolPath = join(work, 'batches');
  try {
    const { data, batches, lengthSum } = spool(spoolPath, Number(values.events));
    const store = await openLogStore({ directory, compressionLevel: Number(values.level) });
    const file = openSync(spoolPath, 'r');
    let peakRss = 0;
    let longestStallMs = 0;
    let lastTick = performance.now();
    const watch = setInterval(() => {
      const now = performance.now();
      longestStallMs = Math.max(longestStallMs, now - lastTick - 10);
      lastTick = now;
      peakRss = Math.max(peakRss, process.memoryUsage.rss());
    }, 10);
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    let next = 0;
    const sender = async (): Promise<void> => {
      while (next < batches.length) {
        const number = ++next;
        const { offset, bytes } = batches[number - 1]!;
        const compressed = Buffer.allocUnsafe(bytes);
        readSync(file, compressed, 0, bytes, offset);
        const sections = decodeBatch(await inflateBatch(compressed, maxBatchBytes));
        await store.append({ sections, compressed, source: { id: 'bench', number } });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, sender));
    const acknowledgedMs = performance.now() - startedMs;
    const signal = AbortSignal.timeout(60_000);
    while (store.stats().freshBytes > 96 * 1024 * 1024 && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const caughtUpMs = performance.now() - startedMs;
    const cpu = process.cpuUsage(cpuBefore);
    clearInterval(watch);
    closeSync(file);
    await store.seal();
    const stats = store.stats();
    const answers = await check(store, data, lengthSum, signal);
    await store[Symbol.asyncDispose]();
    const megabytes = data.messageBytes / 1e6;
    console.log(`${data.events} events, ${megabytes.toFixed(0)} MB of messages, checked`);
    const result = {
      benchmark: 'logs-ingest',
      events: data.events,
      messageBytes: data.messageBytes,
      acknowledgedMBps: Math.round(megabytes / (acknowledgedMs / 1000)),
      sealedMBps: Math.round(megabytes / (caughtUpMs / 1000)),
      cpuSeconds: Number(((cpu.user + cpu.system) / 1e6).toFixed(2)),
      longestStallMs: Math.round(longestStallMs),
      peakRssMiB: Math.round(peakRss / 1024 / 1024),
      storedBytes: stats.diskBytes,
      storedRatio: Number((data.messageBytes / stats.diskBytes).toFixed(2)),
      segments: stats.segments,
      ...answers,
    };
    console.log(JSON.stringify(result));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function spool(
  path: string,
  events: number,
): { data: EksData; batches: SpooledBatch[]; lengthSum: number } {
  const file = openSync(path, 'w');
  const batches: SpooledBatch[] = [];
  let offset = 0;
  let lengthSum = 0;
  const steps = eksBatches({ events, eventsPerBatch: 2000 });
  for (;;) {
    const step = steps.next();
    if (step.done === true) {
      closeSync(file);
      return { data: step.value, batches, lengthSum };
    }
    lengthSum += timeLengthSum(step.value);
    const compressed = zstdCompressSync(encodeBatch(step.value), {
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    });
    writeSync(file, compressed);
    batches.push({ offset, bytes: compressed.length });
    offset += compressed.length;
  }
}

/** A sum that any lost, doubled or mixed-up row changes: seconds of the day times bytes, by row. */
function timeLengthSum(sections: readonly BatchSection[]): number {
  let sum = 0;
  for (const { count, messages, timestampsMs } of sections) {
    const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
    let at = 0;
    for (let row = 0; row < count; row++) {
      const length = view.getUint32(at, true);
      at += 4 + length;
      sum += ((timestampsMs[row]! / 1000) % 86_400) * length;
    }
  }
  return sum;
}

async function check(
  store: Awaited<ReturnType<typeof openLogStore>>,
  data: EksData,
  lengthSum: number,
  signal: AbortSignal,
): Promise<{ needleMs: number; substringMs: number }> {
  const range = { groups: [eksGroup], fromMs: data.startMs, toMs: data.endMs };
  const ask = async (select: string, contains: readonly string[] = []): Promise<unknown[]> => {
    await using scan = await store.openScan({ ...range, contains }, signal);
    const sql = select.replace('EVENTS', scan.relationOf(scan.parts));
    for await (const rows of scan.run(sql, { signal })) {
      return rows.columns.map((column) => column[0]);
    }
    return [];
  };
  const [count, sequences, sum] = await ask(
    'SELECT count(*), count(DISTINCT seq), sum(((ts_ms // 1000) % 86400) * strlen(message)) FROM EVENTS',
  );
  equal('events', count, data.events);
  equal('sequences', sequences, data.events);
  equal('sum of seconds times bytes', sum, lengthSum);
  const timed = async (text: string, expected: number, skip: boolean): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      const [found] = await ask(
        `SELECT count(*) FROM EVENTS WHERE contains(message, '${text}')`,
        skip ? [text] : [],
      );
      times.push(performance.now() - start);
      equal(`events with "${text}"`, found, expected);
    }
    return Math.round(times.sort((a, b) => a - b)[1]!);
  };
  return {
    needleMs: await timed(needle, data.needles, true),
    substringMs: await timed('Forbidden', data.forbidden, false),
  };
}

function equal(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what}: found ${found}, expected ${expected}`);
}
