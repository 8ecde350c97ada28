import type { FloatHistogram, MetricType } from '#metrics/model';
import { convertClassicHistograms } from './custom-buckets.ts';
import { parseProtobuf } from './protobuf-parser.ts';
import {
  entryComment,
  entryEnd,
  entryHelp,
  entrySeries,
  entryType,
  TextParser,
} from './text-parser.ts';

export type ExpositionFormat = 'text' | 'openmetrics' | 'protobuf';

export interface ParsedExemplar {
  /** Names and values in turn. */
  readonly pairs: readonly string[];
  readonly value: number;
  /** Unix ms; undefined: none given. */
  readonly timeMs: number | undefined;
}

export interface ParsedSample {
  readonly kind: 'sample';
  /** Names and values in turn, `__name__` first, as they stood: not sorted, empty values kept. */
  readonly pairs: readonly string[];
  readonly value: number;
  /** Unix ms; undefined: none given. */
  readonly timeMs: number | undefined;
  readonly histogram?: FloatHistogram;
  /** Unix ms when the count began. */
  readonly startTimeMs?: number;
  readonly exemplars?: readonly ParsedExemplar[];
}

export type ExpositionEntry =
  | ParsedSample
  | { readonly kind: 'type'; readonly family: string; readonly text: MetricType }
  | { readonly kind: 'help' | 'unit'; readonly family: string; readonly text: string };

export interface ParseOptions {
  /** Classic histograms become native ones with custom buckets. */
  readonly convertClassicHistograms?: boolean;
  /** Classic series are kept beside native ones. */
  readonly keepClassicHistograms?: boolean;
  /** Native histograms of the protobuf form are read; without it their classic part is. */
  readonly nativeHistograms?: boolean;
}

/**
 * All entries of a body as values: the plain way, for formats and options that `BodyReader` does not
 * do, for tests, and for clients.
 * @throws {AppError} EXPOSITION_INVALID while it is read: what came before must then be thrown away
 */
export function parseExposition(
  body: Uint8Array,
  format: ExpositionFormat,
  options: ParseOptions = {},
): Iterable<ExpositionEntry> {
  const entries =
    format === 'protobuf'
      ? parseProtobuf(body, options)
      : parseLines(body, format === 'openmetrics');
  return options.convertClassicHistograms === true
    ? convertClassicHistograms(entries, options.keepClassicHistograms === true)
    : entries;
}

function* parseLines(body: Uint8Array, isOpenMetrics: boolean): Generator<ExpositionEntry> {
  const parser = new TextParser(body, isOpenMetrics);
  for (let kind = parser.next(); kind !== entryEnd; kind = parser.next()) {
    if (kind === entryComment) continue;
    if (kind === entrySeries) yield sampleOf(parser);
    else if (kind === entryType) yield { kind: 'type', family: parser.family(), text: parser.type };
    else {
      const family = parser.family();
      yield { kind: kind === entryHelp ? 'help' : 'unit', family, text: parser.text() };
    }
  }
}

function sampleOf(parser: TextParser): ParsedSample {
  const { value, timeMs, exemplar } = parser;
  const sample = {
    kind: 'sample' as const,
    pairs: parser.pairs(),
    value,
    timeMs: Number.isNaN(timeMs) ? undefined : timeMs,
  };
  if (exemplar === undefined) return sample;
  return {
    ...sample,
    exemplars: [
      {
        pairs: parser.exemplarPairs(exemplar),
        value: exemplar.value,
        timeMs: Number.isNaN(exemplar.timeMs) ? undefined : exemplar.timeMs,
      },
    ],
  };
}
