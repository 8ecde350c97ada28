const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `15s`, `1h30m`, or seconds as a number; undefined: not a step, then it is chosen for the range. */
export function stepMsOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return positive(Number(trimmed) * 1000);
  if (!/^(?:\d+(?:ms|[smhd]))+$/.test(trimmed)) return undefined;
  let ms = 0;
  for (const [, count, unit] of trimmed.matchAll(/(\d+)(ms|[smhd])/g)) {
    ms += Number(count) * (unitMs[unit as string] as number);
  }
  return positive(ms);
}

const positive = (ms: number): number | undefined =>
  ms > 0 && Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : undefined;
