import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';

export type LabelSet = Record<string, string>;

export const prefix = '__meta_kubernetes_';
export const namespaceLabel: string = `${prefix}namespace`;
/** Label names are few and on every object; forgotten when somebody makes up too many. */
const maxNames = 20_000;

/** Every character that may not be in a label's name becomes an underscore. */
export function sanitize(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_');
}

interface NamePair {
  readonly value: string;
  readonly present: string;
}

const names = new Map<string, NamePair>();

/** `…_label_app` and `…_labelpresent_app`, one string for all objects. */
function namesOf(word: string, kind: string, key: string): NamePair {
  const id = `${word} ${kind} ${key}`;
  const known = names.get(id);
  if (known !== undefined) return known;
  if (names.size >= maxNames) names.clear();
  const clean = sanitize(key);
  const pair = {
    value: `${prefix}${word}_${kind}_${clean}`,
    present: `${prefix}${word}_${kind}present_${clean}`,
  };
  names.set(id, pair);
  return pair;
}

/** Adds what an object's labels and annotations say, under the word of its role. */
export function addLabelsAndAnnotations(
  to: LabelSet,
  word: string,
  metadata: ObjectMeta | undefined,
): void {
  addPairs(to, word, 'label', metadata?.labels);
  addPairs(to, word, 'annotation', metadata?.annotations);
}

/** As {@link addLabelsAndAnnotations}, with the object's name. */
export function addObject(to: LabelSet, word: string, metadata: ObjectMeta | undefined): void {
  set(to, `${word}_name`, metadata?.name);
  addLabelsAndAnnotations(to, word, metadata);
}

function addPairs(
  to: LabelSet,
  word: string,
  kind: string,
  pairs: Readonly<Record<string, string>> | undefined,
): void {
  for (const key in pairs) {
    const { value, present } = namesOf(word, kind, key);
    const text = pairs[key] ?? '';
    if (text !== '') to[value] = text;
    to[present] = 'true';
  }
}

/** Sets a label without the prefix; an empty value is as good as none. */
export function set(
  to: LabelSet,
  name: string,
  value: string | number | boolean | undefined | null,
): void {
  if (value === undefined || value === null || value === '') return;
  to[prefix + name] = typeof value === 'string' ? value : String(value);
}

/** `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
