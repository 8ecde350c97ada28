import type {
  WireContext,
  WireDiagnostic,
  WireEventPage,
  WireField,
  WireGroup,
  WireGroups,
  WireHistogram,
  WireOverview,
  WireQuery,
  WireQueryRequest,
  WireRows,
  WireSavedQuery,
  WireStreams,
} from '../../../src/logs/api/wire.ts';
import { apiUrl, callApi } from './client.ts';

export type * from '../../../src/logs/api/wire.ts';

const root = 'nunchi/logs';

/** What to read of a group; the text of `filter` is a CloudWatch filter pattern. */
export interface EventQuery {
  readonly group: string;
  readonly streams?: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly filter?: string;
  readonly direction: 'forward' | 'backward';
  /** A position from an earlier page. */
  readonly after?: string | undefined;
  readonly limit?: number;
}

/** Our own logs API, one method per operation. Every method throws {@link ApiError}. */
export const logsApi = {
  overview: (signal?: AbortSignal): Promise<WireOverview> =>
    callApi(`${root}/overview`, optional(signal)),

  groups: (
    query: { readonly contains?: string; readonly limit?: number },
    signal?: AbortSignal,
  ): Promise<WireGroups> => callApi(`${root}/groups`, { query: { ...query }, ...optional(signal) }),

  group: (name: string, signal?: AbortSignal): Promise<WireGroup> =>
    callApi(`${root}/group`, { query: { group: name }, ...optional(signal) }),

  createGroup: (group: {
    readonly name: string;
    readonly retentionDays?: number;
  }): Promise<WireGroup> => callApi(`${root}/groups`, { method: 'POST', body: group }),

  updateGroup: (
    name: string,
    change: {
      readonly retentionDays?: number | null;
      readonly deletionProtection?: boolean;
      readonly tags?: Readonly<Record<string, string>>;
    },
  ): Promise<WireGroup> =>
    callApi(`${root}/group`, { method: 'PATCH', query: { group: name }, body: change }),

  /** The name is sent twice: once as the address, once as the confirmation. */
  deleteGroup: (name: string): Promise<void> =>
    callApi(`${root}/group`, { method: 'DELETE', query: { group: name, confirm: name } }),

  streams: (
    query: {
      readonly group: string;
      readonly prefix?: string;
      readonly orderBy?: 'name' | 'lastEvent';
      readonly descending?: boolean;
      readonly after?: string | undefined;
      readonly limit?: number;
    },
    signal?: AbortSignal,
  ): Promise<WireStreams> =>
    callApi(`${root}/streams`, { query: { ...query }, ...optional(signal) }),

  events: (query: EventQuery, signal?: AbortSignal): Promise<WireEventPage> => {
    const { streams, ...rest } = query;
    return callApi(`${root}/events`, {
      query: { ...rest, stream: streams ?? [] },
      ...optional(signal),
    });
  },

  histogram: (
    query: {
      readonly groups: readonly string[];
      readonly streams?: readonly string[];
      readonly fromMs: number;
      readonly toMs: number;
      readonly bins?: number;
      readonly filter?: string;
    },
    signal?: AbortSignal,
  ): Promise<WireHistogram> => {
    const { groups, streams, ...rest } = query;
    return callApi(`${root}/histogram`, {
      query: { ...rest, group: groups, stream: streams ?? [] },
      ...optional(signal),
    });
  },

  context: (
    query: { readonly pointer: string; readonly before?: number; readonly after?: number },
    signal?: AbortSignal,
  ): Promise<WireContext> =>
    callApi(`${root}/context`, { query: { ...query }, ...optional(signal) }),

  fields: (
    query: { readonly groups: readonly string[]; readonly fromMs: number; readonly toMs: number },
    signal?: AbortSignal,
  ): Promise<readonly WireField[]> =>
    callApi(`${root}/fields`, {
      query: { group: query.groups, fromMs: query.fromMs, toMs: query.toMs },
      ...optional(signal),
    }),

  checkQuery: (
    query: { readonly text: string; readonly language: 'CWLI' | 'SQL' },
    signal?: AbortSignal,
  ): Promise<readonly WireDiagnostic[]> =>
    callApi(`${root}/queries/check`, { method: 'POST', body: query, ...optional(signal) }),

  startQuery: (request: WireQueryRequest, signal?: AbortSignal): Promise<WireQuery> =>
    callApi(`${root}/queries`, { method: 'POST', body: request, ...optional(signal) }),

  /** Newest first. */
  queries: (signal?: AbortSignal): Promise<readonly WireQuery[]> =>
    callApi(`${root}/queries`, optional(signal)),

  query: (id: string, signal?: AbortSignal): Promise<WireQuery> =>
    callApi(`${root}/queries/${id}`, optional(signal)),

  queryRows: (
    id: string,
    page: { readonly offset: number; readonly limit: number },
    signal?: AbortSignal,
  ): Promise<WireRows> =>
    callApi(`${root}/queries/${id}/rows`, { query: { ...page }, ...optional(signal) }),

  stopQuery: (id: string): Promise<void> => callApi(`${root}/queries/${id}`, { method: 'DELETE' }),

  /** For `<a download>`: runs the query again without the wall on rows, streamed. */
  exportUrl: (id: string, format: 'csv' | 'json' | 'parquet'): string =>
    apiUrl(`${root}/queries/${id}/export`, { format }).href,

  savedQueries: (signal?: AbortSignal): Promise<readonly WireSavedQuery[]> =>
    callApi(`${root}/saved-queries`, optional(signal)),

  saveQuery: (query: {
    readonly id?: string;
    readonly name: string;
    readonly text: string;
    readonly language: 'CWLI' | 'SQL';
    readonly groups: readonly string[];
    readonly version?: number;
  }): Promise<WireSavedQuery> => callApi(`${root}/saved-queries`, { method: 'POST', body: query }),

  deleteSavedQuery: (id: string): Promise<void> =>
    callApi(`${root}/saved-queries/${encodeURIComponent(id)}`, { method: 'DELETE' }),
};

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
