import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openApi } from './api.fixture.ts';

describe('/api/folders', () => {
  it('makes, nests, renames, moves, counts and deletes', async () => {
    await using rig = await openApi();
    const make = (body: object) => rig.call('POST', '/api/folders', body);
    const a = await make({ title: 'A', uid: 'a' });
    assert.deepEqual([a.status, a.body.url, a.body.version], [200, '/dashboards/f/a/a', 1]);
    await make({ title: 'B', uid: 'b', parentUid: 'a' });
    assert.deepEqual((await make({ title: 'C', uid: 'a' })).status, 409);
    const twice = await make({ title: 'A' });
    assert.deepEqual(
      [twice.status, twice.body.message],
      [409, 'a folder with the same name already exists in the current location'],
    );
    const b = (await rig.call('GET', '/api/folders/b')).body;
    assert.deepEqual([b.parentUid, b.parents[0].uid], ['a', 'a']);
    assert.deepEqual(
      (await rig.call('GET', '/api/folders?parentUid=a')).body.map(
        (one: { uid: string }) => one.uid,
      ),
      ['b'],
    );
    const stale = await rig.call('PUT', '/api/folders/b', { title: 'B2', version: 7 });
    assert.deepEqual([stale.status, stale.body.status], [412, 'version-mismatch']);
    const renamed = await rig.call('PUT', '/api/folders/b', { title: 'B2', version: 1 });
    assert.deepEqual([renamed.body.title, renamed.body.version], ['B2', 2]);
    const moved = await rig.call('POST', '/api/folders/b/move', { parentUid: '' });
    assert.equal(moved.body.parentUid, undefined);
    await rig.call('POST', '/api/folders/b/move', { parentUid: 'a' });
    await rig.call('POST', '/api/dashboards/db', {
      dashboard: { title: 'd', uid: 'd' },
      folderUid: 'b',
    });
    const counts = await rig.call('GET', '/api/folders/a/counts');
    assert.deepEqual(counts.body, { folder: 1, dashboard: 1, librarypanel: 0, alertrule: 0 });
    const byId = await rig.call('GET', `/api/folders/id/${a.body.id}`);
    assert.equal(byId.body.uid, 'a');
    const gone = await rig.call('DELETE', '/api/folders/a');
    assert.deepEqual([gone.status, gone.body.message], [200, 'Folder A deleted']);
    assert.equal((await rig.call('GET', '/api/dashboards/uid/d')).status, 404);
    const missing = await rig.call('GET', '/api/folders/a');
    assert.deepEqual([missing.status, missing.body.message], [404, 'folder not found']);
  });
});

describe('DELETE /api/folders', () => {
  it('leaves a folder that holds alert rules, also further down, unless they are to go too', async () => {
    await using rig = await openApi();
    const left = new Map([['b', 2]]);
    const sum = (uids: readonly string[]): number =>
      uids.reduce((count, uid) => count + (left.get(uid) ?? 0), 0);
    rig.store.setFolderGuests({
      count: sum,
      remove: async (uids) => {
        for (const uid of uids) left.delete(uid);
      },
    });
    await rig.call('POST', '/api/folders', { title: 'A', uid: 'a' });
    await rig.call('POST', '/api/folders', { title: 'B', uid: 'b', parentUid: 'a' });
    assert.equal((await rig.call('GET', '/api/folders/a/counts')).body.alertrule, 2);
    const refused = await rig.call('DELETE', '/api/folders/a');
    assert.deepEqual([refused.status, refused.body.message], [400, 'folder contains alert rules']);
    assert.equal((await rig.call('GET', '/api/folders/b')).status, 200);
    assert.equal((await rig.call('DELETE', '/api/folders/a?forceDeleteRules=true')).status, 200);
    assert.deepEqual([...left], []);
  });
});

describe('/api/annotations', () => {
  it('adds, finds, changes and deletes', async () => {
    await using rig = await openApi();
    await rig.call('POST', '/api/dashboards/db', { dashboard: { title: 'd', uid: 'd' } });
    const added = await rig.call('POST', '/api/annotations', {
      dashboardUID: 'd',
      panelId: 2,
      time: 1000,
      timeEnd: 2000,
      tags: ['deploy', 'api'],
      text: 'v1.2',
    });
    assert.deepEqual(added, { status: 200, body: { message: 'Annotation added', id: 1 } });
    const graphite = await rig.call('POST', '/api/annotations/graphite', {
      what: 'Event',
      tags: 'deploy other',
      when: 3,
    });
    assert.equal(graphite.body.message, 'Graphite annotation added');
    const ids = async (query: string): Promise<readonly number[]> =>
      (await rig.call('GET', `/api/annotations?${query}`)).body.map(
        (one: { id: number }) => one.id,
      );
    assert.deepEqual(await ids(''), [2, 1]);
    assert.deepEqual(await ids('from=1500&to=2500'), [1]);
    assert.deepEqual(await ids('tags=deploy&tags=api'), [1]);
    assert.deepEqual(await ids('tags=other&tags=api&matchAny=true'), [2, 1]);
    assert.deepEqual(await ids('dashboardUID=d&panelId=2'), [1]);
    assert.deepEqual(await ids('type=alert'), []);
    await rig.call('PATCH', '/api/annotations/1', { text: 'v1.3' });
    const { body } = await rig.call('GET', '/api/annotations/1');
    assert.deepEqual(
      [body.text, body.time, body.timeEnd, body.login],
      ['v1.3', 1000, 2000, 'editor'],
    );
    const tags = await rig.call('GET', '/api/annotations/tags?tag=dep');
    assert.deepEqual(tags.body.result.tags, [{ tag: 'deploy', count: 2 }]);
    await rig.call('POST', '/api/annotations/mass-delete', { dashboardUID: 'd', panelId: 2 });
    assert.deepEqual(await ids(''), [2]);
    await rig.call('DELETE', '/api/annotations/2');
    assert.equal((await rig.call('DELETE', '/api/annotations/2')).status, 404);
    assert.equal((await rig.call('POST', '/api/annotations', { text: '' })).status, 400);
    const unknown = await rig.call('POST', '/api/annotations', { text: 'x', dashboardUID: 'none' });
    assert.equal(unknown.status, 404);
  });
});

describe('/api/library-elements', () => {
  it('adds, finds, changes and deletes', async () => {
    await using rig = await openApi();
    const added = await rig.call('POST', '/api/library-elements', {
      name: 'Shared',
      kind: 1,
      model: { type: 'stat', description: 'Bytes that wait' },
      uid: 'lib',
    });
    assert.deepEqual(
      [added.status, added.body.result.type, added.body.result.version],
      [200, 'stat', 1],
    );
    const list = await rig.call('GET', '/api/library-elements?searchString=sha&kind=1&perPage=1');
    assert.deepEqual([list.body.result.totalCount, list.body.result.elements.length], [1, 1]);
    const described = await rig.call('GET', '/api/library-elements?searchString=bytes');
    assert.equal(described.body.result.elements[0].description, 'Bytes that wait');
    const stale = await rig.call('PATCH', '/api/library-elements/lib', { name: 'N', version: 9 });
    assert.equal(stale.status, 412);
    await rig.call('PATCH', '/api/library-elements/lib', { name: 'New', version: 1 });
    const byName = await rig.call('GET', '/api/library-elements/name/New');
    assert.equal(byName.body.result[0].uid, 'lib');
    await rig.call('POST', '/api/dashboards/db', {
      dashboard: { title: 'd', uid: 'd', panels: [{ libraryPanel: { uid: 'lib' } }] },
    });
    const connections = await rig.call('GET', '/api/library-elements/lib/connections');
    assert.equal(connections.body.result[0].connectionUid, 'd');
    assert.equal((await rig.call('DELETE', '/api/library-elements/lib')).status, 403);
    await rig.call('DELETE', '/api/dashboards/uid/d');
    assert.equal((await rig.call('DELETE', '/api/library-elements/lib')).status, 200);
    const missing = await rig.call('GET', '/api/library-elements/lib');
    assert.deepEqual(
      [missing.status, missing.body.message],
      [404, 'library element could not be found'],
    );
  });
});

describe('what clients look at first', () => {
  it('organisation, settings, plugins, preferences, stars', async () => {
    await using rig = await openApi();
    const get = async (path: string, token = rig.tokens.admin) =>
      (await rig.call('GET', path, undefined, token)).body;
    assert.deepEqual(await get('/api/login/ping'), { message: 'Logged in' });
    assert.equal((await get('/api/org')).name, 'Main Org.');
    assert.equal((await get('/api/orgs/name/Main%20Org.')).id, 1);
    assert.deepEqual(await get('/api/user/orgs'), [{ orgId: 1, name: 'Main Org.', role: 'Admin' }]);
    const settings = await get('/api/frontend/settings');
    assert.equal(settings.defaultDatasource, 'Prometheus');
    assert.equal(settings.datasources['Prometheus'].uid, 'prometheus');
    const panels = await get('/api/plugins?type=panel');
    assert.ok(panels.some(({ id }: { id: string }) => id === 'timeseries'));
    assert.equal((await get('/api/plugins/timeseries/settings')).type, 'panel');
    assert.match((await get('/api/plugins/none/settings')).message, /^Plugin not found/);
    assert.equal((await get('/api/org/preferences')).timezone, '');
    assert.equal(settings.timezone, 'Asia/Seoul');
    const bad = await rig.call('PUT', '/api/user/preferences', { timezone: 'Mars' });
    assert.match(bad.body.message, /^timezone: "Mars" is not known/);
    await rig.call('PATCH', '/api/user/preferences', { timezone: 'utc', theme: 'dark' });
    await rig.call('PATCH', '/api/user/preferences', { theme: '' });
    const own = await get('/api/user/preferences', rig.tokens.editor);
    assert.deepEqual([own.timezone, own.theme], ['utc', '']);
    await rig.call('POST', '/api/dashboards/db', { dashboard: { title: 'd', uid: 'd' } });
    await rig.call('POST', '/api/user/stars/dashboard/uid/d');
    assert.deepEqual(await get('/api/user/stars', rig.tokens.editor), ['d']);
    assert.deepEqual(await get('/api/user/stars'), []);
    const none = await rig.call('POST', '/api/user/stars/dashboard/uid/none');
    assert.equal(none.status, 404);
    const reload = '/api/admin/provisioning/dashboards/reload';
    assert.equal((await rig.call('POST', reload, {}, rig.tokens.editor)).status, 403);
    assert.equal((await rig.call('POST', reload, {}, rig.tokens.admin)).status, 200);
  });
});

describe('permissions', () => {
  it('are those of roles: read, asked for again, and nothing else', async () => {
    await using rig = await openApi();
    await rig.call('POST', '/api/folders', { title: 'F', uid: 'f' });
    await rig.call('POST', '/api/dashboards/db', { dashboard: { title: 'd', uid: 'd' } });
    const roles = [
      { role: 'Viewer', permission: 1, permissionName: 'View' },
      { role: 'Editor', permission: 2, permissionName: 'Edit' },
    ];
    for (const place of ['dashboards/uid/d', 'folders/f']) {
      const url = `/api/${place}/permissions`;
      assert.deepEqual((await rig.call('GET', url)).body, roles);
      const items = roles.map(({ role, permission }) => ({ role, permission }));
      assert.equal((await rig.call('POST', url, { items })).status, 403);
      const { admin } = rig.tokens;
      assert.equal((await rig.call('POST', url, { items }, admin)).status, 200);
      const other = await rig.call('POST', url, { items: [{ teamId: 1, permission: 2 }] }, admin);
      assert.equal(other.status, 400);
      assert.match(other.body.message, /"teamId":1.*rights go by role \(allowed: Viewer/);
    }
    assert.equal((await rig.call('GET', '/api/folders/none/permissions')).status, 404);
    for (const place of ['dashboards/d', 'folders/f', 'datasources/prometheus']) {
      const { body } = await rig.call('GET', `/api/access-control/${place}`);
      const told = (body as { builtInRole: string; permission: string }[]).map(
        ({ builtInRole, permission }) => `${builtInRole} ${permission}`,
      );
      assert.deepEqual(told, ['Viewer View', 'Editor Edit']);
    }
    assert.equal((await rig.call('GET', '/api/access-control/datasources/none')).status, 404);
    const mine = '/api/access-control/user/permissions';
    const viewer = (await rig.call('GET', mine, undefined, rig.tokens.viewer)).body;
    assert.deepEqual(viewer['dashboards:read'], ['dashboards:*']);
    assert.equal(viewer['dashboards:write'], undefined);
    const editor = (await rig.call('GET', mine)).body;
    assert.deepEqual(editor['dashboards:create'], ['dashboards:*', 'folders:*']);
    assert.equal(editor['datasources:write'], undefined);
  });
});

describe('/apis/dashboard.grafana.app', () => {
  const base = '/apis/dashboard.grafana.app/v1beta1/namespaces/default/dashboards';

  it('makes, gives, replaces, lists and deletes', async () => {
    await using rig = await openApi();
    await rig.call('POST', '/api/folders', { title: 'F', uid: 'f' });
    const object = {
      apiVersion: 'dashboard.grafana.app/v1beta1',
      kind: 'Dashboard',
      metadata: { name: 'cpu', annotations: { 'grafana.app/folder': 'f' } },
      spec: { title: 'CPU', odd: { keys: true }, schemaVersion: 41 },
    };
    const made = await rig.call('POST', base, object);
    assert.equal(made.status, 201);
    assert.deepEqual(made.body.spec, object.spec);
    const again = await rig.call('POST', base, object);
    assert.deepEqual([again.status, again.body.reason], [409, 'AlreadyExists']);
    const got = (await rig.call('GET', `${base}/cpu`)).body;
    assert.equal(got.metadata.annotations['grafana.app/folder'], 'f');
    assert.deepEqual([got.metadata.resourceVersion, got.metadata.generation], ['1', 1]);
    const changed = { ...got, spec: { ...got.spec, title: 'CPU 2' } };
    assert.equal((await rig.call('PUT', `${base}/cpu`, changed)).status, 200);
    const stale = await rig.call('PUT', `${base}/cpu`, changed);
    assert.deepEqual([stale.status, stale.body.reason], [409, 'Conflict']);
    const { resourceVersion: _version, ...metadata } = got.metadata;
    const forced = await rig.call('PUT', `${base}/cpu`, { ...changed, metadata });
    assert.equal(forced.body.metadata.generation, 3);
    for (const name of ['a', 'b']) {
      await rig.call('POST', base, { ...object, metadata: { name }, spec: { title: name } });
    }
    const first = (await rig.call('GET', `${base}?limit=2`)).body;
    const rest = (await rig.call('GET', `${base}?limit=2&continue=${first.metadata.continue}`))
      .body;
    const names = [...first.items, ...rest.items].map((one) => one.metadata.name);
    assert.deepEqual(names, ['a', 'b', 'cpu']);
    assert.equal(rest.metadata.continue, undefined);
    assert.equal((await rig.call('DELETE', `${base}/cpu`)).body.status, 'Success');
    const gone = await rig.call('GET', `${base}/cpu`);
    assert.deepEqual([gone.status, gone.body.kind, gone.body.code], [404, 'Status', 404]);
    const other = await rig.call('PUT', `${base}/b`, {
      metadata: { name: 'a' },
      spec: { title: 'x' },
    });
    assert.equal(other.status, 400);
  });

  it('says which versions and namespaces there are', async () => {
    await using rig = await openApi();
    const groups = await rig.call('GET', '/apis');
    assert.equal(groups.body.groups[0].preferredVersion.version, 'v1beta1');
    const resources = await rig.call('GET', '/apis/dashboard.grafana.app/v1beta1');
    assert.equal(resources.body.resources[0].kind, 'Dashboard');
    const v2 = await rig.call('GET', base.replace('v1beta1', 'v2beta1'));
    assert.deepEqual([v2.status, v2.body.reason], [406, 'NotAcceptable']);
    assert.equal((await rig.call('GET', base.replace('default', 'other'))).status, 404);
  });
});
