import { type Folder, storeError } from '#dashboards/store';
import { isAllowed, type Principal } from '#server';
import type { DashboardsApiDeps } from './contract.ts';
import { folderUidOf, folderUrl, timeText } from './dashboard-json.ts';
import { type AddRoute, flagIn, idIn, type Json, numberIn, numberOf, textIn } from './http.ts';

/** `/api/folders`. */
export function registerFolderRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  const { folders } = deps.store;

  route('GET', '/api/folders', ({ query }) => {
    const limit = numberOf(query, 'limit', 1000, { min: 1, max: 5000 });
    const page = numberOf(query, 'page', 1, { min: 1, max: 1_000_000 });
    const parentUid = folderUidOf(query.get('parentUid') ?? '');
    if (parentUid !== '') folders.mustHave(parentUid);
    return [...folders.children(parentUid)]
      .sort((a, b) => a.title.localeCompare(b.title))
      .slice((page - 1) * limit, page * limit)
      .map(({ id, uid, title }) => ({
        id,
        uid,
        title,
        ...(parentUid === '' ? {} : { parentUid }),
      }));
  });

  route('POST', '/api/folders', async ({ body, principal }) => {
    const given = body();
    const folder = await folders.create({
      title: textIn(given, 'title') ?? '',
      uid: textIn(given, 'uid'),
      description: textIn(given, 'description'),
      parentUid: folderUidOf(textIn(given, 'parentUid') ?? ''),
      by: principal.name,
    });
    return folderJson(folder, principal, deps);
  });

  route('GET', '/api/folders/id/:id', ({ params, principal }) => {
    const id = idIn(params);
    if (id === 0) return general;
    const folder = folders.byId(id);
    if (folder === undefined) throw storeError('FOLDER_NOT_FOUND');
    return folderJson(folder, principal, deps);
  });

  route('GET', '/api/folders/:uid', ({ params, principal }) =>
    params['uid'] === 'general'
      ? general
      : folderJson(folders.mustHave(params['uid']!), principal, deps),
  );

  route('PUT', '/api/folders/:uid', async ({ params, body, principal }) => {
    const given = body();
    const folder = await folders.update(params['uid']!, {
      title: textIn(given, 'title'),
      description: textIn(given, 'description'),
      // Whoever does not overwrite names what was read; 0 was never a version.
      version: flagIn(given, 'overwrite') ? undefined : (numberIn(given, 'version') ?? 0),
      by: principal.name,
    });
    return folderJson(folder, principal, deps);
  });

  route('POST', '/api/folders/:uid/move', async ({ params, body, principal }) => {
    const parentUid = folderUidOf(textIn(body(), 'parentUid') ?? '');
    return folderJson(
      await folders.move(params['uid']!, parentUid, principal.name),
      principal,
      deps,
    );
  });

  route('DELETE', '/api/folders/:uid', async ({ params, query, principal }) => {
    const { id, uid, title } = folders.mustHave(params['uid']!);
    await deps.store.removeFolder(uid, {
      deleteRules: query.get('forceDeleteRules') === 'true',
      by: principal.name,
    });
    return { message: `Folder ${title} deleted`, id, uid, title };
  });

  route('GET', '/api/folders/:uid/counts', ({ params }) => {
    folders.mustHave(params['uid']!);
    const counts = deps.store.folderCounts(params['uid']!);
    return {
      folder: counts.folders,
      dashboard: counts.dashboards,
      librarypanel: counts.libraryPanels,
      alertrule: counts.alertRules,
    };
  });
}

/** What is in no folder. */
const general: Json = { id: 0, uid: 'general', orgId: 1, title: 'Dashboards', url: '/dashboards' };

function folderJson(folder: Folder, { role }: Principal, { store }: DashboardsApiDeps): Json {
  const mayEdit = isAllowed(role, 'editor');
  const parents = store.folders.path(folder.uid).slice(0, -1);
  return {
    id: folder.id,
    uid: folder.uid,
    orgId: 1,
    title: folder.title,
    description: folder.description,
    url: folderUrl(folder),
    hasAcl: false,
    canSave: mayEdit,
    canEdit: mayEdit,
    canAdmin: isAllowed(role, 'admin'),
    canDelete: mayEdit,
    created: timeText(folder.createdMs),
    createdBy: folder.createdBy,
    updated: timeText(folder.updatedMs),
    updatedBy: folder.updatedBy,
    version: folder.version,
    ...(folder.parentUid === '' ? {} : { parentUid: folder.parentUid }),
    ...(parents.length === 0
      ? {}
      : {
          parents: parents.map((parent) => ({
            id: parent.id,
            uid: parent.uid,
            title: parent.title,
            url: folderUrl(parent),
          })),
        }),
  };
}
