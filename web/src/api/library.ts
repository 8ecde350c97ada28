import { callApi } from './client.ts';

/** A panel that several dashboards share. */
export interface LibraryElement {
  readonly uid: string;
  readonly name: string;
  /** Of the panel. */
  readonly type: string;
  readonly description: string;
  readonly folderUid: string;
  readonly version: number;
  /** The panel without its place, of any version. */
  readonly model: Readonly<Record<string, unknown>>;
  readonly meta: {
    readonly folderName: string;
    /** How many dashboards show it. */
    readonly connectedDashboards: number;
    readonly updated: string;
    readonly updatedBy: { readonly name: string };
  };
}

type Result<T> = { readonly result: T };

const root = 'api/library-elements';
const at = (uid: string): string => `${root}/${encodeURIComponent(uid)}`;
/** As many as the server keeps unless told otherwise. */
const pageLimit = 5000;
/** Panels; the other kind is variables, which nobody writes. */
const panelKind = 1;

const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

/** Panels that dashboards share. Every method throws ApiError. */
export const libraryApi = {
  all: async (signal?: AbortSignal): Promise<readonly LibraryElement[]> => {
    const query = { kind: panelKind, perPage: pageLimit };
    const answer = await callApi<Result<{ readonly elements: readonly LibraryElement[] }>>(root, {
      query,
      ...withSignal(signal),
    });
    return answer.result.elements;
  },
  get: async (uid: string, signal?: AbortSignal): Promise<LibraryElement> =>
    (await callApi<Result<LibraryElement>>(at(uid), withSignal(signal))).result,
  /** Uids of the dashboards that show it. */
  connections: async (uid: string, signal?: AbortSignal): Promise<readonly string[]> => {
    const answer = await callApi<Result<readonly { readonly connectionUid: string }[]>>(
      `${at(uid)}/connections`,
      withSignal(signal),
    );
    return answer.result.map(({ connectionUid }) => connectionUid);
  },
  create: async (body: {
    readonly name: string;
    readonly folderUid: string;
    readonly model: object;
  }): Promise<LibraryElement> => {
    const element = { ...body, kind: panelKind };
    return (await callApi<Result<LibraryElement>>(root, { method: 'POST', body: element })).result;
  },
  /** `version` is the one that was read: whoever comes second is refused. */
  update: async (
    uid: string,
    body: {
      readonly version: number;
      readonly name?: string;
      readonly folderUid?: string;
      readonly model?: object;
    },
  ): Promise<LibraryElement> =>
    (await callApi<Result<LibraryElement>>(at(uid), { method: 'PATCH', body })).result,
  /** Refused while a dashboard shows it. */
  remove: (uid: string): Promise<void> => callApi(at(uid), { method: 'DELETE' }),
};
