/** Dashboards that files and objects of the cluster provide. */

export { Provisioner, type ProvisionerDeps } from './apply.ts';
export {
  ClusterProvisioning,
  type ClusterProvisioningDeps,
  type ClusterProvisioningOptions,
  type ClusterResource,
  clusterSource,
} from './cluster.ts';
export type * from './contract.ts';
export {
  FileProvisioning,
  type FileProvisioningDeps,
  type FileProvisioningOptions,
} from './files.ts';
export { documentsOf, type GivenDocument } from './given.ts';
