import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { labelMatcher, labelValue, SampleColumns } from '#metrics/model';
import { openMetricStore } from '#metrics/tsdb';

const root = mkdtempSync(join(tmpdir(), 'nunchi-metrics-import-'));
after(() => rmSync(root, { recursive: true, force: true }));

const series = 1200;
const steps = 30;
const startSeconds = 1_700_000_000;
const wanted = (at: number, step: number): number => at * 1000 + step / 8;

const source = join(root, 'samples.om');
const lines: string[] = ['# TYPE m gauge'];
for (let at = 0; at < series; at++) {
  for (let step = 0; step < steps; step++) {
    lines.push(`m{series="${at}"} ${wanted(at, step)} ${startSeconds + step * 600}`);
  }
}
writeFileSync(source, `${lines.join('\n')}\n# EOF\n`);

/** Runs the import and kills it at its n-th step. @returns whether it came to its end before */
async function importUntil(
  kind: string,
  directory: string,
  from: string,
  n: number,
): Promise<boolean> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'metrics-import.fixture.ts'), kind, directory, from],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let seen = 0;
  let isFinished = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'finished') isFinished = true;
    else if (++seen === n) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (!isFinished) assert.equal(child.signalCode, 'SIGKILL');
  return isFinished;
}

async function check(directory: string): Promise<void> {
  await using store = await openMetricStore({
    directory,
    retentionMs: 1e15,
    reserveBytes: 0,
    maintenanceEveryMs: 0,
  });
  using selection = await store.select(
    { matchers: [labelMatcher('__name__', '=', 'm')], fromMs: 0, toMs: 2e12 },
    new AbortController().signal,
  );
  assert.equal(selection.count, series);
  const columns = new SampleColumns();
  for (let index = 0; index < selection.count; index++) {
    selection.read(index, columns);
    assert.equal(columns.count, steps);
    const at = Number(labelValue(selection.labels(index), 'series'));
    for (let step = 0; step < steps; step++) {
      assert.equal(columns.timesMs[step], (startSeconds + step * 600) * 1000);
      assert.equal(columns.values[step], wanted(at, step));
    }
  }
}

const promtool = (): string | false => {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'promtool is not installed';
  }
};

describe('metrics: kill -9 of an import, begun again each time', () => {
  it('of an OpenMetrics file: all samples once', async () => {
    const directory = join(root, 'from-file');
    await importUntil('file', directory, source, 1);
    assert.ok(await importUntil('file', directory, source, 0));
    await check(directory);
  });

  it('of Prometheus blocks: all samples once', { skip: promtool() }, async () => {
    const blocks = join(root, 'prometheus');
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', source, blocks], {
      stdio: 'ignore',
    });
    const directory = join(root, 'from-blocks');
    for (const n of [1, 2, 3]) await importUntil('blocks', directory, blocks, n);
    assert.ok(await importUntil('blocks', directory, blocks, 0));
    await check(directory);
  });
});
