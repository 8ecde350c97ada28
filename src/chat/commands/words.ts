/** A command that cannot be taken apart. */
export class WordsError extends Error {}

const maxChars = 8192;
const maxWords = 512;

/**
 * Splits as a shell does, and does nothing else that a shell does: no variables, no substitutions, no
 * patterns, no redirections; those characters are ordinary.
 * @throws {WordsError} for a quote that does not end, and for what is too long
 */
export function splitWords(text: string): string[] {
  if (text.length > maxChars) throw new WordsError(`a command may have ${maxChars} characters`);
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === "'" || char === '"') {
      const [inner, end] = quoted(text, at);
      word = (word ?? '') + inner;
      at = end;
    } else if (char === '\\') {
      at += 1;
      const next = text[at];
      if (next === undefined) throw new WordsError('the command ends with a backslash');
      word = (word ?? '') + next;
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
    if (words.length > maxWords) throw new WordsError(`a command may have ${maxWords} words`);
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** @returns what is between the quotes, and where they end */
function quoted(text: string, start: number): readonly [inner: string, end: number] {
  const quote = text[start];
  let inner = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === quote) return [inner, at];
    // Between double quotes a backslash takes the meaning of a quote and of another backslash.
    if (char === '\\' && quote === '"' && /["\\]/.test(text[at + 1] ?? '')) {
      at += 1;
      inner += text[at];
    } else {
      inner += char;
    }
  }
  throw new WordsError(`a quote does not end: ${quote}`);
}
