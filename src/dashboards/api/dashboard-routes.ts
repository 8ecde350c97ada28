import { AppError } from '#base';
import { readDashboard } from '#dashboards/model';
import { type DashboardDocument, storeError } from '#dashboards/store';
import type { DashboardsApiDeps } from './contract.ts';
import { dashboardUrl, documentJson, folderUidOf, metaJson, savedJson } from './dashboard-json.ts';
import { type AddRoute, flagIn, isObject, type Json, numberIn, textIn } from './http.ts';

/** `/api/dashboards/db`, `/api/dashboards/uid/…`, `/home`, `/tags`. */
export function registerDashboardRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  const { store } = deps;

  route('POST', '/api/dashboards/db', async ({ body, principal }) => {
    const given = body();
    const { dashboard } = given;
    if (!isObject(dashboard)) throw new AppError('BAD_REQUEST_DATA', 'bad request data');
    const saved = await store.dashboards.save({
      document: identified(classicOf(dashboard), deps),
      folderUid: folderOf(given, deps),
      message: textIn(given, 'message'),
      overwrite: flagIn(given, 'overwrite'),
      by: principal.name,
    });
    return savedJson(saved);
  });

  route('GET', '/api/dashboards/uid/:uid', async ({ params, principal, person }) => {
    const found = await store.dashboards.get(params['uid']!);
    if (found === undefined) throw storeError('DASHBOARD_NOT_FOUND');
    const isStarred = (await store.stars.of(person)).has(found.entry.uid);
    return {
      meta: metaJson(found.entry, store, { principal, isStarred }),
      dashboard: documentJson(found),
    };
  });

  route('DELETE', '/api/dashboards/uid/:uid', async ({ params }) => {
    const { id, uid, title } = await store.removeDashboard(params['uid']!);
    return { title, message: `Dashboard ${title} deleted`, id, uid };
  });

  route('GET', '/api/dashboards/home', async ({ person }) => {
    const [own, everybody] = [await store.preferences.of(person), await store.preferences.of('')];
    const home = [own, everybody]
      .map(({ homeDashboardUid = '' }) => store.dashboards.entry(homeDashboardUid))
      .find((entry) => entry !== undefined);
    if (home !== undefined) return { redirectUri: dashboardUrl(home) };
    return {
      meta: { isHome: true, canSave: false, canEdit: false, canStar: false, slug: '', url: '/' },
      dashboard: { id: null, uid: '', title: 'Home', panels: [], schemaVersion: 42 },
    };
  });

  route('GET', '/api/dashboards/tags', () => store.tags());
}

/** Documents of other kinds in the form that is kept; classic ones stay as they were written. */
export function classicOf(document: Json): DashboardDocument {
  const isOther = isObject(document['elements']) && isObject(document['layout']);
  return isOther ? (readDashboard(document).dashboard as DashboardDocument) : document;
}

/** A number stands for the uid of the dashboard that has it. @throws {AppError} DASHBOARD_NOT_FOUND */
function identified(document: DashboardDocument, { store }: DashboardsApiDeps): DashboardDocument {
  const { id, uid } = document;
  if (typeof id !== 'number' || id === 0) return document;
  if (typeof uid === 'string' && store.dashboards.entry(uid) !== undefined) return document;
  const held = store.dashboards.byId(id);
  if (held === undefined) throw storeError('DASHBOARD_NOT_FOUND');
  return uid === undefined || uid === null || uid === ''
    ? { ...document, uid: held.uid }
    : document;
}

/** The folder that a body names by uid or number; undefined: it names none. */
export function folderOf(body: Json, { store }: DashboardsApiDeps): string | undefined {
  const uid = textIn(body, 'folderUid');
  if (uid !== undefined) return folderUidOf(uid);
  const id = numberIn(body, 'folderId');
  if (id === undefined) return undefined;
  if (id <= 0) return '';
  const folder = store.folders.byId(id);
  if (folder === undefined) throw storeError('FOLDER_NOT_FOUND');
  return folder.uid;
}
