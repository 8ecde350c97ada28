/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];
/** Steps in which a colour goes towards black or white. */
const mixStep = 0.06;

/** What can be read on a colour better. */
export const isWhiteOn = (ground: Rgb): boolean =>
  contrast(ground, white) >= contrast(ground, black);

/**
 * A colour of data as text: the same hue, mixed with black or white until it can be read on the background. Large
 * figures need less contrast than small words.
 * @returns undefined: it can be read as it is
 */
export function readableRgb(own: Rgb, ground: Rgb, isLarge: boolean): Rgb | undefined {
  const wanted = isLarge ? 3.1 : 4.6;
  const end = isWhiteOn(ground) ? white : black;
  for (let share = 0; share < 1; share += mixStep) {
    const mixed = mixRgb(own, end, share);
    if (contrast(mixed, ground) >= wanted) return share === 0 ? undefined : mixed;
  }
  return end;
}

/** So much of `to` in `from`. */
export const mixRgb = (from: Rgb, to: Rgb, share: number): Rgb =>
  from.map((part, at) => Math.round(part + ((to[at] as number) - part) * share)) as unknown as Rgb;

/** WCAG 2's ratio, 1 to 21. */
function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
