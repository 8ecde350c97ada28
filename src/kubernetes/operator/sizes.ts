const powers: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/** Bytes of `10MB`, to compare; what is no size is the largest: the job's own check names it. */
export function parseBase2BytesText(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGTPE])?(?:i?B)?$/.exec(text);
  if (match === null) return Number.POSITIVE_INFINITY;
  return Number(match[1]) * 1024 ** (powers[match[2] ?? ''] ?? 0);
}
