import {
  type AnnotationMark,
  defaultMarkColor,
  markQuestion,
  panelsOf,
  type SourcedMarks,
  storedWanted,
} from '../../../src/dashboards/marks/index.ts';
import type { AnnotationQuery } from '../../../src/dashboards/model/contract.ts';
import { interpolate, type Lookup } from '../../../src/dashboards/variables/index.ts';
import { type DataSource, dashboardsApi } from '../api/dashboards.ts';
import { kubernetesApi } from '../api/kubernetes.ts';
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

/** What a dashboard's annotation query finds. @throws ApiError */
export async function findAnnotations(
  query: AnnotationQuery,
  request: AnnotationRequest,
): Promise<SourcedMarks> {
  return { ...panelsOf(query), marks: await marksOfQuery(query, request) };
}

function marksOfQuery(
  query: AnnotationQuery,
  request: AnnotationRequest,
): Promise<readonly AnnotationMark[]> {
  if (query.builtIn === 1 || isOwnData(query.datasource)) {
    const own = ownSourceOf(query);
    return own === undefined
      ? storedMarks(query, request)
      : ownMarks(own, query.name, query, request);
  }
  const { source } = findDataSource(query.datasource, request.dataSources, request.lookup);
  return askedMarks(query, source, request);
}

const ownTypePrefix = 'nunchi-';

/** `target.type` of a query for the cluster's own marks: `nunchi-events`, `nunchi-changes`, `nunchi-alerts`. */
export const ownType = (source: OwnSource): string => `${ownTypePrefix}${source}`;

export function ownSourceOf({ target }: AnnotationQuery): OwnSource | undefined {
  return ownSources.find((source) => target?.['type'] === ownType(source));
}

async function askedMarks(
  query: AnnotationQuery,
  source: DataSource | undefined,
  { fromMs, toMs, lookup, signal }: AnnotationRequest,
): Promise<readonly AnnotationMark[]> {
  const question = source && markQuestion(query, source, { fromMs, toMs, lookup });
  if (question === undefined) return [];
  const ask = { fromMs, toMs, queries: [question.query] };
  const answer = (await dashboardsApi.query(ask, signal))[question.query.refId];
  if (answer?.error !== undefined) throw new Error(answer.error);
  return question.read(answer?.frames ?? []);
}

async function storedMarks(
  query: AnnotationQuery,
  { fromMs, toMs, dashboardUid, signal, lookup }: AnnotationRequest,
): Promise<readonly AnnotationMark[]> {
  const where = storedWanted(query, dashboardUid, lookup);
  const found = await dashboardsApi.annotations({ fromMs, toMs, ...where }, signal);
  return found.map((one) => ({
    fromMs: one.time,
    toMs: Math.max(one.time, one.timeEnd ?? one.time),
    title: one.title ?? '',
    text: plainText(one.text),
    tags: one.tags ?? [],
    color: query.iconColor ?? defaultMarkColor,
    source: query.name,
  }));
}

/** Stored texts may be HTML; marks show plain ones. */
const plainText = (text: string): string =>
  new DOMParser().parseFromString(text, 'text/html').body.textContent ?? '';

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
      iconColor: query?.iconColor ?? 'red',
    };
    const { source: own } = findDataSource(
      alerts.datasource,
      request.dataSources.filter(({ type }) => type === 'prometheus'),
      lookup,
    );
    return await askedMarks(alerts, own, request);
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
