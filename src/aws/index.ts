/** The AWS protocol edge: CloudWatch Logs and STS. */
export type {
  AwsDeps,
  MetricFilterDefinition,
  MetricTransformation,
  QueryDefinition,
} from './contract.ts';
export { awsEdge } from './edge.ts';
export { GroupFilters, metricFiltersOf, queryDefinitionsOf } from './saved.ts';
