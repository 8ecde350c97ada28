/** The remote protocols of Prometheus: remote write in and out, remote read, federation, OTLP metrics in. */
export {
  encodeWriteV1,
  encodeWriteV2,
  type OutgoingSample,
  type OutgoingSeries,
} from './encode.ts';
export { type FederateDeps, federateEdge } from './federate-edge.ts';
export { type OtlpMetricsDeps, otlpMetricsEdge } from './otlp/edge.ts';
export { type RemoteReadDeps, remoteReadEdge } from './read-edge.ts';
export { RemoteReaders, type RemoteReadersDeps } from './reader/remote-readers.ts';
export type { SenderDeps } from './sender/queue.ts';
export { RemoteWriteSenders } from './sender/senders.ts';
export { type RemoteWriteDeps, remoteWriteEdge } from './write-edge.ts';
