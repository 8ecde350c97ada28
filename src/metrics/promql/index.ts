/** PromQL 3.x: text to tree, and a tree to its answer over anything that can be asked for series. */
export type * from './contract.ts';
export { openPromqlEngine, type PromqlOptions } from './engine/engine.ts';
export type { PromqlErrorCode } from './errors.ts';
export { allBuckets, type Bucket } from './histogram/buckets.ts';
export { formatHistogram, histogramNotation } from './histogram/text.ts';
export type { Expr, ValueType } from './parser/ast.ts';
export { typeOf } from './parser/ast.ts';
export { formatDurationText, parseDurationText } from './parser/duration-text.ts';
export { type FunctionSignature, functions } from './parser/functions.ts';
export { parseQuery, parseSelector } from './parser/parse.ts';
export { prettyQuery } from './parser/pretty.ts';
export { printQuery } from './parser/print.ts';
export { allSyntax, type ParserOptions, stableSyntax } from './parser/reader.ts';
export { selectorsOf } from './parser/selectors.ts';
export { type Json, queryTree } from './parser/tree-json.ts';
export { MemoryQueryable, type MemorySample } from './testing/memory-queryable.ts';
export { runScript, type ScriptReport, type ScriptTarget } from './testing/runner.ts';
export { parseSeries, type SeriesValue } from './testing/series-notation.ts';
