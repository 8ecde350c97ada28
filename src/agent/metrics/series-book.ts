import type { LabelPairs, MetricSink } from '#host';

/** Remote write 2.0's types of metrics. */
const kinds = { untyped: 0, counter: 1, gauge: 2 } as const;
type Kind = keyof typeof kinds;

/** One series is some 300 bytes here; beyond this new ones are left out and counted. */
const defaultMaxSeries = 50_000;
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

interface Known {
  readonly name: string;
  readonly kind: Kind;
  readonly help: string;
  /** All labels, sorted, with the metric's name. */
  readonly labels: LabelPairs;
  /** The series as it stands in a request, but for value and time. */
  template: Buffer;
  /** Where the value stands in the template. */
  valueAt: number;
  /** The collection that had it last. */
  seen: number;
}

export interface WriteRequest {
  /** An `io.prometheus.write.v2.Request`, not compressed. Overwritten by the next one. */
  readonly body: Buffer;
  /** Samples in it, with those that say that a series ended. */
  readonly samples: number;
}

/**
 * Makes remote write 2.0 requests of collections. A series' bytes are made once; a collection copies
 * them and writes value and time into the copy. A series that a collection does not have any more
 * gets a staleness marker in it, and is forgotten.
 *
 * https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
export class SeriesBook {
  readonly #maxSeries: number;
  readonly #known = new Map<string, Known>();
  #symbols = new Map<string, number>();
  #symbolBytes: Buffer = Buffer.allocUnsafeSlow(firstSymbolBytes);
  #symbolLength = 0;
  #forgotten = 0;
  #body: Buffer = Buffer.allocUnsafeSlow(firstBodyBytes);
  #length = 0;
  #samples = 0;
  #timeMs = 0;
  #collection = 0;
  #refused = 0;

  constructor(options: { readonly maxSeries?: number } = {}) {
    this.#maxSeries = options.maxSeries ?? defaultMaxSeries;
    this.#symbolOf('');
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
    if (this.#forgotten > Math.max(minForgotten, this.#known.size)) this.#forgetSymbols();
    this.#timeMs = timeMs;
    this.#length = 0;
    this.#samples = 0;
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
      this.#mark(known);
      this.#known.delete(key);
      this.#forgotten++;
    }
    return this.#request();
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
      const labels = sortedLabels(name, [...own, ...target]);
      known = { name, kind, help, labels, template: this.#body, valueAt: 0, seen: 0 };
      this.#encode(known);
      this.#known.set(key, known);
    }
    // Given twice in one collection: the first counts.
    if (known.seen === this.#collection) return;
    known.seen = this.#collection;
    const at = this.#place(known);
    this.#body.writeDoubleLE(value, at);
  }

  #mark(known: Known): void {
    const at = this.#place(known);
    this.#body.writeUInt32LE(staleLow, at);
    this.#body.writeUInt32LE(staleHigh, at + 4);
  }

  /** Copies a series into the body, with the time; returns where its value goes. */
  #place({ template, valueAt }: Known): number {
    this.#reserve(template.length);
    template.copy(this.#body, this.#length);
    const at = this.#length + valueAt;
    writeTime(this.#body, at + 8 + 1, this.#timeMs);
    this.#length += template.length;
    this.#samples++;
    return at;
  }

  #request(): WriteRequest {
    this.#reserve(this.#symbolLength);
    this.#symbolBytes.copy(this.#body, this.#length, 0, this.#symbolLength);
    const body = this.#body.subarray(0, this.#length + this.#symbolLength);
    return { body, samples: this.#samples };
  }

  #reserve(bytes: number): void {
    const need = this.#length + bytes;
    if (need <= this.#body.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(need, this.#body.length * 2));
    this.#body.copy(larger, 0, 0, this.#length);
    this.#body = larger;
  }

  #encode(known: Known): void {
    const refs = known.labels.flatMap((text) => varint(this.#symbolOf(text)));
    const metadata = [8, kinds[known.kind], 24, ...varint(this.#symbolOf(known.help))];
    const head = [10, ...varint(refs.length), ...refs, 18, sampleBytes, 9];
    const tail = [16, ...new Array<number>(timeBytes).fill(0), 42, metadata.length, ...metadata];
    const inner = head.length + 8 + tail.length;
    const opening = [42, ...varint(inner)];
    known.template = Buffer.from([...opening, ...head, ...new Array<number>(8).fill(0), ...tail]);
    known.valueAt = opening.length + head.length;
  }

  #symbolOf(text: string): number {
    const known = this.#symbols.get(text);
    if (known !== undefined) return known;
    const index = this.#symbols.size;
    this.#symbols.set(text, index);
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

  #forgetSymbols(): void {
    this.#forgotten = 0;
    this.#symbols = new Map();
    this.#symbolLength = 0;
    this.#symbolOf('');
    for (const known of this.#known.values()) this.#encode(known);
  }
}

/** Labels in order, the last of equal names, without empty ones: as remote write wants them. */
function sortedLabels(name: string, pairs: LabelPairs): LabelPairs {
  const labels = new Map<string, string>([['__name__', name]]);
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
