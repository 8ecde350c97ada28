/** Exposition formats: text 0.0.4 and 1.0.0, OpenMetrics 1.0, delimited protobuf; parsed and written. */
export {
  type BodyMetadata,
  BodyReader,
  bodyEnd,
  bodyMetadata,
  bodyNewSeries,
  bodySample,
} from './body-reader.ts';
export {
  acceptHeader,
  defaultScrapeProtocols,
  formatOfContentType,
  type NegotiatedFormat,
  nativeScrapeProtocols,
  negotiateFormat,
  type ScrapeProtocol,
  scrapeProtocols,
} from './content-type.ts';
export {
  type ExpositionEntry,
  type ExpositionFormat,
  type ParsedExemplar,
  type ParsedSample,
  type ParseOptions,
  parseExposition,
} from './entries.ts';
export { type EscapingScheme, escapeName, escapingSchemes, unescapeName } from './escaping.ts';
export { familiesOf } from './families.ts';
export { formatBoundary, formatGoFloat, parseGoFloat } from './number.ts';
export type { ExemplarPlace } from './text-parser.ts';
export { type WrittenFamily, type WrittenSample, writeExposition } from './writer.ts';
