import { AppError } from '#base';
import { slugOf } from '#dashboards/model';
import type { SearchHit, SearchSort } from '#dashboards/store';
import type { DashboardsApiDeps } from './contract.ts';
import { dashboardUrl, folderUidOf, folderUrl } from './dashboard-json.ts';
import { type AddRoute, type Json, numberOf } from './http.ts';

const maxLimit = 5000;
const defaultLimit = 1000;

const sorts: Readonly<Record<SearchSort, readonly [displayName: string, description: string]>> = {
  'alpha-asc': ['Alphabetically (A–Z)', 'Sort results in an alphabetically ascending order'],
  'alpha-desc': ['Alphabetically (Z–A)', 'Sort results in an alphabetically descending order'],
  'updated-desc': ['Last changed', 'Sort results by when they were saved, the newest first'],
  'updated-asc': ['First changed', 'Sort results by when they were saved, the oldest first'],
};

/** `/api/search`. */
export function registerSearchRoutes(route: AddRoute, deps: DashboardsApiDeps): void {
  const { store } = deps;

  route('GET', '/api/search', async ({ query, person }) => {
    if (Number(query.get('limit') ?? 0) > maxLimit) {
      throw new AppError(
        'UNPROCESSABLE',
        `Limit is above maximum allowed (${maxLimit}), use page parameter to access hits beyond limit`,
      );
    }
    const stars = await store.stars.of(person);
    const folderIds = query.getAll('folderIds').flatMap(split).map(Number);
    const folderUids = [
      ...query.getAll('folderUIDs').flatMap(split).map(folderUidOf),
      ...folderIds.map((id) => (id === 0 ? '' : (store.folders.byId(id)?.uid ?? 'none'))),
    ];
    const dashboardUids = [
      ...['dashboardUIDs', 'dashboardUID'].flatMap((key) => query.getAll(key).flatMap(split)),
      ...query
        .getAll('dashboardIds')
        .flatMap(split)
        .map((id) => store.dashboards.byId(Number(id))?.uid ?? 'none'),
    ];
    const tags = query.getAll('tag');
    const type = query.get('type');
    const sort = query.get('sort') ?? '';
    const hits = store.search({
      text: query.get('query') ?? '',
      tags: tags.length === 0 ? undefined : tags,
      type: type === 'dash-db' || type === 'dash-folder' ? type : undefined,
      dashboardUids: dashboardUids.length === 0 ? undefined : dashboardUids,
      folderUids: folderUids.length === 0 ? undefined : folderUids,
      among: query.get('starred') === 'true' ? stars : undefined,
      sort: sort in sorts ? (sort as SearchSort) : undefined,
      limit: numberOf(query, 'limit', defaultLimit, { min: 0, max: maxLimit }) || defaultLimit,
      page: numberOf(query, 'page', 1, { min: 0, max: 1_000_000 }) || 1,
    });
    return hits.map((hit) => hitJson(hit, stars, deps));
  });

  route('GET', '/api/search/sorting', () => ({
    sortOptions: Object.entries(sorts).map(([name, [displayName, description]]) => ({
      name,
      displayName,
      description,
      meta: '',
    })),
  }));
}

const split = (value: string): readonly string[] => value.split(',');

function hitJson(hit: SearchHit, stars: ReadonlySet<string>, { store }: DashboardsApiDeps): Json {
  if (hit.type === 'dash-folder') {
    const { folder } = hit;
    return {
      id: folder.id,
      uid: folder.uid,
      orgId: 1,
      title: folder.title,
      uri: `db/${slugOf(folder.title)}`,
      url: folderUrl(folder),
      slug: '',
      type: 'dash-folder',
      tags: [],
      isStarred: false,
      ...parentJson(folder.parentUid, store),
      sortMeta: 0,
    };
  }
  const { dashboard } = hit;
  return {
    id: dashboard.id,
    uid: dashboard.uid,
    orgId: 1,
    title: dashboard.title,
    description: dashboard.description,
    uri: `db/${slugOf(dashboard.title)}`,
    url: dashboardUrl(dashboard),
    slug: '',
    type: 'dash-db',
    tags: dashboard.tags,
    isStarred: stars.has(dashboard.uid),
    ...parentJson(dashboard.folderUid, store),
    sortMeta: 0,
    // Not of Grafana: for lists that show when and by whom.
    updated: new Date(dashboard.updatedMs).toISOString(),
    updatedBy: dashboard.updatedBy,
    provisioned: dashboard.provisioned !== undefined,
  };
}

function parentJson(uid: string, store: DashboardsApiDeps['store']): Json {
  const folder = store.folders.get(uid);
  if (folder === undefined) return {};
  return {
    folderId: folder.id,
    folderUid: folder.uid,
    folderTitle: folder.title,
    folderUrl: folderUrl(folder),
  };
}
