import { systemFields } from '#logs/insights';
import type { LogStore } from '#logs/store';

/** Newest events looked at. */
const sampleEvents = 2_000;
/** CloudWatch's bounds on discovered fields. */
const maxFieldsPerEvent = 200;
const maxFields = 1_000;
/** What is nested deeper is one field: its JSON text. */
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

/** Leaves of a message that is a JSON object, as texts: what the query language says of them. */
export function fieldValues(message: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (!message.trimStart().startsWith('{')) return values;
  try {
    collect(parseExactly(message), '', values, 0);
  } catch {
    // Not JSON: no fields.
  }
  return values;
}

/** Numbers come as they are written: ids longer than a double holds stay whole. */
function parseExactly(message: string): unknown {
  const keepDigits = (
    _: string,
    value: unknown,
    context?: { readonly source?: string },
  ): unknown => (typeof value === 'number' ? (context?.source ?? value) : value);
  try {
    return JSON.parse(message, keepDigits);
  } catch (error) {
    // The walk over the parsed value is recursive, the parser is not.
    if (error instanceof RangeError) return JSON.parse(message);
    throw error;
  }
}

function collect(value: unknown, name: string, values: Map<string, string>, depth: number): void {
  if (values.size >= maxFieldsPerEvent || value === null) return;
  if (typeof value !== 'object' || depth > maxDepth) {
    if (typeof value === 'boolean') values.set(name, value ? '1' : '0');
    else values.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    // Names other than letters, digits and _ @ need backticks when they are typed, not here.
    const own = name === '' && key.startsWith('@') ? `@${key}` : key;
    collect(inner, name === '' ? own : `${name}.${own}`, values, depth + 1);
  }
}
