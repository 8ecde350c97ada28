import { stepMsOf } from './step.ts';

/** What a graph does not show of an expression, for the distance of its points. */
export type HiddenData =
  /** A window is shorter than the step: samples between two of them count nowhere. */
  | { readonly kind: 'window'; readonly window: string; readonly windowMs: number }
  /** One sample of several is drawn. */
  | { readonly kind: 'samples'; readonly oneOf: number };

/**
 * @param scrapeMs how often the series get a sample; undefined: not known
 * @returns undefined: every sample counts, or nobody knows
 */
export function hiddenData(
  windows: { readonly ranges: readonly string[]; readonly instants: number },
  stepMs: number,
  scrapeMs: number | undefined,
): HiddenData | undefined {
  let shortest: HiddenData | undefined;
  for (const window of windows.ranges) {
    const windowMs = stepMsOf(window);
    if (windowMs === undefined || windowMs >= stepMs) continue;
    if (shortest?.kind === 'window' && shortest.windowMs <= windowMs) continue;
    shortest = { kind: 'window', window, windowMs };
  }
  if (shortest !== undefined) return shortest;
  if (windows.instants === 0 || scrapeMs === undefined || scrapeMs <= 0) return undefined;
  const oneOf = Math.floor(stepMs / scrapeMs);
  return oneOf >= 2 ? { kind: 'samples', oneOf } : undefined;
}
