import { filled, type Phrase, type Words } from './language.ts';

/**
 * What programs say, and the code of what it means; the first that fits counts. `$1` of its words is what
 * the first group caught. Texts stand in tests as versions 1.20 to 1.34 of Kubernetes and their runtimes
 * write them.
 */
export interface Sayings {
  readonly words: Words;
  readonly said: readonly (readonly [said: RegExp, code: string])[];
}

/** Parts of what was said are names: longer ones say nothing. */
const maxCaughtChars = 120;

/** Sayings whose codes are all in the words. */
export const sayings = <const W extends Words>(
  words: W,
  said: readonly (readonly [said: RegExp, code: keyof W & string])[],
): Sayings => ({ words, said });

/** Undefined: none fits. */
export function meaningOf(text: string, ...lists: readonly Sayings[]): Phrase | undefined {
  for (const { words, said } of lists) {
    for (const [pattern, code] of said) {
      const match = pattern.exec(text);
      const meaning = words[code];
      if (match === null || meaning === undefined) continue;
      const caught = match.slice(1).map((part) => (part ?? '').trim().slice(0, maxCaughtChars));
      return { code, ...filled(meaning, caught) };
    }
  }
  return undefined;
}

/** Of several texts the last one that something is known of. */
export function lastMeaning(
  texts: readonly string[],
  ...lists: readonly Sayings[]
): Phrase | undefined {
  for (const text of texts.toReversed()) {
    const meaning = meaningOf(text, ...lists);
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}
