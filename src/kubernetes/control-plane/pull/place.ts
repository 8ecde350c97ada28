import { createHash } from 'node:crypto';

/**
 * Where a pull has come to. Events are read window by window; a window reaches back into the one
 * before, for events that came late, and what was stored of it is known by ids.
 */
export interface PullPlace {
  /** The window, both inclusive; `toMs` null: it has not been begun. */
  readonly fromMs: number;
  readonly toMs: number | null;
  /** Of the window's next page. */
  readonly token: string | null;
  /** Times and hashed ids of events stored at or after `fromMs`. */
  readonly seen: readonly SeenEvent[];
}

export type SeenEvent = readonly [timestampMs: number, hash: string];

export interface PageRequest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly token: string | null;
}

/** A long pause is caught up in pieces of this length: the ids of one must be remembered. */
const windowMs = 2 * 60_000;
/** Ids remembered; beyond it the oldest go, and with them the reach back. */
const maxSeen = 100_000;

/** 66 bits: two of 100,000 are the same once in ten billion pulls. */
export const hashOfId = (id: string): string =>
  createHash('sha256').update(id).digest('base64url').slice(0, 11);

export const startAt = (fromMs: number): PullPlace => ({
  fromMs,
  toMs: null,
  token: null,
  seen: [],
});

/** What to ask next. */
export const nextPage = (place: PullPlace, nowMs: number): PageRequest => ({
  fromMs: place.fromMs,
  toMs: place.toMs ?? Math.max(place.fromMs, Math.min(nowMs, place.fromMs + windowMs)),
  token: place.token,
});

/** The place after a page: within its window, or at the beginning of the next. */
export function afterPage(
  place: PullPlace,
  page: PageRequest,
  result: { readonly token: string | null; readonly stored: readonly SeenEvent[] },
  overlapMs: number,
): PullPlace {
  const seen = result.stored.length === 0 ? place.seen : [...place.seen, ...result.stored];
  if (result.token !== null) return { ...page, token: result.token, seen };
  const fromMs = Math.max(page.fromMs, page.toMs - overlapMs);
  const kept = seen.filter(([timestampMs]) => timestampMs >= fromMs);
  if (kept.length <= maxSeen) return { fromMs, toMs: null, token: null, seen: kept };
  const newest = kept.toSorted((a, b) => a[0] - b[0]).slice(-maxSeen);
  // Of the oldest that is kept there may be others of the same time that are not.
  const reachMs = (newest[0]?.[0] ?? fromMs) + 1;
  return {
    fromMs: reachMs,
    toMs: null,
    token: null,
    seen: newest.filter(([timestampMs]) => timestampMs >= reachMs),
  };
}

/** The window from its beginning: its token is no longer good. What was stored of it stays known. */
export const withoutToken = (place: PullPlace): PullPlace => ({
  ...place,
  toMs: null,
  token: null,
});
