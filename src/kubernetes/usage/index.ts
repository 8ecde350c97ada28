/** What nodes, pods and containers use now, out of the stored series of the kubelets. */
export type * from './contract.ts';
export { rateOf, usageReader } from './usage.ts';
export { readVolumeUsage, type VolumeUsage } from './volumes.ts';
