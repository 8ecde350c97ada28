import { AppError } from '#base';
import { type Preferences, storeError } from '#dashboards/store';
import type { Principal } from '#server';
import { isZone } from '#time';
import type { DashboardsApiDeps } from './contract.ts';
import { type AddRoute, type Call, idIn, type Json, numberIn, textIn } from './http.ts';

/** One organisation is all there is. */
const organisation = { id: 1, name: 'Main Org.' } as const;

const roleNames: Readonly<Record<Principal['role'], string>> = {
  agent: 'None',
  viewer: 'Viewer',
  editor: 'Editor',
  admin: 'Admin',
};

/** Who asks, the organisation, stars and preferences. */
export function registerAccountRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  const { store } = deps;
  const address = { address1: '', address2: '', city: '', zipCode: '', state: '', country: '' };
  const everyOne = { access: 'viewer' } as const;
  const admin = { access: 'admin' } as const;

  route('GET', '/api/login/ping', () => ({ message: 'Logged in' }));
  route('GET', '/api/user', async ({ principal, person }) => {
    const { theme = '' } = await store.preferences.of(person);
    return { ...userJson(principal), theme, orgId: organisation.id };
  });
  route('GET', '/api/user/orgs', ({ principal }) => [
    { orgId: organisation.id, name: organisation.name, role: roleNames[principal.role] },
  ]);
  route('GET', '/api/org', () => ({ ...organisation, address }));
  route('GET', '/api/orgs', () => [organisation], admin);
  route(
    'GET',
    '/api/orgs/:id',
    ({ params }) => {
      if (idIn(params) !== organisation.id)
        throw new AppError('ORG_NOT_FOUND', 'Organization not found');
      return { ...organisation, address };
    },
    admin,
  );
  route(
    'GET',
    '/api/orgs/name/:name',
    ({ params }) => {
      if (params['name'] === organisation.name) return { ...organisation, address };
      throw new AppError('ORG_NOT_FOUND', 'Organization not found');
    },
    admin,
  );

  route('GET', '/api/user/stars', async ({ person }) => [...(await store.stars.of(person))]);
  const star = async ({ person }: Call, uid: string, isStarred: boolean): Promise<Json> => {
    await store.stars.set(person, store.dashboards.mustHave(uid).uid, isStarred);
    return { message: isStarred ? 'Dashboard starred!' : 'Dashboard unstarred' };
  };
  const byId = ({ params }: Call): string => {
    const entry = store.dashboards.byId(idIn(params));
    if (entry === undefined) throw storeError('DASHBOARD_NOT_FOUND');
    return entry.uid;
  };
  for (const [method, isStarred] of [
    ['POST', true],
    ['DELETE', false],
  ] as const) {
    const own = '/api/user/stars/dashboard';
    route(
      method,
      `${own}/uid/:uid`,
      (call) => star(call, call.params['uid']!, isStarred),
      everyOne,
    );
    route(method, `${own}/:id`, (call) => star(call, byId(call), isStarred), everyOne);
  }

  for (const [url, personOf, options] of [
    ['/api/user/preferences', ({ person }: Call) => person, everyOne],
    ['/api/org/preferences', () => '', admin],
  ] as const) {
    route('GET', url, async (call) =>
      preferencesJson(await store.preferences.of(personOf(call)), deps),
    );
    for (const method of ['PUT', 'PATCH'] as const) {
      route(
        method,
        url,
        async (call) => {
          const change = changeOf(call.body(), deps);
          const absent = method === 'PUT' ? nothingChosen : {};
          await store.preferences.change(personOf(call), { ...absent, ...change });
          return { message: 'Preferences updated' };
        },
        options,
      );
    }
  }
}

/** Callers have names, and no numbers of their own. */
function userJson({ kind, name, role }: Principal): Json {
  return {
    id: kind === 'user' ? 2 : 1,
    uid: `${kind}:${name}`,
    email: name.includes('@') ? name : '',
    name,
    login: name,
    isGrafanaAdmin: role === 'admin',
    isDisabled: false,
    isExternal: false,
    isExternallySynced: false,
    authLabels: [],
    avatarUrl: '',
  };
}

const keys = ['theme', 'timezone', 'weekStart', 'language'] as const;
const nothingChosen = Object.fromEntries(
  [...keys, 'homeDashboardUid'].map((key) => [key, '']),
) as Record<keyof Preferences, string>;

const preferencesJson = (preferences: Preferences, { store }: DashboardsApiDeps): Json => ({
  theme: preferences.theme ?? '',
  timezone: preferences.timezone ?? '',
  weekStart: preferences.weekStart ?? '',
  language: preferences.language ?? '',
  homeDashboardUID: preferences.homeDashboardUid ?? '',
  homeDashboardId: store.dashboards.entry(preferences.homeDashboardUid ?? '')?.id ?? 0,
});

function changeOf(
  given: Json,
  { store }: DashboardsApiDeps,
): Partial<Record<keyof Preferences, string>> {
  const change: Partial<Record<keyof Preferences, string>> = {};
  for (const key of keys) {
    const value = textIn(given, key);
    if (value !== undefined) change[key] = value;
  }
  if (change.timezone !== undefined) mustBeZone(change.timezone);
  const uid = textIn(given, 'homeDashboardUID');
  const id = numberIn(given, 'homeDashboardId') ?? 0;
  if (uid !== undefined) {
    change.homeDashboardUid = uid === '' ? '' : store.dashboards.mustHave(uid).uid;
  } else if (id !== 0) {
    const entry = store.dashboards.byId(id);
    if (entry === undefined) throw storeError('DASHBOARD_NOT_FOUND');
    change.homeDashboardUid = entry.uid;
  }
  return change;
}

function mustBeZone(zone: string): void {
  if (zone === '' || zone === 'browser' || zone === 'utc' || isZone(zone)) return;
  throw new AppError(
    'BAD_REQUEST_DATA',
    `timezone: "${zone}" is not known (allowed: browser, utc, or a name such as Asia/Seoul)`,
  );
}
