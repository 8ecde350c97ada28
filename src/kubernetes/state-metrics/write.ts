import {
  formatGoFloat,
  type NegotiatedFormat,
  type WrittenFamily,
  writeExposition,
} from '#metrics/exposition';
import { labelsOf, metricNameLabel } from '#metrics/model';
import type { Family, KubernetesObject } from './contract.ts';
import { labelPairs, labelText } from './label-sets.ts';
import type { ObjectTable } from './object-table.ts';
import type { StateMetrics } from './registry.ts';

/** A piece of a family that is this long is handed over. */
const pieceChars = 256 * 1024;

/** Rows of a family in an object's block: from, to (exclusive). */
function rowsOf(
  families: Uint16Array,
  start: number,
  count: number,
  family: number,
): [number, number] {
  let low = start;
  let high = start + count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (families[middle]! < family) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < start + count && families[end] === family) end++;
  return [low, end];
}

/** Go writes large numbers with an exponent; 0 and 1 are most of what there is. */
const valueText = (value: number): string =>
  value === 0 ? '0' : value === 1 ? '1' : formatGoFloat(value);

/**
 * Everything in a format, a family or less at a time. Between two pieces objects may change: a family is
 * consistent in itself, and no series is written twice.
 */
export function* writeStateMetrics(
  registry: StateMetrics,
  format: Pick<NegotiatedFormat, 'format' | 'escaping'>,
): Generator<string | Uint8Array> {
  if (format.format === 'protobuf') {
    yield* writeExposition(writtenFamilies(registry), format);
    return;
  }
  const isOpenMetrics = format.format === 'openmetrics';
  for (const table of registry.tables.values()) {
    if (table.size === 0) continue;
    const bases: Base[] = [];
    for (const [at, family] of table.families.entries()) {
      yield* familyText(registry, table, { at, family, isOpenMetrics, bases });
    }
  }
  if (isOpenMetrics) yield '# EOF\n';
}

/** The text of the labels that name an object, while it is the same object. */
interface Base {
  readonly identity: readonly string[];
  readonly text: string;
}

interface Place {
  readonly at: number;
  readonly family: Family<KubernetesObject>;
  readonly isOpenMetrics: boolean;
  readonly bases: Base[];
}

function familyText(
  registry: StateMetrics,
  table: ObjectTable,
  { at, family, isOpenMetrics, bases }: Place,
): string[] {
  const { families, labels, values } = registry.columns;
  const { identities, starts, counts } = table;
  const type = family.type ?? 'gauge';
  const title =
    isOpenMetrics && type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
  let text = `# HELP ${title} ${family.help}\n# TYPE ${title} ${type}\n`;
  const headLength = text.length;
  const pieces: string[] = [];
  for (let id = 0; id < identities.length; id++) {
    const identity = identities[id];
    if (identity === undefined) continue;
    const [from, to] = rowsOf(families, starts[id]!, counts[id]!, at);
    if (from === to) continue;
    let base = bases[id];
    if (base?.identity !== identity) {
      base = { identity, text: labelText(identityPairs(table, identity)) };
      bases[id] = base;
    }
    for (let row = from; row < to; row++) {
      const own = labels[row] === 0 ? '' : `,${registry.labelSets.text(labels[row]!)}`;
      text += `${family.name}{${base.text}${own}} ${valueText(values[row]!)}\n`;
    }
    if (text.length >= pieceChars) {
      pieces.push(text);
      text = '';
    }
  }
  // A family without a series is left out.
  if (pieces.length === 0 && text.length === headLength) return [];
  pieces.push(text);
  return pieces;
}

const identityPairs = ({ resource }: ObjectTable, identity: readonly string[]): string[] =>
  resource.identity.flatMap((name, at) => [name, identity[at] ?? '']);

function* writtenFamilies(registry: StateMetrics): Generator<WrittenFamily> {
  const { columns, labelSets } = registry;
  for (const table of registry.tables.values()) {
    for (const [at, { name, help, type = 'gauge' }] of table.families.entries()) {
      const samples = [...table.identities.entries()].flatMap(([id, identity]) => {
        if (identity === undefined) return [];
        const [from, to] = rowsOf(columns.families, table.starts[id]!, table.counts[id]!, at);
        return Array.from({ length: to - from }, (_, offset) => {
          const row = from + offset;
          const flat = [
            ...identityPairs(table, identity),
            ...labelPairs(labelSets.text(columns.labels[row]!)),
          ];
          const pairs = flat.flatMap((each, index) =>
            index % 2 === 0 ? [[each, flat[index + 1] ?? ''] as const] : [],
          );
          return {
            labels: labelsOf([...pairs, [metricNameLabel, name]]),
            value: columns.values[row]!,
          };
        });
      });
      if (samples.length > 0) yield { name, metadata: { type, help, unit: '' }, samples };
    }
  }
}
