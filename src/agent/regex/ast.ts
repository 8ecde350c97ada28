/** The tree of a pattern in Onigmo's Ruby syntax. Flags are resolved while parsing. */
export type RegexNode =
  | { readonly kind: 'alternatives'; readonly branches: readonly RegexNode[] }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  /** One code point out of a set; `ignoreCase` stands in the enclosing `flags` node. */
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'anchor'; readonly anchor: Anchor }
  | { readonly kind: 'capture'; readonly index: number; readonly body: RegexNode }
  | { readonly kind: 'ignoreCase'; readonly on: boolean; readonly body: RegexNode }
  | {
      readonly kind: 'look';
      readonly ahead: boolean;
      readonly negative: boolean;
      readonly body: RegexNode;
    }
  | { readonly kind: 'atomic'; readonly body: RegexNode }
  | {
      readonly kind: 'repeat';
      readonly body: RegexNode;
      readonly min: number;
      /** Infinity when unbounded. */
      readonly max: number;
      readonly mode: 'greedy' | 'lazy' | 'possessive';
    }
  | { readonly kind: 'backref'; readonly indexes: readonly number[] };

/** What a one-character node matches: ranges of code points, and Unicode properties by name. */
export interface CharSet {
  readonly negated: boolean;
  /** Pairs [first, last], unsorted. */
  readonly ranges: readonly (readonly [number, number])[];
  /** JavaScript property escapes, such as `\p{L}`. */
  readonly properties: readonly string[];
  /** Sets that are intersected with this one (`[a-z&&[^aeiou]]`). */
  readonly intersect?: CharSet;
  /** Nested sets that are united with this one. */
  readonly nested?: readonly CharSet[];
}

export type Anchor =
  | 'lineStart'
  | 'lineEnd'
  | 'textStart'
  | 'textEnd'
  | 'textEndOrNewline'
  | 'wordBoundary'
  | 'notWordBoundary';

export interface ParsedRegex {
  readonly root: RegexNode;
  /** `/p/i`: the whole pattern ignores case. */
  readonly ignoreCase: boolean;
  readonly captureCount: number;
  /** Named groups in order of first appearance, each with its capture indexes from 1. */
  readonly names: ReadonlyMap<string, readonly number[]>;
}
