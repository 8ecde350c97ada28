/**
 * A data source as Grafana's API and files have it. Of secrets only the names leave the server
 * (`secureJsonFields`).
 */
export interface DataSource {
  readonly uid: string;
  readonly name: string;
  /** One of `DataSourceKind.types`. */
  readonly type: string;
  readonly url: string;
  readonly user?: string;
  readonly database?: string;
  readonly basicAuth?: boolean;
  readonly basicAuthUser?: string;
  readonly withCredentials?: boolean;
  readonly isDefault: boolean;
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly secureJsonFields: Readonly<Record<string, boolean>>;
  /** Comes from the program or a file: the API does not change it. */
  readonly readOnly: boolean;
  readonly version: number;
}

/** One query of a panel, variables already put in; keys beside these belong to its data source. */
export interface DataQuery {
  readonly refId: string;
  readonly datasource?: { readonly uid?: string; readonly type?: string };
  readonly hide?: boolean;
  readonly intervalMs?: number;
  readonly maxDataPoints?: number;
  readonly [key: string]: unknown;
}

export type FieldType = 'time' | 'number' | 'string' | 'boolean' | 'other';

export interface FrameField {
  readonly name: string;
  readonly type: FieldType;
  readonly labels?: Readonly<Record<string, string>>;
  /** Such as `displayNameFromDS`, `unit`, `links`. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/**
 * Columns of an answer in Grafana's JSON form of data frames. Times are ms since the epoch. What JSON
 * has no number for is null in `values` and named in `entities`, one entry per field.
 */
export interface DataFrame {
  readonly schema: {
    readonly refId?: string;
    readonly name?: string;
    readonly meta?: Readonly<Record<string, unknown>>;
    readonly fields: readonly FrameField[];
  };
  readonly data: {
    readonly values: readonly (readonly unknown[])[];
    readonly entities?: readonly ({
      readonly NaN?: readonly number[];
      readonly Inf?: readonly number[];
      readonly NegInf?: readonly number[];
    } | null)[];
  };
}

/** `POST /api/ds/query` answers this for each `refId`. */
export interface QueryResult {
  readonly status: number;
  readonly frames?: readonly DataFrame[];
  /** In the words of the data source. */
  readonly error?: string;
}

/** The values of a field, one a row. Numbers that JSON has no text for stand as they are. */
export type Column = Float64Array | readonly unknown[];

/** A data frame on its way out: its numbers may still be the engine's own columns. */
export interface Frame {
  readonly name?: string;
  /** Where it is not that of the query. */
  readonly refId?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly fields: readonly (FrameField & { readonly values: Column })[];
}

/** Either frames, or why there are none. */
export interface FramesResult {
  /** HTTP's: 200, 400 for what the query asks wrongly, 499, 502, 504. */
  readonly status: number;
  readonly frames: readonly Frame[];
  readonly error?: string;
}

export interface QueryRequest {
  /** Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** At most 100, with different refIds. */
  readonly queries: readonly DataQuery[];
  /** Who asks, for histories. */
  readonly user?: string;
}

/** What the API takes to make or change a data source. */
export interface DataSourceInput {
  readonly uid?: string;
  readonly name: string;
  readonly type: string;
  readonly url?: string;
  readonly user?: string;
  readonly database?: string;
  readonly basicAuth?: boolean;
  readonly basicAuthUser?: string;
  readonly withCredentials?: boolean;
  readonly isDefault?: boolean;
  readonly jsonData?: Readonly<Record<string, unknown>>;
  /** Secrets to set; those not named stay as they are. */
  readonly secureJsonData?: Readonly<Record<string, string>>;
  /** The version that was read: a change in between is refused. */
  readonly version?: number;
}

export interface Health {
  readonly status: 'OK' | 'ERROR';
  readonly message: string;
  /** What works but should be otherwise, such as a database role that may write. */
  readonly advice?: readonly string[];
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An answer of a resource: what editors ask for to complete a query. */
export interface ResourceAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface ResourceRequest {
  readonly method: 'GET' | 'POST';
  /** Below the data source, without a slash at its start: `api/v1/labels`, `log-groups`. */
  readonly path: string;
  /** Without `?`. */
  readonly queryString: string;
  /** Of a form. */
  readonly body?: Buffer;
}

/** Computes queries of `__expr__` (math, reduce, resample, threshold) over what the others answered. */
export type ExpressionEvaluator = (
  expressions: readonly DataQuery[],
  answers: ReadonlyMap<string, FramesResult>,
  range: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, FramesResult>>;

/**
 * Data sources: kept with their secrets sealed, asked by the server.
 *
 * Error codes: DATA_SOURCE_NOT_FOUND, DATA_SOURCE_NAME_EXISTS, DATA_SOURCE_UID_EXISTS,
 * DATA_SOURCE_READ_ONLY, DATA_SOURCE_CONFLICT, DATA_SOURCE_INVALID.
 */
export interface DataSources extends AsyncDisposable {
  /** By name. */
  list(): readonly NumberedDataSource[];
  byUid(uid: string): NumberedDataSource | undefined;
  byId(id: number): NumberedDataSource | undefined;
  byName(name: string): NumberedDataSource | undefined;
  /**
   * What a reference of a panel means: a uid, else a name, `default` or nothing for the default one;
   * where that is not there, with a `type`, the default one of that type.
   */
  resolve(reference: {
    readonly uid?: string | undefined;
    readonly type?: string | undefined;
  }): NumberedDataSource | undefined;
  create(input: DataSourceInput): Promise<NumberedDataSource>;
  update(uid: string, input: DataSourceInput): Promise<NumberedDataSource>;
  delete(uid: string): Promise<NumberedDataSource>;
  /** Never throws for what is wrong with the data source. @throws {AppError} DATA_SOURCE_NOT_FOUND */
  health(uid: string, signal: AbortSignal): Promise<Health>;
  /** The same for one that is not saved; secrets not given are those of the saved one. */
  test(input: DataSourceInput, signal: AbortSignal): Promise<Health>;
  /**
   * Asks every query that is not hidden; what is wrong with one is its own result.
   * @throws {AppError} DATA_QUERY_INVALID, what the signal aborts with
   */
  query(request: QueryRequest, signal: AbortSignal): Promise<ReadonlyMap<string, FramesResult>>;
  /** @throws {AppError} DATA_SOURCE_NOT_FOUND, DATA_RESOURCE_NOT_FOUND, DATA_QUERY_INVALID, DATA_SOURCE_FAILED */
  resource(uid: string, request: ResourceRequest, signal: AbortSignal): Promise<ResourceAnswer>;
  /** Who computes queries of the data source `__expr__`; without one they are refused. */
  setExpressions(evaluate: ExpressionEvaluator): void;
  /** Called after each change; returns how to end it. */
  onChange(listener: () => void): () => void;
}

/** With the number that older clients know a data source by. */
export interface NumberedDataSource extends DataSource {
  readonly id: number;
  /** It comes with the program. */
  readonly isBuiltIn: boolean;
  /** The file or object that it comes from; undefined: the API. */
  readonly provisionedFrom?: string;
}
