import { useSyncExternalStore } from 'react';

export * from '../../../../src/dashboards/fields/models/grid-layout.ts';

const measured = new Map<string, number>();
const fontListeners = new Set<() => void>();
let fontVersion = 0;
if (typeof document !== 'undefined') {
  // Widths that were measured in a stand-in are of no use once the font itself is there.
  document.fonts.addEventListener('loadingdone', () => {
    measured.clear();
    fontVersion++;
    for (const listener of fontListeners) listener();
  });
}

/** Draws again when a font has arrived: texts have other widths then. */
export function useFonts(): void {
  useSyncExternalStore(
    (listener) => {
      fontListeners.add(listener);
      return () => fontListeners.delete(listener);
    },
    () => fontVersion,
  );
}

const maxMeasured = 5000;
let context: CanvasRenderingContext2D | null = null;

/** Width of a text at 100 px, in the console's font. */
function widthAt100(text: string, weight: number): number {
  // Figures are tabular on the page, each as wide as a zero; a canvas does not know.
  const shown = text.replaceAll(/\d/g, '0');
  const key = `${weight} ${shown}`;
  const known = measured.get(key);
  if (known !== undefined) return known;
  context ??= document.createElement('canvas').getContext('2d');
  if (context === null) return text.length * 60;
  const family = getComputedStyle(document.documentElement).getPropertyValue('--font-text');
  context.font = `${weight} 100px ${family}`;
  const width = context.measureText(shown).width;
  if (measured.size >= maxMeasured) measured.clear();
  measured.set(key, width);
  return width;
}

/** Of one line in the console's font. */
export function textWidthPx(text: string, fontPx: number, weight = 500): number {
  return (widthAt100(text, weight) * fontPx) / 100;
}

/** The largest font at which a text has room, in px. */
export function fittingFontPx(
  text: string,
  widthPx: number,
  heightPx: number,
  { maxPx = Number.POSITIVE_INFINITY, minPx = 6, weight = 500 } = {},
): number {
  const byWidth = text === '' ? heightPx : (widthPx / widthAt100(text, weight)) * 100;
  return Math.max(minPx, Math.min(byWidth, heightPx / 1.2, maxPx));
}
