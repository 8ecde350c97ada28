import type { TextParser, TextPattern } from '../contract.ts';

/** One `rule` line: in one of the `from` states, a line that fits `pattern` leads to state `to`. */
export interface MultilineRule {
  readonly from: readonly string[];
  readonly pattern: TextPattern;
  readonly to: string;
}

/** How lines become one event: a `[MULTILINE_PARSER]` section, or one of the built-ins. */
export interface MultilineSpec {
  readonly name: string;
  readonly type: 'regex' | 'endswith' | 'equal';
  /** For `endswith` and `equal`: the text that a group's last line ends with or is. */
  readonly matchString?: string;
  readonly negate?: boolean;
  /** Applied to each line first; a line that does not fit is not for this multiline parser. */
  readonly parser?: TextParser;
  /** Key of the parsed record whose text is joined. */
  readonly keyContent?: string;
  /** Key that `endswith` and `equal` look at; the content when absent. */
  readonly keyPattern?: string;
  /** Lines with different values of this key belong to different groups. */
  readonly keyGroup?: string;
  /** Idle time after which an open group is emitted; 4000 when absent, below 500: no timer. */
  readonly flushTimeoutMs?: number;
  readonly rules: readonly MultilineRule[];
}
