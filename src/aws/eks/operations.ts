import { addOnOperations } from './add-ons.ts';
import { clusterOperations, emptyClusterOperations, versionOperations } from './clusters.ts';
import type { EksOperation } from './operation.ts';
import { eksTagOperations } from './tags.ts';

/** All operations of EKS that are answered. */
export const eksOperations: readonly EksOperation[] = [
  ...clusterOperations,
  ...addOnOperations,
  ...emptyClusterOperations,
  ...versionOperations,
  ...eksTagOperations,
];
