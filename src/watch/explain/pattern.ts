/**
 * What programs say, and what it means. `$1` is what the first group caught. The first that fits counts.
 * Texts stand in tests as versions 1.20 to 1.34 of Kubernetes and their runtimes write them.
 */
export type Sayings = readonly (readonly [said: RegExp, meaning: string])[];

/** Parts of what was said are names: longer ones say nothing. */
const maxCaughtChars = 120;

/** Undefined: none fits. */
export function meaningOf(sayings: Sayings, text: string): string | undefined {
  for (const [said, meaning] of sayings) {
    const match = said.exec(text);
    if (match === null) continue;
    return meaning.replace(/\$(\d)/g, (_whole, group: string) =>
      (match[Number(group)] ?? '').trim().slice(0, maxCaughtChars),
    );
  }
  return undefined;
}

/** Of several texts the last one that something is known of. */
export function lastMeaning(sayings: Sayings, texts: readonly string[]): string | undefined {
  for (const text of texts.toReversed()) {
    const meaning = meaningOf(sayings, text);
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}
