/** PromQL: its contract. */
export type * from './contract.ts';
