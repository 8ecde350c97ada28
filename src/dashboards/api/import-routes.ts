import { AppError } from '#base';
import {
  applyInputs,
  type InputValue,
  importReport,
  libraryElementsOf,
  readDashboard,
  slugOf,
} from '#dashboards/model';
import type { DashboardsApiDeps } from './contract.ts';
import { dashboardUrl } from './dashboard-json.ts';
import { classicOf, folderOf } from './dashboard-routes.ts';
import { type AddRoute, flagIn, idIn, isObject, type Json } from './http.ts';

/** `/api/dashboards/import`, and the catalogue under `/api/gnet`. */
export function registerImportRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  const { store, catalogue } = deps;

  route('POST', '/api/dashboards/import', async ({ body, principal }) => {
    const given = body();
    const { dashboard } = given;
    if (!isObject(dashboard)) throw new AppError('UNPROCESSABLE', 'Dashboard must be set');
    const inputs = inputsOf(given['inputs'], deps);
    const applied = applyInputs(dashboard, inputs);
    const by = principal.name;
    const folderUid = folderOf(given, deps);
    for (const element of libraryElementsOf(dashboard, inputs)) {
      if (store.library.get(element.uid) !== undefined) continue;
      const { uid, name, model } = element;
      await store.library.create({ uid, name, model, kind: 1, folderUid, by });
    }
    const { id: _id, version: _version, ...document } = classicOf(applied);
    const overwrite = flagIn(given, 'overwrite');
    const saved = await store.dashboards.save({
      document,
      folderUid: folderUid ?? '',
      overwrite,
      ...(overwrite ? {} : { only: 'create' }),
      by,
    });
    const { entry } = saved;
    const revision = document['revision'];
    return {
      uid: entry.uid,
      pluginId: '',
      title: entry.title,
      imported: true,
      importedUri: `db/${slugOf(entry.title)}`,
      importedUrl: dashboardUrl(entry),
      slug: slugOf(entry.title),
      dashboardId: entry.id,
      folderId: store.folders.get(entry.folderUid)?.id ?? 0,
      folderUid: entry.folderUid,
      importedRevision: typeof revision === 'number' ? revision : 1,
      revision: typeof revision === 'number' ? revision : 1,
      description: entry.description,
      path: '',
      removed: false,
      // Not of Grafana: what is shown otherwise than its author meant.
      report: reportOf(document, deps),
    };
  });

  // Importing is what it is for; readers need not make the server ask others.
  const access = 'editor';
  route(
    'GET',
    '/api/gnet/dashboards/:id',
    async ({ params }) => {
      const found = await catalogue.dashboard(idIn(params));
      return { ...found.raw, source: found.source };
    },
    { access },
  );
  route(
    'GET',
    '/api/gnet/dashboards/:id/revisions/:revision/download',
    ({ params }) => {
      const revision = params['revision'] === 'latest' ? 'latest' : idIn(params, 'revision');
      return catalogue.revision(idIn(params), revision);
    },
    { access },
  );
}

/** A data source may be named by its uid or its name. */
function inputsOf(value: unknown, { dataSources }: DashboardsApiDeps): readonly InputValue[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new AppError('BAD_REQUEST_DATA', 'inputs: expected a list');
  const known = dataSources();
  return value.filter(isObject).map(({ name, type, pluginId, value: text }) => {
    const given = typeof text === 'string' ? text : String(text ?? '');
    const named =
      type === 'datasource' && known.every(({ uid }) => uid !== given)
        ? known.find((source) => source.name === given)?.uid
        : undefined;
    return {
      name: String(name),
      type: String(type),
      ...(typeof pluginId === 'string' ? { pluginId } : {}),
      value: named ?? given,
    };
  });
}

function reportOf(document: Json, { dataSources }: DashboardsApiDeps): readonly unknown[] {
  const known = dataSources();
  const { dashboard, report } = readDashboard(document, { dataSources: known });
  const types = known.map(({ type }) => type);
  return [
    ...report,
    ...importReport(dashboard, types.length === 0 ? {} : { dataSourceTypes: types }),
  ];
}
