import type { TextParser } from '../contract.ts';
import type { MultilineSpec } from '../multiline/spec.ts';

/** A pattern with named groups, for `tag_regex`. */
export interface GroupPattern {
  /** Named groups of the first match; undefined when there is none. */
  groups(text: string): Readonly<Record<string, string>> | undefined;
}

/**
 * The tail input in record mode: the options of Fluent Bit's in_tail, converted and checked.
 * Absent means Fluent Bit's default. Sizes in bytes, times in milliseconds.
 */
export interface TailOptions {
  /** `tail.N` or the alias. */
  readonly name: string;
  /** May hold one `*` (the path with dots) or `<group>` of `tagRegex`; `tail.N` when absent. */
  readonly tag?: string;
  readonly tagRegex?: GroupPattern;
  /** Globs: `*`, `?`, `[…]`, `~`. */
  readonly paths: readonly string[];
  /** Globs over the whole path; `*` crosses `/`. */
  readonly excludePaths?: readonly string[];
  /** Record key of an unparsed line, `log`. */
  readonly key?: string;
  readonly parser?: TextParser;
  /** Tried in order; the last that matched is tried first. */
  readonly multiline?: readonly MultilineSpec[];
  /** Cap of one joined event, 2 MiB. */
  readonly multilineBufferBytes?: number;
  /** Old in_tail multiline: first-line parser and further parsers. */
  readonly oldMultiline?: {
    readonly firstLine: TextParser;
    readonly others: readonly TextParser[];
    readonly flushMs: number;
  };
  readonly dockerMode?: { readonly flushMs: number; readonly firstLine?: TextParser };
  /** A Fluent Bit offset database to take positions from where we have none ourselves. */
  readonly importDb?: string;
  readonly refreshIntervalMs?: number;
  readonly rotateWaitMs?: number;
  readonly readFromHead?: boolean;
  readonly readNewlyDiscoveredFromHead?: boolean;
  readonly skipLongLines?: boolean;
  readonly truncateLongLines?: boolean;
  /** `buffer_max_size`: the longest line, 32 KiB. */
  readonly bufferMaxBytes?: number;
  readonly ignoreOlderMs?: number;
  readonly pathKey?: string;
  readonly offsetKey?: string;
  readonly skipEmptyLines?: boolean;
  readonly exitOnEof?: boolean;
}
