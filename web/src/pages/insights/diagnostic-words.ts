import type { WireDiagnostic } from '../../api/logs.ts';

/**
 * Korean for the sentences of the checker of queries. Keyed by the sentence, for that is what the
 * server and the checker in the browser both give; `{}` is a part that differs, and what is not here
 * stays English.
 */
const korean: Readonly<Record<string, string>> = {
  // messages
  'Query cannot be compiled': '쿼리를 해석할 수 없어요',
  'unexpected end of query': '쿼리가 끝나기 전에 더 써야 해요',
  'unexpected symbol found in a period': '기간을 읽을 수 없어요',
  'unexpected symbol found {}': '여기에 올 수 없는 기호예요: {}',
  'Unknown symbols found in or after stats: {}': 'stats 뒤에 없는 이름이에요: {}',
  'the command {} is not supported': '{} 명령은 지원하지 않아요',
  'Diff compilation Failed : Diff operation has to be used after Pattern':
    'diff는 pattern 뒤에만 쓸 수 있어요',
  'There is no lookup table named {} (did you mean "{}"?)':
    '{}(이)라는 조회 테이블이 없어요. "{}"을(를) 쓰려고 했나요?',
  'There is no lookup table named {}': '{}(이)라는 조회 테이블이 없어요',
  'Lookup table {} has no column {} (did you mean "{}"?)':
    '조회 테이블 {}에는 {} 열이 없어요. "{}"을(를) 쓰려고 했나요?',
  'Lookup table {} has no column {} (it has {})': '조회 테이블 {}에는 {} 열이 없어요. 있는 열: {}',
  'Lookup table {} has no column {}': '조회 테이블 {}에는 {} 열이 없어요',
  '{} is gone after stats: this sort has no effect':
    'stats 뒤에는 {}이(가) 없어서 이 정렬은 효과가 없어요',
  'The period {} is cut down to {}, as in CloudWatch':
    'CloudWatch처럼 기간 {}을(를) {}(으)로 줄여요',
  // what to do about it
  'Did you mean "{}"?': '"{}"을(를) 쓰려고 했나요?',
  'A command such as fields, filter or stats is expected here.':
    '여기에는 fields, filter, stats 같은 명령이 와야 해요.',
  'A field, a value or a function is expected here.': '여기에는 필드, 값, 함수가 와야 해요.',
  'A field, a value or a function is expected here; a field of this name needs backticks.':
    '여기에는 필드, 값, 함수가 와야 해요. 이 이름의 필드는 백틱으로 감싸 주세요.',
  '"{}" is missing {}.': '여기에 "{}" 기호가 있어야 해요.',
  'A list can stand after in only.': '리스트는 in 뒤에만 올 수 있어요.',
  'A period can stand inside bin(), datefloor() and dateceil() only.':
    '기간은 bin(), datefloor(), dateceil() 안에만 올 수 있어요.',
  'A regular expression can stand after like, =~ and parse only.':
    '정규식은 like, =~, parse 뒤에만 올 수 있어요.',
  'bin() needs @timestamp, which is gone after stats; use dateceil or datefloor on a column.':
    'stats 뒤에는 bin()에 필요한 @timestamp가 없어요. 열에 dateceil이나 datefloor를 써 주세요.',
  'A name is expected after "as".': '"as" 뒤에는 이름이 와야 해요.',
  'A number of rows is expected after "limit".': '"limit" 뒤에는 행 수가 와야 해요.',
  'A whole number from 1 to 100 is expected here.': '여기에는 1부터 100까지의 정수가 와야 해요.',
  'A /regex/ is expected here.': '여기에는 /정규식/이 와야 해요.',
  'Text in quotes is expected here.': '여기에는 따옴표로 감싼 텍스트가 와야 해요.',
  'The name of a field is expected here.': '여기에는 필드 이름이 와야 해요.',
  'Commands are separated by |.': '명령은 |로 나눠요.',
  'The query has no command.': '쿼리에 명령이 없어요.',
  'The expression is nested too deeply.': '식이 너무 깊이 중첩됐어요.',
  'It has too many commands, or functions nested too deeply.':
    '명령이 너무 많거나 함수가 너무 깊이 중첩됐어요.',
  'The limit is a whole number from 1 to {}.': 'limit은 1부터 {}까지의 정수예요.',
  'A query is at most {} characters long.': '쿼리는 {}자까지 쓸 수 있어요.',
  'A query may hold at most two stats.': '쿼리 하나에 stats는 두 번까지 쓸 수 있어요.',
  'With two stats, sort and limit must come after the second.':
    'stats가 둘이면 sort와 limit은 두 번째 stats 뒤에 와야 해요.',
  'After stats only its own columns can be named.':
    'stats 뒤에서는 stats가 만든 열만 쓸 수 있어요.',
  'stats needs an aggregate such as count(*).': 'stats에는 count(*) 같은 집계가 필요해요.',
  'A map or a list cannot be aggregated.': '맵이나 리스트는 집계할 수 없어요.',
  'A map or a list cannot stand here.': '맵이나 리스트는 여기에 올 수 없어요.',
  'offset may follow bin() only.': 'offset은 bin() 뒤에만 올 수 있어요.',
  'Only limit may follow dedup.': 'dedup 뒤에는 limit만 올 수 있어요.',
  'Put "pattern @message" right before diff.': 'diff 바로 앞에 "pattern @message"를 써 주세요.',
  'anomaly has to be used after pattern.': 'anomaly는 pattern 뒤에만 쓸 수 있어요.',
  'diff knows previousDay, previousWeek and previousMonth.':
    'diff에는 previousDay, previousWeek, previousMonth를 쓸 수 있어요.',
  'A period is a number with a unit: 30s, 5m, 1h, 1d, 1w, 1mo.':
    '기간은 숫자와 단위로 써요: 30s, 5m, 1h, 1d, 1w, 1mo.',
  'Use the next larger unit.': '더 큰 단위를 써 주세요.',
  '"{}" stands for no part of a date: write {}.':
    '"{}"은(는) 날짜의 어느 부분도 아니에요. 이렇게 써 주세요: {}',
  'There is no time zone named {}: write Asia/Seoul or UTC.':
    '{}(이)라는 시간대가 없어요. Asia/Seoul이나 UTC처럼 써 주세요.',
  '{} needs a period.': '{}에는 기간이 필요해요.',
  'This argument must be text in quotes.': '이 인수는 따옴표로 감싼 텍스트여야 해요.',
  '{} is called as {}.': '{}은(는) 이렇게 호출해요: {}',
  '{}() can stand in stats only.': '{}()은(는) stats 안에서만 쓸 수 있어요.',
  'There is no function named {}.': '{}(이)라는 함수가 없어요.',
  'The percentile is a number from 0 to 100.': '백분위수는 0부터 100까지의 숫자예요.',
  'This must be a positive number.': '양수여야 해요.',
  '{} cannot be redefined.': '{}은(는) 다시 정의할 수 없어요.',
  'This regular expression has no closing /.': '정규식을 닫는 /가 없어요.',
  'This field name has no closing `.': '필드 이름을 닫는 `가 없어요.',
  'This string has no closing {}.': '문자열을 닫는 {} 기호가 없어요.',
  'In this regular expression: look-around is not supported.':
    '정규식에서 전방·후방 탐색은 쓸 수 없어요.',
  'In this regular expression: back-references are not supported.':
    '정규식에서 역참조는 쓸 수 없어요.',
  'In this regular expression: atomic groups are not supported.':
    '정규식에서 원자 그룹은 쓸 수 없어요.',
  'In this regular expression: possessive quantifiers are not supported.':
    '정규식에서 소유 수량자는 쓸 수 없어요.',
  'In this regular expression: a backslash at the end escapes nothing.':
    '정규식 끝의 백슬래시 뒤에 문자가 없어요.',
  'In this regular expression: the name of this group is not valid.':
    '정규식 그룹 이름이 올바르지 않아요.',
  'In this regular expression: a regular expression is at most {} characters long.':
    '정규식은 {}자까지 쓸 수 있어요.',
  'In this regular expression: {} is not supported.': '정규식에서 {}은(는) 쓸 수 없어요.',
  'In this regular expression: {}.': '정규식에 문제가 있어요: {}.',
  'Put a field name with special characters in backticks, and text in quotes.':
    '특수 문자가 있는 필드 이름은 백틱으로, 텍스트는 따옴표로 감싸 주세요.',
  'The expression needs named groups, such as /user=(?<user>\\S+)/.':
    '정규식에 /user=(?<user>\\S+)/ 같은 이름 붙은 그룹이 필요해요.',
  'The expression has {} unnamed groups but "as" gives {} names.':
    '정규식의 이름 없는 그룹은 {}개인데 "as"의 이름은 {}개예요.',
  'The pattern has {} * but "as" gives {} names.': '패턴의 *는 {}개인데 "as"의 이름은 {}개예요.',
  'parse … csv wants names: csv as a, b.': 'parse … csv에는 이름이 필요해요: csv as a, b.',
  'parse wants a "glob *", a /regex/, logfmt or csv after the field.':
    'parse는 필드 뒤에 "glob *", /정규식/, logfmt, csv 중 하나가 필요해요.',
  'json wants a key in quotes, such as "a.b".': 'json에는 "a.b"처럼 따옴표로 감싼 키가 필요해요.',
  'fillmissing wants the value to put in: fillmissing 0 field.':
    'fillmissing에는 채울 값이 필요해요: fillmissing 0 field.',
  'OUTPUT or OUTPUTNEW with the columns to add is missing.':
    '붙일 열을 적는 OUTPUT이나 OUTPUTNEW가 없어요.',
  'SOURCE stands at the beginning of a query.': 'SOURCE는 쿼리 맨 앞에 와야 해요.',
  'SOURCE wants logGroups(…) or names in quotes.':
    'SOURCE에는 logGroups(…)나 따옴표로 감싼 이름이 필요해요.',
  'logGroups knows namePrefix, accountIdentifiers and class.':
    'logGroups에는 namePrefix, accountIdentifiers, class를 쓸 수 있어요.',
  'A join is of type inner or left.': 'join의 type은 inner나 left예요.',
  'join is written: join type=inner left=a right=b where a.key=b.key (SOURCE …).':
    'join은 이렇게 써요: join type=inner left=a right=b where a.key=b.key (SOURCE …).',
  'A key of each side is compared: {}.key={}.key.': '양쪽의 키를 비교해야 해요: {}.key={}.key.',
  'The sides of a join need different names.': 'join의 양쪽 이름은 서로 달라야 해요.',
  'A query can hold one join.': '쿼리 하나에 join은 한 번만 쓸 수 있어요.',
  'A map or a list cannot be a key.': '맵이나 리스트는 키가 될 수 없어요.',
  '{} cannot stand in the other side of a join.': '{}은(는) join의 다른 쪽에 쓸 수 없어요.',
  'join wants a name for each side: left=a right=b.':
    'join은 양쪽 이름이 필요해요: left=a right=b.',
  'A subquery after "in" must give exactly one column: end it with fields or stats … by.':
    '"in" 뒤의 하위 쿼리는 열을 하나만 내야 해요. fields나 stats … by로 끝내 주세요.',
  'A subquery cannot hold another subquery, and a query at most ten of them.':
    '하위 쿼리 안에는 하위 쿼리를 넣을 수 없고, 쿼리 하나에 열 개까지 쓸 수 있어요.',
};

const rules = Object.entries(korean).map(([english, text]) => ({
  pattern: new RegExp(`^${english.split('{}').map(RegExp.escape).join('(.+?)')}$`, 's'),
  parts: text.split('{}'),
}));

function inKorean(sentence: string): string {
  const trimmed = sentence.trim();
  for (const { pattern, parts } of rules) {
    const match = pattern.exec(trimmed);
    if (match !== null) return parts.map((part, i) => part + (match[i + 1] ?? '')).join('');
  }
  return sentence;
}

/** The diagnostic in the person's language; what has no wording stays as the server says it. */
export function inLanguage(diagnostic: WireDiagnostic, language: 'en' | 'ko'): WireDiagnostic {
  if (language === 'en') return diagnostic;
  return {
    ...diagnostic,
    message: inKorean(diagnostic.message),
    ...(diagnostic.hint === undefined ? {} : { hint: inKorean(diagnostic.hint) }),
  };
}
