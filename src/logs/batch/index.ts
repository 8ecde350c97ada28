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
