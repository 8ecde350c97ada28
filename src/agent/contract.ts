/**
 * The agent's pipeline for records, with Fluent Bit's model: inputs emit events under a tag, filters
 * change them in order, chunks of one tag go to every output whose match fits. The default pipeline
 * (container and node logs to Nunchi without any record-level work) goes past this on bytes; both
 * share the spool and the file reader.
 */

/** A number kept as it was written (64-bit integers, `1.0`), so that it is printed unchanged. */
export class RawNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type RecordValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | RawNumber
  /** Bytes that are not valid UTF-8; JSON outputs print them with U+FFFD. */
  | Uint8Array
  | RecordMap
  | readonly RecordValue[];

/** Keys in record order. */
export type RecordMap = Map<string, RecordValue>;

/** Event times keep nanoseconds; a double of milliseconds would not. */
export interface EventTime {
  /** Unix epoch. */
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The end of the year 9999. Later times, and those before 1970, cannot be written everywhere. */
export const maxEventSeconds = 253_402_300_799;

export interface AgentEvent {
  time: EventTime;
  record: RecordMap;
  metadata?: RecordMap;
}

/**
 * How far an input has come, kept with the events in the same spool frame, so that both survive a
 * crash or neither does. `key` names the thing read (a file's identity, a journal), `value` is the
 * input's own JSON.
 */
export interface Checkpoint {
  readonly input: string;
  readonly key: string;
  readonly value: unknown;
}

/** What the pipeline gives an input. */
export interface InputContext {
  /**
   * Runs the filters and appends to the spool. Resolves once the events and the checkpoints are in
   * the spool; while the spool or memory is full it waits, which is the back-pressure.
   */
  emit(tag: string, events: AgentEvent[], checkpoints?: readonly Checkpoint[]): Promise<void>;
  /** The same for events of several tags up to one position: they are not torn apart by a crash. */
  emitAll(
    parts: readonly { readonly tag: string; readonly events: AgentEvent[] }[],
    checkpoints?: readonly Checkpoint[],
  ): Promise<void>;
  /** Checkpoints of this input that survived. */
  checkpoints(): Promise<readonly Checkpoint[]>;
}

export interface Input {
  /** `plugin.N`, or the alias. */
  readonly name: string;
  /** Runs until the signal aborts; then has emitted what it holds (open multiline groups). */
  run(context: InputContext, signal: AbortSignal): Promise<void>;
}

export interface FilterContext {
  /** Sends events through the whole pipeline again under another tag (rewrite_tag, multiline). */
  reemit(tag: string, events: AgentEvent[]): Promise<void>;
}

/** A compiled pattern over text: linear time, Ruby meaning where the user wrote Ruby. */
export interface TextPattern {
  test(text: string): boolean;
}

export interface ParsedText {
  readonly record: RecordMap;
  /** Absent: the text held no time; the event keeps the time of reading. */
  readonly time?: EventTime;
}

/** A named parser of a parsers file (json, regex, ltsv, logfmt). */
export interface TextParser {
  readonly name: string;
  /** Undefined when the text does not fit. */
  parse(text: string): ParsedText | undefined;
}

export interface Filter {
  readonly name: string;
  /** Events may be changed in place. Dropped events are counted by the pipeline. */
  apply(
    tag: string,
    events: AgentEvent[],
    context: FilterContext,
  ): AgentEvent[] | Promise<AgentEvent[]>;
  /** Emits what is held back (multiline) at shutdown. */
  flush?(context: FilterContext): Promise<void>;
}

/** Events of one tag; what outputs get and what the spool keeps. */
export interface Chunk {
  /** Unique in the agent's life, grows; survives restarts with the spool. */
  readonly id: number;
  readonly tag: string;
  readonly events: readonly AgentEvent[];
  readonly bytes: number;
  /**
   * For a Nunchi server: who sends, and this output's own dense number for the chunk (from 1, never
   * used for another chunk, the same after a restart), so that a resend is not stored twice.
   */
  readonly source?: { readonly id: string; readonly number: number };
}

export type DeliveryResult =
  | { readonly kind: 'ok' }
  /** Try the chunk again later, or only the events from `fromEvent` on. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly fromEvent?: number;
      readonly afterMs?: number;
      /** Not later than this, where asking again costs little; otherwise the configuration says. */
      readonly withinMs?: number;
    }
  /** The peer will never take it: counted and logged. */
  | { readonly kind: 'drop'; readonly reason: string };

export interface Output {
  readonly name: string;
  deliver(chunk: Chunk, signal: AbortSignal): Promise<DeliveryResult>;
  /** Connections closed. */
  close?(): Promise<void>;
}
