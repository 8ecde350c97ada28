import { AppError } from '#base';
import { type LibraryElement, storeError } from '#dashboards/store';
import type { DashboardsApiDeps } from './contract.ts';
import { folderUidOf, rootFolder, timeText } from './dashboard-json.ts';
import { folderOf } from './dashboard-routes.ts';
import { type AddRoute, isObject, type Json, numberIn, numberOf, textIn } from './http.ts';

/** `/api/library-elements`. */
export function registerLibraryRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  const { library } = deps.store;

  route('GET', '/api/library-elements', ({ query }) => {
    const perPage = numberOf(query, 'perPage', 100, { min: 1, max: 5000 });
    const page = numberOf(query, 'page', 1, { min: 1, max: 1_000_000 });
    const text = (query.get('searchString') ?? '').toLowerCase();
    const kind = numberOf(query, 'kind', 0, { min: 0, max: 2 });
    const folders = (query.get('folderFilterUIDs') ?? '').split(',').filter((uid) => uid !== '');
    const types = (query.get('typeFilter') ?? '').split(',').filter((type) => type !== '');
    const found = library
      .all()
      .filter((element) => kind === 0 || element.kind === kind)
      .filter((element) =>
        [element.name, descriptionOf(element)].some((one) => one.toLowerCase().includes(text)),
      )
      .filter((element) => element.uid !== query.get('excludeUid'))
      .filter((element) => types.length === 0 || types.includes(typeOf(element)))
      .filter(
        (element) => folders.length === 0 || folders.map(folderUidOf).includes(element.folderUid),
      );
    if (query.get('sortDirection') === 'alpha-desc') found.reverse();
    const elements = found
      .slice((page - 1) * perPage, page * perPage)
      .map((element) => elementJson(element, deps));
    return { result: { totalCount: found.length, page, perPage, elements } };
  });

  route('GET', '/api/library-elements/name/:name', ({ params }) => {
    const found = library.all().filter(({ name }) => name === params['name']);
    if (found.length === 0) throw storeError('LIBRARY_ELEMENT_NOT_FOUND');
    return { result: found.map((element) => elementJson(element, deps)) };
  });

  route('GET', '/api/library-elements/:uid', ({ params }) => ({
    result: elementJson(library.mustHave(params['uid']!), deps),
  }));

  route('GET', '/api/library-elements/:uid/connections', ({ params }) => {
    const element = library.mustHave(params['uid']!);
    const result = deps.store.connections(element.uid).map((dashboard) => ({
      id: dashboard.id,
      kind: 1,
      elementId: element.id,
      connectionId: dashboard.id,
      connectionUid: dashboard.uid,
      created: timeText(dashboard.updatedMs),
      createdBy: { id: 0, name: dashboard.updatedBy, avatarUrl: '' },
    }));
    return { result };
  });

  route('POST', '/api/library-elements', async ({ body, principal }) => {
    const given = body();
    const element = await library.create({
      uid: textIn(given, 'uid'),
      name: textIn(given, 'name') ?? '',
      kind: kindIn(given) ?? 1,
      folderUid: folderOf(given, deps),
      model: modelIn(given) ?? {},
      by: principal.name,
    });
    return { result: elementJson(element, deps) };
  });

  route('PATCH', '/api/library-elements/:uid', async ({ params, body, principal }) => {
    const given = body();
    const element = await library.update(params['uid']!, {
      name: textIn(given, 'name') || undefined,
      kind: kindIn(given),
      folderUid: folderOf(given, deps),
      model: modelIn(given),
      version: numberIn(given, 'version') ?? 0,
      by: principal.name,
    });
    return { result: elementJson(element, deps) };
  });

  route('DELETE', '/api/library-elements/:uid', async ({ params }) => {
    const { uid, id } = library.mustHave(params['uid']!);
    if (deps.store.connections(uid).length > 0) throw storeError('LIBRARY_ELEMENT_CONNECTED');
    await library.remove(uid);
    return { message: 'Library element deleted', id };
  });
}

const invalid = (message: string): AppError => new AppError('LIBRARY_ELEMENT_INVALID', message);

function kindIn(given: Json): LibraryElement['kind'] | undefined {
  const kind = numberIn(given, 'kind');
  if (kind === undefined || kind === 1 || kind === 2) return kind;
  throw invalid(`kind: ${kind} is not known (allowed: 1 for panels, 2 for variables)`);
}

function modelIn(given: Json): Json | undefined {
  const { model } = given;
  if (model === undefined || isObject(model)) return model;
  throw invalid('model: expected an object');
}

const descriptionOf = ({ model }: LibraryElement): string =>
  typeof model['description'] === 'string' ? model['description'] : '';

const typeOf = ({ model }: LibraryElement): string =>
  typeof model['type'] === 'string' ? model['type'] : '';

function elementJson(element: LibraryElement, { store }: DashboardsApiDeps): Json {
  const folder = store.folders.get(element.folderUid);
  return {
    id: element.id,
    orgId: 1,
    folderId: folder?.id ?? 0,
    folderUid: element.folderUid,
    uid: element.uid,
    name: element.name,
    kind: element.kind,
    type: typeOf(element),
    description: descriptionOf(element),
    model: { ...element.model, libraryPanel: { uid: element.uid, name: element.name } },
    version: element.version,
    meta: {
      folderName: folder?.title ?? rootFolder.title,
      folderUid: element.folderUid,
      connectedDashboards: store.connections(element.uid).length,
      created: timeText(element.createdMs),
      updated: timeText(element.updatedMs),
      createdBy: { id: 0, name: element.createdBy, avatarUrl: '' },
      updatedBy: { id: 0, name: element.updatedBy, avatarUrl: '' },
    },
  };
}
