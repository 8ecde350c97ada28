/** One cluster as the parts of the server see it: shared mirrors of its objects. */

export {
  Cluster,
  type ClusterDeps,
  type ClusterOptions,
  type ClusterStatus,
  type CustomOptions,
  type Degradation,
  inNamespace,
  type ObjectReference,
  onNode,
  ownedBy,
  type PartOptions,
  type SharedInformer,
  selectObjects,
} from './cluster.ts';
export { nextScheduleMs, parseSchedule, type Schedule } from './cron-schedule.ts';
export type { ClusterObjects } from './objects.ts';
export { controllerOf, type Owner } from './owners.ts';
export { containerResources, podResources, type ResourceSums, timeMsOf } from './pod-resources.ts';
export {
  parseQuantityNano,
  quantityNumber,
  quantityThousandths,
  quantityUnits,
} from './quantity.ts';
export { matchesSelector, selectorText } from './selector.ts';
export {
  type LabelRequirement,
  labelRequirements,
  parseLabelSelector,
  SelectorError,
} from './selector-text.ts';
