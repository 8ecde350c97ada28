import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireHit } from '../../../api/dashboard-store.ts';
import {
  type FolderNode,
  folderCounts,
  folderTree,
  type ListFilter,
  pathText,
  shownHits,
  tagsOf,
} from './hits.ts';

const folder = (uid: string, folderUid?: string): WireHit => ({
  ...dashboard(uid, folderUid),
  type: 'dash-folder',
});

function dashboard(uid: string, folderUid?: string, more: Partial<WireHit> = {}): WireHit {
  return {
    uid,
    title: uid,
    type: 'dash-db',
    url: `/d/${uid}`,
    tags: [],
    isStarred: false,
    ...(folderUid === undefined ? {} : { folderUid }),
    ...more,
  };
}

const hits: readonly WireHit[] = [
  dashboard('top 10', undefined, { tags: ['a'] }),
  dashboard('top 2', undefined, { isStarred: true }),
  folder('Team'),
  folder('App', 'Team'),
  dashboard('inner', 'App', { tags: ['a', 'b'] }),
  dashboard('결제', 'Team'),
];
const none: ListFilter = { text: '', tags: [], isStarred: false };
const uids = (list: readonly WireHit[]): readonly string[] => list.map(({ uid }) => uid);

describe('folderTree()', () => {
  it('nests folders and counts the dashboards in them at any depth', () => {
    const shape = (nodes: readonly FolderNode[]): unknown =>
      nodes.map((node) => [node.uid, node.count, shape(node.folders)]);
    assert.deepEqual(shape(folderTree(hits)), [['Team', 2, [['App', 1, []]]]]);
  });

  it('ends where folders are within each other', () => {
    const circle = [folder('a', 'b'), folder('b', 'a')];
    assert.deepEqual(folderTree(circle), []);
    assert.equal(folderTree(circle, 'a').length, 1);
    assert.match(pathText(circle, 'a'), /a$/);
  });
});

describe('shownHits()', () => {
  const cases: readonly (readonly [string, string, Partial<ListFilter>, readonly string[]])[] = [
    ['the top: folders first, numbers in order', '', {}, ['Team', 'top 2', 'top 10']],
    ['a folder: what is directly in it', 'Team', {}, ['App', '결제']],
    ['words: at any depth', '', { text: 'IN ne' }, ['inner']],
    ['words within a folder', 'Team', { text: 'top' }, []],
    ['Hangul in single letters', '', { text: '결제'.normalize('NFD') }, ['결제']],
    ['tags: all of them', '', { tags: ['a', 'b'] }, ['inner']],
    ['stars', '', { isStarred: true }, ['top 2']],
    ['a folder that is not there', 'gone', {}, []],
  ];
  for (const [name, uid, filter, wanted] of cases) {
    it(`shows ${name}`, () => {
      assert.deepEqual(uids(shownHits(hits, uid, { ...none, ...filter })), wanted);
    });
  }
});

it('folderCounts() has every folder', () =>
  assert.deepEqual(
    [...folderCounts(hits)],
    [
      ['Team', 2],
      ['App', 1],
    ],
  ));
it('tagsOf() has the most used first', () => assert.deepEqual(tagsOf(hits), ['a', 'b']));
it('pathText() goes from the top down', () => assert.equal(pathText(hits, 'App'), 'Team / App'));
