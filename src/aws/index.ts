/** The AWS protocol edge: CloudWatch Logs, EKS and STS. */
export type {
  AwsDeps,
  ClusterFacts,
  MetricFilterDefinition,
  MetricTransformation,
  QueryDefinition,
} from './contract.ts';
export { awsEdge } from './edge.ts';
export { GroupFilters, metricFiltersOf, queryDefinitionsOf } from './saved.ts';
