import { join } from 'node:path';
import { describeError, systemClock } from '#base';
import type { QueryLanguage, RulesView } from '#metrics/api';
import type { PrometheusConfig, PrometheusConfigHandle } from '#metrics/config';
import type { PromqlEngine } from '#metrics/promql';
import type { RuleManager } from '#metrics/rules';
import type { ScrapeManager } from '#metrics/scrape';
import type { DiskMetricStore } from '#metrics/tsdb';
import type { Edge } from '#server';
import type { ServerRoleOptions } from './server-role.ts';

/** How far back a selector looks for a sample, as the reference. */
const lookbackMs = 300_000;

export interface MetricsParts {
  readonly store: DiskMetricStore;
  readonly prometheus: PrometheusConfigHandle;
  readonly scraping: ScrapeManager;
  readonly version: string;
}

/** Queries over metrics and everything that speaks Prometheus' protocols. */
export interface MetricsEdges {
  readonly edges: readonly Edge[];
  readonly engine: PromqlEngine;
  /** Begins to evaluate rules and to send. */
  start(): Promise<void>;
}

/**
 * The engine, rules, notifications, remote write, and the edges of the Prometheus API around a metric
 * store.
 */
export async function openMetricsEdges(
  options: ServerRoleOptions,
  { store, prometheus, scraping, version }: MetricsParts,
  parts: AsyncDisposableStack,
): Promise<MetricsEdges> {
  const { log, metrics, config } = options;
  const clock = systemClock;
  const env = options.env ?? {};
  const { openPromqlEngine } = await import('#metrics/promql');
  const engine = parts.use(openPromqlEngine(store, { lookbackMs }));
  const { AlertNotifier } = await import('#metrics/notifier');
  const notifier = parts.use(new AlertNotifier({ clock, log, metrics, env, version }));
  const { RuleManager: Rules } = await import('#metrics/rules');
  const externalUrl = config().server.publicUrl ?? `http://${config().server.listen}`;
  const rules = parts.use(
    new Rules(
      { externalUrl: externalUrl.replace(/\/$/, '') },
      { engine, store, alerts: notifier, clock, log, metrics },
    ),
  );
  const remote = await import('#metrics/remote');
  const senders = parts.use(
    new remote.RemoteWriteSenders({
      store,
      clock,
      log,
      metrics,
      env,
      version,
      folder: join(config().server.dataDir, 'metrics', 'remote-write'),
    }),
  );
  const { prometheusApiEdge } = await import('#metrics/api');
  const language = await queryLanguage();
  const externalLabels = (): Readonly<Record<string, string>> =>
    prometheus.current().global.externalLabels;
  const apply = async (next: PrometheusConfig): Promise<void> => {
    notifier.apply(next);
    await rules.apply(rulesConfigOf(next));
    await senders.apply(next);
  };
  const edges = [
    prometheusApiEdge({
      store,
      engine,
      language,
      clock,
      log,
      metrics,
      version,
      startMs: clock.nowMs(),
      storageRetention: () => retentionText(options),
      flags: () => flagsOf(options),
      externalLabels,
      scrape: scraping,
      rules: {
        ...rulesView(rules, await import('#metrics/rules')),
        alertmanagers: () => notifier.alertmanagers(),
      },
      config: prometheus,
    }),
    remote.remoteWriteEdge({ store, clock, log, metrics }),
    remote.otlpMetricsEdge({ store, log, metrics, config: () => prometheus.current().otlp }),
    remote.remoteReadEdge({ store, log, externalLabels }),
    remote.federateEdge({
      store,
      clock,
      log,
      lookbackMs,
      selector: language.selector,
      externalLabels,
    }),
  ];
  return {
    edges,
    engine,
    start: async () => {
      try {
        await apply(prometheus.current());
      } catch (error) {
        // Scraping and queries go on; what is wrong with the rules stands in the log.
        log.error('Rules are not evaluated', { reason: describeError(error) });
      }
      parts.defer(prometheus.onChange(apply));
    },
  };
}

async function queryLanguage(): Promise<QueryLanguage> {
  const promql = await import('#metrics/promql');
  return {
    selector: promql.parseSelector,
    format: (text) => promql.prettyQuery(promql.parseQuery(text)),
    tree: (text) => promql.queryTree(promql.parseQuery(text)),
    selectors: (text) => promql.selectorsOf(promql.parseQuery(text)),
    *buckets(histogram) {
      for (const { lower, upper, count } of promql.allBuckets(histogram)) {
        // Buckets hold their bound that is farther from zero; the one around zero holds both.
        const boundaries = lower < 0 && upper > 0 ? 3 : lower < 0 && upper <= 0 ? 1 : 0;
        yield { boundaries, lower, upper, count };
      }
    },
  };
}

function rulesConfigOf({
  ruleFiles,
  global,
}: PrometheusConfig): Parameters<RuleManager['apply']>[0] {
  return {
    ruleFiles,
    evaluationIntervalMs: global.evaluationIntervalMs,
    queryOffsetMs: global.ruleQueryOffsetMs,
    externalLabels: global.externalLabels,
  };
}

function rulesView(
  manager: RuleManager,
  { alertsJson, groupsJson }: typeof import('#metrics/rules'),
): Pick<RulesView, 'groups' | 'alerts'> {
  return {
    groups: (query) => groupsJson(manager, query),
    alerts: () => alertsJson(manager),
  };
}

/** `15d`, `5d or 10GiB`: as the reference shows it. */
function retentionText({ config }: ServerRoleOptions): string {
  const { retentionMs, retentionSizeBytes } = config().metrics.store;
  const days = retentionMs === undefined ? undefined : `${retentionMs / 86_400_000}d`;
  const size =
    retentionSizeBytes === undefined ? undefined : `${retentionSizeBytes / 1024 ** 3}GiB`;
  return [days, size].filter((text) => text !== undefined).join(' or ') || '15d';
}

/** The flags that the reference has, with what counts here. */
function flagsOf(options: ServerRoleOptions): Readonly<Record<string, string>> {
  const { server, metrics } = options.config();
  return {
    'config.file': metrics.prometheusConfig ?? '',
    'query.lookback-delta': '5m',
    'query.max-samples': '50000000',
    'query.timeout': '2m',
    'storage.tsdb.path': join(server.dataDir, 'metrics'),
    'storage.tsdb.retention': retentionText(options),
    'web.enable-admin-api': 'true',
    'web.enable-lifecycle': 'true',
    'web.enable-remote-write-receiver': 'true',
    'web.external-url': server.publicUrl ?? '',
    'web.listen-address': server.listen,
  };
}
