import { defineMessages } from '../../../../i18n/messages.ts';

export const editLibraryWords = defineMessages({
  en: {
    make: 'Make it a library panel…',
    makeTitle: 'Make it a library panel',
    makeText: 'Other dashboards can then show it, and a change of it is a change for all of them.',
    name: 'Name',
    made: (name: string) => `${name} is in the library`,
    madeText: 'Save the dashboard to show it from there.',
    isShared: (name: string, count: string) =>
      `The library panel “${name}”: what is changed here changes in all dashboards that show it (${count}).`,
    unlink: 'Make it a panel of this dashboard',
    fromLibrary: 'Panel of the library…',
    fromTitle: 'Add a panel of the library',
    search: 'Search library panels',
    none: 'The library has no such panel',
    usedBy: (count: string) => `shown by ${count}`,
    changes: 'Library panels that change for every dashboard:',
    changesOf: (name: string, count: string) => `${name} (dashboards: ${count})`,
    changed: (name: string) =>
      `Somebody else has changed the library panel “${name}” meanwhile. Load the dashboard again, or make it a panel of this dashboard.`,
  },
  ko: {
    make: '라이브러리 패널로 만들기…',
    makeTitle: '라이브러리 패널로 만들기',
    makeText: '다른 대시보드도 보여 줄 수 있고, 바꾸면 모두에서 바뀌어요.',
    name: '이름',
    made: (name) => `${name}이(가) 라이브러리에 있어요`,
    madeText: '대시보드를 저장하면 거기서 가져와 보여 줘요.',
    isShared: (name, count) =>
      `라이브러리 패널 “${name}”이에요. 여기서 바꾸면 이 패널을 보여 주는 모든 대시보드(${count}개)에서 바뀌어요.`,
    unlink: '이 대시보드만의 패널로 만들기',
    fromLibrary: '라이브러리 패널…',
    fromTitle: '라이브러리 패널 추가',
    search: '라이브러리 패널 검색',
    none: '그런 라이브러리 패널이 없어요',
    usedBy: (count) => `대시보드 ${count}개가 보여 줌`,
    changes: '모든 대시보드에서 바뀌는 라이브러리 패널:',
    changesOf: (name, count) => `${name} (대시보드 ${count}개)`,
    changed: (name) =>
      `그사이 다른 사람이 라이브러리 패널 “${name}”을(를) 바꿨어요. 대시보드를 다시 불러오거나 이 대시보드만의 패널로 만들어 주세요.`,
  },
});
