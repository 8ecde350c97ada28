import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { Evaluation } from '../engine/evaluation.ts';
import type { WorkerPool } from './pool.ts';
import { chunkBounds, runChunks } from './run.ts';

const series = 500;

it('a query does not wait for a thread that is still starting', async () => {
  const pool = { size: 1, run: () => [new Promise<never>(() => {})] } as unknown as WorkerPool;
  const evaluation = new Evaluation({
    queryable: undefined as never,
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    maxSamples: 1_000_000,
    lookbackMs: 300_000,
    defaultSubqueryStepMs: 60_000,
    delaysNameRemoval: false,
    usesStartTimestamps: false,
    checksTypeLabels: false,
    statSteps: undefined,
    pool,
  });
  const grid = { startMs: 1000, stepMs: 1, count: 1 };
  const source = {
    plan: {
      windows: { endMs: 1000, stepMs: 0, rangeMs: 500, count: 1 },
      beforeMs: 0,
      afterMs: 0,
      func: undefined,
      extension: undefined,
      params: [],
      grid,
      span: { start: 0, end: 0 },
      usesStartTimestamps: false,
      scalarSteps: [],
    },
    maxSamples: 1_000_000,
    read: (index: number, into: import('#metrics/model').SampleColumns) => {
      into.clear();
      into.reserve(1);
      into.timesMs[0] = 900;
      into.values[0] = index;
      into.count = 1;
    },
    share: () => ({ module: '', data: undefined }),
    found: () => {},
  };
  const chunks = await runChunks(source, series, { kind: 'rows' }, 1, evaluation);
  const values = chunks?.rows.flatMap((chunk) => [...chunk.values]);
  assert.deepEqual(values, [...Array(series).keys()]);
});

it('chunks hold each series once', () => {
  fc.assert(
    fc.property(
      fc.nat(20_000),
      fc.integer({ min: 1, max: 65 }),
      fc.integer({ min: 2, max: 64 }),
      (count, threads, most) => {
        const bounds = chunkBounds(count, threads, most);
        assert.equal(bounds[0], 0);
        assert.equal(bounds.at(-1), count);
        assert.ok(bounds.length - 1 <= most);
        for (let at = 1; at < bounds.length; at++) assert.ok(bounds[at]! > bounds[at - 1]!);
      },
    ),
  );
});
