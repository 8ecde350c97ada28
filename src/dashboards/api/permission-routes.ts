import { AppError } from '#base';
import { isAllowed, type Principal } from '#server';
import type { DashboardsApiDeps } from './contract.ts';
import { type AddRoute, type Call, isObject, type Json } from './http.ts';

/** Roles are the only rights there are. */
const granted = [
  { role: 'Viewer', permission: 1, permissionName: 'View' },
  { role: 'Editor', permission: 2, permissionName: 'Edit' },
] as const;

/** `…/permissions` of dashboards and folders, and `/api/access-control`: what the roles of a caller come to. */
export function registerPermissionRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  const { store } = deps;
  const dashboard = ({ params }: Call): Json => store.dashboards.mustHave(params['uid']!) as never;
  const folder = ({ params }: Call): Json => store.folders.mustHave(params['uid']!) as never;
  const source = ({ params }: Call): Json => {
    const found = deps.dataSources().find(({ uid }) => uid === params['uid']);
    if (found === undefined) throw new AppError('DATA_SOURCE_NOT_FOUND', 'Data source not found');
    return found as never;
  };

  for (const [url, mustHave, what] of [
    ['/api/dashboards/uid/:uid/permissions', dashboard, 'Dashboard'],
    ['/api/folders/:uid/permissions', folder, 'Folder'],
  ] as const) {
    route('GET', url, (call) => {
      mustHave(call);
      return granted;
    });
    route(
      'POST',
      url,
      (call) => {
        mustHave(call);
        mustBeGranted(call.body()['items']);
        return { message: `${what} permissions updated` };
      },
      { access: 'admin' },
    );
  }

  for (const [kind, mustHave] of [
    ['dashboards', dashboard],
    ['folders', folder],
    ['datasources', source],
  ] as const) {
    const url = `/api/access-control/${kind}/:uid`;
    route('GET', url, (call) => {
      mustHave(call);
      return granted.map(managedJson);
    });
    route(
      'POST',
      url,
      (call) => {
        mustHave(call);
        mustBeGranted(call.body()['permissions']);
        return { message: 'Permissions updated' };
      },
      { access: 'admin' },
    );
  }
  route('GET', '/api/access-control/user/permissions', ({ principal }) => actionsOf(principal));
}

const managedJson = ({ role, permissionName }: (typeof granted)[number], at: number): Json => ({
  id: at + 1,
  roleName: `managed:builtins:${role.toLowerCase()}:permissions`,
  isManaged: true,
  isInherited: false,
  isServiceAccount: false,
  builtInRole: role,
  actions: [],
  permission: permissionName,
});

/** What holds already may be asked for again; anything else would be promised and not kept. */
function mustBeGranted(items: unknown): void {
  if (!Array.isArray(items)) throw new AppError('BAD_REQUEST_DATA', 'items: expected a list');
  const holds = (item: unknown): boolean =>
    isObject(item) &&
    granted.some(
      ({ role, permission, permissionName }) =>
        role === (item['role'] ?? item['builtInRole']) &&
        [permission, permissionName].includes(item['permission'] as never),
    );
  const other = items.find((item: unknown) => !holds(item));
  if (other === undefined) return;
  throw new AppError(
    'BAD_REQUEST_DATA',
    `${JSON.stringify(other).slice(0, 200)}: rights go by role (allowed: Viewer with View, Editor with Edit)`,
  );
}

/** Names of what may be done, in the words of clients that ask before they do it. */
const actions: readonly (readonly [
  access: 'viewer' | 'editor' | 'admin',
  scope: string,
  names: string,
])[] = [
  ['viewer', 'dashboards:*', 'dashboards:read'],
  ['viewer', 'folders:*', 'folders:read'],
  ['viewer', 'datasources:*', 'datasources:read datasources:query'],
  ['viewer', 'annotations:*', 'annotations:read'],
  ['viewer', 'library.panels:*', 'library.panels:read'],
  ['editor', 'dashboards:*', 'dashboards:create dashboards:write dashboards:delete'],
  ['editor', 'folders:*', 'folders:create folders:write folders:delete dashboards:create'],
  ['editor', 'annotations:*', 'annotations:create annotations:write annotations:delete'],
  [
    'editor',
    'library.panels:*',
    'library.panels:create library.panels:write library.panels:delete',
  ],
  ['editor', '', 'datasources:explore'],
  ['admin', 'datasources:*', 'datasources:write datasources:delete'],
  ['admin', '', 'datasources:create'],
];

function actionsOf({ role }: Principal): Json {
  const found: Record<string, string[]> = {};
  for (const [access, scope, names] of actions) {
    if (!isAllowed(role, access)) continue;
    for (const name of names.split(' ')) found[name] = [...(found[name] ?? []), scope];
  }
  return found;
}
