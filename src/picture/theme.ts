/** The colours of a picture: the console's own, in the form that SVG takes. */
export interface Theme {
  readonly background: string;
  /** Behind several pictures. */
  readonly page: string;
  readonly line: string;
  readonly strongLine: string;
  readonly text: string;
  readonly text2: string;
  readonly text3: string;
  readonly critical: string;
  readonly warning: string;
  readonly ok: string;
  readonly info: string;
  readonly accent: string;
  readonly series: readonly string[];
}

export type ThemeName = 'dark' | 'light';

export const themes: Readonly<Record<ThemeName, Theme>> = {
  dark: {
    background: '#181b1f',
    page: '#101317',
    line: '#31343a',
    strongLine: '#494d54',
    text: '#e9ebef',
    text2: '#b0b4bc',
    text3: '#9499a0',
    critical: '#fa6863',
    warning: '#f2af48',
    ok: '#68ca80',
    info: '#65b2f1',
    accent: '#8f6ce0',
    series: [
      '#7ca2f6',
      '#e1a447',
      '#3fbe90',
      '#e274ab',
      '#3bc4e0',
      '#f37e61',
      '#b98cea',
      '#b5c24e',
      '#60a7d6',
      '#d6bd5c',
      '#52bfb9',
      '#f2798f',
    ],
  },
  light: {
    background: '#ffffff',
    page: '#f4f5f7',
    line: '#e3e6ea',
    strongLine: '#a1a5ab',
    text: '#171b20',
    text2: '#4f5359',
    text3: '#62666d',
    critical: '#be222a',
    warning: '#8d5e00',
    ok: '#21763c',
    info: '#0068a7',
    accent: '#7447c8',
    series: [
      '#3f69d3',
      '#b77610',
      '#008a63',
      '#bf3584',
      '#0089a7',
      '#cb4a2a',
      '#8b4ec4',
      '#768b09',
      '#0e6a9b',
      '#a98904',
      '#218883',
      '#ca305b',
    ],
  },
};

/**
 * Colours for the series of one picture, by name as the console has them: the same name, the same
 * colour. Where two fall on one, the later takes the next that is free.
 */
export function seriesColors(names: readonly string[], { series }: Theme): readonly string[] {
  const taken = new Set<number>();
  return names.map((name) => {
    let at = hashOf(name) % series.length;
    for (let step = 0; step < series.length && taken.has(at); step++) at = (at + 1) % series.length;
    taken.add(at);
    return series[at] as string;
  });
}

/** FNV-1a over UTF-16. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
