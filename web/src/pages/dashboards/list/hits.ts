import type { WireHit } from '../../../api/dashboard-store.ts';

export interface ListFilter {
  readonly text: string;
  readonly tags: readonly string[];
  readonly isStarred: boolean;
}

/** A folder of the tree, with what is directly in it. */
export interface FolderNode {
  readonly uid: string;
  readonly title: string;
  readonly folders: readonly FolderNode[];
  /** Dashboards at any depth. */
  readonly count: number;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const byTitle = (a: { readonly title: string }, b: { readonly title: string }): number =>
  collator.compare(a.title, b.title);

/** The folders under one; `''` for those at the top. */
export function folderTree(hits: readonly WireHit[], parentUid = ''): readonly FolderNode[] {
  const folders = Map.groupBy(
    hits.filter(({ type }) => type === 'dash-folder'),
    ({ folderUid = '' }) => folderUid,
  );
  const dashboards = new Map<string, number>();
  for (const { type, folderUid = '' } of hits) {
    if (type === 'dash-db') dashboards.set(folderUid, (dashboards.get(folderUid) ?? 0) + 1);
  }
  const nodesOf = (uid: string, depth: number): readonly FolderNode[] =>
    // Deeper than the server allows: a broken answer must not hang the page.
    (depth > 16 ? [] : (folders.get(uid) ?? [])).toSorted(byTitle).map((folder) => {
      const inner = nodesOf(folder.uid, depth + 1);
      const own = dashboards.get(folder.uid) ?? 0;
      const count = inner.reduce((sum, node) => sum + node.count, own);
      return { uid: folder.uid, title: folder.title, folders: inner, count };
    });
  return nodesOf(parentUid, 0);
}

/** Dashboards in each folder, at any depth. */
export function folderCounts(hits: readonly WireHit[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (nodes: readonly FolderNode[]): void => {
    for (const { uid, count, folders } of nodes) {
      counts.set(uid, count);
      add(folders);
    }
  };
  add(folderTree(hits));
  return counts;
}

/** From the top to the folder itself; empty for the top and for what is not there. */
export function folderPath(hits: readonly WireHit[], uid: string): readonly WireHit[] {
  const path: WireHit[] = [];
  let folder = hits.find((hit) => hit.type === 'dash-folder' && hit.uid === uid);
  while (folder !== undefined && path.length < 16) {
    const parentUid = folder.folderUid;
    path.unshift(folder);
    folder = hits.find((hit) => hit.type === 'dash-folder' && hit.uid === parentUid);
  }
  return path;
}

/** Titles from the top on: `Team / App`. */
export const pathText = (hits: readonly WireHit[], uid: string): string =>
  folderPath(hits, uid)
    .map(({ title }) => title)
    .join(' / ');

/** Hangul may come as single letters of it. */
const fold = (text: string): string => text.normalize('NFC').toLowerCase();

/**
 * What a folder shows: what is directly in it, folders first; with a filter the dashboards and folders
 * at any depth that fit.
 */
export function shownHits(
  hits: readonly WireHit[],
  folderUid: string,
  { text, tags, isStarred }: ListFilter,
): readonly WireHit[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  const isFiltered = words.length > 0 || tags.length > 0 || isStarred;
  const within = new Set([folderUid]);
  if (isFiltered && folderUid !== '') {
    const add = (nodes: readonly FolderNode[]): void => {
      for (const node of nodes) {
        within.add(node.uid);
        add(node.folders);
      }
    };
    add(folderTree(hits, folderUid));
  }
  return hits
    .filter((hit) => (isFiltered && folderUid === '') || within.has(hit.folderUid ?? ''))
    .filter((hit) => words.every((word) => fold(hit.title).includes(word)))
    .filter((hit) => tags.every((tag) => hit.tags.includes(tag)))
    .filter((hit) => !isStarred || hit.isStarred)
    .toSorted((a, b) => rank(a) - rank(b) || byTitle(a, b));
}

const rank = ({ type }: WireHit): number => (type === 'dash-folder' ? 0 : 1);

/** Tags of dashboards, the most used first. */
export function tagsOf(hits: readonly WireHit[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { tags } of hits) {
    for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1] || collator.compare(a[0], b[0]))
    .map(([tag]) => tag);
}
