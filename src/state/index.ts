/** Saved objects, users and credentials. */
export type * from './contract.ts';
export { openStateStore } from './store.ts';
