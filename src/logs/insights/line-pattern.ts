import {
  lineTokens,
  maxPatternChars,
  tokenLetter,
  tokenMark,
  tokenMarkEnd,
} from './line-tokens.ts';

const replacements = lineTokens.map(
  ([, pattern], index) =>
    [new RegExp(pattern, 'g'), `${tokenMark}${tokenLetter(index)}${tokenMarkEnd}`] as const,
);

/** The kind of a line, as the command `pattern` finds it: `order <Number-1> failed`. */
export function linePattern(line: string): string {
  let shape = line.length > maxPatternChars ? [...line].slice(0, maxPatternChars).join('') : line;
  for (const [pattern, replacement] of replacements) shape = shape.replace(pattern, replacement);
  return shape
    .split(tokenMark)
    .map((part, at) => {
      if (at === 0) return part;
      const end = part.indexOf(tokenMarkEnd);
      const index = part.charCodeAt(0) - 'A'.charCodeAt(0);
      const name = end === 1 ? lineTokens[index]?.[0] : undefined;
      const rest = part.slice((end < 0 ? part.length : end) + 1);
      return `<${name ?? 'Token'}-${at}>${rest}`;
    })
    .join('');
}
