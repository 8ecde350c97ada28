/** Width of the space and of U+0021 to U+007E in Pretendard Regular, thousandths of the font size. */
const latinWidths = [
  251, 257, 379, 600, 607, 862, 609, 201, 341, 341, 471, 627, 258, 433, 254, 334, 596, 438, 587,
  617, 624, 597, 613, 552, 606, 613, 254, 254, 627, 627, 627, 479, 880, 646, 619, 693, 686, 567,
  557, 709, 706, 244, 516, 621, 533, 853, 718, 727, 604, 727, 608, 607, 611, 707, 646, 915, 612,
  634, 595, 341, 334, 341, 442, 425, 469, 535, 591, 529, 591, 553, 337, 579, 563, 218, 218, 517,
  218, 834, 557, 567, 579, 579, 350, 496, 340, 553, 529, 777, 513, 529, 513, 341, 306, 341, 627,
];
const hangulWidth = 864;
/** Of what the table does not know: letters with accents, signs. */
const otherWidth = 620;
/** The heavier cut is a little wider. */
const semiBoldFactor = 1.04;

/** Roughly how wide a text is, px. */
export function textWidth(text: string, sizePx: number, isBold = false): number {
  let width = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const known = latinWidths[code - 0x20];
    // Beyond the Latin, Greek and Cyrillic scripts letters are about as wide as high.
    width += known ?? (code >= 0x1100 ? hangulWidth : otherWidth);
  }
  return (width * sizePx * (isBold ? semiBoldFactor : 1)) / 1000;
}

/** The text, or as much of it as there is room for and `…`. */
export function fitText(text: string, maxPx: number, sizePx: number, isBold = false): string {
  if (textWidth(text, sizePx, isBold) <= maxPx) return text;
  const chars = [...text];
  let low = 0;
  let high = chars.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const part = `${chars.slice(0, middle).join('').trimEnd()}…`;
    if (textWidth(part, sizePx, isBold) <= maxPx) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : `${chars.slice(0, low).join('').trimEnd()}…`;
}
