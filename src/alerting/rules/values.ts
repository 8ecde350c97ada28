import { type Labels, labelsOf, type Point, type Values } from '#alerting/expressions';
import type { InstanceValues } from './contract.ts';
import { numberText } from './template.ts';

interface Found {
  readonly labels: Labels;
  readonly value: Point;
}

/**
 * Finds the number whose labels are those asked for, or a part of them; the larger part first.
 * Each look-up is constant for results of one shape.
 */
export function valueIndex(values: Values): (labels: Labels) => Found | undefined {
  const shapes = new Map<
    string,
    { readonly names: readonly string[]; readonly found: Map<string, Found> }
  >();
  for (const value of values) {
    if (value.kind !== 'number' && value.kind !== 'scalar') continue;
    const labels = labelsOf(value);
    const names = Object.keys(labels).sort();
    const shape = JSON.stringify(names);
    const { found } = shapes.get(shape) ?? { found: new Map<string, Found>() };
    if (found.size === 0) shapes.set(shape, { names, found });
    found.set(keyOf(labels, names), { labels, value: value.value });
  }
  const ordered = [...shapes.values()].sort((a, b) => b.names.length - a.names.length);
  return (labels) => {
    for (const { names, found } of ordered) {
      if (!names.every((name) => Object.hasOwn(labels, name))) continue;
      const hit = found.get(keyOf(labels, names));
      if (hit !== undefined) return hit;
    }
    return undefined;
  };
}

const keyOf = (labels: Labels, names: readonly string[]): string =>
  JSON.stringify(names.map((name) => labels[name]));

/** `[ var='B' labels={pod=x} value=3 ], [ var='C' labels={} value=1 ]` */
export const valueStringOf = (
  values: InstanceValues,
  valueLabels: Readonly<Record<string, Labels>>,
): string =>
  Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([refId, value]) => {
      const labels = Object.entries(valueLabels[refId] ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, text]) => `${name}=${text}`)
        .join(', ');
      return `[ var='${refId}' labels={${labels}} value=${numberText(value)} ]`;
    })
    .join(', ');
