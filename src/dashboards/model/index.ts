export type * from './contract.ts';
export { defaultDataSource, type KnownDataSource } from './data-source-refs.ts';
export { type Change, diffDashboards } from './diff.ts';
export { DashboardError } from './errors.ts';
export { type ExportOptions, exportDashboard } from './export.ts';
export { checkUid, isUid, maxUidLength, newUid, slugOf } from './identity.ts';
export { type ImportReportOptions, importReport } from './import-report.ts';
export { applyInputs, type DashboardInput, type InputValue, inputsOf } from './inputs.ts';
export { gridColumns } from './layout.ts';
export { type LibraryElement, libraryElementsOf, withLibraryModel } from './library-panels.ts';
export { currentSchemaVersion, maxDocumentChars, maxPanels } from './limits.ts';
export * from './panel-kinds/index.ts';
export {
  parseDashboard,
  type ReadOptions,
  type ReadResult,
  readDashboard,
  readPanel,
} from './read.ts';
export { freeRefId, refIdAt } from './ref-ids.ts';
export {
  describeReportItem,
  type ReportCode,
  type ReportItem,
  type Severity,
} from './report-items.ts';
export {
  type TransformationKind,
  transformationKind,
  transformationKinds,
} from './transformations.ts';
