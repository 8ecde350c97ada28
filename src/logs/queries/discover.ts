import { systemFields } from '#logs/insights';
import type { LogStore } from '#logs/store';

/** Newest events looked at. */
const sampleEvents = 2_000;
/** CloudWatch's bounds on discovered fields. */
const maxFieldsPerEvent = 200;
const maxFields = 1_000;
const maxDepth = 20;

/** Fields found in a sample of the newest events, by share of events. */
export async function discoverFields(
  store: LogStore,
  selection: { readonly groups: readonly string[]; readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly percent: number }[]> {
  const page = await store.readEvents(
    { ...selection, direction: 'backward', maxEvents: sampleEvents, maxBytes: 16 * 1024 * 1024 },
    signal,
  );
  if (page.events.length === 0) return [];
  const counts = new Map<string, number>();
  for (const event of page.events) {
    for (const name of fieldsOf(event.message)) {
      if (!counts.has(name) && counts.size >= maxFields) continue;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const total = page.events.length;
  const found = [...counts].map(([name, count]) => ({
    name,
    percent: Math.max(1, Math.round((count * 100) / total)),
  }));
  return [
    ...systemFields
      .filter((one) => one.name !== '@ptr')
      .map(({ name }) => ({ name, percent: 100 })),
    ...found.toSorted((a, b) => b.percent - a.percent || (a.name < b.name ? -1 : 1)),
  ];
}

/** Names of a message's leaves, as the query language writes them. */
export function fieldsOf(message: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const name of fieldValues(message).keys()) names.add(name);
  return names;
}

/** Leaves of a JSON message with their values as text. Nulls are no values. */
export function fieldValues(message: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (!/^\s*\{/.test(message)) return values;
  try {
    collect(JSON.parse(message), '', values, 0);
  } catch {
    // Not JSON: no fields.
  }
  return values;
}

function collect(value: unknown, name: string, values: Map<string, string>, depth: number): void {
  if (values.size >= maxFieldsPerEvent || depth > maxDepth || value === null) return;
  if (typeof value !== 'object') {
    if (name !== '')
      values.set(name, typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    // Names other than letters, digits and _ @ need backticks when they are typed, not here.
    const own = name === '' && key.startsWith('@') ? `@${key}` : key;
    collect(inner, name === '' ? own : `${name}.${own}`, values, depth + 1);
  }
}
