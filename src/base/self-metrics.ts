import { invariant } from './errors.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  /** `delta` >= 0. */
  add(delta: number, labels?: Labels): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
  add(delta: number, labels?: Labels): void;
  /** Forgets a series whose subject is gone. */
  remove(labels: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** What a collector reports at scrape time. */
export interface CollectedSample {
  readonly labels?: Labels;
  readonly value: number;
}

type Kind = 'counter' | 'gauge' | 'histogram';

interface HistogramState {
  readonly counts: number[];
  sum: number;
  count: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly kind: Kind;
  readonly values: Map<string, number>;
  readonly histograms: Map<string, HistogramState>;
  readonly bounds: readonly number[];
  collect?: () => Iterable<CollectedSample>;
}

/** Request durations: from a cache hit to a query over everything, seconds. */
const defaultBoundsSeconds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** A label value that a client chooses must not grow the registry without end. */
const maxSeriesPerFamily = 2000;

/**
 * The program's metrics about itself, written by `render` in the Prometheus text format 0.0.4.
 * Asking for a family twice gives the same one.
 */
export class MetricsRegistry {
  readonly #families = new Map<string, Family>();

  counter(name: string, help: string): Counter {
    const family = this.#family(name, help, 'counter', []);
    family.values.size === 0 && family.values.set('', 0);
    return {
      add: (delta, labels) => {
        invariant(delta >= 0, `Counter ${name} went down by ${delta}`);
        addTo(family, labelKey(labels), delta);
      },
    };
  }

  gauge(name: string, help: string): Gauge {
    const family = this.#family(name, help, 'gauge', []);
    return {
      set: (value, labels) => setIn(family, labelKey(labels), value),
      add: (delta, labels) => addTo(family, labelKey(labels), delta),
      remove: (labels) => void family.values.delete(labelKey(labels)),
    };
  }

  /** @param bounds upper bounds of the buckets, ascending, without +Inf */
  histogram(
    name: string,
    help: string,
    bounds: readonly number[] = defaultBoundsSeconds,
  ): Histogram {
    const family = this.#family(name, help, 'histogram', bounds);
    return {
      observe: (value, labels) => {
        const key = labelKey(labels);
        let state = family.histograms.get(key);
        if (state === undefined) {
          if (family.histograms.size >= maxSeriesPerFamily) return;
          state = { counts: new Array<number>(family.bounds.length + 1).fill(0), sum: 0, count: 0 };
          family.histograms.set(key, state);
        }
        const index = family.bounds.findIndex((bound) => value <= bound);
        state.counts[index === -1 ? family.bounds.length : index]! += 1;
        state.sum += value;
        state.count += 1;
      },
    };
  }

  /** A family whose values are read when somebody asks for them. */
  collected(
    name: string,
    help: string,
    kind: 'counter' | 'gauge',
    collect: () => Iterable<CollectedSample>,
  ): void {
    this.#family(name, help, kind, []).collect = collect;
  }

  render(): string {
    const lines: string[] = [];
    for (const family of this.#families.values()) {
      lines.push(`# HELP ${family.name} ${escapeHelp(family.help)}`);
      lines.push(`# TYPE ${family.name} ${family.kind}`);
      if (family.collect !== undefined) {
        for (const sample of family.collect()) {
          lines.push(sampleLine(family.name, labelKey(sample.labels), sample.value));
        }
      }
      const bare = family.values.size > 1 && family.values.get('') === 0;
      for (const [key, value] of family.values) {
        // A counter without labels starts at 0; once it has labelled series that zero is noise.
        if (bare && key === '') continue;
        if (family.collect !== undefined && key === '') continue;
        lines.push(sampleLine(family.name, key, value));
      }
      for (const [key, state] of family.histograms) {
        let cumulative = 0;
        const join = key === '' ? '' : `${key},`;
        family.bounds.forEach((bound, index) => {
          cumulative += state.counts[index]!;
          lines.push(sampleLine(`${family.name}_bucket`, `${join}le="${bound}"`, cumulative));
        });
        lines.push(sampleLine(`${family.name}_bucket`, `${join}le="+Inf"`, state.count));
        lines.push(sampleLine(`${family.name}_sum`, key, state.sum));
        lines.push(sampleLine(`${family.name}_count`, key, state.count));
      }
    }
    lines.push('');
    return lines.join('\n');
  }

  #family(name: string, help: string, kind: Kind, bounds: readonly number[]): Family {
    const known = this.#families.get(name);
    if (known !== undefined) {
      invariant(known.kind === kind, `Metric ${name} is a ${known.kind}, not a ${kind}`);
      return known;
    }
    const family: Family = { name, help, kind, bounds, values: new Map(), histograms: new Map() };
    this.#families.set(name, family);
    return family;
  }
}

function setIn(family: Family, key: string, value: number): void {
  if (!family.values.has(key) && family.values.size >= maxSeriesPerFamily) return;
  family.values.set(key, value);
}

function addTo(family: Family, key: string, delta: number): void {
  setIn(family, key, (family.values.get(key) ?? 0) + delta);
}

function labelKey(labels: Labels | undefined): string {
  if (labels === undefined) return '';
  let key = '';
  for (const name in labels) {
    key += `${key === '' ? '' : ','}${name}="${escapeLabelValue(labels[name]!)}"`;
  }
  return key;
}

function sampleLine(name: string, key: string, value: number): string {
  return key === '' ? `${name} ${formatValue(value)}` : `${name}{${key}} ${formatValue(value)}`;
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function escapeLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function escapeHelp(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
