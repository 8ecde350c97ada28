import type { AnnotationQuery } from '../../../src/dashboards/model/contract.ts';
import {
  interpolate,
  interpolateAll,
  type Lookup,
  parseIntervalMs,
  promqlFormat,
} from '../../../src/dashboards/variables/index.ts';
import { type DataSource, dashboardsApi } from '../api/dashboards.ts';
import { kubernetesApi } from '../api/kubernetes.ts';
import type { AnnotationMark } from '../panels/contract.ts';
import { marksOf, rowMarksOf } from './marks.ts';
import { findDataSource, isOwnData } from './source-refs.ts';

/** Marks that the console has for every dashboard, beside those of the dashboard itself. */
export const ownSources = ['events', 'changes', 'alerts'] as const;
export type OwnSource = (typeof ownSources)[number];

export interface AnnotationRequest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly dashboardUid: string;
  readonly lookup: Lookup;
  readonly dataSources: readonly DataSource[];
  readonly signal: AbortSignal;
}

/** Marks of one query, with the panels that they are for. */
export interface SourcedMarks {
  readonly marks: readonly AnnotationMark[];
  /** Panels by id; undefined: all. */
  readonly panels?: { readonly exclude: boolean; readonly ids: readonly number[] };
}

const defaultColor = 'rgba(0, 211, 255, 1)';
const defaultStepMs = 60_000;

/** What a dashboard's annotation query finds. @throws ApiError */
export async function findAnnotations(
  query: AnnotationQuery,
  request: AnnotationRequest,
): Promise<SourcedMarks> {
  const filter = query['filter'] as { exclude?: boolean; ids?: readonly number[] } | undefined;
  const panels =
    filter?.ids === undefined
      ? {}
      : { panels: { exclude: filter.exclude === true, ids: filter.ids } };
  const color = query.iconColor ?? defaultColor;
  return { ...panels, marks: await marksOfQuery(query, request, color) };
}

function marksOfQuery(
  query: AnnotationQuery,
  request: AnnotationRequest,
  color: string,
): Promise<readonly AnnotationMark[]> {
  if (query.builtIn === 1 || isOwnData(query.datasource)) {
    const own = ownSourceOf(query);
    return own === undefined
      ? storedMarks(query, request, color)
      : ownMarks(own, query.name, query, request);
  }
  const { source } = findDataSource(query.datasource, request.dataSources, request.lookup);
  return source === undefined || source.type === 'prometheus'
    ? prometheusMarks(query, request, color)
    : rowMarks(query, source, request, color);
}

const ownTypePrefix = 'nunchi-';

/** `target.type` of a query for the cluster's own marks: `nunchi-events`, `nunchi-changes`, `nunchi-alerts`. */
export const ownType = (source: OwnSource): string => `${ownTypePrefix}${source}`;

export function ownSourceOf({ target }: AnnotationQuery): OwnSource | undefined {
  return ownSources.find((source) => target?.['type'] === ownType(source));
}

/** Rows of whatever a query answers: log lines, rows of a database. */
async function rowMarks(
  query: AnnotationQuery,
  { uid, type }: DataSource,
  { fromMs, toMs, lookup, signal }: AnnotationRequest,
  color: string,
): Promise<readonly AnnotationMark[]> {
  const asked = interpolateAll(query.target ?? {}, lookup) as object;
  const ask = { ...asked, refId: 'Anno', datasource: { uid, type } };
  const answer = (await dashboardsApi.query({ fromMs, toMs, queries: [ask] }, signal))['Anno'];
  if (answer?.error !== undefined) throw new Error(answer.error);
  return rowMarksOf(answer?.frames ?? [], {
    color,
    source: query.name,
    titleFormat: String(query['titleFormat'] ?? ''),
    textFormat: String(query['textFormat'] ?? ''),
    tagKeys: String(query['tagKeys'] ?? ''),
    mappings: query['mappings'],
  });
}

async function storedMarks(
  { name, builtIn, target }: AnnotationQuery,
  { fromMs, toMs, dashboardUid, signal, lookup }: AnnotationRequest,
  color: string,
): Promise<readonly AnnotationMark[]> {
  const tags = (target?.['tags'] as readonly string[] | undefined) ?? [];
  const isByTags = builtIn !== 1 && target?.['type'] === 'tags' && tags.length > 0;
  const where = isByTags
    ? {
        tags: tags.map((tag) => interpolate(tag, lookup, 'regex')),
        matchAny: target?.['matchAny'] === true,
      }
    : { dashboardUid };
  const found = await dashboardsApi.annotations({ fromMs, toMs, ...where }, signal);
  return found.map((one) => ({
    fromMs: one.time,
    toMs: Math.max(one.time, one.timeEnd ?? one.time),
    title: one.title ?? '',
    text: plainText(one.text),
    tags: one.tags ?? [],
    color,
    source: name,
  }));
}

/** Stored texts may be HTML; marks show plain ones. */
const plainText = (text: string): string =>
  new DOMParser().parseFromString(text, 'text/html').body.textContent ?? '';

async function prometheusMarks(
  query: AnnotationQuery,
  { fromMs, toMs, lookup, dataSources, signal }: AnnotationRequest,
  color: string,
): Promise<readonly AnnotationMark[]> {
  const { source } = findDataSource(query.datasource, dataSources, lookup);
  const field = (key: string): string => String(query.target?.[key] ?? query[key] ?? '');
  const expr = interpolate(field('expr'), lookup, promqlFormat);
  if (source === undefined || source.type !== 'prometheus' || expr.trim() === '') return [];
  const step = interpolate(field('step') || field('interval'), lookup);
  const stepMs = parseIntervalMs(step) ?? defaultStepMs;
  const ask = {
    refId: 'Anno',
    datasource: { uid: source.uid, type: source.type },
    expr,
    range: true,
    interval: `${Math.round(stepMs / 1000)}s`,
    intervalMs: stepMs,
    maxDataPoints: Math.max(100, Math.round((toMs - fromMs) / stepMs)),
  };
  const answer = (await dashboardsApi.query({ fromMs, toMs, queries: [ask] }, signal))['Anno'];
  if (answer?.error !== undefined) throw new Error(answer.error);
  return marksOf(answer?.frames ?? [], {
    stepMs,
    color,
    source: query.name,
    titleFormat: String(query['titleFormat'] ?? ''),
    textFormat: String(query['textFormat'] ?? ''),
    tagKeys: String(query['tagKeys'] ?? ''),
    isTimeInValue: query['useValueForTime'] === true || query['useValueForTime'] === 'on',
  });
}

const severityColors = { info: 'blue', warning: 'orange', error: 'red' } as const;
/** As many as one request gives; on a chart more of them are a stripe. */
const maxTimeline = 500;

/** Marks of the console's own sources; `label` is what people read as their source. @throws ApiError */
export async function findOwnMarks(
  source: OwnSource,
  label: string,
  request: AnnotationRequest,
): Promise<SourcedMarks> {
  return { marks: await ownMarks(source, label, undefined, request) };
}

/** Of a dashboard's query with its own namespace and colour; without one as the chosen namespace says. */
async function ownMarks(
  source: OwnSource,
  label: string,
  query: AnnotationQuery | undefined,
  request: AnnotationRequest,
): Promise<readonly AnnotationMark[]> {
  const { fromMs, toMs, signal, lookup } = request;
  const given = interpolate(String(query?.target?.['namespace'] ?? ''), lookup);
  if (source === 'alerts') {
    const matchers = ['alertstate="firing"'];
    if (given !== '') matchers.push(`namespace=${JSON.stringify(given)}`);
    const alerts: AnnotationQuery = {
      name: label,
      enable: true,
      datasource: { type: 'prometheus', uid: '' },
      expr: `ALERTS{${matchers.join(', ')}}`,
      titleFormat: '{{alertname}}',
      textFormat: '{{namespace}} {{pod}} {{instance}}',
      tagKeys: 'severity',
    };
    return await prometheusMarks(alerts, request, query?.iconColor ?? 'red');
  }
  const isWanted = source === 'events' ? 'event' : 'change';
  const timeline = await kubernetesApi.timeline(
    {
      from: Math.floor(fromMs),
      to: Math.ceil(toMs),
      sources: isWanted,
      namespace: given === '' ? chosenOne('namespace', lookup) : given,
      limit: maxTimeline,
    },
    signal,
  );
  return timeline.items
    .filter((item) => item.source === isWanted)
    .map((item) => ({
      fromMs: item.time,
      toMs: item.time,
      title: `${item.type} ${item.object.kind}/${item.object.name}`,
      text: item.message,
      tags: item.object.namespace === undefined ? [] : [item.object.namespace],
      color: severityColors[item.severity],
      source: label,
    }));
}

/** The value of a variable that has exactly one. */
function chosenOne(name: string, lookup: Lookup): string | undefined {
  const found = lookup({ name, path: [], format: undefined });
  const values = Array.isArray(found?.value) ? found.value : [found?.value];
  const [value] = values;
  return values.length === 1 && typeof value === 'string' && /^[\w.-]+$/.test(value)
    ? value
    : undefined;
}
