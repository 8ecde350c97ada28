import {
  type Field,
  fieldReducers,
  formattedValueToString,
  getValueFormat,
  reduceField,
} from '@grafana/data';
import type { LegendValue } from './legend-items.ts';

/** Old names of calculations, which old dashboards still have. */
const aliases: Readonly<Record<string, string>> = {
  current: 'lastNotNull',
  avg: 'mean',
  total: 'sum',
};

export function calcId(name: string): string {
  return aliases[name] ?? name;
}

/** What the calculations say of a field, each with its title (`Last *`, `Max`). */
export function calcValues(field: Field, calcs: readonly string[]): readonly LegendValue[] {
  const ids = calcs.map(calcId);
  const known = ids.filter((id) => fieldReducers.getIfExists(id) !== undefined);
  if (known.length === 0) return [];
  const results = reduceField({ field, reducers: known }) as Record<string, unknown>;
  return known.map((id) => {
    const reducer = fieldReducers.get(id);
    const value = results[id];
    const numeric = typeof value === 'number' ? value : Number.NaN;
    return { title: reducer.name, text: calcText(field, id, value), numeric };
  });
}

function calcText(field: Field, id: string, value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'number') {
    if (id === 'diffperc') return formattedValueToString(getValueFormat('percent')(value));
    const isCount = /count/i.test(id);
    if (isCount) return String(value);
    if (field.display !== undefined) return formattedValueToString(field.display(value));
  }
  return String(value);
}
