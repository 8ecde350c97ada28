/**
 * A small client of the Kubernetes API: access, requests, and mirrors of collections. Knows nothing of
 * what others do with the objects.
 */

export { Authenticator } from './access/authenticator.ts';
export { type FindAccessOptions, findAccess } from './access/find.ts';
export { inClusterAccess, inClusterServer } from './access/in-cluster.ts';
export { kubeconfigAccess } from './access/kubeconfig.ts';
export { KubernetesClient, maxObjectBytes } from './client.ts';
export type * from './contract.ts';
export { ApiDiscovery, type ServedGroup, type ServedResource } from './discovery.ts';
export { isKubernetesError, KubernetesError } from './errors.ts';
export {
  type Informer,
  type InformerDeps,
  type InformerOptions,
  type InformerState,
  type InformerStatus,
  ListWatchInformer,
  type ObjectHandlers,
} from './informer.ts';
export { Interner } from './intern.ts';
export { ListSplitter } from './list-splitter.ts';
export { withoutNoise } from './project.ts';
export { Reflector, type ReflectorSink, type ReflectorTimes, reflectorTimes } from './reflector.ts';
export {
  apiVersionOf,
  type ResourceName,
  type ResourceVersions,
  resourceLabel,
  resourcePath,
  resources,
} from './resource.ts';
export { type Indexer, type ObjectStore, objectKey } from './store.ts';
