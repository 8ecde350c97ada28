/** Data sources: kept with their secrets sealed, asked by the server; answers are data frames. */
export { cloudwatchKind } from './cloudwatch/aws.ts';
export { type OwnLogs, ownLogs, ownLogsSource, ownLogsUid } from './cloudwatch/own.ts';
export type * from './contract.ts';
export type { DataSourceErrorCode } from './errors.ts';
export { countValues, resultsJson, toDataFrame, toQueryResult } from './frames.ts';
export { infinityKind } from './infinity/kind.ts';
export type { DataSourceKind, KindDeps, QueryLimits } from './kind.ts';
export { postgresKind } from './postgres/kind.ts';
export {
  type OwnMetrics,
  ownPrometheus,
  ownPrometheusSource,
  ownPrometheusUid,
} from './prometheus/own.ts';
export { prometheusKind } from './prometheus/remote.ts';
export { ClusterDataSources } from './provisioning/cluster.ts';
export { DataSourceFiles } from './provisioning/files.ts';
export { DataSourceProvisioner } from './provisioning/provisioner.ts';
export { readInput } from './registry/input.ts';
export { uidOfName } from './registry/registry.ts';
export {
  type BuiltInSource,
  type DataSourcesDeps,
  openDataSources,
  type ProvisionedDataSources,
} from './service.ts';
