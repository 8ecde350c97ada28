import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { AppError, type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import { type Labels, labelMatcher, labelValue, metricNameLabel } from '#metrics/model';
import { compileRelabelRule, type RelabelRule, relabel } from '#metrics/relabel';
import type { IngestStore, MetricStore } from '#metrics/tsdb';
import type { Collection, Saved, StateStore } from '#state';
import type { DropCounts, DropPreview, DropRule, DropRuleView } from './contract.ts';
import { ActiveRule, FilterStore } from './filter-store.ts';

/** Every new series is held against every rule. */
const maxRules = 200;
/** A rule that another server of the same state made counts here after this. */
const followMs = 15_000;
/** What is looked at to say what a rule would drop. */
const previewWindowMs = 5 * 60_000;
const maxPreviewSeries = 1_000_000;
const maxPreviewNames = 5;

interface StoredRule extends DropRule {
  readonly createdBy: string;
}

export interface DropRulesDeps {
  readonly state: Pick<StateStore, 'collection'>;
  readonly store: MetricStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** Rules of people that keep series out of the store, whichever way they come. */
export class DropRules implements AsyncDisposable {
  /** For all that brings samples from outside: the store, behind the rules. */
  readonly ingest: IngestStore;
  readonly #filter: FilterStore;
  readonly #deps: DropRulesDeps;
  readonly #collection: Collection<StoredRule>;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #saved: readonly Saved<StoredRule>[] = [];
  #active = new Map<string, ActiveRule>();
  #following: Promise<void> | undefined;

  private constructor(deps: DropRulesDeps) {
    this.#deps = deps;
    this.#log = deps.log.child('metrics/drop-rules');
    this.#collection = deps.state.collection<StoredRule>('metric-drop-rules');
    this.#filter = new FilterStore(deps.store, () => deps.clock.nowMs());
    this.ingest = this.#filter;
    const perRule = (name: string, help: string, value: (rule: ActiveRule) => number): void =>
      deps.metrics.collected(name, help, 'counter', () =>
        [...this.#active].map(([rule, active]) => ({ labels: { rule }, value: value(active) })),
      );
    perRule(
      'nunchi_metric_drop_rule_samples_total',
      'Samples that a drop rule kept out of the store',
      (rule) => rule.samples,
    );
    perRule(
      'nunchi_metric_drop_rule_series_total',
      'Series that a drop rule has met',
      (rule) => rule.series,
    );
  }

  /** With the rules that are saved; later ones count at once. */
  static async open(deps: DropRulesDeps): Promise<DropRules> {
    const rules = new DropRules(deps);
    await rules.#load(true);
    rules.#following = rules.#follow();
    return rules;
  }

  list(): readonly DropRuleView[] {
    return this.#saved.map((saved) => this.#view(saved));
  }

  /** @throws {AppError} DROP_RULE_INVALID, DROP_RULE_LIMIT_INVALID */
  async add(rule: DropRule, createdBy: string): Promise<DropRuleView> {
    compile(rule);
    const same = this.#saved.find(({ value }) => isDeepStrictEqual(ruleOf(value), ruleOf(rule)));
    if (same !== undefined) return this.#view(same);
    if (this.#saved.length >= maxRules) {
      throw new AppError('DROP_RULE_LIMIT_INVALID', `There are ${maxRules} drop rules already`, {
        hint: 'Remove some, or move them into metric_relabel_configs of the configuration',
      });
    }
    const saved = await this.#collection.put(
      randomUUID(),
      { ...ruleOf(rule), createdBy },
      { ifVersion: 0 },
    );
    await this.#load();
    this.#log.info('A drop rule counts from now on', { ...ruleOf(rule), createdBy });
    return this.#view(saved);
  }

  /** False: there is no such rule. */
  async remove(id: string, removedBy: string): Promise<boolean> {
    const gone = this.#saved.find((saved) => saved.id === id);
    const wasThere = await this.#collection.delete(id);
    await this.#load();
    if (gone !== undefined) {
      this.#log.info('A drop rule counts no more', { ...ruleOf(gone.value), removedBy });
    }
    return wasThere;
  }

  /** The rules as a part of a job of prometheus.yml. */
  yaml(): string {
    if (this.#saved.length === 0) return 'metric_relabel_configs: []\n';
    return stringify(
      { metric_relabel_configs: this.#saved.map(({ value }) => yamlRule(value)) },
      { lineWidth: 0 },
    );
  }

  /** @throws {AppError} DROP_RULE_INVALID */
  async preview(rule: DropRule, signal: AbortSignal): Promise<DropPreview> {
    const compiled = compile(rule);
    const nowMs = this.#deps.clock.nowMs();
    const [source] = rule.sourceLabels;
    // The store's index finds the series of one label; of several, every series is looked at.
    const isOne = rule.action === 'drop' && rule.sourceLabels.length === 1 && source !== undefined;
    const matcher = isOne
      ? labelMatcher(source, '=~', rule.regex)
      : labelMatcher(metricNameLabel, '!=', '');
    const found = await this.#deps.store.series(
      {
        matcherSets: [[matcher]],
        fromMs: nowMs - previewWindowMs,
        toMs: nowMs,
        limit: maxPreviewSeries,
      },
      signal,
    );
    const metrics = new Map<string, number>();
    const jobs = new Map<string, number>();
    let series = 0;
    for (const labels of found) {
      if (!isMet(compiled, labels)) continue;
      series++;
      count(metrics, labelValue(labels, metricNameLabel));
      count(jobs, labelValue(labels, 'job'));
    }
    return {
      series,
      metrics: largest(metrics),
      jobs: largest(jobs),
      isCut: found.length >= maxPreviewSeries,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  async #load(isFirst = false): Promise<void> {
    const saved = (await this.#collection.list({ limit: maxRules })).toSorted(
      (a, b) => a.createdMs - b.createdMs,
    );
    if (!isFirst && isDeepStrictEqual(saved, this.#saved)) return;
    const active = new Map<string, ActiveRule>();
    for (const { id, value } of saved) {
      try {
        active.set(id, this.#active.get(id) ?? new ActiveRule(id, compile(value)));
      } catch (error) {
        this.#log.warn('A saved drop rule is not in force', { id, reason: describeError(error) });
      }
    }
    this.#saved = saved;
    this.#active = active;
    this.#filter.setRules([...active.values()], isFirst);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#deps.clock.sleep(followMs, signal);
        await this.#load();
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn('Drop rules cannot be read', { reason: describeError(error) });
      }
    }
  }

  #view({ id, createdMs, value }: Saved<StoredRule>): DropRuleView {
    const active = this.#active.get(id);
    const dropped: DropCounts = {
      samples: active?.samples ?? 0,
      series: active?.series ?? 0,
      lastMs: active?.lastMs,
    };
    return { id, createdMs, createdBy: value.createdBy, ...ruleOf(value), dropped };
  }
}

const ruleOf = ({ action, sourceLabels, regex }: DropRule): DropRule => ({
  action,
  sourceLabels: [...sourceLabels],
  regex,
});

const yamlRule = ({ action, sourceLabels, regex }: DropRule): Record<string, unknown> => ({
  ...(sourceLabels.length === 0 ? {} : { source_labels: sourceLabels }),
  regex,
  action,
});

function compile({ action, sourceLabels, regex }: DropRule): RelabelRule {
  if (action === 'drop' && sourceLabels.length === 0) {
    throw new AppError('DROP_RULE_INVALID', 'A drop rule names at least one source label');
  }
  try {
    return compileRelabelRule(
      action === 'drop' ? { action, sourceLabels, regex } : { action, regex },
    );
  } catch (error) {
    throw new AppError('DROP_RULE_INVALID', describeError(error), { cause: error });
  }
}

function isMet(rule: RelabelRule, labels: Labels): boolean {
  const left = relabel([rule], labels);
  return left === undefined || left.length < labels.length;
}

const count = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

const largest = (counts: ReadonlyMap<string, number>): DropPreview['metrics'] =>
  [...counts]
    .map(([name, series]) => ({ name, series }))
    .toSorted((a, b) => b.series - a.series)
    .slice(0, maxPreviewNames);
