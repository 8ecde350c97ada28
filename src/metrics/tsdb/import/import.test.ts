import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { openMetricStore } from '../index.ts';
import type { DiskMetricStore } from '../store.ts';
import { dump } from '../store-cases.fixture.ts';
import { headChunks } from './head-chunks.ts';
import { importOpenMetrics } from './openmetrics.ts';
import { importPrometheusBlocks } from './prometheus.ts';
import { walRecords } from './prometheus-wal.ts';
import { readWalRecord, type WalSink } from './wal-records.ts';

const root = mkdtempSync(join(tmpdir(), 'nunchi-import-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const signal = new AbortController().signal;
const startSeconds = 1_700_000_000;

const openNew = (): Promise<DiskMetricStore> =>
  openMetricStore({
    directory: join(root, `store-${++folders}`),
    retentionMs: 1e15,
    maintenanceEveryMs: 0,
    reserveBytes: 0,
  });

/** A file, and what a store must hold afterwards. */
function openMetricsFile(): { path: string; want: Record<string, string[]> } {
  const lines = ['# HELP m_total A counter', '# TYPE m_total counter'];
  const want: Record<string, string[]> = {};
  for (const series of ['a', 'b']) {
    const samples: string[] = [];
    for (let at = 0; at < 3000; at++) {
      const seconds = startSeconds + at * 60 + (at % 5) / 1000;
      const values = ['0.1', '17', String(at), String(at / 7), '1e+300', '-0', 'NaN', '+Inf'];
      const value = series === 'a' ? String(at * 3) : values[at % values.length]!;
      lines.push(`m_total{series="${series}"} ${value} ${seconds}`);
      const text =
        value === 'NaN'
          ? 'NaN1'
          : value === '-0'
            ? '-0'
            : String(Number(value.replace('+Inf', 'Infinity')));
      samples.push(`${Math.round(seconds * 1000)}=${text}`);
    }
    want[`m_total{series="${series}"}`] = samples;
  }
  lines.push('# EOF', '');
  const path = join(root, 'samples.om');
  writeFileSync(path, lines.join('\n'));
  return { path, want };
}

const promtool = (): string | false => {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'promtool is not installed';
  }
};

describe('imports', () => {
  it('of an OpenMetrics file: every sample, once, also when it is done twice', async () => {
    const { path, want } = openMetricsFile();
    await using store = await openNew();
    const seen: number[] = [];
    const result = await importOpenMetrics(store, path, {
      signal,
      onProgress: ({ done }) => seen.push(done),
    });
    assert.equal(result.samples, 6000);
    assert.equal(seen.at(-1), 1);
    assert.deepEqual(await dump(store), want);
    const again = await importOpenMetrics(store, path, { signal });
    assert.equal(again.samples, 0);
    await store.maintain();
    assert.deepEqual(await dump(store), want);
  });

  it('of a file without times: refused with the reason', async () => {
    const path = join(root, 'bad.om');
    writeFileSync(path, 'm 1\n# EOF\n');
    await using store = await openNew();
    await assert.rejects(importOpenMetrics(store, path, { signal }), /bad\.om.*has no time/);
    assert.deepEqual(await dump(store), {});
  });

  it('of a folder without blocks: refused', async () => {
    await using store = await openNew();
    await assert.rejects(importPrometheusBlocks(store, root, { signal }), {
      code: 'IMPORT_INVALID',
    });
  });

  it('of blocks that Prometheus wrote', { skip: promtool() }, async () => {
    const { path, want } = openMetricsFile();
    const data = join(root, 'prometheus');
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', path, data], {
      stdio: 'ignore',
    });
    await using store = await openNew();
    const stop = new AbortController();
    // Broken off after the first blocks, then gone on with.
    await assert.rejects(
      importPrometheusBlocks(store, data, {
        signal: stop.signal,
        onProgress: () => stop.abort(new Error('stopped')),
      }).then(() => {
        throw new Error('stopped');
      }),
      /stopped/,
    );
    const result = await importPrometheusBlocks(store, data, { signal });
    assert.ok(result.blocks + result.alreadyDone >= 2, 'blocks of two hours each');
    assert.deepEqual(await dump(store), want);
    const again = await importPrometheusBlocks(store, data, { signal });
    assert.equal(again.samples, 0);
  });
});

describe('damaged files of a head', () => {
  const sink: WalSink = {
    series: () => {},
    sample: () => {},
    histogram: () => {},
    deleted: () => {},
    unknown: () => {},
  };

  it('any bytes are read to an end, without an error', () => {
    const path = join(root, 'any');
    const kind = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(kind, fc.uint8Array({ maxLength: 200 }), (first, rest) => {
        const record = Buffer.from([first, ...rest]);
        readWalRecord(record, sink);
        writeFileSync(path, record);
        for (const part of walRecords(path)) if ('record' in part) readWalRecord(part.record, sink);
        const header = Buffer.from([0x01, 0x30, 0xbc, 0x91, 1, 0, 0, 0]);
        writeFileSync(path, Buffer.concat([header, record]));
        for (const chunk of headChunks(path))
          assert.ok('problem' in chunk || chunk.data.length >= 0);
      }),
      { numRuns: 300 },
    );
  });
});
