import { defineMessages } from '../../../i18n/messages.ts';

export const templatesWords = defineMessages({
  en: {
    none: 'No templates',
    noneText: 'Templates give messages their words: contact points call them by name.',
    ofFile: 'Templates of an alertmanager.yml are files that its key templates names.',
    add: 'Add template',
    name: 'Name of the template group',
    content: 'Content',
    save: 'Save template',
    preview: 'Preview',
    with: 'Shown with',
    sample: 'Made up alerts',
    current: 'Alerts that fire now',
    outside: 'Text outside of definitions',
    deleteAsk: (name: string) => `Delete the template ${name}?`,
    needName: 'Give it a name',
    example:
      '{{ define "team.title" }}{{ len .Alerts.Firing }} × {{ .CommonLabels.alertname }}{{ end }}',
  },
  ko: {
    none: '템플릿이 없어요',
    noneText: '메시지에 쓸 문구예요. 연락처에서 이름으로 불러요.',
    ofFile: 'alertmanager.yml의 템플릿은 templates 키가 가리키는 파일이에요.',
    add: '템플릿 추가',
    name: '템플릿 그룹 이름',
    content: '내용',
    save: '템플릿 저장',
    preview: '미리 보기',
    with: '보여 줄 알림',
    sample: '가상의 알림',
    current: '지금 발생한 알림',
    outside: '정의 밖의 텍스트',
    deleteAsk: (name) => `템플릿 ${name}을(를) 삭제할까요?`,
    needName: '이름을 적어 주세요',
    example:
      '{{ define "team.title" }}{{ len .Alerts.Firing }} × {{ .CommonLabels.alertname }}{{ end }}',
  },
});
