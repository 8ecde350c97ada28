/** Running queries: start, progress, results, history. */
export type * from './contract.ts';
export { fieldValues } from './discover.ts';
export {
  type HistoryLimits,
  type HistoryOptions,
  openQueryHistory,
  type QueryHistory,
} from './history.ts';
export {
  createQueryService,
  defaultQueryLimits,
  type QueryLimits,
  type QueryServiceOptions,
} from './service.ts';
