import { shortNumber } from '#picture';
import { offsetText, sortableTime } from '#time';
import type { AlertFacts, AlertMessage } from './contract.ts';
import { durationText, type Words, wordsOf } from './words.ts';

/** Signs beside a word: what a message is about is seen before it is read. */
export const signOf = ({ status, severity }: AlertMessage): string => {
  if (status === 'resolved') return '🟢';
  return ['warning', 'medium', 'minor', 'low'].includes(severity)
    ? '🟠'
    : severity === 'info'
      ? '🔵'
      : '🔴';
};

/** `3 firing, 1 resolved`. */
export function countsText({ firing, resolved, settings }: AlertMessage): string {
  const words = wordsOf[settings.language];
  const parts = [
    ...(firing > 0 ? [words.firing(firing)] : []),
    ...(resolved > 0 ? [words.resolved(resolved)] : []),
  ];
  return parts.join(', ');
}

/** `PodMemoryHigh · shop: 2 firing`: for notifications of phones and subjects. */
export const headline = (message: AlertMessage): string =>
  `${message.title}: ${countsText(message)}`;

/** `0.934 > 0.9`, or of what is over the value alone; undefined where it is not known. */
export function valueText(
  { value, status }: AlertFacts,
  { threshold }: AlertMessage,
): string | undefined {
  if (value === undefined) return undefined;
  return threshold === undefined || status === 'resolved'
    ? shortNumber(value)
    : `${shortNumber(value)} ${threshold}`;
}

/** `since 2026-03-31 14:10`, `lasted 12m`. @param time of the start, in the words of the receiver */
export function lifeText(
  { sinceMs, endedMs }: AlertFacts,
  words: Words,
  time: (ms: number) => string,
): string {
  if (endedMs !== undefined) return words.lasted(durationText(endedMs - sinceMs, words));
  return words.since(time(sinceMs));
}

/** `2026-03-31 14:10 +09:00` in the zone of the settings. */
export const timeIn =
  ({ settings }: AlertMessage) =>
  (ms: number): string =>
    `${sortableTime(settings.timeZone, ms, 'minute')} ${offsetText(settings.timeZone, ms)}`;

export const labelsText = (labels: AlertFacts['labels']): string =>
  labels.map(([name, value]) => `${name}=${value}`).join(', ');

/** No more than so many characters, none of them in halves. */
export const cut = (text: string, maxChars: number): string => {
  const chars = [...text];
  return chars.length <= maxChars ? text : `${chars.slice(0, maxChars - 1).join('')}…`;
};
