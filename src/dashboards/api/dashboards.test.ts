import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ApiRig, openApi } from './api.fixture.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('who may ask', () => {
  let rig: ApiRig;
  before(async () => {
    rig = await openApi();
  });
  after(() => rig[Symbol.asyncDispose]());

  const refusals: readonly (readonly [name: string, authorization: string, message: string])[] = [
    ['nobody', '', 'Unauthorized'],
    ['a wrong password', basic('ann:wrong'), 'Invalid username or password'],
    ['a wrong token', 'Bearer nunchi_wrong', 'Invalid API key'],
  ];
  for (const [name, authorization, message] of refusals) {
    it(`not ${name}`, async () => {
      for (const path of ['/api/search', '/api/user', '/api/dashboards/uid/none']) {
        const { status, body } = await rig.call('GET', path, undefined, authorization);
        assert.deepEqual([status, body.message], [401, message], path);
      }
      const { status, body } = await rig.call(
        'GET',
        '/apis/dashboard.grafana.app/v1beta1/namespaces/default/dashboards',
        undefined,
        authorization,
      );
      assert.deepEqual([status, body.kind, body.reason], [401, 'Status', 'Unauthorized']);
    });
  }

  it('a user by password, a token as Bearer or as the password', async () => {
    for (const authorization of [
      basic('ann:correct horse'),
      rig.tokens.viewer,
      basic(`api_key:${rig.tokens.viewer.slice('Bearer '.length)}`),
    ]) {
      assert.equal((await rig.call('GET', '/api/search', undefined, authorization)).status, 200);
    }
    const { body } = await rig.call('GET', '/api/user', undefined, basic('ann:correct horse'));
    assert.deepEqual([body.login, body.isGrafanaAdmin, body.orgId], ['ann', true, 1]);
  });

  it('readers read and mark, editors save, administrators decide for all', async () => {
    const save = (authorization: string) =>
      rig.call(
        'POST',
        '/api/dashboards/db',
        { dashboard: { title: 'x' }, overwrite: true },
        authorization,
      );
    assert.equal((await save(rig.tokens.viewer)).status, 403);
    assert.equal((await save(rig.tokens.editor)).status, 200);
    const zone = { timezone: 'Asia/Seoul' };
    const all = '/api/org/preferences';
    assert.equal((await rig.call('PUT', all, zone, rig.tokens.editor)).status, 403);
    assert.equal((await rig.call('PUT', all, zone, rig.tokens.admin)).status, 200);
    const own = await rig.call('PUT', '/api/user/preferences', zone, rig.tokens.viewer);
    assert.equal(own.status, 200);
    assert.equal(
      (await rig.call('GET', '/api/gnet/dashboards/1', undefined, rig.tokens.viewer)).status,
      403,
    );
  });

  it('health is for everybody', async () => {
    const { status, body } = await rig.call('GET', '/api/health', undefined, '');
    assert.equal(status, 200);
    assert.deepEqual([body.database, body.commit], ['ok', 'nunchi-1.2.3']);
    assert.match(body.version, /^\d+\.\d+\.\d+$/);
  });
});

describe('/api/dashboards', () => {
  it('saves, gives, finds, changes and deletes', async () => {
    await using rig = await openApi();
    const folder = await rig.call('POST', '/api/folders', { title: 'Team', uid: 'team' });
    assert.equal(folder.status, 200);
    const dashboard = { uid: 'cpu', title: 'CPU Usage', tags: ['infra'], id: null, odd: [1] };
    const saved = await rig.call('POST', '/api/dashboards/db', {
      dashboard,
      folderUid: 'team',
      message: 'first',
    });
    assert.deepEqual(saved, {
      status: 200,
      body: {
        id: saved.body.id,
        uid: 'cpu',
        url: '/d/cpu/cpu-usage',
        status: 'success',
        version: 1,
        slug: 'cpu-usage',
        folderUid: 'team',
      },
    });
    const got = await rig.call('GET', '/api/dashboards/uid/cpu');
    const { id: _id, ...document } = dashboard;
    assert.deepEqual(got.body.dashboard, { ...document, version: 1, id: saved.body.id });
    const { meta } = got.body;
    assert.deepEqual(
      [meta.slug, meta.url, meta.folderUid, meta.folderTitle, meta.canSave, meta.version],
      ['cpu-usage', '/d/cpu/cpu-usage', 'team', 'Team', true, 1],
    );
    assert.deepEqual([meta.provisioned, meta.isStarred, meta.createdBy], [false, false, 'editor']);
    assert.equal(meta.folderUrl, '/dashboards/f/team/team');
    await rig.call('POST', '/api/user/stars/dashboard/uid/cpu');
    const [hit, ...others] = (
      await rig.call('GET', '/api/search?query=cpu&type=dash-db&starred=true&tag=infra')
    ).body;
    assert.equal(others.length, 0);
    assert.deepEqual(
      [
        hit.uid,
        hit.title,
        hit.uri,
        hit.url,
        hit.type,
        hit.isStarred,
        hit.folderUid,
        hit.folderTitle,
      ],
      ['cpu', 'CPU Usage', 'db/cpu-usage', '/d/cpu/cpu-usage', 'dash-db', true, 'team', 'Team'],
    );
    const stale = { dashboard: { ...dashboard, version: 0 } };
    const refused = await rig.call('POST', '/api/dashboards/db', stale);
    assert.deepEqual([refused.status, refused.body.status], [412, 'version-mismatch']);
    const next = { dashboard: { ...dashboard, version: 1, title: 'CPU' } };
    assert.equal((await rig.call('POST', '/api/dashboards/db', next)).body.version, 2);
    const gone = await rig.call('DELETE', '/api/dashboards/uid/cpu');
    assert.deepEqual(
      [gone.status, gone.body.title, gone.body.message],
      [200, 'CPU', 'Dashboard CPU deleted'],
    );
    assert.deepEqual(await rig.call('GET', '/api/dashboards/uid/cpu'), {
      status: 404,
      body: {
        message: 'Dashboard not found',
        status: 'not-found',
        messageId: 'DASHBOARD_NOT_FOUND',
      },
    });
  });

  const refusals: readonly (readonly [string, unknown, number, string, string?])[] = [
    ['no dashboard', {}, 400, 'bad request data'],
    ['no JSON object', 'x', 400, 'bad request data'],
    [
      'no title',
      { dashboard: { title: '' } },
      400,
      'Dashboard title cannot be empty',
      'empty-name',
    ],
    [
      'an unknown id',
      { dashboard: { title: 'a', id: 5 } },
      404,
      'Dashboard not found',
      'not-found',
    ],
    [
      'a long uid',
      { dashboard: { title: 'a', uid: 'a'.repeat(41) } },
      400,
      'uid too long, max 40 characters',
    ],
    [
      'an odd uid',
      { dashboard: { title: 'a', uid: 'a/b' } },
      400,
      'uid contains illegal characters',
    ],
    ['an unknown folder', { dashboard: { title: 'a' }, folderUid: 'x' }, 404, 'folder not found'],
    ['an odd folder', { dashboard: { title: 'a' }, folderUid: 7 }, 400, 'folderUid: expected text'],
    [
      'a title that is taken',
      { dashboard: { title: 'taken' } },
      412,
      'A dashboard with the same name in the folder already exists',
      'name-exists',
    ],
  ];
  it('refuses what it cannot keep, in the words that clients know', async () => {
    await using rig = await openApi();
    await rig.call('POST', '/api/dashboards/db', { dashboard: { title: 'taken' } });
    for (const [name, request, status, message, word] of refusals) {
      const answer = await rig.call('POST', '/api/dashboards/db', request);
      assert.deepEqual(
        [answer.status, answer.body.message, answer.body.status],
        [status, message, word],
        name,
      );
    }
  });

  it('refuses to change what a file provides', async () => {
    await using rig = await openApi();
    await rig.store.dashboards.provision({
      document: { title: 'F', uid: 'f' },
      uid: 'f',
      folderUid: '',
      provenance: { source: 'file:x', externalId: 'f.json', checksum: '1', allowUiUpdates: false },
    });
    const saved = await rig.call('POST', '/api/dashboards/db', {
      dashboard: { title: 'F2', uid: 'f' },
      overwrite: true,
    });
    assert.deepEqual(
      [saved.status, saved.body.message],
      [400, 'Cannot save provisioned dashboard'],
    );
    const deleted = await rig.call('DELETE', '/api/dashboards/uid/f');
    assert.deepEqual(
      [deleted.status, deleted.body.message],
      [400, 'provisioned dashboard cannot be deleted'],
    );
    const { meta } = (await rig.call('GET', '/api/dashboards/uid/f')).body;
    assert.deepEqual(
      [meta.provisioned, meta.provisionedExternalId, meta.canSave],
      [true, 'f.json', false],
    );
  });

  it('has a history that can be compared and restored', async () => {
    await using rig = await openApi();
    const save = (title: string, version: number) =>
      rig.call('POST', '/api/dashboards/db', {
        dashboard: { uid: 'd', title, version },
        message: title,
      });
    await save('one', 0);
    const { id } = (await save('two', 1)).body;
    for (const place of ['uid/d', `id/${id}`]) {
      const { versions } = (await rig.call('GET', `/api/dashboards/${place}/versions?limit=1`))
        .body;
      assert.equal(versions.length, 1);
      assert.deepEqual(
        [
          versions[0].version,
          versions[0].message,
          versions[0].parentVersion,
          versions[0].createdBy,
        ],
        [2, 'two', 1, 'editor'],
      );
    }
    const first = await rig.call('GET', '/api/dashboards/uid/d/versions/1');
    assert.equal(first.body.data.title, 'one');
    const diff = await rig.call('POST', '/api/dashboards/calculate-diff', {
      base: { dashboardId: id, version: 1 },
      new: { dashboardUID: 'd', version: 2 },
      diffType: 'json',
    });
    assert.deepEqual(diff.body, [{ kind: 'changed', path: 'title', from: 'one', to: 'two' }]);
    const restored = await rig.call('POST', '/api/dashboards/uid/d/restore', { version: 1 });
    assert.deepEqual([restored.status, restored.body.version], [200, 3]);
    assert.equal((await rig.call('GET', '/api/dashboards/uid/d')).body.dashboard.title, 'one');
    const missing = await rig.call('GET', '/api/dashboards/uid/d/versions/9');
    assert.deepEqual([missing.status, missing.body.message], [404, 'Dashboard version not found']);
  });

  it('shows the home dashboard that was chosen', async () => {
    await using rig = await openApi();
    assert.equal((await rig.call('GET', '/api/dashboards/home')).body.meta.isHome, true);
    await rig.call('POST', '/api/dashboards/db', { dashboard: { uid: 'h', title: 'Home' } });
    const unknown = await rig.call('PUT', '/api/user/preferences', { homeDashboardUID: 'x' });
    assert.equal(unknown.status, 404);
    await rig.call('PUT', '/api/user/preferences', { homeDashboardUID: 'h' });
    const home = await rig.call('GET', '/api/dashboards/home');
    assert.deepEqual(home.body, { redirectUri: '/d/h/home' });
  });

  it('bounds what one asks for', async () => {
    await using rig = await openApi();
    const { status, body } = await rig.call('GET', '/api/search?limit=6000');
    assert.equal(status, 422);
    assert.match(body.message, /^Limit is above maximum allowed \(5000\), use page parameter/);
    const large = { dashboard: { title: 'a', text: 'x'.repeat(1_100_000) } };
    const refused = await rig.call('POST', '/api/dashboards/db', large);
    assert.match(refused.body.message, /dashboards\.maxSize/);
  });
});

describe('/api/dashboards/import', () => {
  const file = {
    __inputs: [
      { name: 'DS_PROMETHEUS', label: 'Prometheus', type: 'datasource', pluginId: 'prometheus' },
      { name: 'VAR_X', type: 'constant', label: 'X', value: '7' },
    ],
    __requires: [],
    __elements: {
      lib: { uid: 'lib', name: 'Shared', kind: 1, model: { type: 'stat', title: 'S' } },
    },
    id: 12,
    title: 'Imported',
    panels: [{ id: 1, type: 'stat', datasource: '${DS_PROMETHEUS}', libraryPanel: { uid: 'lib' } }],
    templating: { list: [{ name: 'x', type: 'constant', query: '${VAR_X}' }] },
  };
  const inputs = [
    { name: 'DS_PROMETHEUS', type: 'datasource', pluginId: 'prometheus', value: 'Prometheus' },
  ];

  it('puts the answers in, takes the library panels out and says what came of it', async () => {
    await using rig = await openApi();
    const answer = await rig.call('POST', '/api/dashboards/import', {
      dashboard: file,
      overwrite: false,
      inputs,
      folderId: 0,
    });
    const { uid } = answer.body;
    assert.equal(answer.status, 200);
    assert.deepEqual(
      [answer.body.imported, answer.body.importedUri, answer.body.importedUrl, answer.body.title],
      [true, 'db/imported', `/d/${uid}/imported`, 'Imported'],
    );
    const { dashboard } = (await rig.call('GET', `/api/dashboards/uid/${uid}`)).body;
    assert.equal(dashboard.panels[0].datasource, 'prometheus');
    assert.equal(dashboard.templating.list[0].query, '7');
    assert.deepEqual(
      Object.keys(dashboard).filter((key) => key.startsWith('__')),
      [],
    );
    const element = await rig.call('GET', '/api/library-elements/lib');
    assert.deepEqual(
      [element.body.result.name, element.body.result.meta.connectedDashboards],
      ['Shared', 1],
    );
    const again = await rig.call('POST', '/api/dashboards/import', {
      dashboard: { ...file, uid },
      inputs,
    });
    assert.deepEqual([again.status, again.body.status], [412, 'version-mismatch']);
    const over = await rig.call('POST', '/api/dashboards/import', {
      dashboard: { ...file, uid },
      overwrite: true,
      inputs: [{ name: '*', type: 'datasource', pluginId: 'prometheus', value: 'prometheus' }],
    });
    assert.deepEqual([over.status, over.body.uid], [200, uid]);
  });

  it('keeps nothing of what it refuses', async () => {
    await using rig = await openApi();
    const panels = Array.from({ length: 2001 }, (_, id) => ({ id, type: 'text' }));
    const dashboard = { title: 'Many', uid: 'many', panels };
    for (const path of ['/api/dashboards/import', '/api/dashboards/db']) {
      const { status, body } = await rig.call('POST', path, { dashboard, overwrite: true });
      assert.deepEqual([status, body.message], [400, 'panels[2000]: more than 2000 panels']);
    }
    assert.equal((await rig.call('GET', '/api/dashboards/uid/many')).status, 404);
  });

  it('wants a dashboard and every answer', async () => {
    await using rig = await openApi();
    const none = await rig.call('POST', '/api/dashboards/import', { inputs });
    assert.deepEqual([none.status, none.body.message], [422, 'Dashboard must be set']);
    const missing = await rig.call('POST', '/api/dashboards/import', { dashboard: file });
    assert.deepEqual(
      [missing.status, missing.body.message],
      [400, 'Dashboard input variable: DS_PROMETHEUS missing from import command'],
    );
  });

  it('without a way to the catalogue gives what is bundled, or says why not', async () => {
    await using rig = await openApi({
      bundled: (id) => (id === 1860 ? { title: 'Node Exporter Full' } : undefined),
    });
    const bundled = await rig.call('GET', '/api/gnet/dashboards/1860');
    assert.deepEqual(
      [bundled.body.json, bundled.body.source],
      [{ title: 'Node Exporter Full' }, 'bundled'],
    );
    const latest = await rig.call('GET', '/api/gnet/dashboards/1860/revisions/latest/download');
    assert.deepEqual(latest.body, { title: 'Node Exporter Full' });
    const none = await rig.call('GET', '/api/gnet/dashboards/1');
    assert.equal(none.status, 502);
    assert.match(none.body.message, /^Cannot reach http:\/\/127\.0\.0\.1:9\//);
    assert.match(none.body.hint, /import the file/);
    assert.equal((await rig.call('GET', '/api/gnet/dashboards/x')).status, 400);
  });
});
