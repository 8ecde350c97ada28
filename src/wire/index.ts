/** Codecs of the wires that log shippers speak. Pure: bytes to values and back, no I/O. */

export { ByteSink } from './byte-sink.ts';
export {
  compress,
  decompress,
  parseContentEncoding,
  type WireEncoding,
} from './compression.ts';
export {
  decodeForward,
  decodeForwardAck,
  encodeForward,
  encodeForwardAck,
  encodeForwardArray,
  encodeForwardEntries,
  encodeForwardMessage,
  type ForwardEvent,
  type ForwardMessage,
  type ForwardOption,
  type ForwardSendOptions,
  forEachForwardEntry,
  openForwardEntries,
} from './forward.ts';
export {
  decodeHelo,
  decodePing,
  decodePong,
  encodeHelo,
  encodePing,
  encodePong,
  type ForwardHelo,
  type ForwardPing,
  type ForwardPong,
  passwordDigest,
  sameDigest,
  sharedKeyDigest,
} from './forward-handshake.ts';
export { JsonSplitter } from './json-splitter.ts';
export {
  decodeLokiJson,
  decodeLokiProto,
  encodeLokiJson,
  encodeLokiProto,
  type LokiEntry,
  type LokiStream,
} from './loki.ts';
export { formatLokiLabels, type LokiLabels, parseLokiLabels } from './loki-labels.ts';
export { writeJsonString, writeMsgpackAsJson } from './msgpack-json.ts';
export {
  decodeMsgpack,
  MsgpackExt,
  type MsgpackKind,
  MsgpackReader,
  MsgpackTime,
  type MsgpackValue,
} from './msgpack-read.ts';
export { MsgpackStream } from './msgpack-stream.ts';
export {
  encodeMsgpack,
  type MsgpackInput,
  MsgpackWriter,
  type NumberText,
  type TimeParts,
} from './msgpack-write.ts';
export {
  noAttributes,
  type OtlpAttributes,
  type OtlpLogRecord,
  type OtlpPartialSuccess,
  type OtlpResourceLogs,
  type OtlpScopeLogs,
  type OtlpValue,
  otlpAttributesToPlain,
  otlpValueToPlain,
} from './otlp.ts';
export {
  decodeOtlpLogsJson,
  decodeOtlpLogsResponseJson,
  encodeOtlpLogsJson,
  encodeOtlpLogsResponseJson,
} from './otlp-json.ts';
export type * from './otlp-metrics.ts';
export { decodeOtlpMetricsJson } from './otlp-metrics-json.ts';
export { decodeOtlpMetricsProto } from './otlp-metrics-proto.ts';
export {
  encodeOtlpMetricsResponseJson,
  encodeOtlpMetricsResponseProto,
  type OtlpMetricsPartialSuccess,
} from './otlp-metrics-response.ts';
export {
  decodeOtlpLogsProto,
  decodeOtlpLogsResponseProto,
  encodeOtlpLogsProto,
  encodeOtlpLogsResponseProto,
  encodeRpcStatusProto,
} from './otlp-proto.ts';
export { ProtoReader, ProtoWriter } from './protobuf.ts';
