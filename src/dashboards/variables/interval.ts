import type { Variable } from '#dashboards/model';
import type { Option } from './contract.ts';
import { customOptions } from './options.ts';
import { parseIntervalMs, roundIntervalMs } from './step.ts';

/** The choice that follows the range. */
export const autoInterval = '$__auto';

const defaultAutoCount = 30;
const defaultAutoMinMs = 10_000;

/** Durations to choose from, with "Auto" in front where the variable has it. */
export function intervalOptions(variable: Variable): readonly Option[] {
  const options = customOptions(String(variable.query ?? ''));
  return variable['auto'] === true ? [{ text: 'Auto', value: autoInterval }, ...options] : options;
}

/** `$__auto_interval_name` of old files and links is the same choice. */
export const readInterval = (value: string): string =>
  value.startsWith('$__auto_interval') ? autoInterval : value;

export function autoIntervalMs(variable: Variable, rangeMs: number): number {
  const count = Number(variable['auto_count']) || defaultAutoCount;
  const leastMs = parseIntervalMs(String(variable['auto_min'] ?? '')) ?? defaultAutoMinMs;
  return Math.max(leastMs, roundIntervalMs(rangeMs / count));
}
