/** Members that programs use for the time of a JSON event, in the order they are looked at. */
export const timeFieldNames: readonly string[] = ['timestamp', '@timestamp', 'time', 'ts', 'date'];

/**
 * A JSON value as milliseconds since the epoch: ISO 8601 text, or a number (text of digits too) of
 * seconds, milliseconds, microseconds or nanoseconds, told apart by size. Undefined: neither.
 */
export function eventTimeMs(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  if (/^\d{9,19}(?:\.\d{1,9})?$/.test(value)) return fromNumber(Number(value));
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  // Without a zone the time is UTC, as everywhere in logs; Date would take the machine's zone.
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value);
  const iso = value
    .replace(' ', 'T')
    .replace(/(\.\d{3})\d+/, '$1')
    .replace(/,(\d+)/, '.$1');
  const parsed = Date.parse(hasZone ? iso : `${iso}${iso.includes('T') ? 'Z' : ''}`);
  return Number.isNaN(parsed) ? undefined : parsed;
}

function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  if (value < 1e11) return value * 1000;
  if (value < 1e14) return value;
  if (value < 1e17) return value / 1000;
  return value / 1e6;
}
