/** Colours of data out of the tokens, as canvas takes them. */

const seriesCount = 12;

/** The value of a token in the theme that is on. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The same label value has the same colour on every chart and page (FNV-1a over its UTF-16). */
export function seriesToken(value: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < value.length; i++) {
    hash ^= value.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return `--series-${((hash >>> 0) % seriesCount) + 1}`;
}

/**
 * Colour tokens for the series of one chart: by value, and where two fall on the same, the later one
 * takes the next free one, so that a chart of up to 12 series has no colour twice.
 */
export function seriesTokens(values: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return values.map((value) => {
    let name = seriesToken(value);
    for (let step = 0; step < seriesCount && taken.has(name); step++) {
      const next = (Number(name.slice('--series-'.length)) % seriesCount) + 1;
      name = `--series-${next}`;
    }
    taken.add(name);
    return name;
  });
}

/** With transparency, for fills. `share` is 0 to 1. */
export function faded(color: string, share: number): string {
  return `color-mix(in oklch, ${color} ${share * 100}%, transparent)`;
}
