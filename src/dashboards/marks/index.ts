/** Annotations: what they ask data sources for, and the marks that come of the answers. Pure, for the browser too. */
export type { AnnotationMark, MarkFrame, SourcedMarks } from './contract.ts';
export { type MarkFormat, marksOf, type RowFormat, rowMarksOf } from './marks.ts';
export {
  defaultMarkColor,
  type MarkQuestion,
  markQuestion,
  marksFor,
  panelsOf,
  storedWanted,
} from './queries.ts';
