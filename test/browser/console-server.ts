/**
 * A server process for browser tests and for working on the UI: the real stores, query service and
 * HTTP server over a data directory of its own, filled with an hour of logs.
 *
 *     node test/browser/console-server.ts DATA_DIR [PORT] [EVENTS_PER_SECOND]
 *
 * Prints its address once it is ready; ends with SIGTERM.
 */
import { join } from 'node:path';
import { Alertmanager, defaultAlertmanagerYaml } from '#alerting';
import { alertingEdge } from '#alerting/api';
import { createLogger, MetricsRegistry, systemClock } from '#base';
import { logsApiEdge } from '#logs/api';
import { createQueryService } from '#logs/queries';
import { openLogStore } from '#logs/store';
import { prometheusApiEdge } from '#metrics/api';
import { openPromqlEngine, parseSelector } from '#metrics/promql';
import { openMetricStore } from '#metrics/tsdb';
import { startServer } from '#server';
import { openStateStore } from '#state';
import { appendLive, fillStore } from './console-data.ts';

const [dataDir, port = '0', eventsPerSecond = '0'] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('Name a data directory');

const log = createLogger({ level: 'warn' });
const metrics = new MetricsRegistry();
const clock = systemClock;
const state = await openStateStore({ dataDir });
const store = await openLogStore({ directory: join(dataDir, 'logs'), log, metrics });
if (store.groups().length === 0) await fillStore(store, clock.nowMs());
const queries = createQueryService({
  store,
  log,
  metrics,
  clock,
  accountId: '000000000000',
});
// No series: what shows metrics shows that there are none.
const series = await openMetricStore({ directory: join(dataDir, 'metrics'), clock, log, metrics });
const engine = openPromqlEngine(series, { lookbackMs: 300_000 });
// No alerts: the rail shows that there are none.
const alertmanager = await Alertmanager.open(defaultAlertmanagerYaml(), {
  clock,
  log,
  metrics,
  env: {},
  version: 'test',
  externalUrl: '',
  folder: join(dataDir, 'alerting'),
});
const server = await startServer(
  { listen: `127.0.0.1:${port}`, about: () => ({ version: 'test', region: 'ap-northeast-2' }) },
  { state, log, metrics },
  [
    alertingEdge({ alertmanager, routingOwner: () => ({ owner: 'api' }) }),
    logsApiEdge({ store, queries, state, clock, logger: log, metrics }),
    prometheusApiEdge({
      store: series,
      engine,
      language: {
        selector: parseSelector,
        format: (text) => text,
        tree: () => ({}),
        selectors: () => [],
        buckets: () => [],
      },
      clock,
      log,
      metrics,
      version: 'test',
      startMs: clock.nowMs(),
      storageRetention: () => '15d',
      flags: () => ({}),
      externalLabels: () => ({}),
    }),
  ],
);
server.setReady(true);
process.stdout.write(`${server.url}\n`);

const perTick = Math.round(Number(eventsPerSecond) / 2);
const timer =
  perTick > 0 ? setInterval(() => void appendLive(store, clock.nowMs(), perTick), 500) : undefined;

process.once('SIGTERM', () => {
  void (async () => {
    clearInterval(timer);
    await server[Symbol.asyncDispose]();
    await alertmanager[Symbol.asyncDispose]();
    await queries[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
    await series[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
    process.exit(0);
  })();
});
