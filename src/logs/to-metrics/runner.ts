import { type Clock, isAbortError, type Logger, type MetricsRegistry } from '#base';
import { type BatchSection, forEachEvent } from '#logs/batch';
import { type FilterPattern, parseFilterPattern } from '#logs/filter-pattern';
import type { LogStore } from '#logs/store';
import type { MetricStore } from '#metrics/tsdb';
import { LogMetricAccumulator } from './accumulator.ts';
import { embeddedMarker, readEmbeddedMetrics } from './embedded-metrics.ts';

/** A metric filter of a log group, as `PutMetricFilter` defines it. */
export interface LogMetricFilter {
  readonly logGroupName: string;
  readonly filterName: string;
  readonly filterPattern: string;
  readonly metricTransformations: readonly {
    readonly metricName: string;
    readonly metricNamespace: string;
    /** A number, `$.path` or `$field`. */
    readonly metricValue: string;
    readonly defaultValue?: number | undefined;
    readonly dimensions?: Readonly<Record<string, string>> | undefined;
    readonly unit?: string | undefined;
  }[];
}

export interface LogMetricsDeps {
  readonly logs: LogStore;
  readonly store: MetricStore;
  readonly filters: () => Promise<readonly LogMetricFilter[]>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

export interface LogMetricsOptions {
  /** Between two samples of a series. */
  readonly flushEveryMs?: number;
  /** Between two looks at the filters: a new one counts from then on. */
  readonly refreshEveryMs?: number;
}

interface Running {
  readonly filter: LogMetricFilter;
  readonly pattern: FilterPattern;
  readonly required: readonly Buffer[];
  /** Since the last flush: whether a default value is due. */
  sawEvents: boolean;
  matched: boolean;
}

/** Turns log events into metrics: metric filters, and events in the Embedded Metric Format. */
export class LogMetrics implements AsyncDisposable {
  readonly #deps: LogMetricsDeps;
  readonly #options: Required<LogMetricsOptions>;
  readonly #values = new LogMetricAccumulator();
  readonly #stopping = new AbortController();
  readonly #end: () => void;
  #byGroup = new Map<string, Running[]>();
  #loops: readonly Promise<void>[] = [];
  #embeddedErrors = 0;
  #failures = 0;

  constructor(options: LogMetricsOptions, deps: LogMetricsDeps) {
    this.#deps = deps;
    this.#options = {
      flushEveryMs: options.flushEveryMs ?? 15_000,
      refreshEveryMs: options.refreshEveryMs ?? 5000,
    };
    const { metrics } = deps;
    metrics.collected('nunchi_log_metrics_series', 'Series made of log events', 'gauge', () => [
      { value: this.#values.series },
    ]);
    metrics.collected(
      'nunchi_log_metrics_dropped_total',
      'Values of log events that made no metric, by reason',
      'counter',
      () => [
        { labels: { reason: 'too_many_series' }, value: this.#values.refused },
        { labels: { reason: 'embedded_metric_invalid' }, value: this.#embeddedErrors },
        { labels: { reason: 'filter_failed' }, value: this.#failures },
      ],
    );
    this.#end = deps.logs.onAppend((sections) => this.#take(sections));
  }

  async start(): Promise<void> {
    await this.#refresh();
    const { refreshEveryMs, flushEveryMs } = this.#options;
    this.#loops = [
      this.#repeat(refreshEveryMs, () => this.#refresh()),
      this.#repeat(flushEveryMs, () => this.flush()),
    ];
  }

  /** Writes the values as they are now. */
  async flush(): Promise<void> {
    const nowMs = this.#deps.clock.nowMs();
    for (const running of this.#byGroup.values()) {
      for (const one of running) this.#addDefaults(one, nowMs);
    }
    await this.#values.flush(this.#deps.store, nowMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#end();
    this.#stopping.abort(new DOMException('Log metrics are stopping', 'AbortError'));
    await Promise.all(this.#loops);
    await this.flush().catch(() => {});
  }

  async #repeat(everyMs: number, run: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#deps.clock.sleep(everyMs, signal);
        await run();
      } catch (error) {
        if (signal.aborted || isAbortError(error)) return;
        this.#deps.log.warn('Metrics of log events could not be kept', { err: error });
      }
    }
  }

  async #refresh(): Promise<void> {
    const before = new Map(
      [...this.#byGroup.values()].flat().map((one) => [JSON.stringify(one.filter), one]),
    );
    const byGroup = new Map<string, Running[]>();
    for (const filter of await this.#deps.filters()) {
      const known = before.get(JSON.stringify(filter));
      const running = known ?? startFilter(filter);
      const others = byGroup.get(filter.logGroupName);
      if (others === undefined) byGroup.set(filter.logGroupName, [running]);
      else others.push(running);
    }
    this.#byGroup = byGroup;
  }

  /** Runs while events are acknowledged: quick, and nothing leaves it. */
  #take(sections: readonly BatchSection[]): void {
    for (const section of sections) {
      const filters = this.#byGroup.get(section.group);
      const { messages } = section;
      const bytes = Buffer.from(messages.buffer, messages.byteOffset, messages.length);
      const mayBeEmbedded = bytes.includes(embeddedMarker);
      if (filters === undefined && !mayBeEmbedded) continue;
      try {
        this.#takeSection(section, filters ?? [], mayBeEmbedded);
      } catch (error) {
        this.#failures++;
        this.#deps.log.debug('A log event made no metric', { err: error });
      }
    }
  }

  #takeSection(section: BatchSection, filters: readonly Running[], mayBeEmbedded: boolean): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const one of filters) one.sawEvents = true;
    forEachEvent(section, (_timestampMs, bytes) => {
      let message: string | undefined;
      for (const one of filters) {
        // Most events match no filter: their bytes tell, without a text being made of them.
        if (!one.required.every((text) => bytes.includes(text))) continue;
        message ??= bytes.toString('utf8');
        if (one.pattern.matches(message)) this.#addMatch(one, message, nowMs);
      }
      if (mayBeEmbedded && bytes.includes(embeddedMarker)) {
        this.#addEmbedded(message ?? bytes.toString('utf8'), section, nowMs);
      }
    });
  }

  #addMatch(one: Running, message: string, nowMs: number): void {
    for (const { metricName, metricNamespace, metricValue, dimensions, unit } of one.filter
      .metricTransformations) {
      const text = metricValue.startsWith('$')
        ? one.pattern.valueOf(message, metricValue)
        : metricValue;
      const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
      // A value that is no number makes no datum.
      if (!Number.isFinite(value)) continue;
      const labels: (readonly [string, string])[] = [];
      let isWhole = true;
      for (const [name, reference] of Object.entries(dimensions ?? {})) {
        const found = one.pattern.valueOf(message, reference);
        if (found === undefined) isWhole = false;
        else labels.push([name, found]);
      }
      if (!isWhole) continue;
      one.matched = true;
      const metric = { namespace: metricNamespace, name: metricName, unit: unit ?? 'None' };
      this.#values.add(metric, labels, { sum: value, count: 1 }, nowMs);
    }
  }

  /** A default value stands for a time in which events came and none matched. */
  #addDefaults(one: Running, nowMs: number): void {
    const isDue = one.sawEvents && !one.matched;
    one.sawEvents = false;
    one.matched = false;
    if (!isDue) return;
    for (const { metricName, metricNamespace, defaultValue, unit } of one.filter
      .metricTransformations) {
      if (defaultValue === undefined) continue;
      const metric = { namespace: metricNamespace, name: metricName, unit: unit ?? 'None' };
      this.#values.add(metric, [], { sum: defaultValue, count: 1 }, nowMs);
    }
  }

  #addEmbedded(message: string, section: BatchSection, nowMs: number): void {
    const found = readEmbeddedMetrics(message);
    if (found === undefined) return;
    this.#embeddedErrors += found.errors;
    for (const value of found.values) {
      this.#values.add(value, [['log_group', section.group], ...value.dimensions], value, nowMs);
    }
  }
}

function startFilter(filter: LogMetricFilter): Running {
  const pattern = parseFilterPattern(filter.filterPattern);
  return {
    filter,
    pattern,
    required: pattern.requiredSubstrings.map((text) => Buffer.from(text)),
    sawEvents: false,
    matched: false,
  };
}
