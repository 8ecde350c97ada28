import { compress } from 'snappy';
import type { FloatHistogram } from '#metrics/model';
import { encodeWriteV1 } from '#metrics/remote';

/** How long before now the series begin. */
const lengthMs = 40 * 60_000;
const stepMs = 10_000;
const pods = ['web-7d4b9c-x2xlm', 'web-7d4b9c-9qk4t', 'cart-5f6d-8zzxw'] as const;
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;
/** For the test of many lines: series, and points of each, a second apart. */
export const wideSeries = 500;
export const widePoints = 1000;

export interface Series {
  readonly labels: readonly string[];
  readonly samples: { timeMs: number; value: number; histogram?: FloatHistogram }[];
}

/**
 * Writes the past of a small shop by remote write: a classic and a native histogram of waiting times
 * with a bad quarter of an hour in them, memory of pods, and many series for a graph full of lines.
 */
export async function writeHistory(url: string, nowMs: number): Promise<void> {
  await writeSeries(url, [...waits(nowMs), ...renders(nowMs), ...memory(nowMs)]);
  const wide = wideLines(nowMs);
  for (let from = 0; from < wide.length; from += 100) {
    await writeSeries(url, wide.slice(from, from + 100));
  }
}

/** By remote write; a hundred series or so at once. */
export async function writeSeries(url: string, series: readonly Series[]): Promise<void> {
  const response = await fetch(new URL('api/v1/write', url), {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: new Uint8Array(await compress(encodeWriteV1(series))),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

/** Requests of a size that any server takes. */
const seriesAtOnce = 200;
const samplesAtOnce = 60;

/**
 * Series of many hours at the same moments: all up to a moment, then all further, for a server does
 * not take what is much older than the rest.
 */
export async function writePast(url: string, series: readonly Series[]): Promise<void> {
  const count = Math.max(...series.map(({ samples }) => samples.length));
  for (let from = 0; from < count; from += samplesAtOnce) {
    for (let at = 0; at < series.length; at += seriesAtOnce) {
      const part = series.slice(at, at + seriesAtOnce).map((one) => ({
        labels: one.labels,
        samples: one.samples.slice(from, from + samplesAtOnce),
      }));
      await writeSeries(url, part);
    }
  }
}

/** Sorted by name, names and values in turn. */
export const labelsOf = (record: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(record)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flat();

/** The same numbers in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Seconds that somebody waited: around 40 ms, ten times that in the bad quarter of an hour. */
function waitOf(random: () => number, timeMs: number, nowMs: number): number {
  const isBad = timeMs > nowMs - 20 * 60_000 && timeMs < nowMs - 8 * 60_000;
  const normal = Math.sqrt(-2 * Math.log(random() + 1e-9)) * Math.cos(2 * Math.PI * random());
  const isSlow = isBad && random() < 0.4;
  return Math.exp(Math.log(isSlow ? 0.6 : 0.04) + normal * 0.55);
}

function* moments(nowMs: number): Generator<number> {
  const end = nowMs - stepMs;
  for (let timeMs = end - lengthMs; timeMs <= end; timeMs += stepMs) yield timeMs;
}

function waits(nowMs: number): readonly Series[] {
  const random = randomOf(7);
  const all: Series[] = [];
  for (const pod of pods) {
    const own = { namespace: 'shop', pod, job: 'history' };
    const buckets = [...bounds.map(String), '+Inf'].map(
      (le): Series => ({
        labels: labelsOf({ __name__: 'shop_request_seconds_bucket', le, ...own }),
        samples: [],
      }),
    );
    const counts = new Array<number>(buckets.length).fill(0);
    for (const timeMs of moments(nowMs)) {
      for (let n = 0; n < 120; n++) {
        const wait = waitOf(random, timeMs, nowMs);
        for (let at = 0; at < counts.length; at++) {
          if (wait <= (bounds[at] ?? Number.POSITIVE_INFINITY)) counts[at] = (counts[at] ?? 0) + 1;
        }
      }
      for (const [at, bucket] of buckets.entries()) {
        bucket.samples.push({ timeMs, value: counts[at] ?? 0 });
      }
    }
    all.push(...buckets);
  }
  return all;
}

/** Buckets of schema 2: four for each power of two. */
function renders(nowMs: number): readonly Series[] {
  const random = randomOf(11);
  const first = -40;
  const counts = new Array<number>(56).fill(0);
  let sum = 0;
  const samples: Series['samples'] = [];
  for (const timeMs of moments(nowMs)) {
    for (let n = 0; n < 200; n++) {
      const wait = waitOf(random, timeMs, nowMs);
      sum += wait;
      const at = Math.ceil(Math.log2(wait) * 4) - first;
      counts[at] = (counts[at] ?? 0) + 1;
    }
    samples.push({
      timeMs,
      value: sum,
      histogram: {
        schema: 2,
        zeroThreshold: 1e-9,
        zeroCount: 0,
        count: counts.reduce((total, count) => total + count, 0),
        sum,
        positiveSpans: [{ offset: first, length: counts.length }],
        positiveBuckets: [...counts],
        negativeSpans: [],
        negativeBuckets: [],
        customValues: [],
        counterResetHint: 'unknown',
      },
    });
  }
  const labels = { __name__: 'shop_render_seconds', namespace: 'shop', job: 'history' };
  return [{ labels: labelsOf(labels), samples }];
}

function memory(nowMs: number): readonly Series[] {
  return pods.map((pod, index) => ({
    labels: labelsOf({ __name__: 'shop_memory_bytes', namespace: 'shop', pod, job: 'history' }),
    samples: [...moments(nowMs)].map((timeMs, at) => ({
      timeMs,
      value: (300 + index * 260 + Math.sin(at / 9 + index) * 40 + at / 3) * 1024 * 1024,
    })),
  }));
}

function wideLines(nowMs: number): readonly Series[] {
  return Array.from({ length: wideSeries }, (_, index) => ({
    labels: labelsOf({ __name__: 'shop_wide', n: String(index), job: 'history' }),
    samples: Array.from({ length: widePoints }, (__, at) => ({
      timeMs: nowMs - (widePoints - at) * 1000,
      value: index + Math.sin(at / 40 + index / 7) * 8,
    })),
  }));
}
