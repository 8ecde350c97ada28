import type { DataSourceRef } from '../../../src/dashboards/model/contract.ts';
import { interpolate, type Lookup } from '../../../src/dashboards/variables/index.ts';
import type { DataSource } from '../api/dashboards.ts';

export { mixedUid, sharedUid } from '../../../src/dashboards/variables/index.ts';

export const ownUid = '-- Grafana --';
const ownUids: ReadonlySet<string> = new Set([ownUid, 'grafana']);

/** Whether a reference is to the dashboards' own data: annotations and the like. */
export const isOwnData = (ref: DataSourceRef | null | undefined): boolean =>
  ref?.uid !== undefined && ownUids.has(ref.uid);

export type Found =
  | { readonly source: DataSource }
  | { readonly source?: undefined; readonly missing: string };

/**
 * The data source that a reference means: by uid, else by name; none is the default one. A place holder
 * of an export that was never filled in (`${DS_PROMETHEUS}`) is the default one of its type.
 */
export function findDataSource(
  ref: DataSourceRef | null | undefined,
  known: readonly DataSource[],
  lookup: Lookup,
): Found {
  const uid = interpolate(ref?.uid ?? '', lookup);
  const named = known.find((one) => one.uid === uid) ?? known.find((one) => one.name === uid);
  if (named !== undefined) return { source: named };
  const isPlaceHolder = /^\$\{?\w+\}?$/.test(uid);
  if (uid === '' || uid === 'default' || isPlaceHolder) {
    const ofType = known.filter((one) => ref?.type === undefined || one.type === ref.type);
    const source = ofType.find(({ isDefault }) => isDefault) ?? ofType[0];
    if (source !== undefined) return { source };
  }
  return { missing: uid === '' ? (ref?.type ?? '') : uid };
}
