import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { formatPrometheusDuration } from '#metrics/config';
import {
  formatLabels,
  isStaleValue,
  labelsKey,
  labelsOfRecord,
  labelsToRecord,
  setStaleAt,
  wordsOf,
} from '#metrics/model';
import { histogramNotation, openPromqlEngine, type PromqlEngine } from '#metrics/promql';
import { RuleGroup, type RuleGroupConfig, ruleMetrics } from '#metrics/rules';
import { type MetricStore, openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { differenceOf } from './difference.ts';
import type { AlertExpectation, QueryExpectation, RuleTest, RuleTestFile } from './test-file.ts';

/** Of one query, as in the server. */
const maxSamples = 50_000_000;
const never = new AbortController().signal;

/** What is wrong, for people: a headline and lines with `-` (expected) and `+` (got). */
export interface RuleTestFailure {
  readonly line: number | undefined;
  readonly headline: string;
  readonly details: readonly string[];
}

/**
 * One test: its series, evaluations from the start up to the last time that is asked for, and what
 * must hold then. Samples arrive as time goes on: a rule never sees what is later than it.
 *
 * Source: `promtool test rules` of Prometheus.
 */
export async function runRuleTest(
  test: RuleTest,
  file: RuleTestFile,
  configs: readonly RuleGroupConfig[],
): Promise<readonly RuleTestFailure[]> {
  await using store = openMemoryMetricStore();
  await using engine = openPromqlEngine(store, {
    maxSamples,
    workers: 0,
    defaultSubqueryStepMs: file.evaluationIntervalMs,
  });
  const groups = inOrder(configs, file.groupEvalOrder).map(
    (config) =>
      new RuleGroup(
        config,
        {
          intervalMs: config.intervalMs ?? test.intervalMs,
          queryOffsetMs: config.queryOffsetMs ?? 0,
          externalLabels: test.externalLabels,
          externalUrl: test.externalUrl,
          resendDelayMs: 60_000,
          outageToleranceMs: 0,
          gracePeriodMs: 0,
          restoresStates: false,
        },
        {
          engine,
          store,
          alerts: { send: () => {} },
          clock: systemClock,
          log: silentLogger,
          metrics: ruleMetrics(new MetricsRegistry()),
        },
      ),
  );
  const failures: RuleTestFailure[] = [];
  const times = [...test.alerts, ...test.queries].map(({ evalTimeMs }) => evalTimeMs);
  const endMs = Math.max(0, ...times);
  const feed = new SeriesFeed(test, store);
  for (let atMs = 0; atMs <= endMs; atMs += file.evaluationIntervalMs) {
    await feed.until(atMs);
    const wrong = await evaluate(groups, test.startMs + atMs, atMs);
    if (wrong.length > 0) return [...failures, ...wrong];
    for (const expected of test.alerts) {
      const isNow =
        expected.evalTimeMs >= atMs && expected.evalTimeMs < atMs + file.evaluationIntervalMs;
      if (isNow) failures.push(...checkAlerts(expected, groups));
    }
  }
  await feed.until(endMs);
  for (const expected of test.queries) {
    failures.push(...(await checkQuery(expected, test.startMs, engine, file.fuzzyCompare)));
  }
  return failures;
}

/** Groups that are named come in that order, after the others. */
function inOrder(
  configs: readonly RuleGroupConfig[],
  order: readonly string[],
): readonly RuleGroupConfig[] {
  return configs.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/** The input series on their way into the store. */
class SeriesFeed {
  readonly #test: RuleTest;
  readonly #store: MetricStore;
  #next = 0;

  constructor(test: RuleTest, store: MetricStore) {
    this.#test = test;
    this.#store = store;
  }

  /** Appends what is due up to a time after the start. */
  async until(elapsedMs: number): Promise<void> {
    const { series, intervalMs, startMs } = this.#test;
    const end = Math.floor(elapsedMs / intervalMs) + 1;
    const longest = Math.max(0, ...series.map(({ values }) => values.length));
    const batch = new SampleBatch();
    for (; this.#next < Math.min(end, longest); this.#next++) {
      const timeMs = startMs + this.#next * intervalMs;
      for (const { labels, values } of series) {
        const value = values[this.#next];
        if (value === undefined || value.kind === 'gap') continue;
        const ref = this.#store.seriesRef(labels);
        if (value.kind === 'histogram') {
          batch.histograms ??= new Map();
          batch.histograms.set(batch.length, value.histogram);
          batch.add(ref, timeMs, 0);
        } else {
          batch.add(ref, timeMs, value.value);
          if (isStaleValue(value.value)) setStaleAt(wordsOf(batch.values), batch.length - 1);
        }
      }
    }
    if (batch.length > 0) await this.#store.append(batch);
  }
}

async function evaluate(
  groups: readonly RuleGroup[],
  atMs: number,
  elapsedMs: number,
): Promise<readonly RuleTestFailure[]> {
  const failures: RuleTestFailure[] = [];
  for (const group of groups) {
    await group.evaluate(atMs, never);
    for (const { name, lastError } of group.rules) {
      if (lastError === '') continue;
      failures.push({
        line: undefined,
        headline: `rule ${name} at ${formatPrometheusDuration(elapsedMs)} failed`,
        details: [lastError],
      });
    }
  }
  return failures;
}

function checkAlerts(
  { alertname, evalTimeMs, alerts, line }: AlertExpectation,
  groups: readonly RuleGroup[],
): readonly RuleTestFailure[] {
  const text = (
    labels: Readonly<Record<string, string>>,
    annotations: Readonly<Record<string, string>>,
  ): string => {
    const notes = formatLabels(labelsOfRecord(annotations));
    return `${formatLabels(labelsOfRecord(labels))}${notes === '{}' ? '' : ` annotations ${notes}`}`;
  };
  const got = groups
    .flatMap(({ rules }) => rules)
    .filter((rule) => rule.isAlert && rule.name === alertname)
    .flatMap((rule) => rule.activeAlerts.filter(({ state }) => state === 'firing'))
    .map(({ labels, annotations }) => text(labelsToRecord(labels), labelsToRecord(annotations)));
  const expected = alerts.map(({ labels, annotations }) =>
    text({ ...labels, alertname }, annotations),
  );
  const details = differenceOf(expected, got);
  if (details === undefined) return [];
  const at = formatPrometheusDuration(evalTimeMs);
  return [{ line, headline: `alert ${alertname} at ${at}`, details }];
}

async function checkQuery(
  { expr, evalTimeMs, samples, line }: QueryExpectation,
  startMs: number,
  engine: PromqlEngine,
  isFuzzy: boolean,
): Promise<readonly RuleTestFailure[]> {
  const headline = `${expr.trim()} at ${formatPrometheusDuration(evalTimeMs)}`;
  let value: Awaited<ReturnType<PromqlEngine['instant']>>['value'];
  try {
    ({ value } = await engine.instant(expr, startMs + evalTimeMs, {}, never));
  } catch (error) {
    return [{ line, headline, details: [(error as Error).message] }];
  }
  if (value.type === 'matrix' || value.type === 'string') {
    return [{ line, headline, details: [`the result is a ${value.type}, not a vector or scalar`] }];
  }
  const found =
    value.type === 'scalar'
      ? [{ labels: [], value: value.value, histogram: undefined }]
      : value.series.map(({ labels, values, histograms }) => ({
          labels,
          value: values[0] ?? 0,
          histogram: histograms?.[0]?.histogram,
        }));
  const wanted = new Map(samples.map((sample) => [labelsKey(sample.labels), sample.value]));
  const text = ({ labels, value: number, histogram }: (typeof samples)[number]): string =>
    `${formatLabels(labels)} ${histogram === undefined ? numberText(number) : histogramNotation(histogram)}`;
  const got = found.map((sample) => {
    const want = wanted.get(labelsKey(sample.labels));
    const isSame = isFuzzy && want !== undefined && isAdjacent(want, sample.value);
    return text(isSame ? { ...sample, value: want } : sample);
  });
  const details = differenceOf(samples.map(text), got);
  return details === undefined ? [] : [{ line, headline, details }];
}

const numberText = (value: number): string =>
  value === Number.POSITIVE_INFINITY
    ? '+Inf'
    : value === Number.NEGATIVE_INFINITY
      ? '-Inf'
      : String(value);

const bits = new DataView(new ArrayBuffer(8));

/** Equal, or neighbours among all doubles. */
export function isAdjacent(a: number, b: number): boolean {
  if (a === b) return true;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  const distance = ordinal(a) - ordinal(b);
  return distance === 1n || distance === -1n;
}

/** Doubles in order, numbered. */
function ordinal(value: number): bigint {
  bits.setFloat64(0, value);
  const raw = bits.getBigInt64(0);
  return raw < 0n ? -(raw & 0x7fff_ffff_ffff_ffffn) : raw;
}
