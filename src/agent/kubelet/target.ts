import type { LabelPairs } from '#host';
import { BodyReader, bodyEnd, bodyMetadata, bodyNewSeries } from '#metrics/exposition';
import type { MetricKind, WriteRequestBuilder, WrittenSeries } from '../metrics/write-request.ts';

/** What is said of a scrape, in order. */
const reportNames = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const;
const reportHelp = 'Of the scrape';

/** A sample of a later time would stop its series. */
const maxAheadMs = 600_000;

interface Family {
  kind: MetricKind;
  help: string;
}

export interface TargetOptions {
  /** Labels of the target; those of a series win over them. */
  readonly labels: LabelPairs;
  /** Series that are left out. */
  readonly isWanted: (pairs: LabelPairs) => boolean;
  readonly maxSeries: number;
  /** Told of a series that is kept, and when it is gone. */
  readonly onSeries?: (labels: LabelPairs, isGone: boolean) => void;
}

/**
 * One path of the kubelet: its successive bodies become samples of requests, with the times that the
 * kubelet gives them. A body counts as a whole; what was in the last one and is not in this one ends.
 */
export class KubeletTarget {
  readonly #options: TargetOptions;
  readonly #builder: WriteRequestBuilder;
  readonly #families = new Map<string, Family>();
  readonly #reader = new BodyReader();
  /** By slot; undefined: left out. */
  readonly #known: (WrittenSeries | undefined)[] = [];
  /** By slot: the scrape that last had it, and the time of its last sample. */
  readonly #scrapes: number[] = [];
  readonly #times: number[] = [];
  /** Slots of series that only this body has. */
  #fresh: number[] = [];
  readonly #reports: readonly WrittenSeries[];
  #scrape = 0;
  #isLive = false;
  #hasReported = false;
  #samples = { scraped: 0, kept: 0, added: 0 };
  /** Samples of series beyond the limit, since the start. */
  refused = 0;

  constructor(options: TargetOptions, builder: WriteRequestBuilder) {
    this.#options = options;
    this.#builder = builder;
    this.#reports = reportNames.map((name) =>
      builder.series('gauge', reportHelp, ['__name__', name, ...options.labels]),
    );
  }

  /** Series of the last body. */
  get series(): number {
    return this.#isLive ? this.#samples.kept : 0;
  }

  *live(): Generator<WrittenSeries> {
    yield* this.#reports;
    for (const known of this.#known) if (known !== undefined) yield known;
  }

  /** Adds a body to the request. @throws {AppError} EXPOSITION_INVALID: nothing of it was added */
  add(body: Buffer, timeMs: number): void {
    const start = this.#builder.here();
    this.#scrape++;
    this.#samples = { scraped: 0, kept: 0, added: 0 };
    this.#fresh = [];
    try {
      this.#readAll(body, timeMs);
    } catch (error) {
      this.#builder.backTo(start);
      this.#reader.abandon();
      for (const slot of this.#fresh) this.#release(slot);
      // What it had of the others was not sent.
      this.#times.fill(0);
      throw error;
    }
    const hasChanged = this.#reader.hasChanged || !this.#isLive;
    this.#isLive = true;
    if (hasChanged) this.#markGone(timeMs);
    this.#reader.commit();
  }

  /** Says of a scrape how it went; one that failed ends all series. */
  report(timeMs: number, of: { readonly isUp: boolean; readonly durationMs: number }): void {
    if (!of.isUp) {
      this.#markAll(timeMs);
      this.#samples = { scraped: 0, kept: 0, added: 0 };
    }
    const { scraped, kept, added } = this.#samples;
    const values = [of.isUp ? 1 : 0, of.durationMs / 1000, scraped, kept, added];
    this.#reports.forEach((series, at) => {
      this.#builder.add(series, values[at]!, timeMs);
    });
    this.#hasReported = true;
  }

  /** All series end, also those of scrapes. */
  end(timeMs: number): void {
    this.#markAll(timeMs);
    if (!this.#hasReported) return;
    for (const series of this.#reports) this.#builder.mark(series, timeMs);
  }

  #readAll(body: Buffer, timeMs: number): void {
    const reader = this.#reader;
    const { numbers } = reader;
    reader.begin(body, false);
    for (let found = reader.next(); found !== bodyEnd; found = reader.next()) {
      if (found === bodyMetadata) {
        this.#describe(reader);
        continue;
      }
      const { slot } = reader;
      if (found === bodyNewSeries) this.#addSeries(slot, reader.pairs());
      this.#addSample(slot, numbers[0]!, numbers[1]!, timeMs);
    }
  }

  #describe(reader: BodyReader): void {
    const { kind, family, text } = reader.metadata();
    const known = this.#families.get(family) ?? { kind: 'untyped', help: '' };
    this.#families.set(family, known);
    if (kind === 'help') known.help = text;
    else if (kind === 'type') known.kind = kindOf(text);
  }

  #addSeries(slot: number, pairs: LabelPairs): void {
    this.#release(slot);
    this.#scrapes[slot] = 0;
    this.#times[slot] = 0;
    this.#known[slot] = undefined;
    if (!this.#options.isWanted(pairs)) return;
    if (this.#samples.kept >= this.#options.maxSeries) {
      this.refused++;
      return;
    }
    const name = pairs[1]!;
    const { kind, help } = this.#familyOf(name);
    const series = this.#builder.series(kind, help, [...this.#options.labels, ...pairs]);
    this.#known[slot] = series;
    this.#fresh.push(slot);
    this.#options.onSeries?.(series.labels, false);
    this.#samples.added++;
  }

  #addSample(slot: number, value: number, givenMs: number, timeMs: number): void {
    this.#samples.scraped++;
    const known = this.#known[slot];
    if (known === undefined) return;
    const hasTime = givenMs > 0;
    if (this.#scrapes[slot] === this.#scrape && !hasTime) return;
    if (this.#scrapes[slot] !== this.#scrape) this.#samples.kept++;
    this.#scrapes[slot] = this.#scrape;
    if (hasTime && givenMs > timeMs + maxAheadMs) return;
    // cAdvisor measures less often than it is asked: the same sample is sent once.
    if (hasTime && this.#times[slot] === givenMs) return;
    this.#times[slot] = hasTime ? givenMs : 0;
    this.#builder.add(known, value, hasTime ? givenMs : timeMs);
  }

  #familyOf(name: string): Family {
    const own = this.#families.get(name);
    if (own !== undefined) return own;
    const family = this.#families.get(name.replace(/_(?:bucket|sum|count)$/, ''));
    return family ?? { kind: 'untyped', help: '' };
  }

  /** Markers for what the body before this one had. Slots are given out again after this. */
  #markGone(timeMs: number): void {
    this.#known.forEach((known, slot) => {
      if (known === undefined || this.#scrapes[slot] === this.#scrape) return;
      if (this.#scrapes[slot]! > 0) this.#builder.mark(known, timeMs);
      this.#release(slot);
    });
  }

  #release(slot: number): void {
    const known = this.#known[slot];
    if (known === undefined) return;
    this.#known[slot] = undefined;
    this.#builder.forget();
    this.#options.onSeries?.(known.labels, true);
  }

  #markAll(timeMs: number): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    this.#known.forEach((known, slot) => {
      if (known === undefined || this.#scrapes[slot] === 0) return;
      this.#builder.mark(known, timeMs);
      this.#scrapes[slot] = 0;
    });
  }
}

const kinds: ReadonlySet<string> = new Set<MetricKind>([
  'counter',
  'gauge',
  'histogram',
  'summary',
]);

const kindOf = (text: string): MetricKind => (kinds.has(text) ? (text as MetricKind) : 'untyped');
