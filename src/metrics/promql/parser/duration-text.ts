/** Durations as the reference writes them: `1h30m`, units from large to small, each at most once. */

const unitMs: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

/** The longest duration of the reference: 2^63 nanoseconds. */
export const maxDurationMs: number = 2 ** 63 / 1e6;

const wellFormed = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?$/;

/** Milliseconds, or what is wrong with it. */
export function parseDurationText(text: string): number | { readonly error: string } {
  if (text === '0') return 0;
  if (text === '') return { error: 'empty duration string' };
  if (!wellFormed.test(text)) {
    for (const [, unit] of text.matchAll(/\d+([a-z]+)/g)) {
      if (unitMs[unit!] === undefined) {
        return {
          error: `unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`,
        };
      }
    }
    return { error: `not a valid duration string: ${JSON.stringify(text)}` };
  }
  let totalMs = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/g)) {
    totalMs += Number(count) * unitMs[unit!]!;
  }
  return totalMs > maxDurationMs ? { error: 'duration out of range' } : totalMs;
}

/** `90d`, `1h30m`; years and weeks only where nothing is left over; parts of milliseconds are cut. */
export function formatDurationText(durationMs: number): string {
  let left = Math.trunc(durationMs);
  if (left === 0) return '0s';
  let text = '';
  for (const [unit, size] of Object.entries(unitMs)) {
    if ((unit === 'y' || unit === 'w') && left % size !== 0) continue;
    const count = Math.floor(left / size);
    if (count === 0) continue;
    text += `${count}${unit}`;
    left -= count * size;
  }
  return text;
}
