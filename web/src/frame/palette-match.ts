/**
 * How well `text` answers what was typed: every word must occur; earlier, whole and shorter is
 * better. Undefined: not at all. Works on Hangul as on Latin, without regard to case.
 */
export function matchScore(text: string, typed: string): number | undefined {
  const hay = text.toLowerCase();
  let score = 0;
  for (const word of typed.toLowerCase().split(/\s+/)) {
    if (word === '') continue;
    const at = hay.indexOf(word);
    if (at === -1) return undefined;
    const isStart = at === 0 || /[\s/._-]/.test(hay.charAt(at - 1));
    score += (isStart ? 0 : 20) + Math.min(at, 40);
  }
  return score + text.length / 100;
}
