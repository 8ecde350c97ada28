import { AppError } from '#base';
import { diffDashboards } from '#dashboards/model';
import { type DashboardEntry, type DashboardVersion, storeError } from '#dashboards/store';
import type { DashboardsApiDeps } from './contract.ts';
import { savedJson, timeText } from './dashboard-json.ts';
import {
  type AddRoute,
  type Call,
  idIn,
  isObject,
  type Json,
  numberIn,
  numberOf,
  textIn,
} from './http.ts';

const versionBounds = { min: 0, max: 1_000_000 };

/** The history of dashboards, by uid and by number. */
export function registerVersionRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  const { dashboards } = deps.store;
  const byUid = ({ params }: Call): DashboardEntry => dashboards.mustHave(params['uid']!);
  const byId = ({ params }: Call): DashboardEntry => {
    const entry = dashboards.byId(idIn(params));
    if (entry === undefined) throw storeError('DASHBOARD_NOT_FOUND');
    return entry;
  };

  const list = async (entry: DashboardEntry, query: URLSearchParams): Promise<readonly Json[]> => {
    const limit = numberOf(query, 'limit', 1000, versionBounds);
    const start = numberOf(query, 'start', 0, versionBounds);
    const versions = await dashboards.versions(entry.uid);
    return versions.slice(start, start + limit).map((version) => versionJson(entry, version));
  };
  const one = async (entry: DashboardEntry, { params }: Call): Promise<Json> => {
    const version = await dashboards.version(entry.uid, idIn(params, 'version'));
    return { ...versionJson(entry, version), data: { ...version.document, id: entry.id } };
  };
  const restore = async (entry: DashboardEntry, { body, principal }: Call): Promise<Json> => {
    const version = numberIn(body(), 'version');
    if (version === undefined)
      throw new AppError('BAD_REQUEST_DATA', 'version: a number is needed');
    return savedJson(await dashboards.restore(entry.uid, version, principal.name));
  };

  for (const [place, find] of [
    ['/api/dashboards/uid/:uid', byUid],
    ['/api/dashboards/id/:id', byId],
  ] as const) {
    route('GET', `${place}/versions`, async (call) => ({
      continueToken: '',
      versions: await list(find(call), call.query),
    }));
    route('GET', `${place}/versions/:version`, (call) => one(find(call), call));
    route('POST', `${place}/restore`, (call) => restore(find(call), call));
  }

  route(
    'POST',
    '/api/dashboards/calculate-diff',
    async ({ body }) => {
      const given = body();
      const documents = await Promise.all(
        ['base', 'new'].map((key) => documentOf(given[key], key, deps)),
      );
      return diffDashboards(documents[0], documents[1]);
    },
    { access: 'viewer' },
  );
}

/** One side of a comparison: a version, or a document that is not saved. */
async function documentOf(side: unknown, key: string, { store }: DashboardsApiDeps): Promise<Json> {
  if (!isObject(side)) throw new AppError('BAD_REQUEST_DATA', `${key}: expected an object`);
  const { unsavedDashboard } = side;
  if (isObject(unsavedDashboard)) return unsavedDashboard;
  const uid =
    textIn(side, 'dashboardUID') ?? store.dashboards.byId(numberIn(side, 'dashboardId') ?? 0)?.uid;
  if (uid === undefined) throw storeError('DASHBOARD_NOT_FOUND');
  return (await store.dashboards.version(uid, numberIn(side, 'version') ?? 0)).document;
}

function versionJson(entry: DashboardEntry, version: DashboardVersion): Json {
  return {
    id: version.version,
    dashboardId: entry.id,
    dashboardUid: entry.uid,
    uid: entry.uid,
    parentVersion: version.parentVersion,
    restoredFrom: version.restoredFrom,
    version: version.version,
    created: timeText(version.createdMs),
    createdBy: version.createdBy,
    message: version.message,
  };
}
