import type {
  DashboardEntry,
  Folder,
  SearchHit,
  SearchQuery,
  SearchSort,
  TagCount,
} from './contract.ts';

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

interface Candidate {
  readonly hit: SearchHit;
  readonly title: string;
  readonly updatedMs: number;
}

/** Dashboards and folders that a query fits; without an order of its own the best fit first. */
export function search(
  dashboards: Iterable<DashboardEntry>,
  folders: Iterable<Folder>,
  query: SearchQuery,
): readonly SearchHit[] {
  const words = foldCase(query.text ?? '')
    .split(/\s+/)
    .filter((word) => word !== '');
  const found: Candidate[] = [];
  const add = (hit: SearchHit, title: string, updatedMs: number): void => {
    const folded = foldCase(title);
    if (words.every((word) => folded.includes(word))) found.push({ hit, title, updatedMs });
  };
  if (query.type !== 'dash-db' && query.tags === undefined && query.dashboardUids === undefined) {
    for (const folder of folders) {
      if (!isChosen(query, folder.uid, folder.parentUid)) continue;
      add({ type: 'dash-folder', folder }, folder.title, folder.updatedMs);
    }
  }
  if (query.type !== 'dash-folder') {
    for (const dashboard of dashboards) {
      if (!isChosen(query, dashboard.uid, dashboard.folderUid)) continue;
      if (!(query.dashboardUids?.includes(dashboard.uid) ?? true)) continue;
      if (!(query.tags?.every((tag) => dashboard.tags.includes(tag)) ?? true)) continue;
      add({ type: 'dash-db', dashboard }, dashboard.title, dashboard.updatedMs);
    }
  }
  found.sort(orderOf(query.sort, words.join(' ')));
  const start = (query.page - 1) * query.limit;
  return found.slice(start, start + query.limit).map(({ hit }) => hit);
}

function isChosen({ folderUids, among }: SearchQuery, uid: string, parentUid: string): boolean {
  return (folderUids?.includes(parentUid) ?? true) && (among?.has(uid) ?? true);
}

type Order = (a: Candidate, b: Candidate) => number;

function orderOf(sort: SearchSort | undefined, text: string): Order {
  const byTitle: Order = (a, b) => collator.compare(a.title, b.title);
  const foldersFirst: Order = (a, b) => rankOfType(a) - rankOfType(b);
  switch (sort) {
    case 'alpha-asc':
      return byTitle;
    case 'alpha-desc':
      return (a, b) => byTitle(b, a);
    case 'updated-asc':
      return (a, b) => a.updatedMs - b.updatedMs || byTitle(a, b);
    case 'updated-desc':
      return (a, b) => b.updatedMs - a.updatedMs || byTitle(a, b);
    case undefined:
      return (a, b) =>
        foldersFirst(a, b) || rankOfTitle(a, text) - rankOfTitle(b, text) || byTitle(a, b);
  }
}

const rankOfType = ({ hit }: Candidate): number => (hit.type === 'dash-folder' ? 0 : 1);

/** The whole title, its beginning, the beginning of one of its words, anything. */
function rankOfTitle({ title }: Candidate, text: string): number {
  if (text === '') return 0;
  const folded = foldCase(title);
  if (folded === text) return 0;
  const at = folded.indexOf(text);
  if (at === 0) return 1;
  return at > 0 && /[^\p{L}\p{N}]/u.test(folded[at - 1]!) ? 2 : 3;
}

/** Hangul may come as single letters of it. */
const foldCase = (text: string): string => text.normalize('NFC').toLowerCase();

/** Tags of all dashboards with how many have them, by name. */
export function tagCounts(dashboards: Iterable<DashboardEntry>): readonly TagCount[] {
  const counts = new Map<string, number>();
  for (const { tags } of dashboards) {
    for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts]
    .map(([term, count]) => ({ term, count }))
    .sort((a, b) => collator.compare(a.term, b.term));
}
