/** Durable, searchable log events. */
export type * from './contract.ts';
