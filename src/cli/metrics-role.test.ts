import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { MetricsRegistry, silentLogger } from '#base';
import { parseConfig } from '#config';
import { labelMatcher } from '#metrics/model';
import { openMetrics, openPrometheus, openScraping } from './metrics-role.ts';

it('jobs in nunchi.yaml are scraped into the store, the server itself without a request', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-metrics-'));
  const target = createServer((_, response) =>
    response.setHeader('content-type', 'text/plain').end('answered 1\n'),
  );
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  try {
    const text = `server: {dataDir: ${dataDir}, listen: '127.0.0.1:1'}
metrics:
  prometheus:
    global:
      scrape_interval: 100ms
      external_labels: {a: "$A"}
    storage: {tsdb: {retention: {time: 3d}}}
    scrape_configs:
      - job_name: j
        static_configs: [{targets: ['127.0.0.1:${port}', '127.0.0.1:1']}]
`;
    const config = parseConfig(text, { fileName: 'nunchi.yaml', env: {} });
    const options = {
      config: () => config,
      env: { A: 'b' },
      log: silentLogger,
      metrics: new MetricsRegistry(),
    };
    await using parts = new AsyncDisposableStack();
    const prometheus = await openPrometheus(options, parts);
    assert.deepEqual(prometheus.current().global.externalLabels, { a: 'b' });
    assert.equal(prometheus.current().storage.tsdb.retention.timeMs, 259_200_000);
    const { store, start } = await openMetrics(options, prometheus.current().storage, parts);
    await start();
    const renderMetrics = async (): Promise<string> => 'itself 1\n';
    const scraping = await openScraping(
      options,
      { store, prometheus, version: '0', renderMetrics },
      parts,
    );
    parts.use(scraping.start());
    const deadline = Date.now() + 60_000;
    const isUp = (): boolean => {
      const targets = scraping.manager.active();
      return targets.length === 2 && targets.every(({ health }) => health === 'up');
    };
    while (!isUp()) {
      assert.ok(Date.now() < deadline, JSON.stringify(scraping.manager.active()));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    using selection = await store.select(
      {
        matchers: [labelMatcher('__name__', '=~', 'answered|itself')],
        fromMs: 0,
        toMs: Date.now() + 1000,
      },
      new AbortController().signal,
    );
    assert.equal(selection.count, 2);
  } finally {
    target.closeAllConnections();
    target.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

it('a mistake in the section names the line of nunchi.yaml', async () => {
  const text =
    'log: {level: info}\nmetrics:\n  prometheus:\n    scrape_configs:\n      - jobname: j\n';
  const config = parseConfig(text, { fileName: 'nunchi.yaml', env: {} });
  const options = { config: () => config, log: silentLogger, metrics: new MetricsRegistry() };
  await using parts = new AsyncDisposableStack();
  await assert.rejects(
    openPrometheus(options, parts),
    /nunchi\.yaml:5: metrics\.prometheus\.scrape_configs\[0\]\.jobname: unknown key "jobname", did you mean "job_name"\?/,
  );
});
