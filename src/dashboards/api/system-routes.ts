import { AppError } from '#base';
import { panelKinds } from '#dashboards/model';
import type { DashboardsApiDeps } from './contract.ts';
import type { AddRoute, Json } from './http.ts';

/** The release whose API this is: clients choose by it what they ask. */
const grafanaVersion = '12.0.0';

/** `/api/health`, `/api/frontend/settings`, `/api/plugins`. */
export function registerSystemRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  route(
    'GET',
    '/api/health',
    () => ({ database: 'ok', version: grafanaVersion, commit: `nunchi-${deps.version}` }),
    { access: 'none' },
  );

  route('GET', '/api/frontend/settings', () => {
    const sources = deps.dataSources();
    return {
      appSubUrl: '',
      appUrl: '',
      defaultDatasource: sources.find(({ isDefault }) => isDefault)?.name ?? '',
      datasources: Object.fromEntries(
        sources.map(({ id, uid, name, type, url, isDefault, jsonData }) => [
          name,
          { id, uid, name, type, url, isDefault, jsonData, access: 'proxy', meta: { id: type } },
        ]),
      ),
      buildInfo: {
        version: grafanaVersion,
        commit: `nunchi-${deps.version}`,
        buildstamp: 0,
        edition: 'Open Source',
        env: 'production',
        hasUpdate: false,
        hideVersion: false,
      },
      featureToggles: {},
      unifiedAlertingEnabled: true,
      timezone: deps.defaultTimeZone(),
      panels: Object.fromEntries(
        panelKinds.map(({ type, name }) => [type, { id: type, name: name.en }]),
      ),
    };
  });

  route('GET', '/api/plugins', ({ query }) => {
    const type = query.get('type') ?? '';
    return plugins(deps).filter((plugin) => type === '' || plugin['type'] === type);
  });
  route('GET', '/api/plugins/:id/settings', ({ params }) => {
    const found = plugins(deps).find(({ id }) => id === params['id']);
    if (found === undefined)
      throw new AppError('PLUGIN_NOT_FOUND', 'Plugin not found, no installed plugin with that id');
    return found;
  });

  route(
    'POST',
    '/api/admin/provisioning/dashboards/reload',
    async () => {
      await deps.provisioning.reload();
      return { message: 'Dashboards config reloaded' };
    },
    { access: 'admin' },
  );
}

/** What can be drawn and asked, as if each were an installed plugin. */
function plugins({ dataSources }: DashboardsApiDeps): readonly Json[] {
  const plugin = (id: string, name: string, type: string): Json => ({
    id,
    name,
    type,
    enabled: true,
    pinned: false,
    category: '',
    state: '',
    signature: 'internal',
    hasUpdate: false,
    info: { version: grafanaVersion, description: '', author: { name: 'Nunchi' } },
  });
  const types = new Set(dataSources().map(({ type }) => type));
  return [
    ...panelKinds.map(({ type, name }) => plugin(type, name.en, 'panel')),
    ...[...types].map((type) => plugin(type, type, 'datasource')),
  ];
}
