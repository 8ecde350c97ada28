import type { MessageLink, MessageSettings } from './contract.ts';

/** What messages say besides what alerts say themselves. */
export interface Words {
  readonly firing: (count: number) => string;
  readonly resolved: (count: number) => string;
  readonly since: (time: string) => string;
  readonly lasted: (duration: string) => string;
  readonly value: string;
  readonly more: (count: number) => string;
  readonly lastLines: (subject: string) => string;
  readonly chart: (title: string) => string;
  readonly firingSince: string;
  readonly links: Readonly<Record<MessageLink['kind'], string>>;
  readonly units: readonly [day: string, hour: string, minute: string, second: string];
}

export const wordsOf: Readonly<Record<MessageSettings['language'], Words>> = {
  en: {
    firing: (count) => `${count} firing`,
    resolved: (count) => `${count} resolved`,
    since: (time) => `since ${time}`,
    lasted: (duration) => `lasted ${duration}`,
    value: 'Value',
    more: (count) => `and ${count} more`,
    lastLines: (subject) => `Last lines of ${subject}`,
    chart: (title) => `Chart of ${title}`,
    firingSince: 'firing',
    links: {
      alert: 'Alerts',
      rule: 'Rule',
      pod: 'Pod',
      explore: 'Explore',
      logs: 'Logs',
      dashboard: 'Dashboard',
      runbook: 'Runbook',
      silence: 'Silence',
    },
    units: ['d', 'h', 'm', 's'],
  },
  ko: {
    firing: (count) => `발생 ${count}건`,
    resolved: (count) => `해소 ${count}건`,
    since: (time) => `${time}부터`,
    lasted: (duration) => `${duration} 지속`,
    value: '값',
    more: (count) => `외 ${count}건`,
    lastLines: (subject) => `${subject}의 마지막 로그`,
    chart: (title) => `${title} 차트`,
    firingSince: '발생',
    links: {
      alert: '알림',
      rule: '규칙',
      pod: 'Pod',
      explore: '탐색',
      logs: '로그',
      dashboard: '대시보드',
      runbook: '런북',
      silence: '음소거',
    },
    units: ['일', '시간', '분', '초'],
  },
};

/** `3h 20m`: the two greatest parts that are not 0. */
export function durationText(ms: number, { units }: Words): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const first = parts.findIndex((part) => part > 0);
  if (first < 0) return `0${units[3]}`;
  return parts
    .slice(first, first + 2)
    .flatMap((part, at) => (part === 0 ? [] : [`${part}${units[first + at]}`]))
    .join(' ');
}
