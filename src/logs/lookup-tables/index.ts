/** CSV tables that log queries look values up in, kept as saved objects. */
export type { LookupRequest, LookupRow, LookupTableInfo, LookupTables } from './contract.ts';
export { formatCsv } from './csv.ts';
export {
  type LookupTablesOptions,
  maxLookupTableBytes,
  maxLookupTables,
  openLookupTables,
} from './tables.ts';
