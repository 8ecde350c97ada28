/** CloudWatch Container Insights: performance log events out of stored series and mirrored objects. */
export {
  type AddOnIssue,
  type AddOnSettings,
  type AddOnUpdate,
  ContainerInsightsAddOn,
  type InsightsAddOn,
} from './add-on.ts';
export { performanceLogGroup } from './names.ts';
export {
  ContainerInsights,
  type ContainerInsightsDeps,
  type ContainerInsightsOptions,
} from './writer.ts';
