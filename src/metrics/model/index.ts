/** What all of metrics speaks of: labels, matchers, samples, histograms, and anything that can be asked for them. */
export { copyBytes, equalBytes, hashBytes, isAscii, type LabelBytes } from './byte-text.ts';
export { SampleColumns } from './columns.ts';
export {
  type BucketSpan,
  type CounterResetHint,
  customBucketsSchema,
  type FloatHistogram,
  maxExponentialSchema,
  minExponentialSchema,
} from './histogram.ts';
export * from './labels.ts';
export { formatMatcher, type LabelMatcher, labelMatcher, type MatchOperator } from './matcher.ts';
export { compileLabelPattern, type LabelPattern } from './pattern.ts';
export type * from './series.ts';
export {
  highWord,
  isStaleAt,
  isStaleValue,
  lowWord,
  normalNanHighBits,
  normalNanLowBits,
  quietStaleBits,
  setStaleAt,
  staleBits,
  staleHighBits,
  staleLowBits,
  staleValue,
  wordsOf,
} from './stale.ts';
