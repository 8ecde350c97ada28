import type { DataQuery, DataSource } from '../../../src/dashboards/data-sources/contract.ts';

/** An editor of one query, for whichever data source. It keeps what it does not know of a query. */
export interface QueryEditorProps {
  readonly query: DataQuery;
  readonly onChange: (query: DataQuery) => void;
  readonly dataSource: DataSource;
  /** What the query will be asked for, Unix ms: completion looks there. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  /** Ctrl- or Cmd-Enter. */
  readonly onRun?: () => void;
  /** Names of variables that may be used, without `$`. */
  readonly variables?: readonly string[];
}
