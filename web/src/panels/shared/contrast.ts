import { isWhiteOn, type Rgb, readableRgb } from '../../../../src/dashboards/fields/contrast.ts';

const parsed = new Map<string, Rgb | undefined>();
const maxParsed = 2000;
let context: CanvasRenderingContext2D | null = null;

/** Any CSS colour as the screen has it. Undefined: not a colour that can be read alone, as `transparent`. */
function rgbOf(color: string): Rgb | undefined {
  if (parsed.has(color)) return parsed.get(color);
  context ??= sampler();
  let rgb: Rgb | undefined;
  if (context !== null) {
    context.clearRect(0, 0, 1, 1);
    // A colour that is none leaves what was set before.
    context.fillStyle = 'transparent';
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
    if (alpha > 250) rgb = [red, green, blue];
  }
  if (parsed.size >= maxParsed) parsed.clear();
  parsed.set(color, rgb);
  return rgb;
}

function sampler(): CanvasRenderingContext2D | null {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  return canvas.getContext('2d', { willReadFrequently: true });
}

/** Black or white, whichever can be read better on the colour. */
export function textOn(background: string): string {
  const rgb = rgbOf(background);
  if (rgb === undefined) return 'inherit';
  return isWhiteOn(rgb) ? '#ffffff' : '#000000';
}

/** A colour of data as text that can be read on the background. Large figures need less contrast. */
export function readable(color: string, background: string, isLarge = false): string {
  const ground = rgbOf(background);
  const own = rgbOf(color);
  if (ground === undefined || own === undefined) return color;
  const other = readableRgb(own, ground, isLarge);
  return other === undefined ? color : `rgb(${other.join(' ')})`;
}
