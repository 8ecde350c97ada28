import type { DataSourceRef, Panel, Target } from '../../../../src/dashboards/model/contract.ts';
import { freeRefId } from '../../../../src/dashboards/model/ref-ids.ts';
import { mixedUid, sharedUid } from '../source-refs.ts';
import { inserted, moved, removed, replaced } from './lists.ts';

const targetsOf = ({ targets = [] }: Panel): readonly Target[] => targets;

const freeId = (panel: Panel): string =>
  freeRefId(new Set(targetsOf(panel).map(({ refId }) => refId)));

/** One more query, to the data source of the last one. */
export function addQuery(panel: Panel): Panel {
  const datasource = targetsOf(panel).at(-1)?.datasource;
  const query: Target = {
    refId: freeId(panel),
    ...(datasource === undefined ? {} : { datasource }),
  };
  return { ...panel, targets: [...targetsOf(panel), query] };
}

export function duplicateQuery(panel: Panel, index: number): Panel {
  const query = targetsOf(panel)[index];
  if (query === undefined) return panel;
  const copy = { ...structuredClone(query), refId: freeId(panel) };
  return { ...panel, targets: inserted(targetsOf(panel), index + 1, copy) };
}

export const removeQuery = (panel: Panel, index: number): Panel => ({
  ...panel,
  targets: removed(targetsOf(panel), index),
});

export const moveQuery = (panel: Panel, index: number, by: number): Panel => ({
  ...panel,
  targets: moved(targetsOf(panel), index, by),
});

export const replaceQuery = (panel: Panel, index: number, query: Target): Panel => ({
  ...panel,
  targets: replaced(targetsOf(panel), index, query),
});

/**
 * Another data source for the whole panel. Queries of another kind are begun anew, since no data
 * source reads the queries of another one.
 */
export function withDataSource(panel: Panel, ref: DataSourceRef): Panel {
  // One query, which says whose answers they are.
  if (ref.uid === sharedUid)
    return { ...panel, datasource: ref, targets: [{ refId: 'A', datasource: ref }] };
  const isMixed = ref.uid === mixedUid;
  const targets = targetsOf(panel).map((query): Target => {
    if (isMixed)
      return query.datasource ? query : { ...query, datasource: panel.datasource ?? null };
    const before = query.datasource ?? panel.datasource;
    const isSameKind = before?.type === undefined || before.type === ref.type;
    return isSameKind ? { ...query, datasource: ref } : { refId: query.refId, datasource: ref };
  });
  return { ...panel, datasource: ref, targets };
}
