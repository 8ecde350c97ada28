import type { Clock } from '#base';
import { type Labels, labelValue, metricNameLabel, type Queryable } from '#metrics/model';
import { expandTemplate } from '#metrics/relabel';
import type { AdapterRule } from './contract.ts';

/** Series of this age count: a metric of what ran lately can be asked for. */
const maxAgeMs = 10 * 60_000;
/** What there is is looked up again after this. */
const keptMs = 60_000;
/** A rule for everything in a large store is a mistake; the first so many series count. */
const maxSeries = 100_000;

/** A metric of a rule: a name of series, and the labels that they have. */
export interface ListedMetric {
  readonly rule: AdapterRule;
  readonly series: string;
  readonly labels: ReadonlySet<string>;
}

/** By the name under which they are asked for. */
export type MetricsList = ReadonlyMap<string, readonly ListedMetric[]>;

/** What a list of rules offers, out of the stored series. */
export class MetricsLister {
  readonly #rules: () => readonly AdapterRule[];
  readonly #store: Queryable;
  readonly #clock: Clock;
  #kept:
    | { readonly rules: unknown; readonly atMs: number; readonly list: Promise<MetricsList> }
    | undefined;

  constructor(rules: () => readonly AdapterRule[], store: Queryable, clock: Clock) {
    this.#rules = rules;
    this.#store = store;
    this.#clock = clock;
  }

  /** @param isFresh looks again now: something is missing */
  list(signal: AbortSignal, isFresh = false): Promise<MetricsList> {
    const rules = this.#rules();
    const nowMs = this.#clock.monotonicMs();
    const kept = this.#kept;
    const lifetimeMs = isFresh ? freshMs : keptMs;
    if (kept?.rules === rules && nowMs - kept.atMs < lifetimeMs) return kept.list;
    const list = this.#read(rules, signal);
    const now = { rules, atMs: nowMs, list };
    this.#kept = now;
    list.catch(() => {
      if (this.#kept === now) this.#kept = undefined;
    });
    return list;
  }

  async #read(rules: readonly AdapterRule[], signal: AbortSignal): Promise<MetricsList> {
    const found = new Map<string, ListedMetric[]>();
    for (const rule of rules) {
      for (const metric of await this.#metricsOf(rule, signal)) {
        const name = nameOf(rule, metric.series);
        if (name === undefined) continue;
        const others = found.get(name);
        if (others === undefined) found.set(name, [metric]);
        else others.push(metric);
      }
    }
    return found;
  }

  async #metricsOf(rule: AdapterRule, signal: AbortSignal): Promise<Iterable<ListedMetric>> {
    const toMs = this.#clock.nowMs();
    const query = {
      matcherSets: [rule.matchers],
      fromMs: toMs - maxAgeMs,
      toMs,
      limit: maxSeries,
    };
    const labels = new Map<string, Set<string>>();
    for (const series of await this.#store.series(query, signal)) note(labels, series);
    return labels
      .entries()
      .filter(([series]) =>
        rule.filters.every(
          ({ pattern, isWanted }) => (pattern.find(series) !== undefined) === isWanted,
        ),
      )
      .map(([series, names]) => ({ rule, series, labels: names }));
  }
}

/** Who asks for what is not there does not make the store be read each time. */
const freshMs = 5000;

function note(found: Map<string, Set<string>>, series: Labels): void {
  const name = labelValue(series, metricNameLabel);
  let names = found.get(name);
  if (names === undefined) {
    names = new Set();
    found.set(name, names);
  }
  for (let at = 0; at < series.length; at += 2) names.add(series[at] ?? '');
}

/** Undefined: the rule leaves these series out. */
function nameOf({ name }: AdapterRule, series: string): string | undefined {
  const groups = name.matches.find(series);
  return groups === undefined ? undefined : expandTemplate(name.as, groups, name.matches.names);
}
