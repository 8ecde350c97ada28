import { join } from 'node:path';
import { describeError, type Logger, systemClock } from '#base';
import { type MetricQueryConfig, type PrometheusFeature, prometheusFeatures } from '#config';
import type { MetricsApiDeps, QueryLanguage, RulesView } from '#metrics/api';
import type { PrometheusConfig, PrometheusConfigHandle } from '#metrics/config';
import type { DropRules } from '#metrics/drop-rules';
import type { PromqlEngine, PromqlOptions } from '#metrics/promql';
import type { RuleGroupConfig, RuleManager } from '#metrics/rules';
import type { ScrapeManager } from '#metrics/scrape';
import type { DiskMetricStore } from '#metrics/tsdb';
import type { Edge } from '#server';
import type { AlertingParts } from './alerting-role.ts';
import type { ClusterJobs } from './cluster-jobs.ts';
import { metricRetention } from './metrics-role.ts';
import type { ServerRoleOptions } from './server-role.ts';

/** Others are asked for what is older than this after the oldest block, as the reference has it. */
const ownDataMarginMs = 4 * 3_600_000;

export interface MetricsParts {
  /** Where alerts of rules go, besides the Alertmanagers of the configuration. */
  readonly alerting: AlertingParts;
  readonly store: DiskMetricStore;
  readonly dropRules: DropRules;
  readonly prometheus: PrometheusConfigHandle;
  readonly scraping: ScrapeManager;
  readonly version: string;
  /** Whether a cluster is watched. */
  readonly isKubernetes: boolean;
  /** Rules that the cluster adds. */
  readonly cluster: ClusterJobs;
}

/** Queries over metrics and everything that speaks Prometheus' protocols. */
export interface MetricsEdges {
  readonly edges: readonly Edge[];
  readonly engine: PromqlEngine;
  /** What answers the Prometheus API, for those who ask within the program. */
  readonly api: MetricsApiDeps;
  /** Begins to evaluate rules and to send, once the store has started. @returns how it ends */
  start(): Promise<Disposable>;
}

/**
 * The engine, rules, notifications, remote write, and the edges of the Prometheus API around a metric
 * store.
 */
export async function openMetricsEdges(
  options: ServerRoleOptions,
  {
    alerting,
    store,
    dropRules,
    prometheus,
    scraping,
    version,
    isKubernetes,
    cluster,
  }: MetricsParts,
  parts: AsyncDisposableStack,
): Promise<MetricsEdges> {
  const { log, metrics, config } = options;
  const { query } = config().metrics;
  const clock = systemClock;
  const env = options.env ?? {};
  const remote = await import('#metrics/remote');
  const queryable = parts.use(
    new remote.RemoteReaders({
      store,
      clock,
      log,
      metrics,
      env,
      version,
      maxSamples: query.maxSamples,
      localStartMs: () => oldestBlockMs(store, clock.nowMs()) + ownDataMarginMs,
    }),
  );
  const { functions: promqlFunctions, openPromqlEngine } = await import('#metrics/promql');
  const engine = parts.use(
    openPromqlEngine(queryable, {
      ...engineOptions(query),
      defaultSubqueryStepMs: () => prometheus.current().global.evaluationIntervalMs,
    }),
  );
  reportFeatures(query, log);
  const { AlertNotifier } = await import('#metrics/notifier');
  const notifier = parts.use(
    new AlertNotifier({
      clock,
      log,
      metrics,
      env,
      version,
      local: alerting.alertmanager,
      kubernetes: cluster.discovery,
    }),
  );
  const { RuleManager: Rules } = await import('#metrics/rules');
  const externalUrl = config().server.publicUrl ?? `http://${config().server.listen}`;
  const rules = parts.use(
    new Rules(
      { externalUrl: externalUrl.replace(/\/$/, '') },
      { engine, store, alerts: notifier, clock, log, metrics },
    ),
  );
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
  const configModule = await import('#metrics/config');
  const retention = retentionText(
    metricRetention(config(), prometheus.current().storage),
    configModule,
  );
  const { dropRulesEdge, prometheusApiEdge } = await import('#metrics/api');
  const language = await queryLanguage();
  const externalLabels = (): Readonly<Record<string, string>> =>
    prometheus.current().global.externalLabels;
  const builtinGroups = async (): Promise<readonly RuleGroupConfig[]> => {
    const { enabled, disabledGroups } = config().metrics.builtinRules;
    if (enabled === 'off' || (enabled === 'auto' && !isKubernetes)) return [];
    const { builtinRuleGroups } = await import('#kubernetes/rules');
    return builtinRuleGroups({ isKubernetes, disabledGroups });
  };
  const applyRules = async (next: PrometheusConfig): Promise<void> =>
    rules.apply({
      ...rulesConfigOf(next),
      groups: cluster.groups(),
      builtinGroups: await builtinGroups(),
    });
  const apply = async (next: PrometheusConfig): Promise<void> => {
    queryable.apply(next);
    notifier.apply(next);
    await applyRules(next);
    await senders.apply(next);
  };
  const api: MetricsApiDeps = {
    store,
    queryable,
    engine,
    language,
    clock,
    log,
    metrics,
    version,
    startMs: clock.nowMs(),
    storageRetention: () => retention,
    flags: () => flagsOf(options, retention, configModule.formatPrometheusDuration),
    features: () => featuresOf(query, promqlFunctions),
    quit: () => process.kill(process.pid, 'SIGTERM'),
    externalLabels,
    scrape: scraping,
    rules: {
      ...rulesView(rules, await import('#metrics/rules')),
      alertmanagers: () => notifier.alertmanagers(),
    },
    config: {
      yaml: () => prometheus.yaml(),
      // Asked each time: a copy would tell of the start for ever.
      get lastReload() {
        return prometheus.lastReload;
      },
      reload: () => reloadBoth(prometheus, alerting),
    },
  };
  const edges = [
    prometheusApiEdge(api),
    dropRulesEdge(dropRules),
    remote.remoteWriteEdge({ store: dropRules.ingest, clock, log, metrics }),
    remote.otlpMetricsEdge({
      store: dropRules.ingest,
      clock,
      log,
      metrics,
      config: () => prometheus.current().otlp,
      deltas: query.features.includes('otlp-deltatocumulative')
        ? 'accumulate'
        : query.features.includes('otlp-native-delta-ingestion')
          ? 'keep'
          : 'refuse',
    }),
    remote.remoteReadEdge({ store, log, externalLabels }),
    remote.federateEdge({
      store,
      clock,
      log,
      lookbackMs: query.lookbackDeltaMs,
      selector: language.selector,
      externalLabels,
    }),
  ];
  return {
    edges,
    engine,
    api,
    start: async () => {
      try {
        await apply(prometheus.current());
      } catch (error) {
        // Scraping and queries go on; what is wrong with the rules stands in the log.
        log.error('Rules are not evaluated', { reason: describeError(error) });
      }
      const ends = [
        prometheus.onChange(apply),
        // What is wrong with a configuration is in the log; the rules stay as they were.
        options.onConfigChange?.(() => void apply(prometheus.current()).catch(() => {})),
        cluster.onChange(() => {
          applyRules(prometheus.current()).catch((error: unknown) =>
            log.error('Rules of the cluster are not taken', { reason: describeError(error) }),
          );
        }),
      ];
      return {
        [Symbol.dispose]: () => {
          for (const end of ends) end?.();
        },
      };
    },
  };
}

/** One configuration that is wrong must not keep the other from being read. */
async function reloadBoth(
  prometheus: PrometheusConfigHandle,
  alerting: AlertingParts,
): Promise<void> {
  await prometheus.reload();
  alerting.reload();
}

/** Where the oldest block begins; without any, now. */
const oldestBlockMs = (store: DiskMetricStore, nowMs: number): number =>
  store.blocks().reduce((oldest, { minTimeMs }) => Math.min(oldest, minTimeMs), nowMs);

function engineOptions(query: MetricQueryConfig): PromqlOptions {
  const features = new Set(query.features);
  return {
    syntax: {
      hasExperimentalFunctions: features.has('promql-experimental-functions'),
      hasDurationExpressions: features.has('promql-duration-expr'),
      hasExtendedRanges: features.has('promql-extended-range-selectors'),
      hasFillModifiers: features.has('promql-binop-fill-modifiers'),
    },
    delaysNameRemoval: features.has('promql-delayed-name-removal'),
    usesStartTimestamps: features.has('use-start-timestamps'),
    checksTypeLabels: features.has('type-and-unit-labels'),
    timeoutMs: query.timeoutMs,
    maxSamples: query.maxSamples,
    maxConcurrency: query.maxConcurrency,
    lookbackMs: query.lookbackDeltaMs,
  };
}

/** Categories as the reference has them. */
function featuresOf(
  { features }: MetricQueryConfig,
  functions: typeof import('#metrics/promql').functions,
): Readonly<Record<string, Readonly<Record<string, boolean>>>> {
  const has = (feature: PrometheusFeature): boolean => features.includes(feature);
  const hasExperimental = has('promql-experimental-functions');
  return {
    api: { admin: true, lifecycle: true, otlp_write_receiver: true, remote_write_receiver: true },
    otlp_receiver: {
      delta_conversion: has('otlp-deltatocumulative'),
      native_delta_ingestion: has('otlp-native-delta-ingestion'),
    },
    promql: {
      anchored: has('promql-extended-range-selectors'),
      smoothed: has('promql-extended-range-selectors'),
      delayed_name_removal: has('promql-delayed-name-removal'),
      duration_expr: has('promql-duration-expr'),
      experimental_functions: hasExperimental,
      fill: has('promql-binop-fill-modifiers'),
      type_and_unit_labels: has('type-and-unit-labels'),
      use_start_timestamps: has('use-start-timestamps'),
    },
    promql_functions: Object.fromEntries(
      [...functions].map(([name, { isExperimental }]) => [
        name,
        !isExperimental || hasExperimental,
      ]),
    ),
  };
}

/** A name that does nothing here is taken, so that flags can be copied; the log says so. */
function reportFeatures({ features }: MetricQueryConfig, log: Logger): void {
  const idle = features.filter((feature) => prometheusFeatures[feature] === 'none');
  if (idle.length > 0)
    log.warn('Features of Prometheus without an effect here', { features: idle });
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
function retentionText(
  { retentionMs, retentionBytes }: ReturnType<typeof metricRetention>,
  { formatPrometheusDuration, formatBase2Bytes }: typeof import('#metrics/config'),
): string {
  const time = retentionMs === undefined ? undefined : formatPrometheusDuration(retentionMs);
  const size = retentionBytes === undefined ? undefined : formatBase2Bytes(retentionBytes);
  return [time, size].filter((text) => text !== undefined).join(' or ') || '15d';
}

/** The flags that the reference has, with what counts here. */
function flagsOf(
  options: ServerRoleOptions,
  retention: string,
  duration: (ms: number) => string,
): Readonly<Record<string, string>> {
  const { server, metrics } = options.config();
  return {
    'config.file': metrics.prometheusConfig ?? '',
    'enable-feature': metrics.query.features.join(','),
    'query.lookback-delta': duration(metrics.query.lookbackDeltaMs),
    'query.max-concurrency': String(metrics.query.maxConcurrency),
    'query.max-samples': String(metrics.query.maxSamples),
    'query.timeout': duration(metrics.query.timeoutMs),
    'storage.tsdb.path': join(server.dataDir, 'metrics'),
    'storage.tsdb.retention': retention,
    'web.enable-admin-api': 'true',
    'web.enable-lifecycle': 'true',
    'web.enable-remote-write-receiver': 'true',
    'web.external-url': server.publicUrl ?? '',
    'web.listen-address': server.listen,
  };
}
