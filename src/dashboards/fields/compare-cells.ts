export type CellValue = string | number | boolean | null | undefined;

const collator = new Intl.Collator(undefined, { numeric: true });

/** Numbers before words, words naturally (`pod-2` before `pod-10`); what is absent comes last. */
export function compareCells(a: CellValue, b: CellValue, descending: boolean): number {
  const aMissing = a === null || a === undefined || a === '';
  const bMissing = b === null || b === undefined || b === '';
  if (aMissing || bMissing) return Number(aMissing) - Number(bMissing);
  const order =
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : typeof a === 'number'
        ? -1
        : typeof b === 'number'
          ? 1
          : collator.compare(String(a), String(b));
  return descending ? -order : order;
}
