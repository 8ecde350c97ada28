import {
  isAscii,
  type LabelBytes,
  type Labels,
  labelsOfMap,
  metricNameLabel,
} from '#metrics/model';
import { WireCursor } from './wire-cursor.ts';

/** More labels than this are a mistake of the sender. */
const maxLabels = 1000;

/** How a version of the protocol writes the labels of a series. */
export interface LabelReader {
  /**
   * Where names and values lie in the bytes; valid until the next call. Undefined: they are not as nearly
   * all senders write them (sorted, ASCII, a metric name, nothing twice), and `labels` has to look.
   */
  places(view: DataView, start: number, end: number): LabelBytes | undefined;
  /** Undefined: a name or the whole set is wrong. */
  labels(bytes: Buffer): Labels | undefined;
}

/** Places of texts as they are found, checked one by one. */
class Places implements LabelBytes {
  view: DataView = new DataView(new ArrayBuffer(0));
  places: Uint32Array = new Uint32Array(64);
  count = 0;
  #hasMetricName = false;
  #lastStart = 0;
  #lastEnd = 0;

  begin(view: DataView): void {
    this.view = view;
    this.count = 0;
    this.#hasMetricName = false;
    this.#lastStart = 0;
    this.#lastEnd = 0;
  }

  /** @returns false: not the usual */
  add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): boolean {
    if (nameEnd === nameStart || this.count >= maxLabels) return false;
    if (!this.#isBehindLast(nameStart, nameEnd)) return false;
    this.#lastStart = nameStart;
    this.#lastEnd = nameEnd;
    if (valueEnd === valueStart) return true;
    const { places } = this;
    const at = this.count++ * 4;
    places[at] = nameStart;
    places[at + 1] = nameEnd;
    places[at + 2] = valueStart;
    places[at + 3] = valueEnd;
    if (at + 8 > places.length) {
      this.places = new Uint32Array(places.length * 2);
      this.places.set(places);
    }
    this.#hasMetricName ||= this.#isMetricName(nameStart, nameEnd);
    return true;
  }

  whole(): LabelBytes | undefined {
    return this.#hasMetricName ? this : undefined;
  }

  #isBehindLast(start: number, end: number): boolean {
    const { view } = this;
    const length = Math.min(end - start, this.#lastEnd - this.#lastStart);
    for (let at = 0; at < length; at++) {
      const difference = view.getUint8(start + at) - view.getUint8(this.#lastStart + at);
      if (difference !== 0) return difference > 0;
    }
    return end - start > this.#lastEnd - this.#lastStart;
  }

  #isMetricName(start: number, end: number): boolean {
    if (end - start !== metricNameLabel.length) return false;
    for (let at = 0; at < metricNameLabel.length; at++) {
      if (this.view.getUint8(start + at) !== metricNameLabel.charCodeAt(at)) return false;
    }
    return true;
  }
}

const shared = new Places();

/**
 * Remote write 1.0: `| 10 | length | 10 | length | name | 18 | length | value |` a label. In bytes that
 * are all ASCII the lengths are of one byte too.
 */
function placesV1(view: DataView, start: number, end: number): LabelBytes | undefined {
  if (!isAscii(view, start, end)) return undefined;
  shared.begin(view);
  let at = start;
  while (at < end) {
    if (at + 4 > end || view.getUint8(at) !== 10 || view.getUint8(at + 2) !== 10) return undefined;
    const labelEnd = at + 2 + view.getUint8(at + 1);
    const nameStart = at + 4;
    const nameEnd = nameStart + view.getUint8(at + 3);
    if (labelEnd > end || nameEnd > labelEnd) return undefined;
    let valueStart = nameEnd;
    if (nameEnd < labelEnd) {
      valueStart = nameEnd + 2;
      if (valueStart > labelEnd || view.getUint8(nameEnd) !== 18) return undefined;
      if (valueStart + view.getUint8(nameEnd + 1) !== labelEnd) return undefined;
    }
    if (!shared.add(nameStart, nameEnd, valueStart, labelEnd)) return undefined;
    at = labelEnd;
  }
  return shared.whole();
}

/** Remote write 2.0, joined: names and values, a separator behind each. */
function placesV2(view: DataView, start: number, end: number): LabelBytes | undefined {
  shared.begin(view);
  let at = start;
  while (at < end) {
    const nameEnd = textEnd(view, at, end);
    const valueEnd = nameEnd < 0 ? -1 : textEnd(view, nameEnd + 1, end);
    if (valueEnd < 0 || !shared.add(at, nameEnd, nameEnd + 1, valueEnd)) return undefined;
    at = valueEnd + 1;
  }
  return shared.whole();
}

/** Where the separator stands; -1: a byte before it is not ASCII, or there is none. */
function textEnd(view: DataView, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = view.getUint8(at);
    if (byte === separatorByte) return at;
    if (byte > 127) return -1;
  }
  return -1;
}

/** The labels of a series of remote write 1.0: `Label` messages one after the other (field 1). */
export function readLabelsV1(bytes: Buffer): Labels | undefined {
  const cursor = new WireCursor(bytes);
  const map = new Map<string, string>();
  let count = 0;
  while (cursor.at < bytes.length) {
    cursor.varint(bytes.length);
    const end = cursor.open(bytes.length);
    let name = '';
    let value = '';
    while (cursor.at < end) {
      const key = cursor.varint(end);
      if (key === 10) name = cursor.text(end);
      else if (key === 18) value = cursor.text(end);
      else cursor.skip(key & 7, end);
    }
    map.set(name, value);
    if (++count > maxLabels) return undefined;
  }
  return map.size === count ? checked(map) : undefined;
}

/** Names and values one after the other, each followed by a byte that UTF-8 never has. */
export function readLabelsV2(bytes: Buffer): Labels | undefined {
  const texts: string[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== separatorByte) continue;
    texts.push(bytes.toString('utf8', start, at));
    start = at + 1;
  }
  if (texts.length % 2 !== 0 || texts.length > 2 * maxLabels) return undefined;
  const map = new Map<string, string>();
  for (let at = 0; at < texts.length; at += 2) map.set(texts[at]!, texts[at + 1]!);
  return map.size === texts.length / 2 ? checked(map) : undefined;
}

/** Not part of any UTF-8 text. */
export const separatorByte = 0xff;

/** Undefined: no metric name, a name that is empty or no UTF-8. */
function checked(map: ReadonlyMap<string, string>): Labels | undefined {
  if ((map.get(metricNameLabel) ?? '') === '') return undefined;
  for (const [name, value] of map) {
    // What was no UTF-8 has become the replacement character.
    if (name === '' || name.includes('\ufffd') || value.includes('\ufffd')) return undefined;
  }
  return labelsOfMap(map);
}

export const labelsV1: LabelReader = { places: placesV1, labels: readLabelsV1 };
export const labelsV2: LabelReader = { places: placesV2, labels: readLabelsV2 };
