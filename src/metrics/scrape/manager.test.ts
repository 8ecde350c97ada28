import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { openPrometheusConfig } from '#metrics/config';
import type { MetricStore } from '#metrics/tsdb';
import { ScrapeManager, type ScrapeManagerDeps } from './manager.ts';
import { openStore, prometheusConfig, samplesOf, scrapedOf } from './scrape.fixture.ts';

/** A manager whose targets are in this process, by address. */
function manager(
  store: MetricStore,
  clock: ManualClock,
  bodies: Record<string, () => string>,
  more: Partial<ScrapeManagerDeps> = {},
): ScrapeManager {
  return new ScrapeManager({
    store,
    clock,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    env: {},
    version: '0',
    local: new Map(
      Object.entries(bodies).map(([address, read]) => [`http://${address}/metrics`, read]),
    ),
    ...more,
  });
}

const valuesOf = async (store: MetricStore, name: string): Promise<string[]> =>
  Object.entries(await samplesOf(store))
    .filter(([series]) => series.startsWith(name))
    .flatMap(([, samples]) => samples.map((sample) => sample.split('=')[1]!));

const jobs = (yaml: string): string =>
  `global: {scrape_interval: 10s}\nscrape_configs:\n${yaml.replace(/^/gm, '  ')}`;

/** Enough turns of the event loop for discovery to speak. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('ScrapeManager', () => {
  it('shows targets, what was dropped, and how each rule came to it', async () => {
    await using store = openStore();
    const clock = new ManualClock(0);
    const metrics = new MetricsRegistry();
    await using scraping = manager(
      store,
      clock,
      { 'localhost:1': () => 'a 1\n' },
      { metrics, externalHost: 'me:7600' },
    );
    scraping.apply(
      prometheusConfig(
        jobs(`- job_name: b
  static_configs: [{targets: ['localhost:1', 'drop:1', 'drop:2'], labels: {__meta_x: y}}]
  basic_auth: {username: u, password: hush}
  keep_dropped_targets: 1
  relabel_configs:
    - {source_labels: [__meta_x], target_label: x}
    - {source_labels: [__address__], regex: 'drop:.*', action: drop}
- job_name: a`),
      ),
    );
    await settle();
    await clock.advance(10_000);
    assert.deepEqual(scraping.pools(), ['a', 'b']);
    const [active] = scraping.active();
    assert.equal(active?.health, 'up');
    assert.equal(active?.scrapeUrl, 'http://localhost:1/metrics');
    assert.equal(active?.globalUrl, 'http://me:1/metrics');
    assert.equal(active?.scrapeInterval, '10s');
    assert.deepEqual({ ...active?.labels }, { instance: 'localhost:1', job: 'b', x: 'y' });
    assert.equal(active?.discoveredLabels['__meta_x'], 'y');
    assert.equal(active?.discoveredLabels['__metrics_path__'], '/metrics');
    assert.equal(scraping.dropped().length, 1);
    assert.deepEqual(scraping.droppedCounts('b'), { b: 2 });
    assert.match(scraping.poolConfig('b') ?? '', /job_name: b[\s\S]*password: <secret>/);
    assert.equal(scraping.poolConfig('none'), undefined);
    const steps = scraping.relabelSteps('b', { __address__: 'drop:9', __meta_x: 'z' });
    assert.deepEqual(
      steps.map(({ keep }) => keep),
      [true, false],
    );
    assert.equal(steps[0]?.output['x'], 'z');
    assert.equal(steps[1]?.rule['action'], 'drop');
    const text = metrics.render();
    assert.match(text, /prometheus_target_scrape_pool_targets\{scrape_job="b"\} 1/);
    assert.match(text, /prometheus_sd_discovered_targets\{name="scrape",config="b"\} 3/);
  });

  it('a reload keeps what did not change, and ends what is gone', async () => {
    await using store = openStore();
    const clock = new ManualClock(0);
    let keep = 0;
    await using scraping = manager(store, clock, {
      'keep:1': () => `keep ${++keep}\n`,
      'gone:1': () => 'gone 1\n',
      'new:1': () => 'new 1\n',
    });
    const with_ = (targets: string): string =>
      jobs(`- job_name: j\n  static_configs: [{targets: [${targets}]}]`);
    scraping.apply(prometheusConfig(with_("'keep:1', 'gone:1'")));
    await settle();
    await clock.advance(30_000);
    const before = (await scrapedOf(store))['keep{instance="keep:1", job="j"}']!;
    assert.ok(before.length >= 2);
    scraping.apply(prometheusConfig(with_("'keep:1', 'new:1'")));
    await settle();
    await clock.advance(60_000);
    const found = await scrapedOf(store);
    const kept = found['keep{instance="keep:1", job="j"}']!;
    const times = kept.map((sample) => Number(sample.split('=')[0]));
    for (const [index, time] of times.entries())
      if (index > 0) assert.equal(time - times[index - 1]!, 10_000);
    assert.ok(!kept.join().includes('stale'));
    assert.equal((await valuesOf(store, 'gone{')).at(-1), 'stale');
    assert.ok((await valuesOf(store, 'new{')).length >= 4);
  });

  it('a changed interval starts anew without markers', async () => {
    await using store = openStore();
    const clock = new ManualClock(0);
    await using scraping = manager(store, clock, { 'a:1': () => 'a 1\n' });
    const every = (interval: string): string =>
      jobs(`- job_name: j\n  scrape_interval: ${interval}\n  static_configs: [{targets: ['a:1']}]`);
    scraping.apply(prometheusConfig(every('10s')));
    await settle();
    await clock.advance(30_000);
    scraping.apply(prometheusConfig(every('60s')));
    await settle();
    await clock.advance(200_000);
    const values = await valuesOf(store, 'a{');
    assert.ok(values.length >= 5 && !values.includes('stale'), values.join());
    assert.equal(scraping.active()[0]?.scrapeInterval, '1m');
  });

  it('changed metric relabelling counts at the next scrape', async () => {
    await using store = openStore();
    const clock = new ManualClock(0);
    await using scraping = manager(store, clock, { 'a:1': () => 'a 1\nb 1\n' });
    const with_ = (rules: string): string =>
      jobs(
        `- job_name: j\n  static_configs: [{targets: ['a:1']}]\n  metric_relabel_configs: ${rules}`,
      );
    scraping.apply(prometheusConfig(with_('[]')));
    await settle();
    await clock.advance(10_000);
    scraping.apply(
      prometheusConfig(with_('[{source_labels: [__name__], regex: b, action: drop}]')),
    );
    await settle();
    await clock.advance(20_000);
    assert.equal((await valuesOf(store, 'b{')).at(-1), 'stale');
    assert.ok(!(await valuesOf(store, 'a{')).includes('stale'));
  });

  it('a job that is gone ends its series; the end of the program does not', async () => {
    await using store = openStore();
    const clock = new ManualClock(0);
    {
      await using scraping = manager(store, clock, { 'a:1': () => 'a 1\n', 'b:1': () => 'b 1\n' });
      const all =
        "- job_name: a\n  static_configs: [{targets: ['a:1']}]\n- job_name: b\n  static_configs: [{targets: ['b:1']}]";
      scraping.apply(prometheusConfig(jobs(all)));
      await settle();
      await clock.advance(20_000);
      scraping.apply(
        prometheusConfig(jobs("- job_name: b\n  static_configs: [{targets: ['b:1']}]")),
      );
      await settle();
      await clock.advance(40_000);
    }
    await clock.advance(60_000);
    assert.equal((await valuesOf(store, 'a{')).at(-1), 'stale');
    assert.ok(!(await valuesOf(store, 'b{')).includes('stale'));
  });

  it('target_limit is put on every target of the job', async () => {
    await using store = openStore();
    const clock = new ManualClock(0);
    await using scraping = manager(store, clock, {});
    scraping.apply(
      prometheusConfig(
        jobs("- job_name: j\n  target_limit: 1\n  static_configs: [{targets: ['a:1', 'b:1']}]"),
      ),
    );
    await settle();
    await clock.advance(10_000);
    assert.deepEqual(
      scraping.active().map(({ lastError, health }) => `${health} ${lastError}`),
      new Array(2).fill('down target_limit exceeded (number of targets: 2, limit: 1)'),
    );
  });
});

describe('openPrometheusConfig()', () => {
  it('reloads all or nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-prom-'));
    try {
      const path = join(folder, 'prometheus.yml');
      writeFileSync(path, 'scrape_configs: [{job_name: a}]\n');
      const metrics = new MetricsRegistry();
      using handle = openPrometheusConfig(
        { text: () => ({ path }), fallback: '', env: {} },
        { log: silentLogger, metrics, clock: new ManualClock(5000) },
      );
      const seen: string[] = [];
      handle.onChange(
        (config) => void seen.push(config.scrapeConfigs.map((job) => job.jobName).join()),
      );
      writeFileSync(path, 'scrape_configs: [{job_name: b}, {job_name: c}]\n');
      await handle.reload();
      assert.deepEqual(seen, ['b,c']);
      writeFileSync(path, 'scrape_configs: [{jobname: d}]\n');
      await assert.rejects(
        handle.reload(),
        /prometheus\.yml:1: .*unknown key "jobname", did you mean "job_name"/,
      );
      assert.deepEqual(seen, ['b,c']);
      assert.equal(handle.current().scrapeConfigs.length, 2);
      assert.equal(handle.lastReload.ok, false);
      assert.match(metrics.render(), /prometheus_config_last_reload_successful 0\n/);
      assert.match(handle.yaml(), /job_name: b/);
      assert.ok(readFileSync(path));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('jobs that yield leave pods and URLs to the others, and take them when nobody else does', async () => {
    await using store = openStore();
    const clock = new ManualClock(0);
    await using scraping = manager(
      store,
      clock,
      { 'pod:1': () => 'a 1\n', 'pod:2': () => 'a 1\n', 'alone:1': () => 'a 1\n' },
      { yielding: ['first', 'second'] },
    );
    const yields = (name: string): string => `- job_name: ${name}
  static_configs:
    - {targets: ['pod:1'], labels: {__meta_kubernetes_pod_uid: u1}}
    - {targets: ['alone:1']}
`;
    const other = `- job_name: other
  static_configs: [{targets: ['pod:2'], labels: {__meta_kubernetes_pod_uid: u1}}]
`;
    const shown = (): string[] =>
      scraping.active().map(({ scrapePool, labels }) => `${scrapePool} ${labels['instance']}`);
    const apply = async (yaml: string): Promise<void> => {
      scraping.apply(prometheusConfig(jobs(yaml)));
      await settle();
      clock.advance(5000);
      await settle();
    };
    await apply(`${yields('second')}${yields('first')}${other}`);
    assert.deepEqual(shown(), ['first alone:1', 'other pod:2']);
    assert.deepEqual(scraping.droppedCounts(), { first: 1, other: 0, second: 2 });
    await apply(`${yields('second')}${yields('first')}`);
    assert.deepEqual(shown(), ['first pod:1', 'first alone:1']);
  });
});
