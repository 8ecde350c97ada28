/** CloudWatch Container Insights: performance log events out of stored series and mirrored objects. */
export { performanceLogGroup } from './names.ts';
export {
  ContainerInsights,
  type ContainerInsightsDeps,
  type ContainerInsightsOptions,
} from './writer.ts';
