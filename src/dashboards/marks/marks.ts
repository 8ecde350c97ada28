import type { AnnotationMark, MarkFrame } from './contract.ts';

/** More marks than this on a chart are a stripe. */
const maxMarks = 1000;

export interface MarkFormat {
  readonly stepMs: number;
  readonly color: string;
  readonly source: string;
  /** With `{{label}}`. */
  readonly titleFormat: string;
  readonly textFormat: string;
  /** Labels whose values are tags, with commas between. */
  readonly tagKeys: string;
  /** The value is the instant, in ms or s. */
  readonly isTimeInValue: boolean;
}

/** Samples above zero are events; those not further apart than a step are one. */
export function marksOf(
  frames: readonly MarkFrame[],
  format: MarkFormat,
): readonly AnnotationMark[] {
  const marks: AnnotationMark[] = [];
  for (const { schema, data } of frames) {
    const times = data.values[schema.fields.findIndex(({ type }) => type === 'time')];
    const at = schema.fields.findIndex(({ type }) => type === 'number');
    const values = data.values[at];
    if (times === undefined || values === undefined) continue;
    const labels = schema.fields[at]?.labels ?? {};
    for (const { fromMs, toMs } of spansOf(times, values, format)) {
      if (marks.length >= maxMarks) return marks;
      marks.push({ fromMs, toMs, ...wordsOf(labels, format) });
    }
  }
  return marks;
}

export interface RowFormat extends Omit<MarkFormat, 'stepMs' | 'isTimeInValue'> {
  /** Of the document: which column, or which text, is what. */
  readonly mappings: unknown;
}

type Mappings = Readonly<
  Record<string, { readonly source?: string; readonly value?: string } | undefined>
>;

/** A mark for each row: columns named `time`, `timeEnd`, `title`, `text`, `tags`, unless told otherwise. */
export function rowMarksOf(
  frames: readonly MarkFrame[],
  format: RowFormat,
): readonly AnnotationMark[] {
  const mappings = (
    typeof format.mappings === 'object' && format.mappings !== null ? format.mappings : {}
  ) as Mappings;
  const marks: AnnotationMark[] = [];
  for (const { schema, data } of frames) {
    const column = (name: string | undefined): readonly unknown[] | undefined =>
      data.values[schema.fields.findIndex((one) => one.name === name)];
    const firstOf = (type: string): readonly unknown[] | undefined =>
      data.values[schema.fields.findIndex((one) => one.type === type)];
    const mapped = (key: string): readonly unknown[] | undefined =>
      mappings[key]?.source === 'skip' ? undefined : column(mappings[key]?.value ?? key);
    const times = mapped('time') ?? firstOf('time');
    if (times === undefined) continue;
    const [ends, titles, tags] = [mapped('timeEnd'), mapped('title'), mapped('tags')];
    const texts = mapped('text') ?? (titles === undefined ? firstOf('string') : undefined);
    for (const [row, time] of times.entries()) {
      if (marks.length >= maxMarks) return marks;
      const fromMs = msOf(time);
      if (fromMs === undefined) continue;
      const values = Object.fromEntries(
        schema.fields.map(({ name }, at) => [name, textOf(data.values[at]?.[row])]),
      );
      const words = wordsOf(values, { ...format, stepMs: 0, isTimeInValue: false });
      const fixed = (key: string): string =>
        mappings[key]?.source === 'text' ? (mappings[key]?.value ?? '') : '';
      marks.push({
        ...words,
        fromMs,
        toMs: Math.max(fromMs, msOf(ends?.[row]) ?? fromMs),
        title: words.title || fixed('title') || textOf(titles?.[row]),
        text: words.text || fixed('text') || textOf(texts?.[row]),
        tags: words.tags.length > 0 ? words.tags : tagsOf(tags?.[row]),
      });
    }
  }
  return marks;
}

const textOf = (value: unknown): string =>
  value === undefined || value === null
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

/** Unix ms, or a text that says an instant. */
function msOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : value;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined;
}

function tagsOf(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value.map(textOf) : textOf(value).split(',');
  return list.map((tag) => tag.trim()).filter((tag) => tag !== '');
}

interface Span {
  readonly fromMs: number;
  toMs: number;
}

function spansOf(
  times: readonly unknown[],
  values: readonly unknown[],
  { stepMs, isTimeInValue }: MarkFormat,
): readonly Span[] {
  const spans: Span[] = [];
  const instants = new Set<number>();
  for (const [index, time] of times.entries()) {
    const value = Number(values[index] ?? 0);
    if (!(value > 0)) continue;
    if (isTimeInValue) {
      // Seconds, unless that would be in the far past.
      const ms = value < 1e11 ? value * 1000 : value;
      if (!instants.has(ms)) spans.push({ fromMs: ms, toMs: ms });
      instants.add(ms);
      continue;
    }
    const last = spans.at(-1);
    if (last !== undefined && Number(time) - last.toMs <= stepMs) last.toMs = Number(time);
    else spans.push({ fromMs: Number(time), toMs: Number(time) });
  }
  return spans;
}

function wordsOf(
  labels: Readonly<Record<string, string>>,
  { titleFormat, textFormat, tagKeys, color, source }: MarkFormat,
): Omit<AnnotationMark, 'fromMs' | 'toMs'> {
  const fill = (template: string): string =>
    template.replace(/\{\{\s*([^{}\s]+)\s*\}\}/g, (_, label: string) => labels[label] ?? '');
  const keys = tagKeys.split(',').map((key) => key.trim());
  return {
    title: fill(titleFormat),
    text: fill(textFormat),
    tags: keys.map((key) => labels[key] ?? '').filter((tag) => tag !== ''),
    color,
    source,
  };
}
