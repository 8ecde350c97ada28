import type { Labels } from '../../../api/metrics.ts';
import type { Format } from '../../../i18n/format.ts';

/** What a chart measures. */
export type ChartUnit = 'cores' | 'bytes' | 'bytesPerSecond' | 'ratio' | 'count';

export interface ChartLine {
  readonly expr: string;
  readonly name: string | ((labels: Labels) => string);
  readonly colorToken?: string;
  /** What others are measured by: a request, a limit. */
  readonly isBound?: boolean;
}

/** A chart as data: the queries and what they are called. */
export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  readonly unit: ChartUnit;
  readonly lines: readonly ChartLine[];
  readonly kind?: 'lines' | 'stacked';
  readonly height?: number;
  /** Not there at all while nothing was measured but zero, as throttling without a limit. */
  readonly isOptional?: boolean;
}

/** A value of the unit for people. */
export function formatOf(unit: ChartUnit, f: Format): (value: number) => string {
  switch (unit) {
    case 'cores':
      return (value) => coresText(value, f);
    case 'bytes':
      return f.bytes;
    case 'bytesPerSecond':
      return f.bytesPerSecond;
    case 'ratio':
      return f.percent;
    case 'count':
      return (value) => f.number(value, 1);
    default:
      return unit satisfies never;
  }
}

/** Below one core as kubectl writes it: `250m`. */
export function coresText(cores: number, f: Format): string {
  if (cores === 0) return '0';
  if (Math.abs(cores) < 0.001) return `${f.number(cores * 1000, 2)}m`;
  return Math.abs(cores) < 1 ? `${f.number(cores * 1000)}m` : f.number(cores, 2);
}
