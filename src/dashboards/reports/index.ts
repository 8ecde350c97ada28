/** Pictures of dashboards, and reports that are sent on a schedule. */
export type { PictureDelivery, Report, ReportRun, ReportSchedule } from './contract.ts';
export { type ReportsApiDeps, reportsEdge } from './edge.ts';
export { type RenderedReport, type RenderRequest, renderReport } from './render.ts';
export { Reports, type ReportsDeps } from './reports.ts';
