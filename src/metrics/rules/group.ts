import type { Clock, Logger } from '#base';
import { type Labels, labelsKey, setStaleAt, wordsOf } from '#metrics/model';
import type { PromqlEngine } from '#metrics/promql';
import { type MetricStore, refusedSeries, SampleBatch } from '#metrics/tsdb';
import { needsSending } from './alert-state.ts';
import type { AlertSink, OutgoingAlert, RuleGroupConfig } from './contract.ts';
import { offsetOf } from './offset.ts';
import { RestoredStates } from './restore.ts';
import { Rule, type RuleSample, ruleErrorText } from './rule.ts';
import type { RuleMetrics } from './rule-metrics.ts';
import { queryEscape } from './template/expand.ts';

export interface GroupSettings {
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  /** Least time between two sendings of one alert. */
  readonly resendDelayMs: number;
  /** How old the state of an earlier run may be to be taken over. */
  readonly outageToleranceMs: number;
  /** An alert restored waits at least so long before it fires. */
  readonly gracePeriodMs: number;
  /** False: there is no earlier run, ALERTS are written from the first evaluation on. Default: true. */
  readonly restoresStates?: boolean;
}

export interface GroupDeps {
  readonly engine: PromqlEngine;
  readonly store: MetricStore;
  readonly alerts: AlertSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: RuleMetrics;
}

/** Series that a rule wrote the last time, so that those that are gone are marked. */
type Written = Map<string, Labels>;

/** A group of rules, evaluated one after the other at one time. */
export class RuleGroup {
  readonly config: RuleGroupConfig;
  readonly settings: GroupSettings;
  readonly rules: readonly Rule[];
  evaluationSeconds = 0;
  lastEvaluationMs: number | undefined;
  readonly #deps: GroupDeps;
  readonly #written: Written[];
  /** Series of rules that are no more, to be marked at the next evaluation. */
  #orphans: Labels[] = [];
  #evaluations = 0;
  #restored = false;
  #restore: RestoredStates | undefined;

  constructor(config: RuleGroupConfig, settings: GroupSettings, deps: GroupDeps) {
    this.config = config;
    this.settings = settings;
    this.#deps = deps;
    this.rules = config.rules.map((rule) => new Rule(rule, config));
    this.#written = this.rules.map(() => new Map());
    this.#restored = settings.restoresStates === false;
  }

  get key(): string {
    return `${this.config.file};${this.config.name}`;
  }

  /** The first evaluation time at or after a time: the same instants after every start. */
  nextSlotMs(fromMs: number): number {
    const { intervalMs } = this.settings;
    const offset = offsetOf(this.key, intervalMs);
    return Math.ceil((fromMs - offset) / intervalMs) * intervalMs + offset;
  }

  /** Takes over what rules with the same name and labels knew before a reload. */
  adopt(before: RuleGroup): void {
    const waiting = new Map<string, number[]>();
    for (const [at, rule] of before.rules.entries()) {
      const places = waiting.get(rule.key);
      if (places === undefined) waiting.set(rule.key, [at]);
      else places.push(at);
    }
    for (const [at, rule] of this.rules.entries()) {
      const place = waiting.get(rule.key)?.shift();
      if (place === undefined) continue;
      const old = before.rules[place]!;
      rule.alerts = old.alerts;
      rule.health = old.health;
      rule.lastError = old.lastError;
      rule.lastEvaluationMs = old.lastEvaluationMs;
      this.#written[at] = before.#written[place]!;
    }
    for (const places of waiting.values()) {
      for (const place of places) this.#orphans.push(...before.#written[place]!.values());
    }
    this.#orphans.push(...before.#orphans);
    this.#restored = before.#restored;
    this.#evaluations = before.#evaluations;
    this.lastEvaluationMs = before.lastEvaluationMs;
  }

  /** Everything the group wrote ends, for a group that is gone. */
  async end(atMs: number): Promise<void> {
    const all = [...this.#orphans, ...this.#written.flatMap((written) => [...written.values()])];
    await this.#store([], all, atMs);
  }

  async evaluate(atMs: number, signal: AbortSignal): Promise<void> {
    const { clock, metrics, log } = this.#deps;
    const startMs = clock.monotonicMs();
    this.lastEvaluationMs = atMs;
    for (const [at, rule] of this.rules.entries()) {
      signal.throwIfAborted();
      const ruleStartMs = clock.monotonicMs();
      rule.lastEvaluationMs = atMs;
      try {
        const samples = await rule.evaluate({
          atMs,
          externalLabels: this.settings.externalLabels,
          externalUrl: this.settings.externalUrl,
          ask: (query) =>
            this.#deps.engine.instant(query, atMs - this.settings.queryOffsetMs, {}, signal),
          writesAlerts: this.#restored,
        });
        await this.#write(at, samples, atMs);
        rule.health = 'ok';
        rule.lastError = '';
      } catch (error) {
        if (signal.aborted) throw error;
        rule.health = 'err';
        rule.lastError = ruleErrorText(error);
        metrics.failed(this.key);
        log.warn('A rule could not be evaluated', {
          group: this.config.name,
          file: this.config.file,
          rule: rule.name,
          err: error,
        });
      }
      if (rule.isAlert) this.#send(rule, atMs);
      rule.evaluationSeconds = (clock.monotonicMs() - ruleStartMs) / 1000;
      metrics.evaluated(this.key, rule.evaluationSeconds);
    }
    if (this.#orphans.length > 0) await this.#store([], this.#orphans.splice(0), atMs);
    this.#evaluations++;
    if (!this.#restored && this.#evaluations >= 2) await this.#restoreStates(atMs, signal);
    this.evaluationSeconds = (clock.monotonicMs() - startMs) / 1000;
    metrics.groupEvaluated(this.key, this.settings.intervalMs, atMs, this.evaluationSeconds);
  }

  /** After a restart: since when alerts had been pending or firing, out of what they wrote then. */
  async #restoreStates(atMs: number, signal: AbortSignal): Promise<void> {
    this.#restored = true;
    this.#restore = new RestoredStates(this.#deps.engine, this.settings);
    for (const rule of this.rules) {
      if (!rule.isAlert) continue;
      try {
        await this.#restore.apply(rule, atMs, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        this.#deps.log.warn('The state of an alert could not be restored', {
          rule: rule.name,
          err: error,
        });
      }
    }
  }

  async #write(at: number, samples: readonly RuleSample[], atMs: number): Promise<void> {
    const before = this.#written[at]!;
    const now: Written = new Map(samples.map(({ labels }) => [labelsKey(labels), labels]));
    const gone: Labels[] = [];
    for (const [key, labels] of before) if (!now.has(key)) gone.push(labels);
    await this.#store(samples, gone, atMs - this.settings.queryOffsetMs);
    this.#written[at] = now;
  }

  async #store(
    samples: readonly RuleSample[],
    gone: readonly Labels[],
    timeMs: number,
  ): Promise<void> {
    if (samples.length + gone.length === 0) return;
    const { store, log } = this.#deps;
    const batch = new SampleBatch();
    for (const { labels, value, histogram } of samples) {
      const ref = store.seriesRef(labels);
      if (ref === refusedSeries) continue;
      if (histogram !== undefined) {
        batch.histograms ??= new Map();
        batch.histograms.set(batch.length, histogram);
      }
      batch.add(ref, timeMs, value);
    }
    for (const labels of gone) {
      const ref = store.seriesRef(labels);
      if (ref === refusedSeries) continue;
      batch.add(ref, timeMs, 0);
      setStaleAt(wordsOf(batch.values), batch.length - 1);
    }
    const { first, rejected } = await store.append(batch);
    if (first !== undefined && first.reason !== 'duplicate') {
      log.warn('Results of rules could not be stored', { group: this.config.name, ...rejected });
    }
  }

  #send(rule: Rule, atMs: number): void {
    const { resendDelayMs, intervalMs } = this.settings;
    const due: OutgoingAlert[] = [];
    const alerts = new Map(rule.alerts);
    for (const [key, alert] of alerts) {
      if (!needsSending(alert, atMs, resendDelayMs)) continue;
      const validUntilMs = atMs + 4 * Math.max(intervalMs, resendDelayMs);
      const sent = { ...alert, lastSentMs: atMs, validUntilMs };
      alerts.set(key, sent);
      due.push({
        labels: alert.labels,
        annotations: alert.annotations,
        startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
        endsAtMs: alert.resolvedAtMs ?? validUntilMs,
        generatorUrl: `${this.settings.externalUrl}/graph?g0.expr=${queryEscape(rule.query)}&g0.tab=1`,
      });
    }
    rule.alerts = alerts;
    if (due.length > 0) this.#deps.alerts.send(due);
  }
}
