import type {
  DataSource,
  QueryResult,
  DataFrame as WireFrame,
} from '../../../src/dashboards/data-sources/contract.ts';
import type { Dashboard } from '../../../src/dashboards/model/contract.ts';
import { callApi } from './client.ts';

export type { DataSource, QueryResult, WireFrame };

export interface DashboardMeta {
  readonly slug: string;
  /** From the console's root, `/d/<uid>/<slug>`. */
  readonly url: string;
  readonly folderUid?: string;
  readonly folderTitle?: string;
  readonly canSave?: boolean;
  readonly canEdit?: boolean;
  readonly isStarred?: boolean;
  readonly version?: number;
  readonly provisioned?: boolean;
}

export interface DashboardAnswer {
  readonly dashboard: Dashboard;
  readonly meta: DashboardMeta;
}

export interface FoundDashboard {
  readonly uid: string;
  readonly title: string;
  readonly url: string;
  readonly tags: readonly string[];
  readonly folderTitle?: string;
}

/** A panel that several dashboards share, of any version. */
export interface LibraryPanel {
  readonly uid: string;
  readonly name: string;
  readonly model: unknown;
}

/** An annotation that somebody wrote down. */
export interface StoredAnnotation {
  readonly id: number;
  readonly panelId?: number;
  /** Unix ms. */
  readonly time: number;
  readonly timeEnd?: number;
  readonly text: string;
  readonly title?: string;
  readonly tags?: readonly string[];
}

export interface PanelQueries {
  /** Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly queries: readonly object[];
}

/** More dashboards with a tag than this are not a menu. */
const maxListed = 100;
const maxAnnotations = 1000;

const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

/** Grafana's API, one method per operation. Every method throws ApiError. */
export const dashboardsApi = {
  /** As its author gave it: `readDashboard` brings it to the present form. */
  get: (uid: string, signal?: AbortSignal): Promise<DashboardAnswer> =>
    callApi(`api/dashboards/uid/${encodeURIComponent(uid)}`, withSignal(signal)),
  withTags: (tags: readonly string[], signal?: AbortSignal): Promise<readonly FoundDashboard[]> =>
    callApi('api/search', {
      query: { type: 'dash-db', tag: tags, limit: maxListed },
      ...withSignal(signal),
    }),
  libraryPanel: async (uid: string, signal?: AbortSignal): Promise<LibraryPanel> => {
    const path = `api/library-elements/${encodeURIComponent(uid)}`;
    return (await callApi<{ readonly result: LibraryPanel }>(path, withSignal(signal))).result;
  },
  setStarred: (uid: string, isStarred: boolean): Promise<void> =>
    callApi(`api/user/stars/dashboard/uid/${encodeURIComponent(uid)}`, {
      method: isStarred ? 'POST' : 'DELETE',
    }),

  dataSources: (signal?: AbortSignal): Promise<readonly DataSource[]> =>
    callApi('api/datasources', withSignal(signal)),
  query: async (
    { fromMs, toMs, queries, panelKey }: PanelQueries & { readonly panelKey?: string },
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, QueryResult>>> => {
    const body = { from: String(fromMs), to: String(toMs), queries };
    const answer = await callApi<{ readonly results: Readonly<Record<string, QueryResult>> }>(
      'api/ds/query',
      {
        method: 'POST',
        body,
        // As Grafana names it: a proxy's log tells which panel a slow question was of.
        ...(panelKey === undefined
          ? {}
          : { headers: { 'x-panel-id': encodeURIComponent(panelKey) } }),
        ...withSignal(signal),
      },
    );
    return answer.results;
  },
  /** The Prometheus API of a data source; gives the answer's `data`. */
  prometheus: async <T>(
    dataSourceUid: string,
    path: string,
    query: Readonly<Record<string, string | number | readonly string[] | undefined>>,
    signal?: AbortSignal,
  ): Promise<T> => {
    const root = `api/datasources/uid/${encodeURIComponent(dataSourceUid)}/resources/api/v1`;
    const answer = await callApi<{ readonly data: T }>(`${root}/${path}`, {
      query,
      ...withSignal(signal),
    });
    return answer.data;
  },
  annotations: (
    query: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly dashboardUid?: string;
      readonly tags?: readonly string[];
      readonly matchAny?: boolean;
    },
    signal?: AbortSignal,
  ): Promise<readonly StoredAnnotation[]> =>
    callApi('api/annotations', {
      query: {
        from: Math.floor(query.fromMs),
        to: Math.ceil(query.toMs),
        dashboardUID: query.dashboardUid,
        tags: query.tags,
        matchAny: query.matchAny === true ? true : undefined,
        limit: maxAnnotations,
      },
      ...withSignal(signal),
    }),
};
