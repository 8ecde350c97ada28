import { describeError } from '#base';
import { type DataSources, toQueryResult } from '#dashboards/data-sources';
import {
  type AnnotationMark,
  defaultMarkColor,
  markQuestion,
  panelsOf,
  type SourcedMarks,
  storedWanted,
} from '#dashboards/marks';
import type { AnnotationQuery, Dashboard } from '#dashboards/model';
import type { Annotation, AnnotationQuery as StoredQuery } from '#dashboards/store';
import type { Lookup } from '#dashboards/variables';
import { sourceOf } from './panel-queries.ts';

/** A dashboard with more of them is not one that somebody wrote. */
const maxQueries = 20;
/** More marks than this on a chart are a stripe. */
const maxStored = 1000;
const ownUids: ReadonlySet<string> = new Set(['-- Grafana --', 'grafana']);

export interface MarksRequest {
  readonly dashboard: Dashboard;
  readonly fromMs: number;
  readonly toMs: number;
  readonly lookup: Lookup;
}

/** Annotations that people wrote down. */
export type StoredAnnotations = (query: StoredQuery) => readonly Annotation[];

export interface FoundMarks {
  readonly sources: readonly SourcedMarks[];
  /** `name: why` of those that could not be asked. */
  readonly errors: readonly string[];
}

/** Marks of the annotations that a dashboard has switched on. Those of the cluster's events are of the page alone. */
export async function findMarks(
  request: MarksRequest,
  sources: DataSources,
  stored: StoredAnnotations,
  signal: AbortSignal,
): Promise<FoundMarks> {
  const wanted = request.dashboard.annotations.list
    .filter(({ enable }) => enable === true)
    .slice(0, maxQueries);
  const found: SourcedMarks[] = [];
  const errors: string[] = [];
  for (const query of wanted) {
    try {
      const marks = isOwn(query)
        ? storedMarks(query, request, stored)
        : await askedMarks(query, request, sources, signal);
      found.push({ ...panelsOf(query), marks });
    } catch (error) {
      signal.throwIfAborted();
      errors.push(`${query.name}: ${describeError(error)}`);
    }
  }
  return { sources: found, errors };
}

const isOwn = ({ builtIn, datasource }: AnnotationQuery): boolean =>
  builtIn === 1 || ownUids.has(datasource?.uid ?? '');

function storedMarks(
  query: AnnotationQuery,
  { dashboard, fromMs, toMs, lookup }: MarksRequest,
  stored: StoredAnnotations,
): readonly AnnotationMark[] {
  if (String(query.target?.['type'] ?? '').startsWith('nunchi-')) return [];
  const where = storedWanted(query, dashboard.uid ?? '', lookup);
  return stored({ fromMs, toMs, ...where, limit: maxStored }).map((one) => ({
    fromMs: one.timeMs,
    toMs: one.timeEndMs,
    title: '',
    text: one.text,
    tags: one.tags,
    color: query.iconColor ?? defaultMarkColor,
    source: query.name,
  }));
}

async function askedMarks(
  query: AnnotationQuery,
  { fromMs, toMs, lookup }: MarksRequest,
  sources: DataSources,
  signal: AbortSignal,
): Promise<readonly AnnotationMark[]> {
  const source = sourceOf(query.datasource, sources, lookup);
  const question = source && markQuestion(query, source, { fromMs, toMs, lookup });
  if (question === undefined) return [];
  const { refId } = question.query;
  const answers = await sources.query({ fromMs, toMs, queries: [question.query as never] }, signal);
  const answer = answers.get(refId);
  if (answer?.error !== undefined) throw new Error(answer.error);
  return answer === undefined ? [] : question.read(toQueryResult(answer, refId).frames ?? []);
}
