import { AppError, describeError } from '#base';
import {
  emptyLabels,
  type Labels,
  labelsKey,
  labelsOf,
  labelsOfMap,
  labelsToRecord,
  metricNameLabel,
  withLabel,
} from '#metrics/model';
import { parseQuery, printQuery, type QueryResult, type ResultSeries } from '#metrics/promql';
import { type AlertElement, type Alerts, nextAlerts } from './alert-state.ts';
import type { Alert, RuleConfig, RuleHealth } from './contract.ts';
import { AlertTemplate } from './template/expand.ts';

/** A sample that a rule makes. */
export interface RuleSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram?: NonNullable<ResultSeries['histograms']>[number]['histogram'];
}

export interface RuleContext {
  readonly atMs: number;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  /** An instant query at the time of the evaluation. */
  readonly ask: (query: string) => Promise<QueryResult>;
  /** ALERTS series are not written before the state of an earlier run is known. */
  readonly writesAlerts: boolean;
}

/** What a rule is between evaluations. */
export class Rule {
  readonly config: RuleConfig;
  /** As the reference prints it. */
  readonly query: string;
  /** The rule's labels with those of its group. */
  readonly labels: Readonly<Record<string, string>>;
  readonly limit: number;
  health: RuleHealth = 'unknown';
  lastError = '';
  lastEvaluationMs: number | undefined;
  evaluationSeconds = 0;
  alerts: Alerts = new Map();
  readonly #templates: ReadonlyMap<string, AlertTemplate>;
  readonly #annotations: ReadonlyMap<string, AlertTemplate>;

  constructor(
    config: RuleConfig,
    group: { readonly labels: Readonly<Record<string, string>>; readonly limit: number },
  ) {
    this.config = config;
    this.query = printQuery(parseQuery(config.expr));
    this.labels = { ...group.labels, ...config.labels };
    this.limit = group.limit;
    const compile = (texts: Readonly<Record<string, string>>): ReadonlyMap<string, AlertTemplate> =>
      new Map(
        Object.entries(texts).map(([name, text]) => [
          name,
          new AlertTemplate(config.alert ?? '', text),
        ]),
      );
    this.#templates = config.alert === undefined ? new Map() : compile(this.labels);
    this.#annotations = config.alert === undefined ? new Map() : compile(config.annotations);
  }

  get name(): string {
    return this.config.record ?? this.config.alert ?? '';
  }

  get isAlert(): boolean {
    return this.config.alert !== undefined;
  }

  /** What makes this the same rule after a reload: its state goes over. */
  get key(): string {
    return `${this.isAlert}\n${this.name}\n${JSON.stringify(Object.entries(this.labels).sort())}`;
  }

  /** The worst state of its alerts. */
  get state(): 'inactive' | 'pending' | 'firing' | 'unknown' {
    if (this.lastEvaluationMs === undefined && this.alerts.size === 0) return 'unknown';
    let state: 'inactive' | 'pending' | 'firing' = 'inactive';
    for (const alert of this.alerts.values()) {
      if (alert.state === 'firing') return 'firing';
      if (alert.state === 'pending') state = 'pending';
    }
    return state;
  }

  get activeAlerts(): readonly Alert[] {
    return [...this.alerts.values()].filter((alert) => alert.state !== 'inactive');
  }

  /**
   * Evaluates once.
   * @throws {AppError} when the query, the labels or the limit say no
   */
  async evaluate(context: RuleContext): Promise<readonly RuleSample[]> {
    const result = await context.ask(this.config.expr);
    const series = vectorOf(result);
    return this.isAlert ? this.#alerting(series, context) : this.#recording(series);
  }

  #recording(series: readonly ResultSeries[]): readonly RuleSample[] {
    const samples = series.map(({ labels, values, histograms }): RuleSample => {
      let named = withLabel(labels, metricNameLabel, this.config.record!);
      for (const [name, value] of Object.entries(this.labels))
        named = withLabel(named, name, value);
      const histogram = histograms?.[0]?.histogram;
      return {
        labels: named,
        value: values[0] ?? 0,
        ...(histogram === undefined ? {} : { histogram }),
      };
    });
    mustDiffer(
      samples.map(({ labels }) => labels),
      'vector contains metrics with the same labelset after applying rule labels',
    );
    if (this.limit > 0 && samples.length > this.limit) {
      throw failed(`exceeded limit of ${this.limit} with ${samples.length} series`);
    }
    return samples;
  }

  async #alerting(
    series: readonly ResultSeries[],
    context: RuleContext,
  ): Promise<readonly RuleSample[]> {
    const { atMs } = context;
    const elements: AlertElement[] = [];
    for (const one of series) elements.push(await this.#element(one, context));
    mustDiffer(
      elements.map(({ labels }) => labels),
      'vector contains metrics with the same labelset after applying alert labels',
    );
    const { forMs, keepFiringForMs } = this.config;
    const next = nextAlerts(this.alerts, elements, { atMs, forMs, keepFiringForMs });
    const active = [...next.values()].filter((alert) => alert.state !== 'inactive');
    if (this.limit > 0 && active.length > this.limit) {
      this.alerts = new Map();
      throw failed(`exceeded limit of ${this.limit} with ${active.length} alerts`);
    }
    this.alerts = next;
    return context.writesAlerts ? active.flatMap((alert) => this.#alertSamples(alert)) : [];
  }

  async #element(series: ResultSeries, context: RuleContext): Promise<AlertElement> {
    const value = series.values[0] ?? series.histograms?.[0]?.histogram.sum ?? Number.NaN;
    const bare = withLabel(series.labels, metricNameLabel, '');
    const scope = {
      labels: bare,
      value,
      externalLabels: context.externalLabels,
      externalUrl: context.externalUrl,
      nowMs: context.atMs,
    };
    const ask = async (query: string): Promise<readonly ResultSeries[]> =>
      vectorOf(await context.ask(query));
    const labels = new Map(Object.entries(labelsToRecord(bare)));
    for (const [name, template] of this.#templates) {
      labels.set(name, await template.expand(scope, ask));
    }
    labels.set('alertname', this.config.alert!);
    const annotations: [string, string][] = [];
    for (const [name, template] of this.#annotations) {
      annotations.push([name, await template.expand(scope, ask)]);
    }
    return { labels: labelsOfMap(labels), annotations: labelsOf(annotations), value };
  }

  #alertSamples(alert: Alert): readonly RuleSample[] {
    return [
      {
        labels: withLabel(
          withLabel(alert.labels, metricNameLabel, 'ALERTS'),
          'alertstate',
          alert.state,
        ),
        value: 1,
      },
      {
        labels: withLabel(alert.labels, metricNameLabel, 'ALERTS_FOR_STATE'),
        value: Math.trunc(alert.activeAtMs / 1000),
      },
    ];
  }
}

/** A rule's result must be a vector; a scalar is one element without labels. */
export function vectorOf({ value }: QueryResult): readonly ResultSeries[] {
  if (value.type === 'vector') return value.series;
  if (value.type === 'scalar') {
    const { timeMs } = value;
    return [
      {
        labels: emptyLabels,
        timesMs: Float64Array.of(timeMs),
        values: Float64Array.of(value.value),
      },
    ];
  }
  throw failed('rule result is not a vector or scalar');
}

function mustDiffer(all: readonly Labels[], message: string): void {
  const keys = new Set(all.map(labelsKey));
  if (keys.size < all.length) throw failed(message);
}

const failed = (message: string): AppError => new AppError('RULE_FAILED', message);

/** What `lastError` says. */
export const ruleErrorText = (error: unknown): string =>
  error instanceof AppError ? error.message : describeError(error);
