import type { SilenceDraft, WireSilence } from '../../../api/alertmanager.ts';
import { parseTime } from '../../../time/range.ts';
import { sortableTime } from '../../../time/zone.ts';
import { fromWire, type Matcher, matcherTest, parseMatcher, toWire } from '../matcher.ts';

/** What the form holds: texts as they are typed. */
export interface SilenceForm {
  readonly matchers: readonly Matcher[];
  /** `custom`: from and to count. */
  readonly duration: string;
  readonly from: string;
  readonly to: string;
  readonly comment: string;
  readonly createdBy: string;
}

export const silenceDurations = ['30m', '1h', '2h', '4h', '8h', '1d', '7d'] as const;

const defaultDuration = '2h';

/** A form for the matchers of a link, `alertname=Disk`. */
export function newForm(matchers: readonly string[], comment: string, name: string): SilenceForm {
  const parsed = matchers.flatMap((text) => parseMatcher(text) ?? []);
  return {
    matchers: parsed.length > 0 ? parsed : [{ name: '', operator: '=', value: '' }],
    duration: defaultDuration,
    from: 'now',
    to: `now+${defaultDuration}`,
    comment,
    createdBy: name,
  };
}

/** One that exists, to be changed; one that is over begins anew. */
export function formOf(silence: WireSilence, zone: string): SilenceForm {
  const isOver = silence.status.state === 'expired';
  return {
    matchers: silence.matchers.map(fromWire),
    duration: isOver ? defaultDuration : 'custom',
    from: isOver ? 'now' : sortableTime(zone, Date.parse(silence.startsAt), 'second'),
    to: isOver
      ? `now+${defaultDuration}`
      : sortableTime(zone, Date.parse(silence.endsAt), 'second'),
    comment: silence.comment,
    createdBy: silence.createdBy,
  };
}

export interface SilenceProblems {
  readonly matchers?: true;
  readonly from?: 'time';
  readonly to?: 'time' | 'order';
  readonly comment?: true;
}

export interface CheckedSilence {
  readonly problems: SilenceProblems;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/** What is missing of a form, and the times that it means. */
export function checkForm(form: SilenceForm, nowMs: number, zone: string): CheckedSilence {
  const isCustom = form.duration === 'custom';
  const read = (text: string, edge: 'from' | 'to'): number | undefined =>
    parseTime(text, { nowMs, zone, edge });
  const startsAtMs = isCustom ? read(form.from, 'from') : nowMs;
  const endsAtMs = read(isCustom ? form.to : `now+${form.duration}`, 'to');
  const isOrdered =
    startsAtMs === undefined ||
    endsAtMs === undefined ||
    (endsAtMs > startsAtMs && endsAtMs > nowMs);
  return {
    startsAtMs: startsAtMs ?? nowMs,
    endsAtMs: endsAtMs ?? nowMs,
    problems: {
      ...(selects(form.matchers) ? {} : { matchers: true }),
      ...(startsAtMs === undefined ? { from: 'time' } : {}),
      ...(endsAtMs === undefined ? { to: 'time' } : isOrdered ? {} : { to: 'order' }),
      ...(form.comment.trim() === '' ? { comment: true } : {}),
    },
  };
}

/** A silence of everything is a mistake: some condition must not hold for what is empty. */
function selects(matchers: readonly Matcher[]): boolean {
  const named = matchers.filter(({ name }) => name.trim() !== '');
  if (named.length === 0 || named.length < matchers.length) return false;
  try {
    return named.some((matcher) => !matcherTest(matcher)({}));
  } catch {
    // The server knows its own pattern language: it has the word.
    return true;
  }
}

export function draftOf(
  form: SilenceForm,
  times: CheckedSilence,
  id: string | undefined,
): SilenceDraft {
  return {
    ...(id === undefined ? {} : { id }),
    matchers: form.matchers.map(toWire),
    startsAt: new Date(times.startsAtMs).toISOString(),
    endsAt: new Date(times.endsAtMs).toISOString(),
    createdBy: form.createdBy.trim(),
    comment: form.comment.trim(),
  };
}
