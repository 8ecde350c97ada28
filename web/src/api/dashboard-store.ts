import type { DataSource } from '../../../src/dashboards/data-sources/contract.ts';
import type { ReportItem } from '../../../src/dashboards/model/index.ts';
import { callApi } from './client.ts';

export type DashboardDocument = Readonly<Record<string, unknown>>;

/** A dashboard or a folder of a list. */
export interface WireHit {
  readonly uid: string;
  readonly title: string;
  readonly type: 'dash-db' | 'dash-folder';
  readonly url: string;
  readonly tags: readonly string[];
  readonly isStarred: boolean;
  /** Absent: at the top. */
  readonly folderUid?: string;
  readonly folderTitle?: string;
  /** Of dashboards. */
  readonly updated?: string;
  readonly updatedBy?: string;
  readonly provisioned?: boolean;
}

export interface WireFolder {
  readonly uid: string;
  readonly title: string;
  readonly version: number;
}

export interface WireCounts {
  readonly dashboard: number;
  readonly folder: number;
  readonly librarypanel: number;
  readonly alertrule: number;
}

export interface WireVersion {
  readonly version: number;
  readonly created: string;
  readonly createdBy: string;
  readonly message: string;
  readonly restoredFrom: number;
}

export interface WireProblem {
  readonly place: string;
  readonly message: string;
}

export interface WireSource {
  readonly source: string;
  readonly dashboards: number;
  readonly problems: readonly WireProblem[];
}

export interface Saved {
  readonly uid: string;
  readonly url: string;
  readonly version: number;
}

export interface Imported {
  readonly uid: string;
  readonly title: string;
  readonly importedUrl: string;
  readonly report: readonly ReportItem[];
}

/** A document as it is kept, with what stands beside it. */
export interface KeptDashboard {
  readonly dashboard: DashboardDocument & { readonly title: string; readonly version: number };
  readonly meta: {
    readonly canSave: boolean;
    readonly folderUid: string;
    readonly folderTitle: string;
    readonly url: string;
    readonly provisioned: boolean;
    readonly provisionedExternalId: string;
  };
}

export interface InputAnswer {
  readonly name: string;
  readonly type: string;
  readonly pluginId?: string;
  readonly value: string;
}

/** As many as the server gives at once, and as many as it keeps unless told otherwise. */
const pageLimit = 5000;
/** A list of more than this is no list any more. */
const maxPages = 20;

const at = (uid: string): string => `api/dashboards/uid/${encodeURIComponent(uid)}`;
const folderAt = (uid: string): string => `api/folders/${encodeURIComponent(uid)}`;
const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

/** What is kept of dashboards: lists, folders, history, imports. Every method throws ApiError. */
export const dashboardStoreApi = {
  all: async (signal?: AbortSignal): Promise<readonly WireHit[]> => {
    const found: WireHit[] = [];
    for (let page = 1; page <= maxPages; page++) {
      const hits = await callApi<readonly WireHit[]>('api/search', {
        query: { limit: pageLimit, page: page === 1 ? undefined : page },
        ...withSignal(signal),
      });
      found.push(...hits);
      if (hits.length < pageLimit) break;
    }
    return found;
  },
  provisioning: async (signal?: AbortSignal): Promise<readonly WireSource[]> => {
    const path = 'nunchi/dashboards/provisioning';
    return (await callApi<{ sources: readonly WireSource[] }>(path, withSignal(signal))).sources;
  },
  dataSources: (signal?: AbortSignal): Promise<readonly DataSource[]> =>
    callApi('api/datasources', withSignal(signal)),

  get: (uid: string, signal?: AbortSignal): Promise<KeptDashboard> =>
    callApi(at(uid), withSignal(signal)),
  save: (body: {
    readonly dashboard: DashboardDocument;
    readonly folderUid?: string;
    readonly message?: string;
    readonly overwrite?: boolean;
  }): Promise<Saved> => callApi('api/dashboards/db', { method: 'POST', body }),
  remove: (uid: string): Promise<void> => callApi(at(uid), { method: 'DELETE' }),
  /** Saves it as it is, elsewhere. */
  move: async (uid: string, folderUid: string): Promise<Saved> => {
    const { dashboard } = await dashboardStoreApi.get(uid);
    return dashboardStoreApi.save({ dashboard, folderUid });
  },

  versions: async (uid: string, signal?: AbortSignal): Promise<readonly WireVersion[]> => {
    const path = `${at(uid)}/versions`;
    return (await callApi<{ versions: readonly WireVersion[] }>(path, withSignal(signal))).versions;
  },
  version: async (
    uid: string,
    version: number,
    signal?: AbortSignal,
  ): Promise<DashboardDocument> => {
    const path = `${at(uid)}/versions/${version}`;
    return (await callApi<{ data: DashboardDocument }>(path, withSignal(signal))).data;
  },
  restore: (uid: string, version: number): Promise<Saved> =>
    callApi(`${at(uid)}/restore`, { method: 'POST', body: { version } }),

  folder: (uid: string, signal?: AbortSignal): Promise<WireFolder> =>
    callApi(folderAt(uid), withSignal(signal)),
  counts: (uid: string, signal?: AbortSignal): Promise<WireCounts> =>
    callApi(`${folderAt(uid)}/counts`, withSignal(signal)),
  createFolder: (title: string, parentUid: string): Promise<WireFolder> =>
    callApi('api/folders', { method: 'POST', body: { title, parentUid } }),
  renameFolder: async (uid: string, title: string): Promise<WireFolder> => {
    const { version } = await dashboardStoreApi.folder(uid);
    return callApi(folderAt(uid), { method: 'PUT', body: { title, version } });
  },
  moveFolder: (uid: string, parentUid: string): Promise<WireFolder> =>
    callApi(`${folderAt(uid)}/move`, { method: 'POST', body: { parentUid } }),
  /** With what is in it; with alert rules only where they are to be deleted too. */
  removeFolder: (uid: string, deleteRules: boolean): Promise<void> =>
    callApi(folderAt(uid), {
      method: 'DELETE',
      query: { forceDeleteRules: deleteRules || undefined },
    }),

  /** A dashboard of the catalogue by its number. */
  fromCatalogue: (
    id: string,
    signal?: AbortSignal,
  ): Promise<{ readonly json: DashboardDocument; readonly source: 'catalogue' | 'bundled' }> =>
    callApi(`api/gnet/dashboards/${id}`, withSignal(signal)),
  import: (body: {
    readonly dashboard: DashboardDocument;
    readonly folderUid: string;
    readonly overwrite: boolean;
    readonly inputs: readonly InputAnswer[];
  }): Promise<Imported> => callApi('api/dashboards/import', { method: 'POST', body }),
};
