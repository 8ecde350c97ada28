import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { compress } from 'snappy';
import { MetricsRegistry, silentLogger } from '#base';
import { type Config, parseConfig } from '#config';
import { labelsOfRecord } from '#metrics/model';
import { encodeWriteV1 } from '#metrics/remote';
import { openMetricStore, SampleBatch } from '#metrics/tsdb';
import { type ServerRole, startServerRole } from './server-role.ts';

/** Files of a log that a start has to read one after the other. */
const segments = 300;
const nowMs = Date.now();

async function writeLog(directory: string): Promise<void> {
  await using store = await openMetricStore({ directory, reserveBytes: 0 });
  const batch = new SampleBatch();
  for (let at = 0; at < 500; at++) {
    batch.add(store.seriesRef(labelsOfRecord({ __name__: 'kept', n: String(at) })), nowMs, at);
  }
  await store.append(batch);
}

/** As if one process after the other had been killed: replaying the same again changes nothing. */
function multiplyLog(directory: string): void {
  const wal = join(directory, 'wal');
  const [name] = readdirSync(wal);
  for (let number = 2; number <= segments; number++) {
    copyFileSync(join(wal, name!), join(wal, `${String(number).padStart(8, '0')}.wal`));
  }
}

const optionsOf = (config: Config) => ({
  config: () => config,
  log: silentLogger,
  metrics: new MetricsRegistry(),
});

const configOf = (dataDir: string): Config =>
  parseConfig(
    `server: {dataDir: ${dataDir}, listen: '127.0.0.1:0'}
metrics: {prometheus: {scrape_configs: []}}
logs: {store: {minFreeDisk: 0}, receive: {loki: {enabled: true}}}
`,
    { fileName: 'nunchi.yaml', env: {} },
  );

const pushLog = (url: string): Promise<Response> =>
  fetch(`${url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      streams: [{ stream: { job: 'a' }, values: [[`${nowMs}000000`, 'x']] }],
    }),
  });

const pushSample = async (url: string): Promise<Response> => {
  const labels = labelsOfRecord({ __name__: 'pushed' });
  const body = encodeWriteV1([{ labels, samples: [{ timeMs: nowMs, value: 1 }] }]);
  return fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: new Uint8Array(await compress(body)),
  });
};

const isReplaying =
  /the metric store is (loading its checkpoint|replaying the write-ahead log, \d+ of 300 segments)/;

it('a server whose metric store replays its log takes logs and answers 503 for metrics', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-starting-'));
  try {
    await writeLog(join(dataDir, 'metrics'));
    multiplyLog(join(dataDir, 'metrics'));
    await using role: ServerRole = await startServerRole(optionsOf(configOf(dataDir)));
    const { url } = role;
    let isDone = false;
    void role.ready.then(() => {
      isDone = true;
    });
    const [ready, query, pushed, logs, metrics] = await Promise.all([
      fetch(`${url}/-/ready`),
      fetch(`${url}/api/v1/query?query=kept`),
      pushSample(url),
      pushLog(url),
      fetch(`${url}/metrics`),
    ]);
    assert.ok(!isDone, 'the start was over before the first answers: nothing was tried');
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), isReplaying);
    assert.equal(query.status, 503);
    assert.ok(Number(query.headers.get('retry-after')) > 0);
    const answer = (await query.json()) as { errorType: string; error: string };
    assert.equal(answer.errorType, 'unavailable');
    assert.match(answer.error, isReplaying);
    assert.equal(pushed.status, 503);
    assert.ok(Number(pushed.headers.get('retry-after')) > 0);
    assert.equal(logs.status, 204);
    assert.match(await metrics.text(), /^nunchi_metrics_store_replay_segments /m);
    await role.ready;
    assert.equal((await fetch(`${url}/-/ready`)).status, 200);
    assert.equal((await pushSample(url)).status, 204);
    const counted = await fetch(`${url}/api/v1/query?query=count(kept)%2Bcount(pushed)`);
    const { data } = (await counted.json()) as { data: { result: { value: [number, string] }[] } };
    assert.equal(data.result[0]?.value[1], '501');
    const text = await (await fetch(`${url}/metrics`)).text();
    assert.match(text, /^nunchi_metrics_store_replay_segments_done 300$/m);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

it('a server that is told to stop while it replays stops, and loses nothing', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-starting-'));
  try {
    await writeLog(join(dataDir, 'metrics'));
    multiplyLog(join(dataDir, 'metrics'));
    const role = await startServerRole(optionsOf(configOf(dataDir)));
    const refused = assert.rejects(role.ready);
    await role[Symbol.asyncDispose]();
    await refused;
    await using store = await openMetricStore({ directory: join(dataDir, 'metrics') });
    assert.equal(store.headStats().series, 500);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
