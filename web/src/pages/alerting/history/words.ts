import { defineMessages } from '../../../i18n/messages.ts';

export const historyWords = defineMessages({
  en: {
    search: 'Search rules and labels',
    states: {
      normal: 'Normal',
      pending: 'Pending',
      firing: 'Firing',
      recovering: 'Recovering',
      nodata: 'No data',
      error: 'Error',
    },
    none: 'No change of state in this range',
    noneText: 'When rules begin or cease to fire, it is drawn here along the time.',
    time: 'Time',
    rule: 'Rule',
    change: 'Change',
    labels: 'Labels',
    note: 'Values',
    timeline: 'States of rules over time',
    cut: (count: string) => `Only the newest ${count} changes are shown: choose a shorter range`,
  },
  ko: {
    search: '규칙과 레이블 검색',
    states: {
      normal: '정상',
      pending: '대기',
      firing: '발생',
      recovering: '회복 중',
      nodata: '데이터 없음',
      error: '오류',
    },
    none: '이 범위에서 바뀐 상태가 없어요',
    noneText: '규칙이 발생하거나 해소되면 시간을 따라 여기에 그려져요.',
    time: '시각',
    rule: '규칙',
    change: '변화',
    labels: '레이블',
    note: '값',
    timeline: '시간에 따른 규칙 상태',
    cut: (count) => `최근 ${count}개만 보여요. 더 짧은 범위를 골라 주세요`,
  },
});
