/** Pictures of messages, for whoever has their address. */
export { picturePath, picturesEdge } from './edge.ts';
