/** Durable, searchable log events. */
export type * from './contract.ts';
export type { LogStoreOptions } from './options.ts';
export { type LocalLogStore, openLogStore } from './store.ts';
