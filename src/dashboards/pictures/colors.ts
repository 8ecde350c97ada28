import { isWhiteOn, mixRgb, type Rgb, readableRgb } from '#dashboards/fields';

/** Of `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` and `rgba(…)`: what field config comes to. */
function rgbOf(color: string): Rgb | undefined {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(color)?.[1];
  if (hex !== undefined) {
    const long = hex.length < 6 ? [...hex].map((digit) => digit + digit).join('') : hex;
    return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16)) as unknown as Rgb;
  }
  const parts = /^rgba?\(([^)]*)\)$/
    .exec(color)?.[1]
    ?.split(/[\s,/]+/)
    .map(Number);
  if (parts === undefined || parts.length < 3 || parts.slice(0, 3).some(Number.isNaN)) {
    return undefined;
  }
  return parts.slice(0, 3) as unknown as Rgb;
}

/** Black or white, whichever can be read better on the colour. */
export function textOn(background: string): string {
  const rgb = rgbOf(background);
  return rgb === undefined || isWhiteOn(rgb) ? '#ffffff' : '#000000';
}

/** A colour of data as text that can be read on the background. */
export function readable(color: string, background: string, isLarge = false): string {
  const ground = rgbOf(background);
  const own = rgbOf(color);
  if (ground === undefined || own === undefined) return color;
  const other = readableRgb(own, ground, isLarge);
  return other === undefined ? color : text(other);
}

/** So much of the colour over the ground. */
export function over(color: string, ground: string, share: number): string {
  const [top, bottom] = [rgbOf(color), rgbOf(ground)];
  return top === undefined || bottom === undefined ? color : text(mixRgb(bottom, top, share));
}

export const isTransparent = (color: string): boolean =>
  color === '' || color === 'transparent' || /,\s*0\)$/.test(color);

const text = (rgb: Rgb): string => `rgb(${rgb.join(',')})`;
