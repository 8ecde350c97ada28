import type { ValueType } from './plan.ts';

/**
 * A cell as CloudWatch prints it; undefined for a missing value and for what is no number any more. Numbers are plain or have at most 4
 * decimals, times are `YYYY-MM-DD HH:mm:ss.SSS` in UTC, booleans 1 and 0.
 */
export function formatCell(
  kind: ValueType,
  value: string | number | bigint | boolean | null,
): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'string') return value;
  if (kind === 'timestamp') return formatTimestamp(Number(value));
  if (typeof value === 'bigint') return value.toString();
  if (!Number.isFinite(value)) return undefined;
  if (Number.isInteger(value)) {
    return Math.abs(value) < 1e15 ? String(value) : BigInt(value).toString();
  }
  return String(Number(value.toFixed(4)));
}

/** `2024-03-26 03:43:54.000`, UTC. */
export function formatTimestamp(timestampMs: number): string {
  const date = new Date(timestampMs);
  if (Number.isNaN(date.getTime())) return String(timestampMs);
  return date.toISOString().replace('T', ' ').replace('Z', '');
}
