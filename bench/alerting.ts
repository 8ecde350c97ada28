import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Alertmanager, loadAlertmanagerYaml } from '#alerting';
import { AlertRules } from '#alerting/rules';
import { invariant, ManualClock, MetricsRegistry, silentLogger, systemClock } from '#base';
import {
  type DataSources,
  openDataSources,
  ownPrometheus,
  ownPrometheusSource,
  ownPrometheusUid,
} from '#dashboards/data-sources';
import { openLogStore } from '#logs/store';
import { labelsOfRecord } from '#metrics/model';
import { openPromqlEngine } from '#metrics/promql';
import { openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { openStateStore } from '#state';

/** 2026-01-15T00:00:00Z */
const startMs = 1_768_435_200_000;
const rulesPerGroup = 100;
const intervalMs = 60_000;

/**
 * What alerting costs. First: rules of a minute's interval, each an instant query over series of its own
 * with a reduction and a threshold, evaluated through the data source and the engine over a store in
 * memory, one in ten of them firing; the figure is CPU time of one interval. Then: alerts that come in at
 * once, grouped and routed to a receiver that takes them at once; the figure is the time until all are told.
 * Both are counted at their end.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rules: { type: 'string', default: '10000' },
      alerts: { type: 'string', default: '10000' },
      intervals: { type: 'string', default: '3' },
    },
  });
  const rules = Number(values.rules);
  const alerts = Number(values.alerts);
  const evaluation = await evaluateRules(rules, Number(values.intervals));
  console.log(`${rules} rules: ${evaluation.toFixed(2)} CPU seconds of each minute, checked`);
  const routing = await routeAlerts(alerts);
  console.log(`${alerts} alerts grouped and told of in ${routing.toFixed(0)} ms, checked`);
  console.log(
    JSON.stringify({
      benchmark: 'alerting',
      rules,
      cpuSecondsPerInterval: Number(evaluation.toFixed(3)),
      alerts,
      routedMs: Math.round(routing),
      rssMiB: Math.round(process.memoryUsage.rss() / 1024 / 1024),
    }),
  );
}

/** @returns CPU seconds of an interval, the median */
async function evaluateRules(count: number, intervals: number): Promise<number> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'nunchi-bench-'));
  await using state = await openStateStore({ dataDir: folder.path });
  await using logs = await openLogStore({
    directory: join(folder.path, 'logs'),
    log: silentLogger,
    metrics: new MetricsRegistry(),
    clock: systemClock,
  });
  await using store = openMemoryMetricStore();
  await using engine = openPromqlEngine(store, { workers: 1 });
  const clock = new ManualClock(startMs);
  await using sources = await openSources(state, engine, store);
  let told = 0;
  const metrics = new MetricsRegistry();
  await using rules = await AlertRules.open({
    state,
    logs,
    folders: { get: (uid) => ({ uid, title: 'bench' }), ensure: async () => 'bench' },
    names: { hasReceiver: () => true, hasTiming: () => true },
    source: sources,
    sink: {
      put: async (alerts) => {
        told += alerts.length;
        return [];
      },
    },
    samples: { write: async () => {} },
    clock,
    log: silentLogger,
    metrics,
    externalUrl: 'http://bench',
    folder: join(folder.path, 'alerting'),
  });
  await makeRules(rules, count);
  await rules.start();
  const seconds: number[] = [];
  for (let interval = 0; interval < intervals; interval++) {
    await fill(store, count, clock.nowMs());
    const before = process.cpuUsage();
    await clock.advance(intervalMs);
    const wanted = count * (interval + 1);
    while ((await evaluations(metrics)) < wanted) await new Promise((next) => setTimeout(next, 5));
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  // Each minute what fires is refreshed once.
  invariant(told === (count / 10) * intervals, `${told} alerts told, not ${count / 10} a minute`);
  return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)]!;
}

async function evaluations(metrics: MetricsRegistry): Promise<number> {
  const text = await metrics.render();
  return Number(/^grafana_alerting_rule_evaluations_total (\d+)/m.exec(text)?.[1] ?? 0);
}

async function openSources(
  state: Awaited<ReturnType<typeof openStateStore>>,
  engine: ReturnType<typeof openPromqlEngine>,
  store: ReturnType<typeof openMemoryMetricStore>,
): Promise<DataSources> {
  const own = {
    engine,
    store,
    selectors: () => [],
    buckets: () => [],
    scrapeIntervalMs: () => 15_000,
  };
  return await openDataSources({
    state,
    clock: systemClock,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    kinds: [],
    builtIn: [
      {
        uid: ownPrometheusUid,
        source: () => ownPrometheusSource(own),
        open: (source) => ownPrometheus(own, source),
      },
    ],
    limits: () => ({
      timeoutMs: 60_000,
      maxSeries: 5000,
      maxRows: 100_000,
      maxPoints: 5_000_000,
      maxAnswerBytes: 64 * 1024 * 1024,
      maxConcurrent: 16,
    }),
  });
}

async function makeRules(rules: AlertRules, count: number): Promise<void> {
  const author = { by: 'bench', via: 'ui', provenance: '' } as const;
  const expression = (refId: string, model: Readonly<Record<string, unknown>>) => ({
    refId,
    queryType: '',
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: '__expr__',
    model,
  });
  for (let first = 0; first < count; first += rulesPerGroup) {
    await rules.store.putGroup(
      {
        folderUid: 'bench',
        title: `group ${first}`,
        intervalMs,
        rules: Array.from({ length: Math.min(rulesPerGroup, count - first) }, (_, at) => ({
          uid: `rule-${first + at}`,
          title: `rule ${first + at}`,
          condition: 'C',
          data: [
            {
              refId: 'A',
              queryType: '',
              relativeTimeRange: { from: 600, to: 0 },
              datasourceUid: ownPrometheusUid,
              model: { expr: `requests{app="app-${first + at}"}`, instant: true },
            },
            expression('B', { type: 'reduce', expression: 'A', reducer: 'last' }),
            expression('C', {
              type: 'threshold',
              expression: 'B',
              conditions: [{ evaluator: { type: 'gt', params: [0] } }],
            }),
          ],
          forMs: 0,
          keepFiringForMs: 0,
          noDataState: 'NoData' as const,
          execErrState: 'Error' as const,
          labels: { team: 'bench' },
          annotations: { summary: '{{ $labels.app }} has {{ $values.B.Value }}' },
          isPaused: false,
        })),
      },
      author,
    );
  }
}

/** A series for each rule, with samples over the interval that comes. One in ten has a one. */
async function fill(
  store: ReturnType<typeof openMemoryMetricStore>,
  count: number,
  fromMs: number,
): Promise<void> {
  const batch = new SampleBatch();
  for (let at = 0; at < count; at++) {
    const labels = { __name__: 'requests', app: `app-${at}`, namespace: `team-${at % 20}` };
    const ref = store.seriesRef(labelsOfRecord(labels));
    for (let step = 0; step < 4; step++) {
      batch.add(ref, fromMs + step * 15_000, at % 10 === 0 ? 1 : 0);
    }
  }
  await store.append(batch);
}

/** @returns ms until the receiver had all of them */
async function routeAlerts(count: number): Promise<number> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'nunchi-bench-'));
  const routes = Array.from(
    { length: 20 },
    (_, at) =>
      `    - {receiver: r, matchers: ['namespace="team-${at}"'], group_by: [namespace, app]}`,
  );
  const config = loadAlertmanagerYaml({
    text: `route:\n  receiver: r\n  group_wait: 0s\n  routes:\n${routes.join('\n')}\nreceivers: [{name: r, webhook_configs: [{url: 'http://bench/'}]}]\n`,
    file: 'bench',
    firstLine: 1,
    key: '',
  });
  let told = 0;
  const all = Promise.withResolvers<void>();
  await using manager = await Alertmanager.open(config, {
    clock: systemClock,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    env: {},
    version: '0',
    externalUrl: 'http://bench',
    folder: folder.path,
    openSender: () => ({
      send: async ({ alerts }) => {
        told += alerts.length;
        if (told >= count) all.resolve();
        return undefined;
      },
      [Symbol.dispose]: () => {},
    }),
  });
  manager.start();
  const began = performance.now();
  await manager.put(
    Array.from({ length: count }, (_, at) => ({
      labels: {
        alertname: 'busy',
        namespace: `team-${at % 20}`,
        app: `app-${at % 1000}`,
        pod: `${at}`,
      },
      annotations: { summary: `pod ${at} is busy` },
    })),
  );
  await all.promise;
  const tookMs = performance.now() - began;
  invariant(told === count, `${told} alerts told, not ${count}`);
  return tookMs;
}
