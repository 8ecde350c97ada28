import {
  type DataFrame,
  type Field,
  FieldType,
  formattedValueToString,
  getFieldDisplayName,
} from '@grafana/data';
import { isExemplars } from '../frames.ts';
import { flagAt, numberAt, objectAt } from '../read.ts';
import { withGaps } from './series-model.ts';

/** A while in one state. */
export interface StateSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly text: string;
  readonly color: string;
  /** Row of the frame where it begins, for links. */
  readonly at: number;
}

export interface StateRow {
  readonly name: string;
  readonly field: Field;
  readonly fillOpacity: number;
  readonly lineWidth: number;
  readonly spans: readonly StateSpan[];
}

/** More than these nobody can tell apart. */
const maxRows = 500;
const maxSpans = 20_000;

/**
 * One row for each field. A state lasts until the next sample; equal ones after each other are one
 * span where `merges` says so. Nothing (null) is a gap.
 */
export function stateRows(
  frames: readonly DataFrame[],
  merges: boolean,
  toMs: number,
  lineWidth = 0,
): readonly StateRow[] {
  const all = [...frames];
  const rows: StateRow[] = [];
  for (const frame of frames) {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    if (time === undefined || isExemplars(frame)) continue;
    const whole = withGaps(frame, time);
    const times = whole.fields[frame.fields.indexOf(time)]?.values as number[];
    for (const [index, field] of frame.fields.entries()) {
      if (field === time || rows.length >= maxRows) continue;
      const custom = objectAt(field.config.custom);
      if (flagAt(objectAt(custom, 'hideFrom'), 'viz', false)) continue;
      rows.push({
        name: getFieldDisplayName(field, frame, all),
        field,
        fillOpacity: numberAt(custom, 'fillOpacity', 70),
        lineWidth: numberAt(custom, 'lineWidth', lineWidth),
        spans: spansOf(field, whole.fields[index]?.values ?? [], times, merges, toMs),
      });
    }
  }
  return rows;
}

function spansOf(
  field: Field,
  values: readonly unknown[],
  times: readonly number[],
  merges: boolean,
  toMs: number,
): readonly StateSpan[] {
  const spans: { fromMs: number; toMs: number; text: string; color: string; at: number }[] = [];
  const bridges = objectAt(field.config.custom)['spanNulls'] === true;
  let open: (typeof spans)[number] | undefined;
  for (let at = 0; at < times.length && spans.length < maxSpans; at++) {
    const fromMs = times[at] as number;
    const value = values[at];
    if (value === undefined) continue;
    if (value === null) {
      if (!bridges) open = undefined;
      continue;
    }
    const shown = field.display?.(value);
    const text = shown === undefined ? String(value) : formattedValueToString(shown);
    const color = shown?.color ?? 'var(--series-count)';
    const endMs = times[at + 1] ?? Math.max(fromMs, toMs);
    if (merges && open !== undefined && open.text === text && open.color === color) {
      open.toMs = endMs;
      continue;
    }
    open = { fromMs, toMs: endMs, text, color, at };
    spans.push(open);
  }
  return spans;
}

/** The span at a moment; spans ascend. */
export function spanAt(spans: readonly StateSpan[], ms: number): StateSpan | undefined {
  let from = 0;
  let to = spans.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((spans[middle] as StateSpan).fromMs <= ms) from = middle + 1;
    else to = middle;
  }
  const span = spans[from - 1];
  return span !== undefined && ms < span.toMs ? span : undefined;
}
