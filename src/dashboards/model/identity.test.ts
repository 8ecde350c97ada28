import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diffDashboards } from './diff.ts';
import { checkUid, isUid, newUid, slugOf } from './identity.ts';

describe('slugOf()', () => {
  const f = (title: string, want: string): void =>
    void it(title, () => assert.equal(slugOf(title), want));
  f('Kubernetes / Views / Pods', 'kubernetes-views-pods');
  f('Node Exporter Full', 'node-exporter-full');
  f('  --Ünïcode & Café--  ', 'unicode-cafe');
  f('파드 현황 (서울)', '파드-현황-서울');
  f('***', 'dashboard');
  f('', 'dashboard');
  f('a'.repeat(200), 'a'.repeat(80));
});

describe('uids', () => {
  it('are 1 to 40 letters, digits, - and _', () => {
    for (const uid of ['a', 'A_b-9', 'x'.repeat(40)]) assert.ok(isUid(uid));
    for (const uid of ['', 'x'.repeat(41), 'a b', 'a/b', '한글']) {
      assert.throws(() => checkUid(uid), { code: 'DASHBOARD_UID_INVALID', path: 'uid' });
    }
  });
  it('are made of chance', () => {
    assert.ok(isUid(newUid()));
    assert.notEqual(newUid(), newUid());
    let next = 250;
    const bytes = (array: Uint8Array): void => {
      for (const index of array.keys()) array[index] = next++ % 256;
    };
    assert.equal(newUid(bytes), '89abcdefghijkl');
  });
});

describe('diffDashboards()', () => {
  const f = (name: string, from: unknown, to: unknown, want: unknown[]): void =>
    void it(name, () => assert.deepEqual(diffDashboards(from, to), want));
  f(
    'same but for the version',
    { version: 1, a: [1, { b: 2 }] },
    { version: 2, a: [1, { b: 2 }] },
    [],
  );
  f('keys', { a: 1, b: { c: 1 } }, { b: { c: 2 }, d: 3 }, [
    { kind: 'removed', path: 'a', from: 1 },
    { kind: 'changed', path: 'b.c', from: 1, to: 2 },
    { kind: 'added', path: 'd', to: 3 },
  ]);
  f(
    'panels by id',
    { panels: [{ id: 1, t: 'a' }, { id: 2 }] },
    { panels: [{ id: 3 }, { id: 1, t: 'b' }] },
    [
      { kind: 'removed', path: 'panels[id=2]', from: { id: 2 } },
      { kind: 'added', path: 'panels[id=3]', to: { id: 3 } },
      { kind: 'changed', path: 'panels[id=1].t', from: 'a', to: 'b' },
    ],
  );
  f('order', { list: [{ name: 'a' }, { name: 'b' }] }, { list: [{ name: 'b' }, { name: 'a' }] }, [
    { kind: 'changed', path: 'list', from: ['a', 'b'], to: ['b', 'a'] },
  ]);
  f('lists of values', { tags: ['a', 'b'] }, { tags: ['a', 'c', 'd'] }, [
    { kind: 'changed', path: 'tags[1]', from: 'b', to: 'c' },
    { kind: 'added', path: 'tags[2]', to: 'd' },
  ]);
  f('a list from nothing', { panels: [] }, { panels: [{ id: 1 }] }, [
    { kind: 'added', path: 'panels[id=1]', to: { id: 1 } },
  ]);
  it('ends somewhere', () => {
    assert.equal(
      diffDashboards(
        {},
        {
          a: Array(5_000)
            .fill(0)
            .map((_, id) => ({ id })),
          b: {},
        },
      ).length,
      2,
    );
    assert.equal(diffDashboards({ a: [] }, { a: Array(5_000).fill(1) }).length, 2_000);
  });
});
