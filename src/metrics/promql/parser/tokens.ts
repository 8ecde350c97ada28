import { quoteText } from './go-text.ts';

export type TokenKind =
  | 'end'
  | 'identifier'
  | 'metric identifier'
  | 'string'
  | 'number'
  | 'duration'
  | 'keyword'
  | 'operator'
  | 'aggregation'
  | 'preprocessor'
  | 'punctuation';

export interface Token {
  readonly kind: TokenKind;
  /** Of keywords and operators the lower case, of all others as written. */
  readonly value: string;
  /** As written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const kinds: Readonly<Record<string, readonly string[]>> = {
  operator: ['and', 'or', 'unless', 'atan2'],
  aggregation: [
    'sum',
    'avg',
    'count',
    'min',
    'max',
    'group',
    'stddev',
    'stdvar',
    'topk',
    'bottomk',
    'count_values',
    'quantile',
    'limitk',
    'limit_ratio',
  ],
  keyword: [
    'offset',
    'smoothed',
    'anchored',
    'by',
    'without',
    'on',
    'ignoring',
    'group_left',
    'group_right',
    'fill',
    'fill_left',
    'fill_right',
    'bool',
  ],
  preprocessor: ['start', 'end', 'step', 'range', 'max_of', 'min_of'],
  number: ['inf', 'nan'],
};

/** Words that are no plain identifiers, in lower case. */
export const wordKinds: ReadonlyMap<string, TokenKind> = new Map(
  Object.entries(kinds).flatMap(([kind, words]) =>
    words.map((word): [string, TokenKind] => [word, kind as TokenKind]),
  ),
);

/** Words that are keywords only right before a parenthesis, so that metrics may be named like them. */
export const callKeywords: ReadonlySet<string> = new Set(['fill', 'fill_left', 'fill_right']);

/** Words that make durations. */
export const durationWords: ReadonlySet<string> = new Set(['step', 'range', 'max_of', 'min_of']);

const notMetricNames = new Set(['on', 'ignoring', 'group_left', 'group_right', 'bool', 'atan2']);

/** Whether a word may stand for a metric. */
export function mayNameMetric(token: Token): boolean {
  switch (token.kind) {
    case 'identifier':
    case 'metric identifier':
    case 'aggregation':
    case 'preprocessor':
      return true;
    case 'keyword':
    case 'operator':
      return /^[a-z]/.test(token.value) && !notMetricNames.has(token.value);
    default:
      return false;
  }
}

/** Whether a word may stand for a label in `by (…)`, `on (…)` and their like. */
export function mayNameLabel(token: Token): boolean {
  switch (token.kind) {
    case 'identifier':
    case 'metric identifier':
    case 'aggregation':
    case 'preprocessor':
    case 'keyword':
      return token.value !== 'without' || token.kind !== 'keyword';
    case 'operator':
      return /^[a-z]/.test(token.value);
    default:
      return false;
  }
}

/** A token in errors: `identifier "foo"`, `<op:+>`, `end of input`. */
export function describeToken(token: Token): string {
  const text = quoteText(token.text);
  switch (token.kind) {
    case 'end':
      return 'end of input';
    case 'keyword':
      return `<${token.text}>`;
    case 'operator':
      return `<op:${token.text}>`;
    case 'aggregation':
      return `<aggr:${token.text}>`;
    case 'punctuation':
    case 'preprocessor':
      return text;
    case 'identifier':
    case 'metric identifier':
      return `${token.kind} ${text}`;
    case 'string':
    case 'number':
    case 'duration':
      return `${token.kind} ${token.text.length > 10 ? `${quoteText([...token.text].slice(0, 10).join(''))}...` : text}`;
    default:
      return token.kind satisfies never;
  }
}
