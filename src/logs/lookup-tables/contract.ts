/** What is known of a lookup table without reading it. */
export interface LookupTableInfo {
  readonly name: string;
  readonly description: string | undefined;
  /** Names of the columns, as the first line of the CSV text has them. */
  readonly columns: readonly string[];
  /** Lines of data. */
  readonly records: number;
  /** Of the CSV text in UTF-8. */
  readonly sizeBytes: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** What a query needs of a table: for each key the values of some columns. */
export interface LookupRequest {
  readonly table: string;
  readonly keys: readonly string[];
  readonly outputs: readonly string[];
}

/** Keys, then outputs. No two rows have the same keys; no key is null. */
export type LookupRow = readonly (string | null)[];

/**
 * Tables of CSV text that queries look values up in. Errors: LOOKUP_TABLE_EXISTS,
 * LOOKUP_TABLE_NOT_FOUND, LOOKUP_TABLE_LIMIT, LOOKUP_TABLE_INVALID (name, CSV or size).
 */
export interface LookupTables {
  /** In ASCII order of names. */
  list(): readonly LookupTableInfo[];
  get(name: string): LookupTableInfo | undefined;
  create(table: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly csv: string;
  }): Promise<LookupTableInfo>;
  /** What is absent stays. */
  update(
    name: string,
    change: { readonly description?: string | undefined; readonly csv?: string | undefined },
  ): Promise<LookupTableInfo>;
  /** False when there was none. */
  delete(name: string): Promise<boolean>;
  csv(name: string): Promise<string>;
  /** Of several lines with the same keys the first counts. */
  rows(request: LookupRequest): Promise<readonly LookupRow[]>;
}
