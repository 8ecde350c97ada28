const suffixes = ['m', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

/** A value to a thousandth as the API writes quantities: `1500m`, `2`, `10k`. Not a number: `0`. */
export function milliText(value: number): string {
  if (!Number.isFinite(value)) return '0';
  let amount = BigInt(Math.trunc(value * 1000));
  if (amount === 0n) return '0';
  let unit = 0;
  while (unit < suffixes.length - 1 && amount % 1000n === 0n) {
    amount /= 1000n;
    unit++;
  }
  return `${amount}${suffixes[unit]}`;
}
