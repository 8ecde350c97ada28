import { defineMessages } from '../i18n/messages.ts';

/** What the running of a dashboard may say. */
export const runtimeWords = defineMessages({
  en: {
    noDataSource: (name: string) =>
      name === '' ? 'There is no data source' : `There is no data source “${name}”`,
    noSharedPanel: (id: string) =>
      `It shows the answers of panel ${id}, which is not there or shows those of this one`,
    podEvents: 'Cluster events',
    changes: 'Changes',
    alerts: 'Firing alerts',
  },
  ko: {
    noDataSource: (name) =>
      name === '' ? '데이터 소스가 없어요' : `“${name}” 데이터 소스가 없어요`,
    noSharedPanel: (id) =>
      `패널 ${id}의 응답을 보여 주는데, 그 패널이 없거나 이 패널의 응답을 보여 줘요`,
    podEvents: '클러스터 이벤트',
    changes: '변경',
    alerts: '발생한 알림',
  },
});
