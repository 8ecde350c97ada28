import { AppError } from '#base';
import {
  type DataQuery,
  type DataSources,
  type FramesResult,
  type NumberedDataSource,
  type QueryResult,
  toQueryResult,
} from '#dashboards/data-sources';
import type { Dashboard, DataSourceRef, Panel } from '#dashboards/model';
import {
  filterMatcher,
  interpolate,
  type Lookup,
  questionRange,
  type SourceFilters,
  sharedUid,
  targetQuery,
  targetSource,
} from '#dashboards/variables';
import { labelMatcher } from '#metrics/model';
import { parseQuery, printQuery, rewritten } from '#metrics/promql';

const maxQueries = 50;

export interface PanelQuestion {
  readonly panel: Panel;
  readonly dashboard: Dashboard;
  readonly widthPx: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
  readonly lookup: Lookup;
  /** What ad hoc and group-by variables say of a source. */
  readonly filtersOf: (source: NumberedDataSource) => SourceFilters;
}

/** What a panel asks for, answered, by `refId`. */
export async function askPanel(
  question: PanelQuestion,
  sources: DataSources,
  signal: AbortSignal,
): Promise<Readonly<Record<string, QueryResult>>> {
  const { fromMs, toMs, zone, lookup } = question;
  const panel = askedPanel(question);
  const source = sourceOf(panel.datasource, sources, lookup);
  const range = questionRange(panel, source, question, lookup);
  const asked: DataQuery[] = [];
  const failed = new Map<string, FramesResult>();
  for (const target of (panel.targets ?? []).slice(0, maxQueries)) {
    if (target.hide === true) continue;
    const ref = targetSource(target, panel);
    const found = sourceOf(ref, sources, lookup);
    if (found === undefined) {
      const error = `There is no data source ${ref?.uid ?? ref?.type ?? ''}`;
      failed.set(target.refId, { status: 400, frames: [], error });
      continue;
    }
    const rewrite = (expr: string): string => filtered(expr, question.filtersOf(found));
    const query = targetQuery(target, found, range, { lookup, zone, rewrite });
    if (query !== undefined) asked.push(query as DataQuery);
  }
  const answers =
    asked.length === 0 ? [] : await sources.query({ fromMs, toMs, queries: asked }, signal);
  return Object.fromEntries(
    [...answers, ...failed].map(([refId, result]) => [refId, toQueryResult(result, refId)]),
  );
}

/** Whose queries are asked: those of another panel, where this one shows them. */
function askedPanel({ panel, dashboard }: PanelQuestion): Panel {
  if (panel.datasource?.uid !== sharedUid) return panel;
  const wanted = panel.targets?.[0]?.['panelId'];
  const all = dashboard.panels.flatMap((one) => [one, ...(one.panels ?? [])]);
  const shared = all.find(({ id }) => id === wanted);
  return shared === undefined
    ? panel
    : { ...panel, datasource: shared.datasource ?? null, targets: shared.targets ?? [] };
}

/** The data source that a reference means. */
export function sourceOf(
  ref: DataSourceRef | null | undefined,
  sources: DataSources,
  lookup: Lookup,
): NumberedDataSource | undefined {
  const uid = ref?.uid === undefined ? undefined : interpolate(ref.uid, lookup);
  // A place holder of an export that was never filled in.
  const isPlaceHolder = uid !== undefined && /^\$\{?\w+\}?$/.test(uid);
  return sources.resolve({ uid: isPlaceHolder ? undefined : uid, type: ref?.type });
}

/** With the filters of the dashboard. What cannot be parsed stays: who answers it says why. */
function filtered(expr: string, { filters, grouping }: SourceFilters): string {
  if (filters.length === 0 && grouping.length === 0) return expr;
  const matchers = filters.flatMap((filter) => filterMatcher(filter) ?? []);
  try {
    const rewrite = {
      matchers: matchers.map(({ name, operator, value }) => labelMatcher(name, operator, value)),
      grouping,
    };
    return printQuery(rewritten(parseQuery(expr), rewrite));
  } catch (error) {
    if (error instanceof AppError) return expr;
    throw error;
  }
}
