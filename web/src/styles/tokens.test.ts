import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

function tokensOf(theme: string): Map<string, number> {
  const block = css.slice(css.indexOf(`[data-theme="${theme}"]`)).split('\n}')[0]!;
  const tokens = new Map<string, number>();
  for (const match of block.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)) {
    tokens.set(match[1]!, luminance(Number(match[2]), Number(match[3]), Number(match[4])));
  }
  return tokens;
}

/** Relative luminance (WCAG 2) of an OKLCH colour, by the matrices of CSS Color 4. */
function luminance(l: number, c: number, hue: number): number {
  const a = c * Math.cos((hue * Math.PI) / 180);
  const b = c * Math.sin((hue * Math.PI) / 180);
  const L = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const M = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const S = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (v: number): number => Math.min(1, Math.max(0, v));
  const red = clamp(4.0767416621 * L - 3.3077115913 * M + 0.2309699292 * S);
  const green = clamp(-1.2684380046 * L + 2.6097574011 * M - 0.3413193965 * S);
  const blue = clamp(-0.0041960863 * L - 0.7034186147 * M + 1.707614701 * S);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const grounds = ['bg', 'raised', 'sunken', 'float'];
const pairs: readonly (readonly [string, readonly string[], number])[] = [
  ['text', [...grounds, 'hover', 'pressed', 'accent-soft'], 7],
  ['text-2', [...grounds, 'hover', 'pressed'], 4.5],
  ['text-3', [...grounds, 'hover'], 4.5],
  ['line', ['bg', 'raised', 'sunken'], 1.3],
  ['accent-text', [...grounds, 'hover', 'accent-soft'], 4.5],
  ['on-accent', ['accent', 'accent-hover'], 4.5],
  ['critical', [...grounds, 'critical-soft'], 4.5],
  ['warning', [...grounds, 'warning-soft'], 4.5],
  ['ok', [...grounds, 'ok-soft'], 4.5],
  ['info', [...grounds, 'info-soft'], 4.5],
  ['mark-text', ['mark'], 4.5],
  ['series-1', ['bg', 'raised'], 3],
];

for (const theme of ['dark', 'light']) {
  describe(`contrast in the ${theme} theme`, () => {
    const tokens = tokensOf(theme);
    for (const [front, backs, least] of pairs) {
      it(`--${front} is at least ${least}:1`, () => {
        for (const back of backs) {
          const x = tokens.get(front);
          const y = tokens.get(back);
          assert.ok(x !== undefined && y !== undefined, `${front} and ${back} are defined`);
          const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
          assert.ok(ratio >= least, `--${front} on --${back}: ${ratio.toFixed(2)}`);
        }
      });
    }
    it('has the same names as the other theme', () => {
      const other = tokensOf(theme === 'dark' ? 'light' : 'dark');
      assert.deepEqual([...tokens.keys()].sort(), [...other.keys()].sort());
    });
  });
}
