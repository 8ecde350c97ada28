import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { labelMatcher, labelValue, SampleColumns } from '#metrics/model';
import { openMetricStore } from '#metrics/tsdb';

const rounds = 4;
const signal = new AbortController().signal;

/** What is stored, by number of batch: how many of its samples. */
async function countByBatch(
  directory: string,
  retentionMs: number,
): Promise<{ counts: Map<number, number>; levels: number[] }> {
  await using store = await openMetricStore({
    directory,
    retentionMs,
    outOfOrderWindowMs: Number.POSITIVE_INFINITY,
    maxAheadMs: Number.MAX_SAFE_INTEGER / 4,
    reserveBytes: 0,
    maintenanceEveryMs: 0,
  });
  const counts = new Map<number, number>();
  using selection = await store.select(
    { matchers: [labelMatcher('__name__', '=', 'm')], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER },
    signal,
  );
  const columns = new SampleColumns();
  for (let index = 0; index < selection.count; index++) {
    selection.read(index, columns);
    const series = Number(labelValue(selection.labels(index), 'series'));
    for (let at = 0; at < columns.count; at++) {
      if (at > 0) assert.ok(columns.timesMs[at]! > columns.timesMs[at - 1]!, 'a time stands twice');
      const number = Math.round(columns.values[at]! - series / 10);
      assert.equal(columns.values[at], number + series / 10);
      const lateMs = number % 7 === 3 && series === 2 ? 45 * 60_000 : 0;
      assert.equal(columns.timesMs[at], number * 600_000 - lateMs + series);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
  }
  return { counts, levels: store.blocks().map((block) => block.level) };
}

async function killRounds(retentionHours: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'nunchi-metrics-kill-'));
  const seed = Number(process.env['NUNCHI_TEST_SEED'] ?? Math.floor(Math.random() * 1e6));
  const acknowledged = new Set<number>();
  try {
    let first = 10_000;
    for (let round = 0; round < rounds; round++) {
      const child = spawn(
        process.execPath,
        [
          join(import.meta.dirname, 'metrics-writer.fixture.ts'),
          directory,
          String(first),
          String(retentionHours),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const killAfter = 60 + ((seed * (round + 1) * 7919) % 400);
      let seen = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged.add(Number(line));
        first = Math.max(first, Number(line) + 1);
        if (++seen === killAfter) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      assert.equal(child.signalCode, 'SIGKILL', `NUNCHI_TEST_SEED=${seed}`);
      // Numbers that were on their way may or may not be stored: the next round leaves them alone.
      first += 3;
      const { counts: stored, levels } = await countByBatch(directory, retentionHours * 3_600_000);
      assert.ok(levels.length > 0, 'nothing was cut: the kills met nothing but appends');
      const newest = Math.max(...acknowledged);
      // Retention takes whole blocks, never what is younger than it says.
      const oldestKept = newest - retentionHours * 6;
      const lost = [...acknowledged].filter(
        (number) => number > oldestKept && stored.get(number) !== 8,
      );
      assert.deepEqual(lost, [], `NUNCHI_TEST_SEED=${seed}, round ${round}`);
      for (const [number, count] of stored)
        assert.ok(count <= 8, `${number} is stored ${count} times`);
    }
    assert.ok(acknowledged.size >= rounds * 60);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe('metrics: kill -9 while samples come, the head is cut and blocks are joined', () => {
  it('loses no acknowledged sample and stores none twice', () => killRounds(1_000_000));
  it('deletes only what retention says', () => killRounds(40));
});
