/** What /proc, /sys and cgroups tell of a machine, as node_exporter and cAdvisor name it. */
export { ignoredDisks } from './collectors/diskstats.ts';
export { ignoredFilesystemTypes, ignoredMountPoints } from './collectors/filesystem.ts';
export { podInterfaces } from './collectors/netdev.ts';
export {
  ContainerCollection,
  type ContainerOptions,
  type PodNames,
} from './containers/collection.ts';
export { type Collector, type LabelPairs, type MetricSink, NoData } from './contract.ts';
export { HostFiles, type HostPaths } from './files.ts';
export {
  Collection,
  type ExtraCollector,
  extraCollectors,
  type HostDeps,
  type MachineOptions,
  machineCollectors,
} from './machine.ts';
