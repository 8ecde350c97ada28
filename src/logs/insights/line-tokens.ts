/** What changes from line to line, most special first; written for RE2 and JavaScript alike. */
export const lineTokens: readonly (readonly [name: string, pattern: string])[] = [
  ['UUID', '\\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\\b'],
  [
    'Date',
    '\\b[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?',
  ],
  ['Time', '\\b[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?\\b'],
  ['IP', '\\b(?:[0-9]{1,3}\\.){3}[0-9]{1,3}(?::[0-9]+)?\\b'],
  [
    'Hex',
    '\\b(?:0[xX][0-9a-fA-F]+|[0-9a-f]*[0-9][0-9a-f]*[a-f][0-9a-f]{6,}|[0-9a-f]*[a-f][0-9a-f]*[0-9][0-9a-f]{6,})\\b',
  ],
  ['Number', '\\b[0-9]+(?:\\.[0-9]+)?\\b'],
  ['Token', '\\b[\\w]*[0-9][\\w]*\\b'],
];

/** Longer messages are compared by their beginning, in code points. */
export const maxPatternChars = 2000;

/** Separates the texts of a pattern from the kinds of its changing parts; logs hardly hold it. */
export const tokenMark = '\u0001';
export const tokenMarkEnd = '\u0002';

/** One letter for each kind: a digit would be taken for a number. */
export const tokenLetter = (index: number): string =>
  String.fromCharCode('A'.charCodeAt(0) + index);
