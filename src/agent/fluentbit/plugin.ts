import type { Clock, Logger, MetricsRegistry } from '#base';
import type { Filter, Input, Output, TextParser } from '../contract.ts';
import type { MultilineSpec } from '../multiline/spec.ts';
import type { TailOptions } from '../tail/options.ts';
import type { OptionTable, Settings } from './settings.ts';

/** Parsers by name, over all parser files. */
export interface ParserSet {
  parser(name: string): TextParser | undefined;
  /** The pattern of a parser of the regex format. */
  pattern(name: string): string | undefined;
  /** The built-ins, and those of `[MULTILINE_PARSER]` sections. */
  multiline(name: string): MultilineSpec | undefined;
}

/** What plugins take from outside. */
export interface PluginDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly random: () => number;
}

/** What plugins take from the configuration they stand in. */
export interface PluginScope extends PluginDeps {
  readonly parsers: ParserSet;
  /** `json.escape_unicode` of the service section; false unless set. */
  readonly escapeUnicode: boolean;
  /** Cap of one joined multiline event. */
  readonly multilineBufferBytes: number;
  /** `storage.path`; state of inputs may be kept beside it. */
  readonly storagePath: string | undefined;
}

/**
 * A plugin: its options, and how an instance is made. `create` does no I/O; it throws an AppError
 * for settings that make no sense, which is reported with file and line.
 */
export interface Plugin<T> {
  readonly name: string;
  readonly options: OptionTable;
  create(settings: Settings, scope: PluginScope): T;
}

export type InputPlugin = Plugin<Input | { readonly tail: TailOptions }>;
export type FilterPlugin = Plugin<Filter>;
export type OutputPlugin = Plugin<Output>;
