import { defineMessages } from '../i18n/messages.ts';

const enUnits: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  M: 'month',
  y: 'year',
};

const koUnits: Readonly<Record<string, string>> = {
  s: '초',
  m: '분',
  h: '시간',
  d: '일',
  w: '주',
  M: '개월',
  y: '년',
};

export const timeWords = defineMessages({
  en: {
    timeRange: 'Time range',
    last: (count: number, unit: string) =>
      count === 1 && unit !== 'h'
        ? `Last ${enUnits[unit] ?? unit}`
        : `Last ${count} ${enUnits[unit] ?? unit}${count === 1 ? '' : 's'}`,
    today: 'Today',
    yesterday: 'Yesterday',
    thisWeek: 'This week',
    from: 'From',
    to: 'To',
    apply: 'Apply',
    help: 'Times such as 2026-11-24 09:00, 09:30, now-2h, or 90m for 90 minutes ago.',
    notATime: 'Not a time',
    emptyRange: 'The end must be after the start',
    zone: 'Time zone',
    browserZone: 'Browser',
    otherZone: 'Other zone…',
    refresh: 'Refresh',
    autoRefresh: 'Refresh by itself',
    off: 'Off',
    zoomOut: 'Zoom out',
    earlier: 'Earlier',
    later: 'Later',
  },
  ko: {
    timeRange: '시간 범위',
    last: (count, unit) => `최근 ${count}${koUnits[unit] ?? unit}`,
    today: '오늘',
    yesterday: '어제',
    thisWeek: '이번 주',
    from: '시작',
    to: '끝',
    apply: '적용',
    help: '2026-11-24 09:00, 09:30, now-2h처럼 쓰거나, 90분 전은 90m으로 써요.',
    notATime: '시각이 아니에요',
    emptyRange: '끝이 시작보다 뒤여야 해요',
    zone: '시간대',
    browserZone: '브라우저',
    otherZone: '다른 시간대…',
    refresh: '새로 고침',
    autoRefresh: '자동 새로 고침',
    off: '끄기',
    zoomOut: '범위 넓히기',
    earlier: '이전 시간대',
    later: '이후 시간대',
  },
});
