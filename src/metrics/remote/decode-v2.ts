import { copyBytes, labelsOfMap, type MetricMetadata, metricNameLabel } from '#metrics/model';
import type { WriteAssembly } from './assembly.ts';
import { separatorByte } from './decode-labels.ts';
import { readPlainSample } from './decode-v1.ts';
import { remoteInvalid } from './errors.ts';
import { readHistogram } from './histogram-proto.ts';
import { metricTypes } from './metric-types.ts';
import { WireCursor } from './wire-cursor.ts';

type SetMetadata = (metric: string, metadata: MetricMetadata) => void;

/** Where the symbols of a request lie in its bytes. */
class Symbols {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  add(start: number, end: number): void {
    this.#starts.push(start);
    this.#ends.push(end);
  }

  text(index: number): string {
    this.#check(index);
    return this.#bytes.toString('utf8', this.#starts[index], this.#ends[index]);
  }

  /** Copies a symbol and the separator. @returns where the next one goes, -1: no room */
  copy(index: number, into: DataView, at: number): number {
    this.#check(index);
    const start = this.#starts[index]!;
    const end = this.#ends[index]!;
    const next = at + end - start;
    if (next + 1 > into.byteLength) return -1;
    copyBytes(this.#view, start, into, at, end - start);
    into.setUint8(next, separatorByte);
    return next + 1;
  }

  #check(index: number): void {
    if (index >= this.#starts.length) {
      throw remoteInvalid(`Symbol ${index} is not in the request`, 0);
    }
  }
}

/** Labels of one series: longer ones are a mistake of the sender. */
const maxLabelBytes = 64 * 1024;
/** Nothing waits between joining labels and looking them up: one for all requests. */
const labelScratch = new WireCursor(Buffer.allocUnsafeSlow(maxLabelBytes));

/**
 * Reads an `io.prometheus.write.v2.Request`. The symbols may stand behind the series, so the request is
 * walked twice.
 * @throws {AppError} REMOTE_INVALID
 */
export function decodeWriteV2(body: Buffer, into: WriteAssembly, setMetadata: SetMetadata): void {
  const symbols = new Symbols(body);
  const cursor = new WireCursor(body);
  while (cursor.at < body.length) {
    const key = cursor.varint(body.length);
    if (key === 34) {
      const end = cursor.open(body.length);
      symbols.add(cursor.at, end);
      cursor.at = end;
    } else cursor.skip(key & 7, body.length);
  }
  const scratch = labelScratch;
  cursor.at = 0;
  while (cursor.at < body.length) {
    const key = cursor.varint(body.length);
    if (key === 42)
      readSeries(cursor, cursor.open(body.length), symbols, scratch, into, setMetadata);
    else cursor.skip(key & 7, body.length);
  }
}

function readSeries(
  cursor: WireCursor,
  end: number,
  symbols: Symbols,
  scratch: WireCursor,
  into: WriteAssembly,
  setMetadata: SetMetadata,
): void {
  const start = cursor.at;
  const length = joinLabels(cursor, end, symbols, scratch.view);
  const isWanted = into.series(scratch.view, 0, length);
  cursor.at = start;
  while (cursor.at < end) {
    if (isWanted && readPlainSample(cursor, end, into)) continue;
    const key = cursor.varint(end);
    if (key === 18 && isWanted) readSample(cursor, cursor.open(end), into);
    else if (key === 26 && isWanted) {
      const { histogram, timeMs, startTimeMs } = readHistogram(cursor, cursor.open(end));
      into.histogram(timeMs, histogram, startTimeMs);
    } else if (key === 34 && isWanted) readExemplar(cursor, cursor.open(end), symbols, into);
    else if (key === 42 && isWanted) {
      const metric = metricNameOf(scratch.bytes, length);
      const metadata = readMetadata(cursor, cursor.open(end), symbols);
      if (metric !== '' && metadata !== undefined) setMetadata(metric, metadata);
    } else cursor.skip(key & 7, end);
  }
}

/** All label references of a series, wherever they stand in it, as texts with separators. */
function joinLabels(cursor: WireCursor, end: number, symbols: Symbols, into: DataView): number {
  let length = 0;
  const add = (index: number): void => {
    length = symbols.copy(index, into, length);
    if (length < 0)
      throw remoteInvalid(`Labels of a series are longer than ${maxLabelBytes}`, cursor.at);
  };
  while (cursor.at < end) {
    const key = cursor.varint(end);
    if (key === 10) {
      const stop = cursor.open(end);
      while (cursor.at < stop) add(cursor.varint(stop));
      // They stand first and packed; nothing behind them needs a look.
      return length;
    }
    if (key === 8) add(cursor.varint(end));
    else cursor.skip(key & 7, end);
  }
  return length;
}

function metricNameOf(labels: Buffer, length: number): string {
  const texts = labels.subarray(0, length).toString('latin1').split('\u00ff');
  const at = texts.findIndex((text, index) => index % 2 === 0 && text === metricNameLabel);
  return at < 0 ? '' : Buffer.from(texts[at + 1] ?? '', 'latin1').toString('utf8');
}

function readSample(cursor: WireCursor, end: number, into: WriteAssembly): void {
  let value = 0;
  let timeMs = 0;
  let startTimeMs = 0;
  while (cursor.at < end) {
    const key = cursor.varint(end);
    if (key === 9) value = cursor.double(end);
    else if (key === 16) timeMs = cursor.int64(end);
    else if (key === 24) startTimeMs = cursor.int64(end);
    else cursor.skip(key & 7, end);
  }
  into.sample(timeMs, value, startTimeMs);
}

function readExemplar(
  cursor: WireCursor,
  end: number,
  symbols: Symbols,
  into: WriteAssembly,
): void {
  const texts: string[] = [];
  let value = 0;
  let timeMs = 0;
  while (cursor.at < end) {
    const key = cursor.varint(end);
    if (key === 10) {
      const stop = cursor.open(end);
      while (cursor.at < stop) texts.push(symbols.text(cursor.varint(stop)));
    } else if (key === 17) value = cursor.double(end);
    else if (key === 24) timeMs = cursor.int64(end);
    else cursor.skip(key & 7, end);
  }
  const labels = new Map<string, string>();
  for (let at = 0; at + 1 < texts.length; at += 2) labels.set(texts[at]!, texts[at + 1]!);
  into.exemplar({ labels: labelsOfMap(labels), value, timeMs });
}

function readMetadata(
  cursor: WireCursor,
  end: number,
  symbols: Symbols,
): MetricMetadata | undefined {
  let type = 0;
  let help = 0;
  let unit = 0;
  while (cursor.at < end) {
    const key = cursor.varint(end);
    if (key === 8) type = cursor.varint(end);
    else if (key === 24) help = cursor.varint(end);
    else if (key === 32) unit = cursor.varint(end);
    else cursor.skip(key & 7, end);
  }
  if (type === 0 && help === 0 && unit === 0) return undefined;
  const text = (index: number): string => (index === 0 ? '' : symbols.text(index));
  return { type: metricTypes[type] ?? 'unknown', help: text(help), unit: text(unit) };
}
