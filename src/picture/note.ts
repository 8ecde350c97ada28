import type { PictureOptions } from './contract.ts';
import { centered, frame, svgDocument } from './frame.ts';

/** A sentence in place of a picture. */
export function noteSvg(options: PictureOptions, sentence: string): string {
  const { parts, box } = frame(options);
  return svgDocument(options, [...parts, centered(box, sentence.replace(/\s+/g, ' '), options)]);
}
