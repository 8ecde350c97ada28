const nanoPerCore = 1_000_000_000n;
const decimalSuffixes = ['n', 'u', 'm', ''] as const;
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/** Cores as the API writes them: the largest unit that leaves a whole number (`1`, `250m`, `1234567n`). */
export function cpuText(cores: number): string {
  let amount = BigInt(Math.round(cores * Number(nanoPerCore)));
  if (amount === 0n) return '0';
  let unit = 0;
  while (unit < decimalSuffixes.length - 1 && amount % 1000n === 0n) {
    amount /= 1000n;
    unit += 1;
  }
  return `${amount}${decimalSuffixes[unit]}`;
}

/** Bytes as the API writes them: `2048512Ki`, `3Gi`, `1000`. */
export function memoryText(bytes: number): string {
  let amount = Math.round(bytes);
  let unit = 0;
  while (amount !== 0 && unit < binarySuffixes.length - 1 && amount % 1024 === 0) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount}${binarySuffixes[unit]}`;
}

/** A duration as Go writes it: `15s`, `1m0.5s`. */
export function windowText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = `${(ms % 60_000) / 1000}s`;
  return minutes === 0 ? seconds : `${minutes}m${seconds}`;
}
