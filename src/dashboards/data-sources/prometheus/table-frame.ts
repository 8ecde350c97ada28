import type { Frame } from '../contract.ts';
import type { PrometheusSeries } from './answer.ts';
import type { FramesContext } from './frames.ts';

type Meta = Readonly<Record<string, unknown>>;

/** A row a sample: its time, the labels of its series as columns in the order of their first sight, its value. */
export function tableFrame(
  series: readonly PrometheusSeries[],
  { target, queryCount, limits }: FramesContext,
  meta: Meta,
): Frame {
  const all = series.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
  const rows = Math.min(all, limits.maxRows);
  const timesMs = new Float64Array(rows);
  const values = new Float64Array(rows);
  const columns = new Map<string, string[]>();
  let row = 0;
  for (const one of series) {
    const count = Math.min(one.timesMs.length, rows - row);
    if (count <= 0) break;
    timesMs.set(one.timesMs.subarray(0, count), row);
    values.set(one.values.subarray(0, count), row);
    for (let at = 0; at < one.labels.length; at += 2) {
      const name = one.labels[at]!;
      let column = columns.get(name);
      if (column === undefined) {
        column = new Array<string>(rows).fill('');
        columns.set(name, column);
      }
      column.fill(one.labels[at + 1]!, row, row + count);
    }
    row += count;
  }
  return {
    meta: { ...withNotice(meta, rows, all), type: undefined, typeVersion: undefined },
    fields: [
      { name: 'Time', type: 'time', values: timesMs },
      ...[...columns].map(([name, column]) => ({
        name,
        type: 'string' as const,
        config: { filterable: true },
        values: column,
      })),
      {
        name: queryCount > 1 ? `Value #${target.refId}` : 'Value',
        type: 'number',
        values,
      },
    ],
  };
}

function withNotice(meta: Meta, rows: number, all: number): Meta {
  if (rows === all) return meta;
  const notice = { severity: 'warning', text: `The first ${rows} of ${all} rows are shown` };
  const before = Array.isArray(meta['notices']) ? (meta['notices'] as unknown[]) : [];
  return { ...meta, notices: [...before, notice] };
}
