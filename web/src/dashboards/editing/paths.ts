export type JsonRecord = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands at `legend.showLegend`; undefined where nothing does. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const key of path.split('.')) {
    if (!isRecord(value)) return undefined;
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** The object with another value at the path; undefined takes it away, and what it leaves empty. */
export function withValueAt(object: unknown, path: string, value: unknown): JsonRecord {
  const [key = '', ...rest] = path.split('.');
  const record = isRecord(object) ? object : {};
  const next = rest.length === 0 ? value : withValueAt(record[key], rest.join('.'), value);
  const isGone =
    next === undefined || (value === undefined && isRecord(next) && Object.keys(next).length === 0);
  if (!isGone) return { ...record, [key]: next };
  const { [key]: _, ...others } = record;
  return others;
}
