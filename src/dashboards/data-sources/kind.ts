import type { Clock, Logger } from '#base';
import type {
  DataQuery,
  DataSource,
  Frame,
  Health,
  ResourceAnswer,
  ResourceRequest,
} from './contract.ts';

/** How much one query may take; those of the configuration, read at each use. */
export interface QueryLimits {
  readonly timeoutMs: number;
  readonly maxSeries: number;
  readonly maxRows: number;
  readonly maxPoints: number;
  readonly maxAnswerBytes: number;
}

export interface QueryContext {
  readonly fromMs: number;
  readonly toMs: number;
  /** How many queries the request has: columns of tables are named after theirs when it is not alone. */
  readonly queryCount: number;
  readonly limits: QueryLimits;
  readonly user?: string | undefined;
  /** Ends with the client, the timeout or the program. */
  readonly signal: AbortSignal;
}

/** A data source that can be asked. Made at its first use, closed when it is changed or deleted. */
export interface OpenDataSource extends AsyncDisposable {
  /** @throws {AppError} with a message for the panel */
  query(query: DataQuery, context: QueryContext): Promise<readonly Frame[]>;
  /** @throws whatever keeps it from answering */
  health(context: QueryContext): Promise<Health>;
  /** @throws {AppError} DATA_RESOURCE_NOT_FOUND and those of queries */
  resource?(request: ResourceRequest, context: QueryContext): Promise<ResourceAnswer>;
}

/** A data source with the secrets that it is opened with. */
export interface SourceConfig {
  readonly source: DataSource;
  /** Undefined: not set. */
  secret(name: string): string | undefined;
}

/** One kind of data source. */
export interface DataSourceKind {
  /** The first is what is saved, the others are older names of it. */
  readonly types: readonly [string, ...string[]];
  /** Names of secrets that it knows, besides `httpHeaderValue1` and so on. */
  readonly secretNames: readonly string[];
  /**
   * Where its secrets are sent: when this changes, the secrets must be given anew, so that nobody
   * learns a secret by naming a server of their own.
   */
  target(source: Pick<DataSource, 'url' | 'user' | 'database' | 'jsonData'>): string;
  /** What is wrong with its settings. @throws {AppError} DATA_SOURCE_INVALID */
  check(source: Pick<DataSource, 'url' | 'user' | 'database' | 'jsonData'>): void;
  /** Asks nobody yet: the first query tells whether it can be reached. */
  open(config: SourceConfig): Promise<OpenDataSource>;
}

export interface KindDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly allowedNetworks: () => readonly string[];
}
