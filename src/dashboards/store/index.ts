/** Dashboards with versions, folders, stars, library panels, annotations and preferences. */

export type { AnnotationChange, AnnotationInput } from './annotations.ts';
export type * from './contract.ts';
export { type DashboardErrorCode, storeError } from './errors.ts';
export type { FolderChange, FolderInput } from './folders.ts';
export { numericId, uidOf } from './identity.ts';
export type { LibraryElementChange, LibraryElementInput } from './library.ts';
export { type DashboardStore, openDashboardStore } from './store.ts';
