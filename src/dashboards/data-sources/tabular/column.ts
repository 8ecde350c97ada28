import type { FieldType } from '../contract.ts';

/** A column of rows: of SQL, JSON or CSV. */
export interface TableColumn {
  readonly name: string;
  readonly type: Extract<FieldType, 'time' | 'number' | 'string' | 'boolean'>;
  /** Times are Unix ms. */
  readonly values: readonly (number | string | boolean | null)[];
}

/** A number that stands for a time: seconds, ms, µs or ns since the epoch, told by its size. */
export function epochMs(value: number): number {
  const size = Math.abs(value);
  if (size < 1e11) return value * 1000;
  if (size < 1e14) return value;
  return size < 1e17 ? value / 1000 : value / 1_000_000;
}

/** How missing times of a series are filled. */
export interface TimeFill {
  readonly intervalMs: number;
  /** `null` shows a gap, `previous` repeats the value before, a number stands for itself. */
  readonly value: number | 'null' | 'previous';
}
