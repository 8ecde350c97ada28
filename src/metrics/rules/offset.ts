import { createHash } from 'node:crypto';

/** Where in its interval something that repeats has its turn: spread by its name, the same after every start. */
export function offsetOf(name: string, intervalMs: number): number {
  const hash = createHash('md5').update(name).digest();
  return Number(hash.readBigUInt64BE(8) % BigInt(Math.max(1, Math.round(intervalMs))));
}
