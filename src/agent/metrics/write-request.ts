import type { LabelPairs } from '#host';

/** Remote write 2.0's types of metrics. */
const kinds = {
  untyped: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugehistogram: 4,
  summary: 5,
  info: 6,
  stateset: 7,
} as const;
export type MetricKind = keyof typeof kinds;

/** A body starts with room for about a thousand series. */
const firstBodyBytes = 128 * 1024;
const firstSymbolBytes = 64 * 1024;
/** Symbols of series that are gone are thrown away when so many are. */
const minForgotten = 1000;

/** The bits of a staleness marker, low word first; `staleValue` of metrics/model says more. */
const staleLow = 0x00000002;
const staleHigh = 0x7ff00000;

/** A time in ms as a varint of 6 bytes, whatever its size: 42 bits last until the year 2109. */
const timeBytes = 6;
/** `09 value*8 10 time*6`: a sample without its tag and length. */
const sampleBytes = 1 + 8 + 1 + timeBytes;

/** A series as it stands in a request, but for value and time. */
export interface WrittenSeries {
  readonly kind: MetricKind;
  readonly help: string;
  /** All labels, sorted, with the metric's name. */
  labels: LabelPairs;
  template: Buffer;
  /** Where the value stands in the template. */
  valueAt: number;
}

export interface WriteRequest {
  /** An `io.prometheus.write.v2.Request`, not compressed. Overwritten by the next one. */
  readonly body: Buffer;
  /** Samples in it, with those that say that a series ended. */
  readonly samples: number;
}

/** A place in a request, to go back to. */
export interface RequestMark {
  readonly length: number;
  readonly samples: number;
}

/**
 * Remote write 2.0 requests, one after the other. A series' bytes are made once; a request copies them
 * and writes value and time into the copy.
 *
 * https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
export class WriteRequestBuilder {
  #symbols = new Map<string, number>();
  /** One text for all series that have it: those out of bodies are made anew each time. */
  #texts: string[] = [];
  #symbolBytes: Buffer = Buffer.allocUnsafeSlow(firstSymbolBytes);
  #symbolLength = 0;
  #forgotten = 0;
  #body: Buffer = Buffer.allocUnsafeSlow(firstBodyBytes);
  #length = 0;
  #samples = 0;

  constructor() {
    this.#symbolOf('');
  }

  /** @param live all series that may be written again */
  begin(live: { readonly count: number; readonly each: () => Iterable<WrittenSeries> }): void {
    if (this.#forgotten > Math.max(minForgotten, live.count)) this.#forgetSymbols(live.each());
    this.#length = 0;
    this.#samples = 0;
  }

  /** @param pairs labels with the metric's name in any order; the last of equal names counts */
  series(kind: MetricKind, help: string, pairs: LabelPairs): WrittenSeries {
    const series = { kind, help, labels: sortedLabels(pairs), template: this.#body, valueAt: 0 };
    this.#encode(series);
    return series;
  }

  /** @param timeMs Unix ms */
  add(series: WrittenSeries, value: number, timeMs: number): void {
    const at = this.#place(series, timeMs);
    this.#body.writeDoubleLE(value, at);
  }

  /** Says that a series ends. */
  mark(series: WrittenSeries, timeMs: number): void {
    const at = this.#place(series, timeMs);
    this.#body.writeUInt32LE(staleLow, at);
    this.#body.writeUInt32LE(staleHigh, at + 4);
  }

  /** A series will not be written any more. */
  forget(): void {
    this.#forgotten++;
  }

  here(): RequestMark {
    return { length: this.#length, samples: this.#samples };
  }

  backTo({ length, samples }: RequestMark): void {
    this.#length = length;
    this.#samples = samples;
  }

  request(): WriteRequest {
    this.#reserve(this.#symbolLength);
    this.#symbolBytes.copy(this.#body, this.#length, 0, this.#symbolLength);
    const body = this.#body.subarray(0, this.#length + this.#symbolLength);
    return { body, samples: this.#samples };
  }

  /** Copies a series into the body, with the time; returns where its value goes. */
  #place({ template, valueAt }: WrittenSeries, timeMs: number): number {
    this.#reserve(template.length);
    template.copy(this.#body, this.#length);
    const at = this.#length + valueAt;
    writeTime(this.#body, at + 8 + 1, timeMs);
    this.#length += template.length;
    this.#samples++;
    return at;
  }

  #reserve(bytes: number): void {
    const need = this.#length + bytes;
    if (need <= this.#body.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(need, this.#body.length * 2));
    this.#body.copy(larger, 0, 0, this.#length);
    this.#body = larger;
  }

  #encode(series: WrittenSeries): void {
    const symbols = series.labels.map((text) => this.#symbolOf(text));
    series.labels = symbols.map((symbol) => this.#texts[symbol]!);
    const refs = symbols.flatMap(varint);
    const metadata = [8, kinds[series.kind], 24, ...varint(this.#symbolOf(series.help))];
    const head = [10, ...varint(refs.length), ...refs, 18, sampleBytes, 9];
    const tail = [16, ...new Array<number>(timeBytes).fill(0), 42, metadata.length, ...metadata];
    const inner = head.length + 8 + tail.length;
    const opening = [42, ...varint(inner)];
    series.template = Buffer.from([...opening, ...head, ...new Array<number>(8).fill(0), ...tail]);
    series.valueAt = opening.length + head.length;
  }

  #symbolOf(text: string): number {
    const known = this.#symbols.get(text);
    if (known !== undefined) return known;
    const index = this.#symbols.size;
    this.#symbols.set(text, index);
    this.#texts.push(text);
    const bytes = Buffer.from(text);
    const field = Buffer.concat([Buffer.from([34, ...varint(bytes.length)]), bytes]);
    const need = this.#symbolLength + field.length;
    if (need > this.#symbolBytes.length) {
      const larger = Buffer.allocUnsafeSlow(need * 2);
      this.#symbolBytes.copy(larger, 0, 0, this.#symbolLength);
      this.#symbolBytes = larger;
    }
    field.copy(this.#symbolBytes, this.#symbolLength);
    this.#symbolLength = need;
    return index;
  }

  #forgetSymbols(live: Iterable<WrittenSeries>): void {
    this.#forgotten = 0;
    this.#symbols = new Map();
    this.#texts = [];
    this.#symbolLength = 0;
    this.#symbolOf('');
    for (const series of live) this.#encode(series);
  }
}

/** Labels in order, the last of equal names, without empty ones: as remote write wants them. */
function sortedLabels(pairs: LabelPairs): LabelPairs {
  const labels = new Map<string, string>();
  for (let at = 0; at + 1 < pairs.length; at += 2) labels.set(pairs[at]!, pairs[at + 1]!);
  return (
    [...labels]
      .filter(([, value]) => value !== '')
      // Names of labels are ASCII.
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flat()
  );
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}

function writeTime(into: Buffer, at: number, timeMs: number): void {
  let rest = timeMs;
  for (let index = 0; index < timeBytes - 1; index++) {
    into[at + index] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  into[at + timeBytes - 1] = rest;
}
