import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { openLogStore } from './index.ts';

const rounds = 4;
const signal = new AbortController().signal;

it('kill -9 loses nothing acknowledged and stores nothing twice', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'nunchi-crash-'));
  const acknowledged = new Set<number>();
  try {
    let sent = 0;
    for (let round = 0; round < rounds; round++) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'crash-child.fixture.ts'), directory, String(sent + 1)],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      // A different place in every round, as far as the machine's own timing does not see to it.
      const killAfter = 40 + round * 37;
      let seen = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged.add(Number(line));
        sent = Math.max(sent, Number(line));
        if (++seen === killAfter) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      assert.equal(child.signalCode, 'SIGKILL');
      // Numbers that were on their way may or may not be stored: the next round leaves them alone.
      sent += 3;

      await using store = await openLogStore({ directory, reserveBytes: 0, maintenanceEveryMs: 0 });
      await using scan = await store.openScan(
        { groups: ['/a', '/b'], fromMs: 0, toMs: 1e12 },
        signal,
      );
      const sql = `SELECT ts_ms // 1000 AS batch, count(*) AS n, count(DISTINCT seq) AS sequences,
        count(DISTINCT (log_group, message)) AS messages
        FROM ${scan.relationOf(scan.parts)} GROUP BY batch`;
      const stored = new Set<number>();
      for await (const rows of scan.run(sql, { signal })) {
        const [batches, counts, sequences, messages] = rows.columns;
        for (let row = 0; row < rows.rowCount; row++) {
          stored.add(batches![row] as number);
          assert.deepEqual([counts![row], sequences![row], messages![row]], [20, 20, 20]);
        }
      }
      const lost = [...acknowledged].filter((number) => !stored.has(number));
      assert.deepEqual(lost, []);
      assert.equal(store.stats().events, stored.size * 20);
      assert.deepEqual(store.stats().damagedSegments, []);
    }
    assert.ok(acknowledged.size >= rounds * 40);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
