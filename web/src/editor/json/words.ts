import { defineMessages } from '../../i18n/messages.ts';

export const jsonWords = defineMessages({
  en: {
    at: (line: string, column: string, reason: string) =>
      `Line ${line}, column ${column}: ${reason}`,
    problems: {
      unexpected: (found: string) => `“${found}” is not expected here`,
      end: (_found: string) => 'the text ends too early',
      unclosedText: (_found: string) => 'a text begins here and is not closed in its line',
      badEscape: (_found: string) => 'a backslash that stands for nothing',
      control: (_found: string) => 'a control character within a text',
      after: (found: string) => `“${found}” stands after the end of the document`,
      depth: (_found: string) => 'too many levels',
    },
    phrases: {
      Find: 'Find',
      Replace: 'Replace',
      next: 'next',
      previous: 'previous',
      all: 'all',
      'match case': 'match case',
      regexp: 'pattern',
      'by word': 'whole words',
      replace: 'replace',
      'replace all': 'replace all',
      close: 'close',
    },
  },
  ko: {
    at: (line, column, reason) => `${line}행 ${column}열: ${reason}`,
    problems: {
      unexpected: (found) => `여기에 “${found}”이(가) 올 수 없어요`,
      end: () => '글이 너무 일찍 끝나요',
      unclosedText: () => '여기서 시작한 문자열이 그 줄에서 닫히지 않아요',
      badEscape: () => '뜻이 없는 역슬래시예요',
      control: () => '문자열 안의 제어 문자예요',
      after: (found) => `문서가 끝난 뒤에 “${found}”이(가) 있어요`,
      depth: () => '단계가 너무 깊어요',
    },
    phrases: {
      Find: '찾기',
      Replace: '바꾸기',
      next: '다음',
      previous: '이전',
      all: '전체',
      'match case': '대소문자 구분',
      regexp: '패턴',
      'by word': '단어 단위',
      replace: '바꾸기',
      'replace all': '모두 바꾸기',
      close: '닫기',
    },
  },
});
