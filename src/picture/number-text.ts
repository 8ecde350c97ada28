const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** `1.25k`, `0.031`, `-3`, `1e-9`: four digits that count at most. What is no number says so. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-4) return value.toExponential(2).replace(/\.?0+e/, 'e');
  if (size < 1000) return String(Number(value.toPrecision(size < 1 ? 3 : 4)));
  const power = Math.min(prefixes.length - 1, Math.floor(Math.log10(size) / 3));
  const scaled = Number((value / 1000 ** power).toPrecision(4));
  // Rounding may reach the next prefix: 999,999 is 1M.
  if (Math.abs(scaled) >= 1000 && power < prefixes.length - 1) {
    return `${scaled / 1000}${prefixes[power + 1]}`;
  }
  return `${scaled}${prefixes[power]}`;
}
