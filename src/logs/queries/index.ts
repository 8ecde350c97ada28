/** Running queries: start, progress, results, history. */
export type * from './contract.ts';
