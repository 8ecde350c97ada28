import type { PictureLanguage, PictureWords } from './contract.ts';

export const pictureWords: Readonly<Record<PictureLanguage, PictureWords>> = {
  en: {
    noData: 'No data',
    noNumbers: 'The answer has no numbers',
    noTime: 'The answer has no times',
    name: 'Name',
    more: (count) => `+${count} more`,
    rows: (count) => `${count} rows`,
    percent: 'Percent',
    value: 'Value',
    notDrawn: (kind) => `Panels of kind ${kind} are seen on the dashboard only`,
  },
  ko: {
    noData: '데이터 없음',
    noNumbers: '응답에 숫자가 없음',
    noTime: '응답에 시간이 없음',
    name: '이름',
    more: (count) => `+${count}개 더`,
    rows: (count) => `${count}행`,
    percent: '비율',
    value: '값',
    notDrawn: (kind) => `${kind} 패널은 대시보드에서만 볼 수 있음`,
  },
};
