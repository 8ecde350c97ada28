import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkText, filterRecord } from '../fluentbit/testing.ts';

const parsers = {
  'p.conf': `[PARSER]
  Name kv
  Format regex
  Regex ^(?<k>[^=]+)=(?<v>.*)$
[PARSER]
  Name num
  Format regex
  Regex ^(?<code>\\d+) (?<ms>[\\d.]+) ?(?<rest>.*)$
  Types code:integer ms:float
[PARSER]
  Name js
  Format json
  Decode_Field_As json inner
`,
};

/** Lines of one filter section, a record, and the record that comes out; undefined: dropped. */
function f(name: string, lines: string, input: string, want: string | undefined): void {
  it(`${name}: ${lines.trim().replaceAll('\n', '; ')} on ${input}`, async () => {
    const section = lines
      .split('\n')
      .map((line) => `  ${line.trim()}\n`)
      .join('');
    const { config, problems } = checkText(
      `[SERVICE]\n  Parsers_File p.conf\n[FILTER]\n  Name ${name}\n  Match *\n${section}`,
      { files: parsers },
    );
    assert.deepEqual(problems, []);
    assert.equal((await filterRecord(config, input)).out, want);
  });
}

describe('grep', () => {
  f('grep', 'Regex log ^a', '{"log":"abc"}', '{"log":"abc"}');
  f('grep', 'Regex log ^a', '{"log":"bc"}', undefined);
  f('grep', 'Regex log ^a', '{"x":"abc"}', undefined);
  f('grep', 'Exclude log a', '{"x":"abc"}', '{"x":"abc"}');
  f('grep', 'Exclude n 1', '{"n":1}', '{"n":1}'); // only text can match
  f('grep', 'Regex log a\nExclude log b', '{"log":"ab"}', '{"log":"ab"}'); // the first hit keeps at once
  f('grep', 'Exclude log b\nRegex log a', '{"log":"ab"}', undefined);
  f('grep', "Exclude $kubernetes['ns'] ^dev$", '{"kubernetes":{"ns":"dev"}}', undefined);
  f('grep', 'Logical_Op or\nRegex a x\nRegex b y', '{"b":"y"}', '{"b":"y"}');
  f('grep', 'Logical_Op and\nExclude a x\nExclude b y', '{"b":"y"}', '{"b":"y"}');
});

describe('modify', () => {
  f('modify', 'Rename a b', '{"a":1,"c":2}', '{"b":1,"c":2}');
  f('modify', 'Rename a c', '{"a":1,"c":2}', '{"a":1,"c":2}');
  f('modify', 'Hard_rename a c', '{"a":1,"c":2}', '{"c":1}');
  f('modify', 'Set a new', '{"a":1,"c":2}', '{"c":2,"a":"new"}');
  f('modify', 'Add a new value', '{"c":2}', '{"c":2,"a":"new value"}');
  f('modify', 'Remove a', '{"a":1,"c":2}', '{"c":2}');
  f('modify', 'Remove_wildcard a', '{"ab":1,"ac":2,"b":3}', '{"b":3}');
  f('modify', 'Remove_regex [A-Z]', '{"aB":1,"c":2}', '{"c":2}');
  f('modify', 'Copy a b', '{"a":1,"c":2}', '{"a":1,"b":1,"c":2}');
  f('modify', 'Move_to_start c', '{"a":1,"c":2}', '{"c":2,"a":1}');
  f('modify', 'Move_to_end a', '{"a":1,"c":2}', '{"c":2,"a":1}');
  f('modify', 'Condition key_exists a\nSet b 1', '{"c":2}', '{"c":2}');
  f('modify', 'Condition key_value_matches a ^x\nSet b 1', '{"a":"xy"}', '{"a":"xy","b":"1"}');
  f('modify', 'Condition no_key_matches ^z\nSet b 1', '{"a":"xy"}', '{"a":"xy","b":"1"}');
});

describe('nest', () => {
  f(
    'nest',
    'Operation nest\nWildcard a.*\nNest_under n\nRemove_prefix a.',
    '{"a.x":1,"b":2,"a.y":3}',
    '{"b":2,"n":{"x":1,"y":3}}',
  );
  f(
    'nest',
    'Operation lift\nNested_under n\nAdd_prefix p_',
    '{"n":{"x":1},"b":2}',
    '{"b":2,"p_x":1}',
  );
  f('nest', 'Operation lift\nNested_under n', '{"b":2}', '{"b":2}');
});

describe('record_modifier', () => {
  f('record_modifier', 'Record host h 1\nRemove_key a', '{"a":1,"b":2}', '{"b":2,"host":"h 1"}');
  f('record_modifier', 'Allowlist_key a', '{"a":1,"b":2}', '{"a":1}');
});

describe('parser', () => {
  f('parser', 'Key_Name log\nParser num\nParser kv', '{"log":"a=b","x":1}', '{"k":"a","v":"b"}');
  f(
    'parser',
    'Key_Name log\nParser num\nReserve_Data on',
    '{"log":"200 1 ","x":1}',
    '{"code":200,"ms":1.0,"x":1}',
  );
  f(
    'parser',
    'Key_Name log\nParser num\nPreserve_Key on',
    '{"log":"200 1.50","x":1}',
    '{"code":200,"ms":1.5,"log":"200 1.50"}',
  );
  f('parser', 'Key_Name log\nParser num', '{"log":"nothing"}', '{"log":"nothing"}');
  f(
    'parser',
    'Key_Name log\nParser js',
    '{"log":"{\\"inner\\":\\"{\\\\\\"n\\\\\\":18446744073709551615}\\"}"}',
    '{"inner":{"n":18446744073709551615}}',
  );
});

describe('type_converter and expect', () => {
  f(
    'type_converter',
    'str_key a b integer\nint_key n s string',
    '{"a":"42","n":7}',
    '{"a":"42","n":7,"b":42,"s":"7"}',
  );
  f('expect', 'key_exists $a\naction result_key', '{"b":1}', '{"b":1,"matched":false}');
});

describe('throttle', () => {
  it('keeps rate times window events', async () => {
    const { config } = checkText('[FILTER]\n  Name throttle\n  Match *\n  Rate 2\n  Window 3\n');
    let kept = 0;
    for (let i = 0; i < 20; i++)
      if ((await filterRecord(config, '{"a":1}')).out !== undefined) kept++;
    assert.equal(kept, 6);
  });
});

describe('rewrite_tag', () => {
  const rule = (text: string) =>
    checkText(`[FILTER]\n  Name rewrite_tag\n  Match *\n  Rule ${text}\n`);
  it('sends a copy on and keeps the event', async () => {
    const { config } = rule("$log ^(\\w+)-(\\d) new.$TAG[1].$2.$kubernetes['ns'] true");
    const result = await filterRecord(config, '{"log":"ab-7","kubernetes":{"ns":"x"}}');
    assert.deepEqual(
      result.reemitted.map(({ tag }) => tag),
      ['new.tag.7.x'],
    );
    assert.notEqual(result.out, undefined);
  });
  it('cuts a circle', async () => {
    const { config } = rule('$log .* test.tag false');
    const result = await filterRecord(config, '{"log":"ab"}');
    assert.deepEqual([result.out, result.reemitted], ['{"log":"ab"}', []]);
  });
  it('wants a KEEP', () =>
    assert.match(rule('$log a b maybe').problems[0]!, /KEEP must be true or false, not 'maybe'/));
});
