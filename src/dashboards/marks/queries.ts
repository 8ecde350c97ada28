import type { AnnotationQuery } from '#dashboards/model';
import {
  interpolate,
  interpolateAll,
  type Lookup,
  parseIntervalMs,
  promqlFormat,
} from '#dashboards/variables';
import type { AnnotationMark, MarkFrame, SourcedMarks } from './contract.ts';
import { marksOf, rowMarksOf } from './marks.ts';

export const defaultMarkColor = 'rgba(0, 211, 255, 1)';
const defaultStepMs = 60_000;

/** A question to a data source, whose answer `read` makes marks of. */
export interface MarkQuestion {
  readonly query: Readonly<Record<string, unknown>> & { readonly refId: string };
  readonly read: (frames: readonly MarkFrame[]) => readonly AnnotationMark[];
}

interface Asked {
  readonly uid: string;
  readonly type: string;
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lookup: Lookup;
}

/** What an annotation query asks its data source for. Undefined: it has no expression. */
export function markQuestion(
  query: AnnotationQuery,
  source: Asked,
  range: Range,
): MarkQuestion | undefined {
  return source.type === 'prometheus'
    ? prometheusQuestion(query, source, range)
    : rowsQuestion(query, source, range);
}

/** Panels that the marks of a query are for. */
export function panelsOf(query: AnnotationQuery): Pick<SourcedMarks, 'panels'> {
  const filter = query['filter'] as { exclude?: boolean; ids?: readonly number[] } | undefined;
  if (!Array.isArray(filter?.ids)) return {};
  return { panels: { exclude: filter.exclude === true, ids: filter.ids } };
}

/** Those for one panel. */
export const marksFor = (
  sources: readonly SourcedMarks[],
  panelId: number | undefined,
): readonly AnnotationMark[] =>
  sources
    .filter(
      ({ panels }) =>
        panels === undefined ||
        (panelId !== undefined && panels.ids.includes(panelId)) !== panels.exclude,
    )
    .flatMap(({ marks }) => marks);

/** Which stored annotations a query wants: of its dashboard, or those with its tags. */
export function storedWanted(
  { builtIn, target }: AnnotationQuery,
  dashboardUid: string,
  lookup: Lookup,
):
  | { readonly dashboardUid: string }
  | { readonly tags: readonly string[]; readonly matchAny: boolean } {
  const tags = target?.['tags'];
  if (builtIn === 1 || target?.['type'] !== 'tags' || !Array.isArray(tags) || tags.length === 0) {
    return { dashboardUid };
  }
  return {
    tags: tags.map((tag) => interpolate(String(tag), lookup, 'regex')),
    matchAny: target['matchAny'] === true,
  };
}

const wordsOf = (query: AnnotationQuery) => ({
  color: query.iconColor ?? defaultMarkColor,
  source: query.name,
  titleFormat: String(query['titleFormat'] ?? ''),
  textFormat: String(query['textFormat'] ?? ''),
  tagKeys: String(query['tagKeys'] ?? ''),
});

function prometheusQuestion(
  query: AnnotationQuery,
  { uid, type }: Asked,
  { fromMs, toMs, lookup }: Range,
): MarkQuestion | undefined {
  const field = (key: string): string => String(query.target?.[key] ?? query[key] ?? '');
  const expr = interpolate(field('expr'), lookup, promqlFormat);
  if (expr.trim() === '') return undefined;
  const step = interpolate(field('step') || field('interval'), lookup);
  const stepMs = parseIntervalMs(step) ?? defaultStepMs;
  const isTimeInValue = query['useValueForTime'] === true || query['useValueForTime'] === 'on';
  return {
    query: {
      refId: 'Anno',
      datasource: { uid, type },
      expr,
      range: true,
      interval: `${Math.round(stepMs / 1000)}s`,
      intervalMs: stepMs,
      maxDataPoints: Math.max(100, Math.round((toMs - fromMs) / stepMs)),
    },
    read: (frames) => marksOf(frames, { ...wordsOf(query), stepMs, isTimeInValue }),
  };
}

/** Rows of whatever a query answers: log lines, rows of a database. */
function rowsQuestion(
  query: AnnotationQuery,
  { uid, type }: Asked,
  { lookup }: Range,
): MarkQuestion {
  const asked = interpolateAll(query.target ?? {}, lookup) as object;
  return {
    query: { ...asked, refId: 'Anno', datasource: { uid, type } },
    read: (frames) => rowMarksOf(frames, { ...wordsOf(query), mappings: query['mappings'] }),
  };
}
