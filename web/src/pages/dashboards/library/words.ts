import { defineMessages } from '../../../i18n/messages.ts';

export const libraryWords = defineMessages({
  en: {
    library: 'Library panels',
    name: 'Name',
    type: 'Type',
    folder: 'Folder',
    usedBy: 'Dashboards',
    updated: 'Changed',
    by: 'By',
    search: 'Filter by name, description or type',
    nothing: 'No library panels yet',
    nothingText:
      'A library panel is shown by several dashboards and changed in one place. In the editor of a panel, “Make it a library panel” puts it here.',
    noMatch: 'No library panel is like this',
    description: 'Description',
    shownBy: 'Shown by',
    nobody: 'No dashboard shows it',
    rename: 'Save name and folder',
    renamed: 'Saved',
    remove: 'Delete',
    removeTitle: (name: string) => `Delete ${name}`,
    removeText:
      'It is gone for good. Dashboards that were saved with it in their history lose it there.',
    removed: (name: string) => `${name} is deleted`,
    stillUsed: (count: string) =>
      `It cannot be deleted while dashboards show it (${count}): make it a panel of theirs first.`,
    changedMeanwhile: 'Somebody else has changed it meanwhile: load it again.',
  },
  ko: {
    library: '라이브러리 패널',
    name: '이름',
    type: '유형',
    folder: '폴더',
    usedBy: '대시보드',
    updated: '변경',
    by: '변경한 사람',
    search: '이름, 설명, 유형으로 거르기',
    nothing: '아직 라이브러리 패널이 없어요',
    nothingText:
      '라이브러리 패널은 여러 대시보드가 함께 보여 주고 한곳에서 바꿔요. 패널 편집기의 “라이브러리 패널로 만들기”로 추가해요.',
    noMatch: '조건에 맞는 라이브러리 패널이 없어요',
    description: '설명',
    shownBy: '보여 주는 곳',
    nobody: '보여 주는 대시보드가 없어요',
    rename: '이름과 폴더 저장',
    renamed: '저장했어요',
    remove: '삭제',
    removeTitle: (name) => `${name} 삭제`,
    removeText: '되돌릴 수 없어요. 이력에 이 패널이 있는 대시보드도 그 이력에서 잃어요.',
    removed: (name) => `${name}을(를) 삭제했어요`,
    stillUsed: (count) =>
      `대시보드 ${count}개가 보여 주고 있어 삭제할 수 없어요. 먼저 그 대시보드의 패널로 만들어 주세요.`,
    changedMeanwhile: '그사이 다른 사람이 바꿨어요. 다시 불러와 주세요.',
  },
});
