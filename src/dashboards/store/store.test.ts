import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DashboardDocument, Provenance, SearchHit, SearchQuery } from './contract.ts';
import { openRig } from './store.fixture.ts';

const by = 'ada';
const fails = (code: string) => ({ code });
const provenance: Provenance = {
  source: 'file:default',
  externalId: 'a.json',
  checksum: '1',
  allowUiUpdates: false,
};

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = { value };
  return value;
};

const titleOf = (hit: SearchHit): string =>
  hit.type === 'dash-db' ? hit.dashboard.title : hit.folder.title;

describe('dashboards', () => {
  it('keep what nobody knows, and their id and version as the store has them', async () => {
    await using rig = await openRig();
    const { dashboards } = rig.store;
    const document = {
      title: 'CPU',
      id: 7,
      version: 99,
      strange: { Key: [1, null] },
      __inputs: [],
    };
    const { entry } = await dashboards.save({ document, by });
    const found = await (await rig.reopen()).dashboards.get(entry.uid);
    assert.deepEqual(found?.document, {
      title: 'CPU',
      strange: { Key: [1, null] },
      __inputs: [],
      uid: entry.uid,
      version: 1,
    });
    assert.deepEqual(found?.entry, entry);
  });

  const refused: readonly (readonly [string, DashboardDocument, string])[] = [
    ['an empty title', { title: ' ' }, 'DASHBOARD_TITLE_EMPTY'],
    ['no title', {}, 'DASHBOARD_TITLE_EMPTY'],
    ['a uid with spaces', { title: 'a', uid: 'a b' }, 'UID_INVALID'],
    ['a long uid', { title: 'a', uid: 'a'.repeat(41) }, 'UID_TOO_LONG'],
    ['tags that are none', { title: 'a', tags: 'x' }, 'DASHBOARD_INVALID'],
    ['too large a document', { title: 'a', text: 'x'.repeat(200_000) }, 'DASHBOARD_INVALID'],
    [
      'more panels than a page has',
      { title: 'a', panels: Array.from({ length: 2001 }, () => ({ type: 'text' })) },
      'DASHBOARD_TOO_LARGE',
    ],
    ['what is nested without end', { title: 'a', panels: [nested(200)] }, 'DASHBOARD_TOO_LARGE'],
    ['a title that is taken', { title: 'taken' }, 'DASHBOARD_TITLE_EXISTS'],
    ['an old version', { title: 'taken', uid: 'taken', version: 1 }, 'DASHBOARD_CHANGED'],
    ['no version', { title: 'taken', uid: 'taken' }, 'DASHBOARD_CHANGED'],
  ];
  for (const [name, document, code] of refused) {
    it(`refuse ${name}`, async () => {
      await using rig = await openRig();
      const { dashboards } = rig.store;
      await dashboards.save({ document: { title: 'taken', uid: 'taken' }, by });
      await dashboards.save({ document: { title: 'taken', uid: 'taken', version: 1 }, by });
      await assert.rejects(dashboards.save({ document, by }), fails(code));
      assert.equal(dashboards.size, 1);
    });
  }

  it('of the same title are replaced with overwrite, where no uid is named', async () => {
    await using rig = await openRig();
    const { dashboards } = rig.store;
    const first = await dashboards.save({ document: { title: 'a', old: 1 }, by });
    const next = await dashboards.save({ document: { title: 'a' }, overwrite: true, by: 'bob' });
    assert.equal(next.entry.uid, first.entry.uid);
    assert.equal(next.entry.version, 2);
    assert.deepEqual([next.entry.createdBy, next.entry.updatedBy], ['ada', 'bob']);
    const other = { title: 'a', uid: 'other' };
    await dashboards.save({ document: other, overwrite: true, by });
    assert.equal(dashboards.size, 2);
  });

  it('have a history that ends at its bound, and can be restored', async () => {
    await using rig = await openRig();
    const { dashboards } = rig.store;
    for (let version = 0; version < 8; version++) {
      const document = { uid: 'd', title: `t${version + 1}`, version };
      await dashboards.save({ document, message: `m${version + 1}`, by });
    }
    const restored = await dashboards.restore('d', 5, 'bob');
    assert.equal(restored.entry.title, 't5');
    assert.equal(restored.entry.version, 9);
    const versions = await (await rig.reopen()).dashboards.versions('d');
    assert.deepEqual(
      versions.map((one) => [one.version, one.message, one.restoredFrom, one.createdBy]),
      [
        [9, 'Restored from version 5', 5, 'bob'],
        [8, 'm8', 0, 'ada'],
        [7, 'm7', 0, 'ada'],
        [6, 'm6', 0, 'ada'],
        [5, 'm5', 0, 'ada'],
      ],
    );
    const { dashboards: again } = rig.store;
    await assert.rejects(again.version('d', 4), fails('DASHBOARD_VERSION_NOT_FOUND'));
    await assert.rejects(again.restore('none', 1, by), fails('DASHBOARD_NOT_FOUND'));
  });

  it('that are deleted leave neither history nor annotations', async () => {
    await using rig = await openRig();
    const { store } = rig;
    await store.dashboards.save({ document: { uid: 'd', title: 'd' }, by });
    const note = {
      timeMs: 1,
      timeEndMs: 1,
      text: 'x',
      tags: [],
      panelId: undefined,
      data: undefined,
    };
    await store.annotations.create({ ...note, dashboardUid: 'd', by });
    await store.annotations.create({ ...note, dashboardUid: undefined, by });
    await store.removeDashboard('d');
    const again = await rig.reopen();
    assert.equal(again.annotations.query({ limit: 10 }).length, 1);
    await again.dashboards.save({ document: { uid: 'd', title: 'new' }, by });
    assert.deepEqual(
      (await again.dashboards.versions('d')).map(({ version }) => version),
      [1],
    );
  });

  it('beyond the limit are refused, those that are there can be saved', async () => {
    await using rig = await openRig({ maxCount: 1 });
    const { dashboards } = rig.store;
    await dashboards.save({ document: { uid: 'a', title: 'a' }, by });
    const next = dashboards.save({ document: { title: 'b' }, by });
    await assert.rejects(next, fails('QUOTA_REACHED'));
    await dashboards.save({ document: { uid: 'a', title: 'a2', version: 1 }, by });
  });

  it('saved at the same time: one wins, the other is told', async () => {
    await using rig = await openRig();
    const { dashboards } = rig.store;
    await dashboards.save({ document: { uid: 'd', title: 'd' }, by });
    const save = (title: string) =>
      dashboards.save({ document: { uid: 'd', title, version: 1 }, by });
    const results = await Promise.allSettled([save('one'), save('two')]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
  });
});

describe('provision()', () => {
  const document = { title: 'p', uid: 'p' };

  it('writes what has changed only, and wins over people', async () => {
    await using rig = await openRig();
    const { dashboards } = rig.store;
    await dashboards.save({ document: { ...document, title: 'by hand' }, by });
    const provide = (own: Partial<Provenance> = {}) =>
      dashboards.provision({
        document,
        uid: 'x',
        folderUid: '',
        provenance: { ...provenance, ...own },
      });
    assert.equal(await provide(), true);
    assert.equal(await provide(), false);
    assert.equal(dashboards.entry('p')?.title, 'p');
    const change = { document: { ...document, version: 2 }, by };
    await assert.rejects(dashboards.save(change), fails('DASHBOARD_PROVISIONED'));
    await assert.rejects(rig.store.removeDashboard('p'), fails('DASHBOARD_PROVISIONED_DELETE'));
    const { dashboards: again } = await rig.reopen();
    assert.deepEqual(again.entry('p')?.provisioned, provenance);
    await again.release('p');
    await again.save(change);
  });

  it('with allowUiUpdates people may save until the file changes', async () => {
    await using rig = await openRig();
    const { dashboards } = rig.store;
    const provide = (checksum: string) =>
      dashboards.provision({
        document,
        uid: 'x',
        folderUid: '',
        provenance: { ...provenance, checksum, allowUiUpdates: true },
      });
    await provide('1');
    await dashboards.save({ document: { ...document, title: 'mine', version: 1 }, by });
    assert.equal(await provide('1'), false);
    assert.equal(dashboards.entry('p')?.title, 'mine');
    assert.equal(await provide('2'), true);
    assert.equal(dashboards.entry('p')?.title, 'p');
  });
});

describe('folders', () => {
  it('nest, move and are deleted with what is in them', async () => {
    await using rig = await openRig();
    const { store } = rig;
    const make = (uid: string, parentUid = '') =>
      store.folders.create({ uid, title: uid.toUpperCase(), parentUid, by });
    await make('a');
    await make('b', 'a');
    await make('c');
    await store.folders.move('c', 'b', by);
    await store.dashboards.save({ document: { uid: 'd', title: 'd' }, folderUid: 'c', by });
    assert.deepEqual(
      store.folders.path('c').map(({ uid }) => uid),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(store.folderCounts('a'), {
      dashboards: 1,
      folders: 2,
      libraryPanels: 0,
      alertRules: 0,
    });
    await assert.rejects(store.folders.move('a', 'c', by), fails('FOLDER_CYCLE'));
    await assert.rejects(store.folders.move('a', 'a', by), fails('FOLDER_CYCLE'));
    await store.removeFolder('a');
    const again = await rig.reopen();
    assert.deepEqual([again.folders.all().length, again.dashboards.size], [0, 0]);
  });

  it('refuse what does not fit', async () => {
    await using rig = await openRig();
    const { folders } = rig.store;
    const make = (input: object) => folders.create({ title: 't', by, ...input });
    await make({ uid: 'a', title: 'A' });
    await assert.rejects(make({ uid: 'a' }), fails('FOLDER_EXISTS'));
    await assert.rejects(make({ title: 'A' }), fails('FOLDER_TITLE_EXISTS'));
    await assert.rejects(make({ title: '' }), fails('FOLDER_TITLE_EMPTY'));
    await assert.rejects(make({ parentUid: 'none' }), fails('FOLDER_NOT_FOUND'));
    await assert.rejects(
      folders.update('a', { title: 'B', version: 9, by }),
      fails('FOLDER_CHANGED'),
    );
    let parentUid = 'a';
    for (let depth = 2; depth <= 8; depth++) parentUid = (await make({ parentUid })).uid;
    await assert.rejects(make({ parentUid }), fails('FOLDER_TOO_DEEP'));
  });

  it('of a path are made as far as they are not there', async () => {
    await using rig = await openRig();
    const { store } = rig;
    const first = await store.folderOfPath(['Team', 'App'], by);
    assert.equal(await store.folderOfPath(['Team', 'App'], by), first);
    assert.equal(await store.folderOfPath([], by), '');
    assert.equal(store.folders.all().length, 2);
  });

  it('with what a file provides, or what others show, stay', async () => {
    await using rig = await openRig();
    const { store } = rig;
    await store.folders.create({ uid: 'f', title: 'F', by });
    const panel = { name: 'p', kind: 1, model: {}, by } as const;
    const { uid } = await store.library.create({ ...panel, folderUid: 'f' });
    const document = {
      title: 'd',
      uid: 'd',
      panels: [{ type: 'row', panels: [{ libraryPanel: { uid } }] }],
    };
    await store.dashboards.save({ document, by });
    assert.deepEqual(
      store.connections(uid).map((one) => one.uid),
      ['d'],
    );
    await assert.rejects(store.removeFolder('f'), fails('LIBRARY_ELEMENT_CONNECTED'));
    await store.removeDashboard('d');
    await store.dashboards.provision({ document, uid: 'd', folderUid: 'f', provenance });
    await assert.rejects(store.removeFolder('f'), fails('DASHBOARD_PROVISIONED_DELETE'));
    assert.equal(store.library.all().length, 1);
  });
});

describe('search()', () => {
  it('finds by words, tags, folder, star and type, in the order asked for', async () => {
    await using rig = await openRig();
    const { store } = rig;
    await store.folders.create({ uid: 'f', title: 'Kubernetes', by });
    const save = async (title: string, tags: readonly string[] = [], folderUid = '') => {
      rig.clock.advance(1000);
      const uid = title.replaceAll(/\W/g, '') || 'ko';
      await store.dashboards.save({ document: { uid, title, tags }, folderUid, by });
    };
    await save('Node 10', ['infra']);
    await save('Node 2', ['infra', 'linux']);
    await save('Kubernetes / Views / Nodes', ['infra'], 'f');
    await save('결제 서비스');
    const titles = (query: Partial<SearchQuery>) =>
      store.search({ limit: 100, page: 1, ...query }).map(titleOf);
    const all = ['Kubernetes', 'Kubernetes / Views / Nodes', 'Node 2', 'Node 10', '결제 서비스'];
    const cases: readonly (readonly [Partial<SearchQuery>, readonly string[]])[] = [
      [{}, all],
      [{ text: 'node' }, ['Node 2', 'Node 10', 'Kubernetes / Views / Nodes']],
      [{ text: 'views nodes' }, ['Kubernetes / Views / Nodes']],
      [{ text: '결제'.normalize('NFD') }, ['결제 서비스']],
      [{ tags: ['infra', 'linux'] }, ['Node 2']],
      [{ type: 'dash-folder' }, ['Kubernetes']],
      [{ type: 'dash-db', folderUids: [''] }, ['Node 2', 'Node 10', '결제 서비스']],
      [{ folderUids: ['f'] }, ['Kubernetes / Views / Nodes']],
      [{ among: new Set(['Node2']) }, ['Node 2']],
      [{ dashboardUids: ['Node10', 'none'] }, ['Node 10']],
      [{ sort: 'alpha-desc', type: 'dash-db' }, all.slice(1).reverse()],
      [{ sort: 'updated-desc', type: 'dash-db', limit: 1 }, ['결제 서비스']],
      [{ limit: 2, page: 2 }, ['Node 2', 'Node 10']],
      [{ limit: 2, page: 9 }, []],
    ];
    for (const [query, wanted] of cases)
      assert.deepEqual(titles(query), wanted, JSON.stringify(query));
    assert.deepEqual(store.tags(), [
      { term: 'infra', count: 3 },
      { term: 'linux', count: 1 },
    ]);
  });

  it('after any history and a restart finds what a list of it all would', async () => {
    const uid = fc.constantFrom('a', 'b', 'c');
    const title = fc.constantFrom('one', 'two', 'One two', '');
    const step = fc.record({ kind: fc.constantFrom('save', 'remove', 'restore'), uid, title });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await using rig = await openRig();
        const model = new Map<string, string[]>();
        for (const { kind, uid: own, title: text } of steps) {
          const history = model.get(own);
          const { dashboards } = rig.store;
          if (kind === 'remove') {
            await rig.store.removeDashboard(own).catch(() => {});
            model.delete(own);
          } else if (kind === 'restore') {
            const [first] = history ?? [];
            const at = Math.max(1, (history?.length ?? 0) - 4);
            const done = await dashboards.restore(own, at, by).catch(() => undefined);
            if (done !== undefined && first !== undefined) history!.push(history![at - 1]!);
          } else {
            const document = { uid: own, title: text };
            const done = await dashboards
              .save({ document, overwrite: true, by })
              .catch(() => undefined);
            if (done !== undefined) model.set(own, [...(history ?? []), text]);
          }
        }
        const store = await rig.reopen();
        const found = store.search({ text: 'two', limit: 10, page: 1 }).map((hit) => {
          assert.equal(hit.type, 'dash-db');
          return hit.type === 'dash-db' ? hit.dashboard.uid : '';
        });
        const wanted = [...model].filter(([, titles]) => titles.at(-1)!.includes('two'));
        assert.deepEqual(found.sort(), wanted.map(([own]) => own).sort());
        for (const [own, titles] of model) {
          assert.equal(store.dashboards.entry(own)?.version, titles.length);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('annotations', () => {
  it('are found by time, place and tags, the newest first', async () => {
    await using rig = await openRig();
    const { annotations } = rig.store;
    const note = { panelId: undefined, data: undefined, dashboardUid: undefined, by };
    await annotations.create({ ...note, timeMs: 10, timeEndMs: 20, text: 'a', tags: ['x', 'y'] });
    await annotations.create({ ...note, timeMs: 30, timeEndMs: 30, text: 'b', tags: ['x'] });
    await annotations.create({
      ...note,
      timeMs: 5,
      timeEndMs: 5,
      text: 'c',
      tags: [],
      dashboardUid: 'd',
      panelId: 2,
    });
    const { annotations: again } = await rig.reopen();
    const texts = (query: object) => again.query({ limit: 10, ...query }).map(({ text }) => text);
    assert.deepEqual(texts({}), ['b', 'a', 'c']);
    assert.deepEqual(texts({ fromMs: 15, toMs: 25 }), ['a']);
    assert.deepEqual(texts({ tags: ['x', 'y'] }), ['a']);
    assert.deepEqual(texts({ tags: ['x', 'y'], matchAny: true }), ['b', 'a']);
    assert.deepEqual(texts({ dashboardUid: 'd', panelId: 2 }), ['c']);
    assert.deepEqual(texts({ dashboardUid: 'd', panelId: 3 }), []);
    assert.deepEqual(again.tags('', 10), [
      { term: 'x', count: 2 },
      { term: 'y', count: 1 },
    ]);
    const { id } = again.query({ limit: 1 })[0]!;
    assert.equal((await again.update(id, { text: 'B' })).text, 'B');
    await again.remove(id);
    await assert.rejects(again.remove(id), fails('ANNOTATION_NOT_FOUND'));
    const bad = { ...note, timeMs: 2, timeEndMs: 1, text: 'x', tags: [] };
    await assert.rejects(again.create(bad), fails('ANNOTATION_INVALID'));
    await assert.rejects(again.create({ ...bad, text: '' }), fails('ANNOTATION_INVALID'));
  });
});

it('stars and preferences belong to a person and outlive a restart', async () => {
  await using rig = await openRig();
  await rig.store.stars.set('user:ada', 'a', true);
  await rig.store.stars.set('user:ada', 'b', true);
  await rig.store.stars.set('user:ada', 'a', false);
  await rig.store.preferences.change('', { timezone: 'Asia/Seoul', theme: 'dark' });
  await rig.store.preferences.change('', { theme: '' });
  const { stars, preferences } = await rig.reopen();
  assert.deepEqual([...(await stars.of('user:ada'))], ['b']);
  assert.deepEqual([...(await stars.of('user:bob'))], []);
  assert.deepEqual(await preferences.of(''), { timezone: 'Asia/Seoul' });
  assert.deepEqual(await preferences.of('user:ada'), {});
});

it('library elements have names of their own and a lock by version', async () => {
  await using rig = await openRig();
  const { library } = rig.store;
  const { uid } = await library.create({ name: 'p', kind: 1, model: { type: 'stat' }, by });
  const again = library.create({ name: 'p', kind: 1, model: {}, by });
  await assert.rejects(again, fails('LIBRARY_ELEMENT_EXISTS'));
  await library.update(uid, { name: 'q', version: 1, by });
  await assert.rejects(library.update(uid, { version: 1, by }), fails('LIBRARY_ELEMENT_CHANGED'));
  const { library: reopened } = await rig.reopen();
  assert.deepEqual(reopened.mustHave(uid).model, { type: 'stat' });
  assert.equal(reopened.mustHave(uid).name, 'q');
});
