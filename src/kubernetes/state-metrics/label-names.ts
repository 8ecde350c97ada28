import type { Allowed } from './contract.ts';

/** More stars in one key than these make a pattern slow; kube-state-metrics has a bound too. */
const maxStars = 3;
/** Texts that became label names; keys of labels repeat in a cluster. */
const maxCached = 10_000;
const cache = new Map<string, string>();

/** Every character that a label name cannot have becomes `_`. */
export const sanitizeLabelName = (text: string): string => text.replace(/[^a-zA-Z0-9_]/g, '_');

/** `app.kubernetes.io/partOf` with the prefix `label` is `label_app_kubernetes_io_part_of`. */
function labelNameOf(prefix: string, key: string): string {
  const cacheKey = `${prefix} ${key}`;
  const known = cache.get(cacheKey);
  if (known !== undefined) return known;
  const snake = sanitizeLabelName(key)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
  const name = `${prefix}_${snake}`;
  if (cache.size < maxCached) cache.set(cacheKey, name);
  return name;
}

/**
 * Labels or annotations of an object as label pairs. Keys that come to one name are told apart by
 * `_conflict1`, `_conflict2`, in order of the keys.
 */
export function mapPairs(
  prefix: string,
  map: Readonly<Record<string, string>> | undefined,
): readonly string[] {
  if (map === undefined) return [];
  const keys = Object.keys(map).sort();
  const counts = new Map<string, number>();
  for (const key of keys) {
    const name = labelNameOf(prefix, key);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const used = new Set([...counts].flatMap(([name, count]) => (count === 1 ? [name] : [])));
  const numbers = new Map<string, number>();
  const pairs: string[] = [];
  for (const key of keys) {
    const base = labelNameOf(prefix, key);
    let name = base;
    if (counts.get(base) !== 1) {
      let number = numbers.get(base) ?? 0;
      do name = `${base}_conflict${++number}`;
      while (used.has(name));
      numbers.set(base, number);
      used.add(name);
    }
    pairs.push(name, map[key] ?? '');
  }
  return pairs;
}

/** Those entries of a map whose keys an allow list names. */
export function allowedEntries(
  map: Readonly<Record<string, string>> | undefined,
  allowed: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (map === undefined || allowed[0] === '*') return map;
  const found: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const key of allowed) {
    if (key === '*') continue;
    if (!key.includes('*')) {
      const value = map[key];
      if (value !== undefined) found[key] = value;
      continue;
    }
    const parts = key.split('*');
    if (parts.length - 1 > maxStars) continue;
    for (const [name, value] of Object.entries(map)) {
      if (matchesParts(name, parts)) found[name] = value;
    }
  }
  return found;
}

/** Whether a text is those parts with anything between them. */
function matchesParts(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) {
    return false;
  }
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Allow lists by resource; `*` holds for resources that have none of their own. */
export type AllowList = ReadonlyMap<string, readonly string[]>;

/**
 * Allow lists as kube-state-metrics writes them: `pods=[app,team],namespaces=[*]`, one or several in a
 * text. @returns the reason in words when a text is none
 */
export function parseAllowList(texts: readonly string[]): AllowList | { readonly problem: string } {
  const lists = new Map<string, readonly string[]>();
  for (const text of texts) {
    const entries = text.matchAll(/\s*([^=,[\]\s]+)\s*=\s*\[([^[\]]*)\]\s*(?:,|$)/gy);
    let length = 0;
    for (const [whole, resource = '', keys = ''] of entries) {
      length += whole.length;
      const listed = keys
        .split(',')
        .map((key) => key.trim())
        .filter((key) => key !== '');
      lists.set(resource, [...(lists.get(resource) ?? []), ...listed]);
    }
    if (length !== text.length || text.trim() === '') {
      return { problem: `"${text}" is not of the form pods=[app,team],namespaces=[*]` };
    }
  }
  return lists;
}

/** What is allowed for a resource. */
export function allowedFor(resource: string, labels: AllowList, annotations: AllowList): Allowed {
  return {
    labels: labels.get(resource) ?? labels.get('*') ?? [],
    annotations: annotations.get(resource) ?? annotations.get('*') ?? [],
  };
}
