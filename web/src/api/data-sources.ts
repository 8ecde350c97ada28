import type {
  DataSource,
  DataSourceInput,
  Health,
  NumberedDataSource,
} from '../../../src/dashboards/data-sources/contract.ts';
import { callApi } from './client.ts';

export type { DataSource, DataSourceInput, Health };

/** As the server gives it; those of the program and of files say so. */
export type ListedDataSource = DataSource &
  Pick<NumberedDataSource, 'id' | 'provisionedFrom'> & { readonly isBuiltIn?: boolean };

export interface SqlTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

const root = 'api/datasources';
const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };
const byUid = (uid: string): string => `${root}/uid/${encodeURIComponent(uid)}`;

/** Data sources. Every method throws {@link ApiError}. */
export const dataSourcesApi = {
  list: (signal?: AbortSignal): Promise<readonly ListedDataSource[]> =>
    callApi(root, withSignal(signal)),
  get: (uid: string, signal?: AbortSignal): Promise<ListedDataSource> =>
    callApi(byUid(uid), withSignal(signal)),
  create: (input: DataSourceInput): Promise<{ readonly datasource: ListedDataSource }> =>
    callApi(root, { method: 'POST', body: input }),
  update: (
    uid: string,
    input: DataSourceInput,
  ): Promise<{ readonly datasource: ListedDataSource }> =>
    callApi(byUid(uid), { method: 'PUT', body: input }),
  remove: (uid: string): Promise<void> => callApi(byUid(uid), { method: 'DELETE' }),
  /** Of settings as they stand in a form; secrets not given are those of the saved one. */
  test: (input: DataSourceInput, signal?: AbortSignal): Promise<Health> =>
    callApi('nunchi/data-sources/test', { method: 'POST', body: input, ...withSignal(signal) }),
  /** Of a saved one, also of those that cannot be changed. */
  health: (uid: string, signal?: AbortSignal): Promise<Health> =>
    callApi(`${byUid(uid)}/health`, withSignal(signal)),
  logGroups: async (
    uid: string,
    contains: string,
    signal?: AbortSignal,
  ): Promise<readonly string[]> => {
    const found = await callApi<readonly { readonly value: { readonly name: string } }[]>(
      `${byUid(uid)}/resources/log-groups`,
      { query: { pattern: contains }, ...withSignal(signal) },
    );
    return found.map(({ value }) => value.name);
  },
  logFields: async (
    uid: string,
    group: string,
    signal?: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly percent: number }[]> => {
    type Field = { readonly name: string; readonly percent: number };
    const found = await callApi<readonly { readonly value: Field }[]>(
      `${byUid(uid)}/resources/log-group-fields`,
      { query: { logGroupName: group }, ...withSignal(signal) },
    );
    return found.map(({ value }) => value);
  },
  sqlSchema: (uid: string, signal?: AbortSignal): Promise<readonly SqlTable[]> =>
    callApi(`${byUid(uid)}/resources/schema`, withSignal(signal)),
};
