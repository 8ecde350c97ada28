/** Control-plane logs: which are wanted (the switches of EKS), their names, and ways in. */
export { ControlPlaneClusters } from './clusters.ts';
export type * from './contract.ts';
export {
  type ControlPlaneComponent,
  type ControlPlaneLogType,
  clusterNamePattern,
  controlPlaneGroup,
  controlPlaneLogTypes,
  controlPlaneStream,
  isControlPlaneLogType,
  typeOfComponent,
  typeOfStream,
} from './names.ts';
export type { PullSource, PullStartDeps } from './pull/start.ts';
export { controlPlaneSwitchEdge } from './switch-edge.ts';

/** Copies logs of managed clusters; loaded where there are such. */
export const loadPulling = (): Promise<typeof import('./pull/start.ts')> =>
  import('./pull/start.ts');
