/**
 * The labels of a series: names and values alternate, sorted by name, no name twice, no empty value
 * (an empty value means that the label is absent). `['__name__', 'up', 'job', 'node']`.
 *
 * A flat array is one object per series instead of one per label, and compares without allocation.
 */
export type Labels = readonly string[] & { readonly __labels?: never };

export const metricNameLabel = '__name__';

/** No labels at all. */
export const emptyLabels: Labels = Object.freeze([]) as unknown as Labels;

/**
 * Order of label names and values: by code point, which is the order of their UTF-8 bytes. UTF-16
 * units order characters beyond U+FFFF before those from U+E000 on.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    if (left >= 0xd800 && right >= 0xd800) return codePointOrder(left) - codePointOrder(right);
    return left - right;
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
const codePointOrder = (unit: number): number =>
  unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;

/** Labels from pairs in any order; empty values are left out, of equal names the last one counts. */
export function labelsOf(pairs: Iterable<readonly [name: string, value: string]>): Labels {
  return labelsOfMap(new Map(pairs));
}

/** Labels from an object, for tests and for values that come as JSON. */
export function labelsOfRecord(record: Readonly<Record<string, string>>): Labels {
  return labelsOfMap(new Map(Object.entries(record)));
}

export function labelsOfMap(map: ReadonlyMap<string, string>): Labels {
  const names: string[] = [];
  for (const [name, value] of map) if (value !== '') names.push(name);
  names.sort(compareText);
  const flat: string[] = [];
  for (const name of names) flat.push(name, map.get(name)!);
  return flat;
}

/** The value of a label, '' when it is absent. O(labels). */
export function labelValue(labels: Labels, name: string): string {
  for (let at = 0; at < labels.length; at += 2) if (labels[at] === name) return labels[at + 1]!;
  return '';
}

export function labelsToRecord(labels: Labels): Record<string, string> {
  const record: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let at = 0; at < labels.length; at += 2) record[labels[at]!] = labels[at + 1]!;
  return record;
}

/** A string that is equal for equal labels and different for different ones. */
export function labelsKey(labels: Labels): string {
  return labels.join('\u0000');
}

/** The key of some labels only: those named (`on`), or all but those named and the metric name. */
export function matchingKey(labels: Labels, names: ReadonlySet<string>, isOn: boolean): string {
  let key = '';
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at]!;
    const counts = isOn ? names.has(name) : !names.has(name) && name !== metricNameLabel;
    if (counts) key += `${name}\u0000${labels[at + 1]}\u0000`;
  }
  return key;
}

/** Labels without the metric name. */
export function withoutMetricName(labels: Labels): Labels {
  const at = nameIndex(labels);
  return at < 0 ? labels : [...labels.slice(0, at), ...labels.slice(at + 2)];
}

/** Labels with one more, or another value of it; an empty value removes it. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const flat: string[] = [];
  let done = value === '';
  for (let at = 0; at < labels.length; at += 2) {
    const here = labels[at]!;
    if (!done && compareText(name, here) <= 0) {
      flat.push(name, value);
      done = true;
    }
    if (here !== name) flat.push(here, labels[at + 1]!);
  }
  if (!done) flat.push(name, value);
  return flat;
}

/** Only the labels named, or (`keep` false) all but them. */
export function pickLabels(labels: Labels, names: ReadonlySet<string>, keep: boolean): Labels {
  const flat: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    if (names.has(labels[at]!) === keep) flat.push(labels[at]!, labels[at + 1]!);
  }
  return flat;
}

function nameIndex(labels: Labels): number {
  for (let at = 0; at < labels.length; at += 2) if (labels[at] === metricNameLabel) return at;
  return -1;
}

export function equalLabels(a: Labels, b: Labels): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** The reference's order of results: pair by pair, name before value, a prefix first. */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const order = compareText(a[at]!, b[at]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const legacyLabelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const legacyMetricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** Whether a label name may be written without quotes. */
export const isPlainLabelName = (name: string): boolean => legacyLabelName.test(name);
/** Whether a metric name may be written without quotes. */
export const isPlainMetricName = (name: string): boolean => legacyMetricName.test(name);

/** Labels as people and error texts write them: `up{job="node"}`, `{a="b"}`. */
export function formatLabels(labels: Labels): string {
  const name = labelValue(labels, metricNameLabel);
  const isPlain = name !== '' && isPlainMetricName(name);
  const parts: string[] = name !== '' && !isPlain ? [JSON.stringify(name)] : [];
  for (let at = 0; at < labels.length; at += 2) {
    const label = labels[at]!;
    if (label === metricNameLabel) continue;
    const written = isPlainLabelName(label) ? label : JSON.stringify(label);
    parts.push(`${written}=${JSON.stringify(labels[at + 1])}`);
  }
  const inner = parts.length > 0 || name === '' ? `{${parts.join(', ')}}` : '';
  return `${isPlain ? name : ''}${inner}`;
}
