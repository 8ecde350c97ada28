import { labelsOf, type MetricMetadata, type MetricType } from '#metrics/model';
import type { ExpositionEntry, ParsedSample } from './entries.ts';
import type { WrittenFamily, WrittenSample } from './writer.ts';

/**
 * Entries of a body as families for `writeExposition`: from one format into another. A sample belongs
 * to the family of the TYPE or HELP line before it when its name begins so; else it is its own.
 */
export function familiesOf(entries: Iterable<ExpositionEntry>): WrittenFamily[] {
  const families = new Map<string, { metadata: MetricMetadata; samples: WrittenSample[] }>();
  let current = '';
  const family = (name: string): { metadata: MetricMetadata; samples: WrittenSample[] } => {
    let found = families.get(name);
    if (found === undefined) {
      found = { metadata: { type: 'unknown', help: '', unit: '' }, samples: [] };
      families.set(name, found);
    }
    return found;
  };
  for (const entry of entries) {
    if (entry.kind !== 'sample') {
      current = entry.family;
      const found = family(current);
      found.metadata =
        entry.kind === 'type'
          ? { ...found.metadata, type: entry.text }
          : { ...found.metadata, [entry.kind]: entry.text };
      continue;
    }
    const name = entry.pairs[1] ?? '';
    const type = families.get(current)?.metadata.type ?? 'unknown';
    family(belongs(name, current, type) ? current : name).samples.push(writtenSample(entry));
  }
  return [...families].map(([name, { metadata, samples }]) => ({ name, metadata, samples }));
}

const suffixes: Readonly<Record<MetricType, RegExp>> = {
  counter: /^(?:_total|_created)?$/,
  gauge: /^$/,
  histogram: /^(?:_bucket|_count|_sum|_created)?$/,
  gaugehistogram: /^(?:_bucket|_gcount|_gsum)?$/,
  summary: /^(?:_count|_sum|_created)?$/,
  info: /^(?:_info)?$/,
  stateset: /^$/,
  unknown: /^$/,
};

const belongs = (name: string, family: string, type: MetricType): boolean =>
  family !== '' && name.startsWith(family) && suffixes[type].test(name.slice(family.length));

function writtenSample({ pairs, value, timeMs, histogram }: ParsedSample): WrittenSample {
  const labels: [string, string][] = [];
  for (let at = 0; at < pairs.length; at += 2) labels.push([pairs[at]!, pairs[at + 1]!]);
  return {
    labels: labelsOf(labels),
    value,
    ...(timeMs === undefined ? {} : { timeMs }),
    ...(histogram === undefined ? {} : { histogram }),
  };
}
