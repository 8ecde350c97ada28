import type { Panel } from '../../../src/dashboards/model/contract.ts';
import {
  type AdhocFilter,
  firstOf,
  type Lookup,
  panelRange,
  questionRange,
  scopedLookup,
  sharedUid,
  targetQuery,
  targetSource,
} from '../../../src/dashboards/variables/index.ts';
import type { DataSource } from '../api/dashboards.ts';
import type { ScopedVars } from '../panels/contract.ts';
import { withGrouping } from '../promql/selectors.ts';
import { isRelative, type ResolvedRange, type TimeRange } from '../time/range.ts';
import { withFilters } from './adhoc-filters.ts';
import { findDataSource, isOwnData } from './source-refs.ts';

export interface RequestContext {
  readonly range: ResolvedRange & { readonly text: TimeRange; readonly nowMs: number };
  readonly zone: string;
  /** Variables and built-ins of the dashboard. */
  readonly lookup: Lookup;
  readonly dataSources: readonly DataSource[];
  /** Filters that hold for a data source, by its uid. */
  readonly filtersOf: (dataSourceUid: string) => readonly AdhocFilter[];
  /** Labels that aggregations of a data source group by as well, by its uid. */
  readonly groupingOf?: (dataSourceUid: string) => readonly string[];
  /** What people read where a data source of that name is not there. */
  readonly noDataSource: (name: string) => string;
}

/** What a panel asks for, variables put in. */
export interface PanelRequest {
  /** What `now` was: the same question at a later time is another one. */
  readonly nowMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** In words such as `1h, 1d earlier`, where the panel has a range of its own. */
  readonly rangeNote: string;
  readonly intervalMs: number;
  readonly queries: readonly (Readonly<Record<string, unknown>> & { readonly refId: string })[];
  /** Shows what another panel asked for: its id. */
  readonly sharedPanelId?: number;
  /** Of the shared answers: as they are after the other panel's transformations. */
  readonly sharesTransforms?: boolean;
  /** Targets that cannot be asked. */
  readonly errors: readonly { readonly refId: string; readonly message: string }[];
}

/** A panel with more of them is not one that somebody wrote. */
const maxQueries = 200;

export function panelRequest(
  panel: Panel,
  scopedVars: ScopedVars,
  widthPx: number,
  context: RequestContext,
): PanelRequest {
  const lookup = firstOf(scopedLookup(scopedVars), context.lookup);
  const { zone, range } = context;
  const { fromMs, toMs, note } = panelRange(panel, lookup, {
    ...range,
    zone,
    isRelative: isRelative(range.text),
  });
  const source = findDataSource(panel.datasource, context.dataSources, lookup).source;
  const asked = questionRange(panel, source, { fromMs, toMs, widthPx }, lookup);
  const targets = (panel.targets ?? []).filter(({ hide }) => hide !== true).slice(0, maxQueries);
  const shared = panel.datasource?.uid === sharedUid ? targets[0]?.['panelId'] : undefined;
  const queries: PanelRequest['queries'][number][] = [];
  const errors: { readonly refId: string; readonly message: string }[] = [];
  if (typeof shared !== 'number') {
    for (const target of targets) {
      const ref = targetSource(target, panel);
      if (isOwnData(ref)) continue;
      const found = findDataSource(ref, context.dataSources, lookup);
      if (found.source === undefined) {
        errors.push({ refId: target.refId, message: context.noDataSource(found.missing) });
        continue;
      }
      const { uid } = found.source;
      const rewrite = (expr: string): string =>
        withGrouping(withFilters(expr, context.filtersOf(uid)), context.groupingOf?.(uid) ?? []);
      const query = targetQuery(target, found.source, asked, { lookup, zone, rewrite });
      if (query !== undefined) queries.push(query);
    }
  }
  return {
    nowMs: range.nowMs,
    fromMs,
    toMs,
    rangeNote: panel.hideTimeOverride === true ? '' : note,
    intervalMs: asked.intervalMs,
    queries,
    ...(typeof shared === 'number'
      ? { sharedPanelId: shared, sharesTransforms: targets[0]?.['withTransforms'] === true }
      : {}),
    errors,
  };
}
