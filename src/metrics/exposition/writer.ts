import {
  type Exemplar,
  type FloatHistogram,
  isPlainLabelName,
  isPlainMetricName,
  type Labels,
  type MetricMetadata,
  type MetricType,
  metricNameLabel,
} from '#metrics/model';
import type { NegotiatedFormat } from './content-type.ts';
import { type EscapingScheme, escapeName } from './escaping.ts';
import { formatBoundary, formatGoFloat, parseGoFloat } from './number.ts';
import { encodeFamily } from './protobuf-writer.ts';

export interface WrittenSample {
  /** With the full name: `x_bucket` and its `le` for a bucket of the histogram `x`. */
  readonly labels: Labels;
  readonly value: number;
  /** Unix ms. */
  readonly timeMs?: number | undefined;
  /** Only the protobuf form can carry it: in text it is left out. */
  readonly histogram?: FloatHistogram | undefined;
  readonly exemplar?: Exemplar | undefined;
  /** Unix ms. */
  readonly startTimeMs?: number | undefined;
}

export interface WrittenFamily {
  /** As in TYPE lines of text 0.0.4: counters with their `_total`. */
  readonly name: string;
  readonly metadata?: MetricMetadata | undefined;
  readonly samples: Iterable<WrittenSample>;
}

/** Text is handed over in pieces of about this size: neither a string per line nor one of all. */
const pieceChars = 32 * 1024;

/**
 * Writes families in the negotiated format, piece by piece: nothing but one piece (in protobuf: one
 * family) is in memory. Families with one name must follow each other.
 */
export function* writeExposition(
  families: Iterable<WrittenFamily>,
  format: Pick<NegotiatedFormat, 'format' | 'escaping'>,
): Generator<Uint8Array | string> {
  if (format.format === 'protobuf') {
    for (const family of families) yield encodeFamily(family, format.escaping);
    return;
  }
  const isOpenMetrics = format.format === 'openmetrics';
  let text = '';
  for (const family of families) {
    const { type, sampleName, head } = familyHead(family, format.escaping, isOpenMetrics);
    text += head;
    for (const sample of family.samples) {
      if (sample.histogram !== undefined) continue;
      text += sampleLine(sample, { type, sampleName, isOpenMetrics, escaping: format.escaping });
      if (text.length >= pieceChars) {
        yield text;
        text = '';
      }
    }
  }
  if (isOpenMetrics) text += '# EOF\n';
  if (text !== '') yield text;
}

/** What text 0.0.4 has no word for. */
const textTypes: Readonly<Record<MetricType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  unknown: 'untyped',
};

interface Head {
  readonly type: MetricType;
  /** The name of a counter's samples in OpenMetrics; undefined: as they are. */
  readonly sampleName: string | undefined;
  readonly head: string;
}

function familyHead(
  { name: given, metadata }: WrittenFamily,
  escaping: EscapingScheme,
  isOpenMetrics: boolean,
): Head {
  const type = metadata?.type ?? 'unknown';
  const isCounter = isOpenMetrics && type === 'counter';
  const name = isCounter ? given.replace(/_total$/, '') : given;
  const written = writtenName(escapeName(name, escaping, true));
  let head = '';
  if (metadata !== undefined) {
    if (metadata.help !== '') {
      const help = metadata.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
      head += `# HELP ${written} ${isOpenMetrics ? help.replaceAll('"', '\\"') : help}\n`;
    }
    head += `# TYPE ${written} ${isOpenMetrics ? type : textTypes[type]}\n`;
    if (isOpenMetrics && metadata.unit !== '' && name.endsWith(`_${metadata.unit}`)) {
      head += `# UNIT ${written} ${metadata.unit}\n`;
    }
  }
  return { type, head, sampleName: isCounter ? `${name}_total` : undefined };
}

interface LineContext {
  readonly type: MetricType;
  readonly sampleName: string | undefined;
  readonly isOpenMetrics: boolean;
  readonly escaping: EscapingScheme;
}

function sampleLine(sample: WrittenSample, context: LineContext): string {
  const { isOpenMetrics, type, escaping } = context;
  let name = '';
  let labels = '';
  for (let at = 0; at < sample.labels.length; at += 2) {
    const label = sample.labels[at]!;
    const value = sample.labels[at + 1]!;
    if (label === metricNameLabel) {
      name = context.sampleName ?? value;
      continue;
    }
    const isBoundary = boundaryLabel(type) === label;
    const shown = isBoundary ? boundaryText(value) : value;
    const written = escapeName(label, escaping, false);
    const quoted = isPlainLabelName(written) ? written : `"${escapeValue(written)}"`;
    labels += `${labels === '' ? '' : ','}${quoted}="${escapeValue(shown)}"`;
  }
  name = escapeName(name, escaping, true);
  const isPlain = isPlainMetricName(name);
  const inner = isPlain ? labels : `"${escapeValue(name)}"${labels === '' ? '' : `,${labels}`}`;
  const series = `${isPlain ? name : ''}${inner === '' ? '' : `{${inner}}`}`;
  const value = isOpenMetrics ? formatBoundary(sample.value) : formatGoFloat(sample.value);
  const time = sample.timeMs === undefined ? '' : timeText(sample.timeMs, isOpenMetrics);
  const exemplar =
    isOpenMetrics && sample.exemplar !== undefined ? exemplarText(sample.exemplar) : '';
  return `${series} ${value}${time}${exemplar}\n`;
}

const boundaryLabel = (type: MetricType): string | undefined =>
  type === 'histogram' || type === 'gaugehistogram'
    ? 'le'
    : type === 'summary'
      ? 'quantile'
      : undefined;

function boundaryText(value: string): string {
  try {
    return formatBoundary(parseGoFloat(value));
  } catch {
    return value;
  }
}

const timeText = (timeMs: number, isOpenMetrics: boolean): string =>
  isOpenMetrics ? ` ${secondsText(timeMs)}` : ` ${timeMs}`;

const secondsText = (timeMs: number): string => (timeMs / 1000).toFixed(3).replace(/\.?0+$/, '');

function exemplarText({ labels, value, timeMs }: Exemplar): string {
  const parts: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    parts.push(`${labels[at]}="${escapeValue(labels[at + 1]!)}"`);
  }
  return ` # {${parts.join(',')}} ${formatBoundary(value)} ${secondsText(timeMs)}`;
}

const writtenName = (name: string): string =>
  isPlainMetricName(name) ? name : `"${escapeValue(name)}"`;

const escapeValue = (value: string): string =>
  /[\\"\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
    : value;
