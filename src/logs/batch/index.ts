/** The batch: how log events travel from an agent or an edge to a store. */
export {
  type BatchSection,
  decodeBatch,
  encodeBatch,
  encodedSectionBytes,
  forEachEvent,
  maxTimestampMs,
  SectionBuilder,
  storableTimestampMs,
} from './batch.ts';
export { contentBytes, inflateBatch } from './inflate.ts';
export { compactObject, objectForm } from './json-object.ts';
export { maxExpandedBytes, messageFrameBytes, rowForm, rowHeadBytes } from './lines.ts';
export {
  columnBytes,
  packedHeaderBytes,
  packedMagic,
  packedSectionHeaderBytes,
  sectionKind,
} from './packed.ts';
