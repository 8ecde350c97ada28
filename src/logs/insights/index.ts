/** Logs Insights QL: text to checked plan to SQL. */

export { checkQuery, compileQuery, maxQueryChars } from './compile.ts';
export type { Diagnostic } from './diagnostics.ts';
export { didYouMean, nearestName } from './diagnostics.ts';
export {
  type Bins,
  hasCheapHistogram,
  type PrintOptions,
  printAggregation,
  printHistogram,
  printLookupTable,
  printRows,
} from './duckdb.ts';
export { diffShiftMs } from './duckdb-patterns.ts';
export { type FieldColumnsPlan, planFieldColumns } from './field-columns.ts';
export { formatCell, formatTimestamp } from './format.ts';
export { linePattern } from './line-pattern.ts';
export { type DiagnosticCode, diagnosticCodes } from './messages.ts';
export { automaticBinMs } from './period.ts';
export type {
  OutputColumn,
  Plan,
  PlanLookup,
  PlanSource,
  QueryContext,
  Stage,
  ValueType,
} from './plan.ts';
export { joinOf } from './plan.ts';
export { decodePointer, encodePointer } from './pointer.ts';
export { printingFault } from './printable.ts';
export { type PushDown, pushDown } from './push-down.ts';
export { escapeRegex, type Regex, translateRegex } from './regex.ts';
export { beginsWithSource } from './source-text.ts';
export { sqlIdentifier, sqlInteger, sqlString } from './sql-text.ts';
export {
  type CommandEntry,
  commands,
  completions,
  type FieldEntry,
  type FunctionEntry,
  functionNamed,
  functions,
  keywords,
  systemFields,
} from './vocabulary.ts';
