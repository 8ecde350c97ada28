import { type Labels, labelsOfMap, metricNameLabel } from '#metrics/model';
import { WireCursor } from './wire-cursor.ts';

/** More labels than this are a mistake of the sender. */
const maxLabels = 1000;

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
