import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LogScan, ScanPart, SqlRows } from '#logs/store';
import { HistogramCounter, histogramBins } from './histogram.ts';
import { walkByTime } from './walk.ts';

interface Event {
  readonly ms: number;
  readonly sequence: number;
}

function order(descending: boolean): (a: Event, b: Event) => number {
  return (a, b) =>
    descending ? b.ms - a.ms || b.sequence - a.sequence : a.ms - b.ms || a.sequence - b.sequence;
}

/** A scan whose "SQL" is `part numbers:limit`. */
function fakeScan(parts: readonly (readonly Event[])[], descending: boolean): LogScan {
  const compare = order(descending);
  const scanParts: ScanPart[] = parts
    .map((events, index) => ({
      relation: String(index),
      events: events.length,
      // So large that each part is a step of its own, or two are.
      messageBytes: (index % 2 === 0 ? 600 : 100) * 1024 * 1024,
      minMs: Math.min(...events.map((one) => one.ms)),
      maxMs: Math.max(...events.map((one) => one.ms)),
    }))
    .toSorted((a, b) => b.maxMs - a.maxMs);
  return {
    parts: scanParts,
    totalEvents: 0,
    totalBytes: 0,
    skippedEvents: 0,
    relationWithFields: () => undefined,
    relationOf: (some) => some.map((part) => part.relation).join(','),
    async *run(sql): AsyncGenerator<SqlRows> {
      const [which = '', limit = ''] = sql.split(':');
      const rows = which
        .split(',')
        .flatMap((index) => parts[Number(index)]!)
        .toSorted(compare)
        .slice(0, Number(limit));
      if (rows.length === 0) return;
      yield {
        columnNames: ['ts_ms', 'seq'],
        columns: [rows.map((one) => one.ms), rows.map((one) => one.sequence)],
        rowCount: rows.length,
      };
    },
    copyToParquet: () => Promise.reject(new Error('not used')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe('walkByTime()', () => {
  it('gives what sorting everything gives, whatever the parts', async () => {
    const part = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.boolean(),
        async (times, maxRows, descending, isFiltered) => {
          let sequence = 0;
          const parts = times.map((one) => one.map((ms) => ({ ms, sequence: ++sequence })));
          const given: Event[] = [];
          let complete = 0;
          for await (const step of walkByTime({
            scan: fakeScan(parts, descending),
            descending,
            maxRows,
            maxBytes: Number.MAX_SAFE_INTEGER,
            isFiltered,
            sqlOf: (relation, limit) => `${relation}:${limit}`,
            signal: new AbortController().signal,
          })) {
            for (let i = 0; i < step.rows.rowCount; i++) {
              const [ms, number] = step.rows.columns.map((column) => Number(column[i]));
              given.push({ ms: ms!, sequence: number! });
            }
            complete += step.complete?.rowCount ?? 0;
          }
          const wanted = parts.flat().toSorted(order(descending)).slice(0, maxRows);
          assert.deepEqual(given, wanted);
          assert.ok(complete <= parts.flat().length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('HistogramCounter', () => {
  it('has few, aligned bins that hold every event of the range', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2e12 }),
        fc.integer({ min: 0, max: 1e12 }),
        (fromMs, length) => {
          const toMs = fromMs + length;
          const bins = histogramBins(fromMs, toMs);
          assert.equal(bins.fromMs % bins.binMs, 0);
          const counter = new HistogramCounter(fromMs, toMs);
          counter.addEvent(fromMs);
          counter.addEvent(toMs);
          assert.equal(
            counter.value.counts.reduce((a, b) => a + b),
            2,
          );
          assert.ok(counter.value.counts.length <= 122);
        },
      ),
    );
  });
});
