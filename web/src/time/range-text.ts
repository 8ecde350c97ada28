import type { Format } from '../i18n/format.ts';
import { messagesNow } from '../i18n/messages.ts';
import { lastOf, type ResolvedRange, type TimeRange } from './range.ts';
import { timeWords } from './words.ts';
import { sortableTime } from './zone.ts';

type Named = 'today' | 'yesterday' | 'thisWeek';

export const namedRanges: readonly { readonly name: Named; readonly range: TimeRange }[] = [
  { name: 'today', range: { from: 'now/d', to: 'now' } },
  { name: 'yesterday', range: { from: 'now-1d/d', to: 'now-1d/d' } },
  { name: 'thisWeek', range: { from: 'now/w', to: 'now' } },
];

/** A range in words where it has some, else its two ends without repeating the day. */
export function rangeText(range: TimeRange, resolved: ResolvedRange, format: Format): string {
  const m = messagesNow(timeWords);
  const last = lastOf(range);
  if (last !== undefined) return m.last(last.count, last.unit);
  const named = namedRanges.find(
    (known) => known.range.from === range.from && known.range.to === range.to,
  );
  if (named !== undefined) return m[named.name];
  const precision = resolved.toMs - resolved.fromMs < 600_000 ? 'second' : 'minute';
  const from = sortableTime(format.zone, resolved.fromMs, precision);
  const to = sortableTime(format.zone, resolved.toMs, precision);
  return `${from} – ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to}`;
}
