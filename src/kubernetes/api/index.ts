/** What our own API says about the cluster. */
export { type KubernetesView, kubernetesApiEdge } from './edge.ts';
export { kubernetesObjectsEdge, type ObjectsEdgeDeps } from './objects/edge.ts';
export type * from './objects/wire.ts';
export { type TimelineEdgeDeps, timelineEdge } from './timeline/edge.ts';
export type * from './timeline/wire.ts';
