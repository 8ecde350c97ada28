import type { DataSourceInput, ListedDataSource } from '../../api/data-sources.ts';

/** Settings as they stand in the form. */
export interface Draft {
  readonly name: string;
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly user: string;
  readonly database: string;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly isDefault: boolean;
  readonly jsonData: Readonly<Record<string, unknown>>;
  /** Secrets that were typed; '' removes a saved one. */
  readonly secrets: Readonly<Record<string, string>>;
}

export const emptyDraft = (type: string, name: string): Draft => ({
  name,
  uid: '',
  type,
  url: '',
  user: '',
  database: '',
  basicAuth: false,
  basicAuthUser: '',
  isDefault: false,
  jsonData: startSettings[type] ?? {},
  secrets: {},
});

/** What most want. */
const startSettings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  prometheus: { httpMethod: 'POST' },
  'grafana-postgresql-datasource': { sslmode: 'require' },
  cloudwatch: { authType: 'default' },
  'yesoreyeram-infinity-datasource': { auth_method: 'none' },
};

export const draftOf = (source: ListedDataSource): Draft => ({
  name: source.name,
  uid: source.uid,
  type: source.type,
  url: source.url,
  user: source.user ?? '',
  database: databaseOf(source),
  basicAuth: source.basicAuth ?? false,
  basicAuthUser: source.basicAuthUser ?? '',
  isDefault: source.isDefault,
  jsonData: source.jsonData,
  secrets: {},
});

/** It stands among the settings in newer files. */
function databaseOf({ database, jsonData }: ListedDataSource): string {
  const newer = jsonData['database'];
  return typeof newer === 'string' && newer !== '' ? newer : (database ?? '');
}

export function inputOf(draft: Draft, version?: number): DataSourceInput {
  const { uid, secrets, database, jsonData, ...rest } = draft;
  return {
    ...rest,
    name: rest.name.trim(),
    url: rest.url.trim(),
    ...(uid === '' ? {} : { uid }),
    jsonData: database === '' ? jsonData : { ...jsonData, database },
    ...(Object.keys(secrets).length === 0 ? {} : { secureJsonData: secrets }),
    ...(version === undefined ? {} : { version }),
  };
}

/** A header with a secret value: its name is among the settings, its value among the secrets. */
export interface HeaderRow {
  readonly at: number;
  readonly name: string;
}

export function headersOf({ jsonData }: Draft): readonly HeaderRow[] {
  return Object.entries(jsonData)
    .flatMap(([key, name]) => {
      const at = /^httpHeaderName(\d+)$/.exec(key)?.[1];
      return at === undefined || typeof name !== 'string' ? [] : [{ at: Number(at), name }];
    })
    .sort((a, b) => a.at - b.at);
}

export function withHeader(draft: Draft, at: number, name: string): Draft {
  return { ...draft, jsonData: { ...draft.jsonData, [`httpHeaderName${at}`]: name } };
}

export function withoutHeader(draft: Draft, at: number): Draft {
  const { [`httpHeaderName${at}`]: _, ...jsonData } = draft.jsonData;
  return { ...draft, jsonData, secrets: { ...draft.secrets, [`httpHeaderValue${at}`]: '' } };
}

export const nextHeader = (draft: Draft): number =>
  Math.max(0, ...headersOf(draft).map(({ at }) => at)) + 1;
