import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkQuery } from '../../../../src/logs/insights/compile.ts';
import { diagnosticCodes, wordsOf } from '../../../../src/logs/insights/messages.ts';
import { inLanguage } from './diagnostic-words.ts';

const one = {
  severity: 'error',
  code: 'SOMETHING_NEW',
  params: {},
  message: 'Something new',
  startOffset: 0,
  endOffset: 1,
  line: 1,
  column: 1,
} as const;

/** What stands in the messages; the words of people's queries are not translated. */
const params = Object.fromEntries(
  'symbol name signature missing where command stars names groups fault from to max left right table column part example zone'
    .split(' ')
    .map((name) => [name, 'X']),
);

describe('what is wrong with a query, in Korean', () => {
  const says = (text: string, message: string, hint: string): void => {
    it(`${text}: ${message}`, () => {
      const [first] = checkQuery(text).map((one) => inLanguage(one, 'ko'));
      assert.equal(first?.message, message);
      assert.equal(first?.hint, hint);
    });
  };
  says(
    'fields @timestamp | filtr x',
    '여기에 올 수 없는 기호예요: filtr',
    '"filter"을(를) 쓰려고 했나요?',
  );
  says(
    'fields a | diff',
    'diff는 pattern 뒤에만 쓸 수 있어요',
    'diff 바로 앞에 "pattern @message"를 써 주세요.',
  );
  says('filter a like /x', '여기에 올 수 없는 기호예요: /', '정규식을 닫는 /가 없어요.');
  says('pattern', '쿼리가 끝나기 전에 더 써야 해요', '여기에는 필드, 값, 함수가 와야 해요.');
  says('fields a | limit x', '여기에 올 수 없는 기호예요: x', '"limit" 뒤에는 행 수가 와야 해요.');
  says(
    'parse @message /(a)/ as x, y',
    '쿼리를 해석할 수 없어요',
    '정규식의 이름 없는 그룹은 1개인데 "as"의 이름은 2개예요.',
  );
  says(
    'stats count(*) by a | sort b',
    'stats 뒤에 없는 이름이에요: b',
    'stats 뒤에서는 stats가 만든 열만 쓸 수 있어요.',
  );

  it('has words for every code', () => {
    for (const code of diagnosticCodes) {
      for (const given of [params, { ...params, near: 'Y' }, { ...params, columns: 'Y' }]) {
        const { message, hint } = wordsOf(code, given);
        const korean = inLanguage({ ...one, message, ...(hint && { hint }) }, 'ko');
        assert.match(korean.message, /\p{Script=Hangul}/u, `${code}: ${message}`);
        if (hint !== undefined) assert.match(korean.hint ?? '', /\p{Script=Hangul}/u, hint);
      }
    }
  });

  it('leaves English as it is, and what it does not know', () => {
    assert.equal(inLanguage(one, 'ko').message, 'Something new');
    assert.equal(
      inLanguage({ ...one, message: 'Use the next larger unit.' }, 'en').message,
      'Use the next larger unit.',
    );
  });
});
