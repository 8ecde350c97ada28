import type { Clock, Logger, MetricsRegistry } from '#base';
import type { FloatHistogram, LabelMatcher, MetricMetadata, Queryable } from '#metrics/model';
import type { PromqlEngine } from '#metrics/promql';
import type { ActiveTarget } from '#metrics/scrape';
import type { MetricStore } from '#metrics/tsdb';

export interface DroppedTargetView {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
}

export interface TargetMetadataView {
  readonly target: Readonly<Record<string, string>>;
  readonly metric: string;
  readonly metadata: MetricMetadata;
}

/** What scraping shows of itself. */
export interface ScrapeView {
  active(pool: string | undefined): readonly ActiveTarget[];
  dropped(pool: string | undefined): readonly DroppedTargetView[];
  droppedCounts(pool: string | undefined): Readonly<Record<string, number>>;
  pools(): readonly string[];
  /** The configuration of a pool as YAML, secrets hidden; undefined: no such pool. */
  poolConfig(pool: string): string | undefined;
  /** What each target says of its metrics. */
  metadata(): Iterable<TargetMetadataView>;
  relabelSteps(
    pool: string,
    labels: Readonly<Record<string, string>>,
  ): readonly { readonly rule: unknown; readonly output: unknown; readonly keep: boolean }[];
}

export interface RuleGroupsQuery {
  readonly type: 'alert' | 'record' | undefined;
  readonly names: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly excludeAlerts: boolean;
  readonly matcherSets: readonly (readonly LabelMatcher[])[];
}

/** What rules show of themselves; the values are in the shapes of the Prometheus API. */
export interface RulesView {
  groups(query: RuleGroupsQuery): readonly Readonly<Record<string, unknown>>[];
  alerts(): readonly Readonly<Record<string, unknown>>[];
  alertmanagers(): {
    readonly activeAlertmanagers: readonly { readonly url: string }[];
    readonly droppedAlertmanagers: readonly { readonly url: string }[];
  };
}

export interface ConfigView {
  /** The running configuration as YAML, secrets shown as `<secret>`. */
  yaml(): string;
  /** Whether the last reload took effect, and when, Unix ms. */
  readonly lastReload: { readonly ok: boolean; readonly atMs: number };
  /** All or nothing. @throws {AppError} with what is wrong and where */
  reload(): Promise<void>;
}

/** 0 open left, 1 open right, 2 both open, 3 both closed; bounds and count of one bucket. */
export interface HistogramBucket {
  readonly boundaries: 0 | 1 | 2 | 3;
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** What the API needs of the query language besides its engine. */
export interface QueryLanguage {
  /** Matchers of an instant selector. @throws {AppError} PROMQL_PARSE */
  selector(text: string): readonly LabelMatcher[];
  /** Laid out for reading. @throws {AppError} PROMQL_PARSE */
  format(text: string): string;
  /** The tree as JSON, in the shape of `/api/v1/parse_query`. @throws {AppError} PROMQL_PARSE */
  tree(text: string): unknown;
  /** Every matcher set of the selectors of an expression. @throws {AppError} PROMQL_PARSE */
  selectors(text: string): readonly (readonly LabelMatcher[])[];
  /** In ascending order of bounds. */
  buckets(histogram: FloatHistogram): Iterable<HistogramBucket>;
}

export interface MetricsApiDeps {
  readonly store: MetricStore;
  /** What is asked for series and labels: the store, or it and others. Default: the store. */
  readonly queryable?: Queryable;
  readonly engine: PromqlEngine;
  readonly language: QueryLanguage;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly version: string;
  readonly startMs: number;
  /** `5d or 10GiB`, for `/status/runtimeinfo`. */
  readonly storageRetention: () => string;
  readonly flags: () => Readonly<Record<string, string>>;
  /** What is switched on, by category, for `/features`. */
  readonly features?: () => Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  /** Ends the program in order, for `/-/quit`; undefined: it cannot be asked to. */
  readonly quit?: () => void;
  /** Labels that federation and remote read add to what leaves. */
  readonly externalLabels: () => Readonly<Record<string, string>>;
  readonly scrape?: ScrapeView;
  readonly rules?: RulesView;
  readonly config?: ConfigView;
}
