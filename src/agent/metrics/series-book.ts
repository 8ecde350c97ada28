import type { LabelPairs, MetricSink } from '#host';
import { type WriteRequest, WriteRequestBuilder, type WrittenSeries } from './write-request.ts';

type Kind = 'untyped' | 'counter' | 'gauge';

/** One series is some 300 bytes here; beyond this new ones are left out and counted. */
const defaultMaxSeries = 50_000;

interface Known {
  readonly series: WrittenSeries;
  /** The collection that had it last. */
  seen: number;
}

/**
 * Makes requests of collections. A series that a collection does not have any more gets a staleness
 * marker in it, and is forgotten.
 */
export class SeriesBook {
  readonly #maxSeries: number;
  readonly #known = new Map<string, Known>();
  readonly #builder = new WriteRequestBuilder();
  #timeMs = 0;
  #collection = 0;
  #refused = 0;

  constructor(options: { readonly maxSeries?: number } = {}) {
    this.#maxSeries = options.maxSeries ?? defaultMaxSeries;
  }

  /** Series of the last collection. */
  get series(): number {
    return this.#known.size;
  }

  /** Samples left out since the start, for there were too many series. */
  get refused(): number {
    return this.#refused;
  }

  /** Begins a collection; all its samples get this time, Unix ms. */
  begin(timeMs: number): void {
    this.#builder.begin({
      count: this.#known.size,
      each: () => this.#known.values().map(({ series }) => series),
    });
    this.#timeMs = timeMs;
    this.#collection++;
  }

  /** Where the series of one target go; its labels win over those of a series. */
  target(labels: LabelPairs): MetricSink {
    const prefix = labels.join('\u0000');
    const put =
      (kind: Kind) =>
      (name: string, help: string, value: number, own: LabelPairs = []): void =>
        this.#add(prefix, labels, kind, name, help, value, own);
    return { gauge: put('gauge'), counter: put('counter'), untyped: put('untyped') };
  }

  /** Ends a collection: markers for what is gone, and the request. */
  end(): WriteRequest {
    for (const [key, known] of this.#known) {
      if (known.seen === this.#collection) continue;
      this.#builder.mark(known.series, this.#timeMs);
      this.#known.delete(key);
      this.#builder.forget();
    }
    return this.#builder.request();
  }

  /** A collection of nothing but markers: every series ends. */
  endAll(timeMs: number): WriteRequest {
    this.begin(timeMs);
    return this.end();
  }

  #add(
    prefix: string,
    target: LabelPairs,
    kind: Kind,
    name: string,
    help: string,
    value: number,
    own: LabelPairs,
  ): void {
    const key = `${prefix}\u0001${name}\u0001${own.join('\u0000')}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      if (this.#known.size >= this.#maxSeries) {
        this.#refused++;
        return;
      }
      const pairs = ['__name__', name, ...own, ...target];
      known = { series: this.#builder.series(kind, help, pairs), seen: 0 };
      this.#known.set(key, known);
    }
    // Given twice in one collection: the first counts.
    if (known.seen === this.#collection) return;
    known.seen = this.#collection;
    this.#builder.add(known.series, value, this.#timeMs);
  }
}
