/** A small EKS cluster's logs, made up: for `nunchi start --demo` and for the benchmarks. */

export { controlPlaneGroup, type DemoCluster, type DemoPod, planCluster } from './cluster.ts';
export {
  type Demo,
  type DemoAppend,
  type DemoEvent,
  type DemoOptions,
  type DemoSection,
  demoTag,
  startDemo,
} from './demo.ts';
export { type CriPiece, criLines, criPieces } from './formats.ts';
export { type Incident, type IncidentKind, IncidentSchedule } from './incidents.ts';
export { Random } from './random.ts';
export { type ContainerSource, loadFactor, planSources, type StreamSource } from './sources.ts';
