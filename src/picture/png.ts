import { fileURLToPath } from 'node:url';

const fontFile = (name: string): string =>
  fileURLToPath(new URL(`./fonts/${name}.otf`, import.meta.url));

/** Pixels of a PNG for each of the SVG: sharp on the screens that people have. */
const defaultScale = 2;
/** A picture has this many pixels at most; it is kept as 4 bytes each while it is made. */
const maxPixels = 16_000_000;

/**
 * Draws an SVG of this module as a PNG, in a thread of its own. The renderer is loaded with the first
 * picture: a server that draws none has no memory of it.
 * @throws RangeError when it would have more than 16 million pixels
 */
export async function renderPng(
  svg: string,
  options: {
    readonly width: number;
    readonly height: number;
    readonly scale?: number;
    readonly signal?: AbortSignal;
  },
): Promise<Buffer> {
  const { width, height, scale = defaultScale, signal } = options;
  if (width * height * scale * scale > maxPixels) {
    throw new RangeError(`a picture of ${width} x ${height} at scale ${scale} is too large`);
  }
  signal?.throwIfAborted();
  const { renderAsync } = await import('@resvg/resvg-js');
  const image = await renderAsync(
    svg,
    {
      fitTo: { mode: 'zoom', value: scale },
      // The fonts of the machine would make another picture of it.
      font: {
        loadSystemFonts: false,
        fontFiles: [fontFile('Pretendard-Regular'), fontFile('Pretendard-SemiBold')],
        defaultFontFamily: 'Pretendard',
      },
      logLevel: 'error',
    },
    signal ?? null,
  );
  return image.asPng();
}
