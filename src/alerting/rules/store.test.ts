import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ManualClock } from '#base';
import { openStateStore, type StateStore } from '#state';
import type { Author, RuleChange } from './changes.ts';
import { definition } from './rules.fixture.ts';
import { RuleStore } from './store.ts';

const ui: Author = { by: 'me', via: 'ui', provenance: '' };
const api: Author = { by: 'terraform', via: 'provisioning', provenance: 'api' };
const free: Author = { by: 'terraform', via: 'provisioning', provenance: '' };
const file: Author = { by: 'provisioning', via: 'file', provenance: 'file' };

async function withStore(
  work: (
    store: RuleStore,
    reopen: () => Promise<RuleStore>,
    parts: { readonly state: StateStore; readonly clock: ManualClock },
  ) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock(1000);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'nunchi-alerting-'));
  await using state: StateStore = await openStateStore({ dataDir: folder.path }, { clock });
  const titles = new Map([
    ['f1', 'one'],
    ['f2', 'two'],
  ]);
  const deps = {
    state,
    clock,
    names: {
      hasReceiver: (name: string) => name === 'team',
      hasTiming: (name: string) => name === 'nights',
    },
    folders: {
      get: (uid: string) => {
        const title = titles.get(uid);
        return title === undefined ? undefined : { uid, title };
      },
      ensure: async (title: string) => title,
    },
  };
  await work(await RuleStore.open(deps), () => RuleStore.open(deps), { state, clock });
}

const group = (title: string, uids: readonly string[], folderUid = 'f1') => ({
  folderUid,
  title,
  intervalMs: 60_000,
  rules: uids.map((uid) => definition({ uid, title: uid })),
});

const uidsOf = (changes: readonly RuleChange[]): readonly string[] =>
  changes.map(({ before, after }) => (after ?? before)!.rule.uid).sort();

describe('a store of rules', () => {
  it('has after a restart what it had, and counts versions', () =>
    withStore(async (store, reopen) => {
      await store.putGroup(group('g', ['a', 'b']), ui);
      await store.putGroup(
        {
          ...group('g', ['a', 'b']),
          rules: [
            definition({ uid: 'a', title: 'a', forMs: 0 }),
            definition({ uid: 'b', title: 'b' }),
          ],
        },
        ui,
      );
      const again = await reopen();
      assert.deepEqual(again.groups(), store.groups());
      assert.deepEqual(
        again.group('f1', 'g')!.rules.map(({ uid, version, id }) => [uid, version, id]),
        [
          ['a', 2, 1],
          ['b', 1, 2],
        ],
      );
      assert.deepEqual(
        (await again.versions('a')).map(({ version, rule }) => [version, rule.forMs]),
        [
          [2, 0],
          [1, 60_000],
        ],
      );
      // Ids are never given twice.
      await again.putRule(
        definition({ uid: 'c', title: 'c' }),
        { folderUid: 'f1', group: 'g' },
        ui,
        'new',
      );
      assert.equal(again.find('c')!.rule.id, 3);
    }));

  it('tells of what is different, and only of that', () =>
    withStore(async (store) => {
      const told: RuleChange[][] = [];
      store.onChange((changes) => told.push([...changes]));
      await store.putGroup(group('g', ['a', 'b']), ui);
      assert.deepEqual(await store.putGroup(group('g', ['a', 'b']), ui), []);
      assert.equal(told.length, 1);
      const changes = await store.putGroup(group('g', ['b', 'c']), ui);
      assert.deepEqual(uidsOf(changes), ['a', 'b', 'c']);
      assert.equal(store.find('a'), undefined);
      assert.deepEqual(await store.versions('a'), []);
    }));

  it('moves rules between groups', () =>
    withStore(async (store, reopen) => {
      await store.putGroup(group('g', ['a', 'b']), ui);
      await store.putGroup(group('h', ['b'], 'f2'), ui);
      for (const one of [store, await reopen()]) {
        assert.deepEqual(
          one
            .groups()
            .map(({ folderUid, title, rules }) => [folderUid, title, rules.map(({ uid }) => uid)]),
          [
            ['f1', 'g', ['a']],
            ['f2', 'h', ['b']],
          ],
        );
      }
      await store.putGroup(group('h', ['a', 'b'], 'f2'), ui);
      assert.deepEqual(
        (await reopen()).groups().map(({ title }) => title),
        ['h'],
      );
    }));

  it('has a rule once after a crash in the middle of a move', () =>
    withStore(async (store, reopen, { state, clock }) => {
      await store.putGroup(group('g', ['a', 'b']), ui);
      const records = state.collection('alert-rule-groups');
      const before = await records.get('f1/g');
      await store.putGroup(group('h', ['b'], 'f2'), ui);
      // As if the old group had not been written any more.
      const moved = await records.get('f2/h');
      await records.put('f1/g', before!.value);
      clock.jumpTo(2000);
      await records.put('f2/h', moved!.value);
      assert.deepEqual(
        (await reopen()).groups().map(({ title, rules }) => [title, rules.map(({ uid }) => uid)]),
        [
          ['g', ['a']],
          ['h', ['b']],
        ],
      );
    }));

  it('lets each change only what is theirs', () =>
    withStore(async (store) => {
      await store.putGroup(group('g', ['a']), api);
      const changed = { ...group('g', ['a']), rules: [definition({ uid: 'a', title: 'x' })] };
      const refused = { code: 'RULE_PROVISIONED' };
      await assert.rejects(store.putGroup(changed, ui), refused);
      await assert.rejects(store.deleteRules(['a'], ui), refused);
      await assert.rejects(store.putGroup(group('g', []), ui), refused);
      // The page sends the whole group: what is as it was stays.
      await store.putGroup(group('g', ['a', 'b']), ui);
      assert.deepEqual(
        store.group('f1', 'g')!.rules.map(({ provenance }) => provenance),
        ['api', ''],
      );
      await store.putGroup({ ...group('g', ['a', 'b']), intervalMs: 120_000 }, ui);
      // Its own program may set it free.
      await store.putRule(
        definition({ uid: 'a', title: 'x' }),
        { folderUid: 'f1', group: 'g' },
        free,
        'known',
      );
      assert.equal(store.find('a')!.rule.provenance, '');
      // A file takes what it names, and keeps it from all others.
      await store.putRule(
        definition({ uid: 'a', title: 'y' }),
        { folderUid: 'f1', group: 'g' },
        file,
        'any',
      );
      await assert.rejects(
        store.putRule(
          definition({ uid: 'a', title: 'z' }),
          { folderUid: 'f1', group: 'g' },
          api,
          'any',
        ),
        refused,
      );
    }));

  const refuses = (
    name: string,
    input: Parameters<RuleStore['putGroup']>[0],
    code: string,
    message: RegExp,
  ): void =>
    void it(`refuses ${name}`, () =>
      withStore(async (store) => {
        await store.putGroup(group('g', ['a']), ui);
        await assert.rejects(store.putGroup(input, ui), { code, message });
      }));
  const one = (given: Parameters<typeof definition>[0]) => ({
    ...group('h', []),
    rules: [definition({ uid: 'n', title: 'n', ...given })],
  });
  refuses(
    'a folder that is not there',
    group('h', ['b'], 'none'),
    'RULE_FOLDER_NOT_FOUND',
    /folder does not exist/,
  );
  refuses('a title twice in a folder', one({ title: 'a' }), 'RULE_EXISTS', /should be unique: "a"/);
  refuses(
    'an interval that is no multiple',
    { ...group('h', ['b']), intervalMs: 15_000 },
    'RULE_INVALID',
    /interval \(15s\) should be non-zero and divided exactly by scheduler interval: 10s/,
  );
  refuses(
    'a group without a name',
    group(' ', ['b']),
    'RULE_INVALID',
    /rule group name is required/,
  );
  refuses(
    'a group that is too large',
    group(
      'h',
      Array.from({ length: 101 }, (_, at) => `r${at}`),
    ),
    'RULE_INVALID',
    /101 rules; 100 are allowed/,
  );
  refuses('a uid that is none', one({ uid: 'a b' }), 'RULE_INVALID', /UID must have/);
  refuses('no title', one({ title: '' }), 'RULE_INVALID', /title is empty/);
  refuses(
    'a long title',
    one({ title: 'x'.repeat(191) }),
    'RULE_INVALID',
    /too long. Max length is 190/,
  );
  refuses('no queries', one({ data: [] }), 'RULE_INVALID', /no queries or expressions/);
  refuses(
    'a condition that is not there',
    one({ condition: 'Z' }),
    'RULE_INVALID',
    /condition Z does not exist, must be one of \[A B C\]/,
  );
  refuses(
    'a template that is none',
    one({ annotations: { summary: '{{ $labels.x' } }),
    'RULE_INVALID',
    /annotation "summary"/,
  );
  refuses(
    'a panel without its dashboard',
    one({ annotations: { __panelId__: '1' } }),
    'RULE_INVALID',
    /both __dashboardUid__ and __panelId__/,
  );
  refuses(
    'a time range that is none',
    one({
      data: [{ ...definition().data[0]!, relativeTimeRange: { from: 0, to: 0 } }],
      condition: 'A',
    }),
    'RULE_INVALID',
    /invalid time range of query A/,
  );
  refuses(
    'a metric name that is none',
    one({ record: { metric: '1 x', from: 'B' } }),
    'RULE_INVALID',
    /metric name "1 x"/,
  );
  refuses(
    'a contact point that is not there',
    one({ notificationSettings: { receiver: 'none' } }),
    'RULE_INVALID',
    /receiver 'none' does not exist/,
  );
  refuses(
    'a timing that is not there',
    one({ notificationSettings: { receiver: 'team', muteTimeIntervals: ['days'] } }),
    'RULE_INVALID',
    /mute time interval 'days' does not exist/,
  );
});
