import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tagWildcard } from './load.ts';
import { checkText } from './testing.ts';
import { parseBinarySize, parseBoolean, parseSecondsMs, parseSize, splitWords } from './values.ts';

describe('classic files', () => {
  const bad = (name: string, text: string, ...want: string[]): void =>
    void it(`refuses ${name}`, () =>
      assert.deepEqual(
        checkText(text).problems,
        want.map((line) => `error in main.conf:${line}`),
      ));
  const tail = '[INPUT]\n  Name tail\n  Path /x\n';
  bad(
    'a key without a value',
    '[INPUT]\n  Name\n',
    '2: undefined value - check config is in valid classic format',
    "1: section 'input' is missing the 'name' property",
  );
  bad(
    'a header without its end',
    '[SERVICE\n  Flush 1\n',
    '1: bad header definition: [SERVICE',
    '2: flush stands before any section',
  );
  bad(
    'a tab where spaces are',
    `${tail}\tTag x\n`,
    '4: inconsistent use of tab and space: invalid indentation level',
  );
  bad(
    'a shallower line',
    `${tail} Tag x\n`,
    '4: indentation level is too low: invalid indentation level',
  );
  bad(
    'a key at the margin',
    `${tail}Tag x\n`,
    '4: indentation level is too low: invalid indentation level',
  );
  bad(
    'a deeper line',
    `${tail}   Tag x\n`,
    '4: extra indentation level found: invalid indentation level',
  );
  bad(
    'an unknown plugin',
    '[OUTPUT]\n  Name cloudwach\n  Match *\n',
    "2: [config] section 'output' tried to instance a plugin name that doesn't exist: 'cloudwach'",
  );
  bad(
    'a bool in digits',
    `${tail}  Read_from_Head 1\n`,
    "4: [config] tail: invalid value for boolean property 'read_from_head=1'",
  );
  bad(
    'a size with a wrong unit',
    `${tail}  Mem_Buf_Limit 5X\n`,
    "4: [config] tail: invalid value for size property 'mem_buf_limit=5X'",
  );
  bad(
    'a key that stands twice',
    `${tail}  Tag a\n  Tag b\n`,
    "5: [config] tail: configuration property 'tag' is set 2 times",
  );
  bad('tail without a path', '[INPUT]\n  Name tail\n', "1: tail: no input 'path' was given");
  bad(
    'too few words',
    '[FILTER]\n  Name grep\n  Match *\n  Regex log\n',
    "4: [config] grep: property 'regex' expects 2 values (only 1 were found)",
  );
  bad(
    'both kinds under AND',
    '[FILTER]\n  Name grep\n  Match *\n  Regex a b\n  Exclude c d\n  Logical_Op and\n',
    "6: grep: Both 'regex' and 'exclude' are set.",
  );
  bad(
    'a missing include',
    '@INCLUDE nope.conf\n',
    '1: could not open configuration file nope.conf: ENOENT',
  );
  bad(
    'a parser in the main file',
    '[PARSER]\n  Name x\n  Format json\n',
    "1: sections 'multiline_parser' and 'parser' are not valid in the main configuration file. They belong in the 'parsers_file' of the service section",
  );
  bad(
    'small buffers',
    `${tail}  Buffer_Chunk_Size 64k\n  Buffer_Max_Size 32k\n`,
    '5: tail: buffer_max_size must be >= buffer_chunk',
  );
  bad(
    'a bad regex',
    '[FILTER]\n  Name grep\n  Match *\n  Exclude log (a\n',
    '4: The pattern (a has a "(" without a ")" (at character 1). Patterns are in Ruby syntax, as in Fluent Bit',
  );

  it('names an unknown option and what is allowed', () => {
    const [problem] = checkText('[FILTER]\n  Name throttle\n  Match *\n  rat 5\n').problems;
    assert.equal(
      problem,
      "error in main.conf:4: [config] throttle: unknown configuration property 'rat'. The following properties are allowed: alias, interval, log_level, log_suppress_interval, match, match_regex, name, print_status, rate, retain, window",
    );
  });
  it('names plugins that it has not, with what it has', () => {
    const { problems } = checkText('[FILTER]\n  Name lua\n  Match *\n');
    assert.match(
      problems[0]!,
      /main\.conf:2: \[config\] the filter plugin 'lua' is not supported\. Supported are: aws,/,
    );
  });
  it('gives all problems of all files', () => {
    const { problems } = checkText(
      '@INCLUDE a.conf\n[OUTPUT]\n  Name null\n  Match *\n  nope x\n',
      {
        files: { 'a.conf': '[INPUT]\n    Name tail\n' },
      },
    );
    assert.equal(problems.length, 2);
    assert.match(problems[0]!, /a\.conf:1: tail: no input 'path' was given/);
  });
  it('refuses the same file twice', () => {
    const { problems } = checkText('@INCLUDE a*.conf\n@INCLUDE a.conf\n', {
      files: { 'a.conf': '' },
    });
    assert.deepEqual(
      problems,
      ['error in main.conf:2: Read twice: a.conf'].map((line) =>
        line.replace('a.conf', problems[0]!.slice(problems[0]!.lastIndexOf(' ') + 1)),
      ),
    );
  });
  it('takes no comment behind a value, spaces in headers, CRLF, and an indented include', () => {
    const { config, problems, warnings } = checkText(
      '[ SERVICE ]\r\n  Flush 0.2\r\n  @INCLUDE o.conf\r\n',
      {
        files: { 'o.conf': '# note\n[output]\n   # note\n   name null\n   match a # b\n' },
      },
    );
    assert.deepEqual(problems, []);
    assert.match(warnings[0]!, /an indented @INCLUDE/);
    assert.equal(config.service.pipeline.flushMs, 200);
    assert.equal(config.pipeline.outputs[0]!.match('a # b'), true);
  });
  it('expands variables; one that is empty leaves its option unset', () => {
    const { config, problems, warnings } = checkText(
      `@SET dir=/logs\n[INPUT]\n  Name tail\n  Path \${dir}/\${NAME}.log\n  Read_from_Head \${UNSET}\n  Tag \${X:-y}\n`,
      { env: { NAME: 'app' } },
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(warnings, [
      `error in main.conf:5: [env] variable \${UNSET} is used but not set`,
    ]);
    const { input } = config.pipeline.inputs[0]!;
    assert.ok('tail' in input);
    assert.deepEqual(
      [input.tail.paths, input.tail.readFromHead, input.tail.tag],
      [['/logs/app.log'], false, 'y'],
    );
  });
  it('a variable holds wherever its @SET stands, the last one counts, before the environment', () => {
    const { config, problems } = checkText(
      `@SET dir=/a\n[INPUT]\n  Name tail\n  Path \${dir}/x.log\n  Tag \${tag}\n@SET tag=t\n@SET dir=/b\n`,
      { env: { dir: '/c' } },
    );
    assert.deepEqual(problems, []);
    const { input } = config.pipeline.inputs[0]!;
    assert.ok('tail' in input);
    assert.deepEqual([input.tail.paths, input.tail.tag], [['/b/x.log'], 't']);
  });
  it('an unknown type of a parser is a warning', () => {
    const { problems, warnings } = checkText('[SERVICE]\n  Parsers_File p.conf\n', {
      files: { 'p.conf': '[PARSER]\n  Name p\n  Format logfmt\n  Types a:number b:bool\n' },
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(warnings, [
      "error in p.conf:1: parser p: the type of 'a:number' is not known, the value stays a string. Types are integer, float, bool, string and hex",
    ]);
  });
  it('reads retry limits, storage and sizes', () => {
    const { config } = checkText(
      '[INPUT]\n  Name dummy\n  storage.type filesystem\n  Mem_Buf_Limit 50MB\n[OUTPUT]\n  Name null\n  Match *\n  Retry_Limit no_limits\n  storage.total_limit_size 1G\n',
    );
    assert.deepEqual(
      [
        config.pipeline.inputs[0]!.storage,
        config.pipeline.inputs[0]!.memBufLimitBytes,
        config.pipeline.outputs[0]!.retryLimit,
        config.pipeline.outputs[0]!.totalLimitBytes,
      ],
      ['filesystem', 50_000_000, 'unlimited', 1e9],
    );
  });
  const retries = (line: string, want: number | 'unlimited'): void =>
    void it(`"${line}" means ${want} retries`, () => {
      const { config } = checkText(
        `[INPUT]\n  Name dummy\n[OUTPUT]\n  Name null\n  Match *\n${line}`,
      );
      assert.equal(config.pipeline.outputs[0]!.retryLimit, want);
    });
  retries('', 'unlimited');
  retries('  Retry_Limit 1\n', 1);
  retries('  Retry_Limit 7\n', 7);
  retries('  Retry_Limit no_retries\n', 0);
  retries('  Retry_Limit False\n', 'unlimited');
});

describe('YAML files', () => {
  it('reads a pipeline, parsers, env and camelCase keys', () => {
    const { config, problems } = checkText(
      `env:\n  DIR: /logs\nservice:\n  flush: 0.5\nparsers:\n  - name: j\n    format: json\nmultiline_parsers:\n  - name: m\n    type: regex\n    rules:\n      - state: start_state\n        regex: '/^\\d+/'\n        next_state: cont\n      - state: cont\n        regex: '/^\\s+/'\n        next_state: cont\npipeline:\n  inputs:\n    - name: tail\n      path: \${DIR}/*.log\n      readFromHead: on\n      multiline.parser: [m, cri]\n      parser: j\n  filters:\n    - name: grep\n      match: '*'\n      exclude:\n        - log a\n        - log b\n  outputs:\n    - name: 'null'\n      match: '*'\n`,
      { name: 'main.yaml' },
    );
    assert.deepEqual(problems, []);
    const { input } = config.pipeline.inputs[0]!;
    assert.ok('tail' in input);
    assert.deepEqual(
      [
        input.tail.paths,
        input.tail.readFromHead,
        input.tail.parser?.name,
        input.tail.multiline?.map(({ name }) => name),
      ],
      [['/logs/*.log'], true, 'j', ['m', 'cri']],
    );
    assert.equal(config.service.pipeline.flushMs, 500);
  });
  const withProcessors = (processors: string, under = 'inputs'): string =>
    `pipeline:\n  ${under}:\n    - name: dummy\n      processors:\n${processors}`;
  it('reads the processors of an input', () => {
    const { config, problems, warnings } = checkText(
      withProcessors(
        `        logs:\n          - name: grep\n            regex: log a\n          - name: modify\n            alias: m\n            add: [b 1, c 2]\n        metrics: []\n`,
      ),
      { name: 'main.yaml' },
    );
    assert.deepEqual(problems, []);
    assert.equal(warnings.length, 1);
    assert.deepEqual(
      config.pipeline.inputs[0]!.processors?.map(({ name }) => name),
      ['processor.grep.0', 'm'],
    );
  });
  const badProcessors = (what: string, processors: string, want: RegExp, under = 'inputs'): void =>
    void it(`refuses ${what}`, () => {
      const { problems } = checkText(withProcessors(processors, under), { name: 'main.yaml' });
      assert.match(problems.join('\n'), want);
    });
  badProcessors(
    'a processor that is not supported',
    '        logs:\n          - name: content_modifier\n',
    /main\.yaml:6: \[config\] the processor plugin 'content_modifier' is not supported\. Supported are: aws, /,
  );
  badProcessors(
    'a signal that is none',
    '        log: []\n',
    /main\.yaml:5: unknown section 'processors\.log'/,
  );
  badProcessors(
    'processors of an output',
    '        logs:\n          - name: grep\n',
    /main\.yaml:5: processors are supported under inputs alone, not under outputs/,
    'outputs',
  );
  it('names the place of a mistake', () => {
    const { problems } = checkText('pipeline:\n  inputs:\n    - name: tail\n   path: x\n', {
      name: 'main.yml',
    });
    assert.match(
      problems[0]!,
      /error in main\.yml:\d+: \[config\] YAML error found in file "main\.yml", line \d+, column \d+: /,
    );
  });
  it('names unknown sections', () => {
    assert.deepEqual(checkText('pipelin: {}\n', { name: 'main.yaml' }).problems, [
      "error in main.yaml:1: unknown section 'pipelin'",
    ]);
  });
});

describe('multiline parsers', () => {
  const bad = (rules: string, message: RegExp): void =>
    void it(`refuses ${rules.trim()}`, () => {
      const { problems } = checkText('[SERVICE]\n  Parsers_File p.conf\n', {
        files: { 'p.conf': `[MULTILINE_PARSER]\n  name m\n  type regex\n${rules}` },
      });
      assert.match(problems[0]!, message);
    });
  bad(
    '  rule "cont" "/x/" "cont"\n',
    /p\.conf:4: multiline_parser: rule don't contain a 'start_state'/,
  );
  bad('  rule "start_state" "/x/" "nowhere"\n', /leads to the state 'nowhere'/);
});

describe('values', () => {
  const f = (got: unknown, want: unknown): void =>
    void it(`gives ${JSON.stringify(want)}`, () => assert.deepEqual(got, want));
  f(
    [parseBoolean('On'), parseBoolean('no'), parseBoolean('1'), parseBoolean('')],
    [true, false, undefined, undefined],
  );
  f(
    [parseSize('50MB'), parseSize('1k'), parseSize('7'), parseSize('false'), parseSize('1T')],
    [50_000_000, 1000, 7, 0, undefined],
  );
  f(parseBinarySize('2MB'), 2_097_152);
  f(
    [parseSecondsMs('10'), parseSecondsMs('2m'), parseSecondsMs('x')],
    [10_000, 120_000, undefined],
  );
  f(splitWords('"start state" "/a b\\"/" end'), ['start state', '/a b"/', 'end']);
  f(splitWords('log ^a  b$', 2), ['log', '^a  b$']);
  f(
    ['*', 'a.*', '*.log', 'a*c', 'a.b', 'a*b*c'].map((pattern) => tagWildcard(pattern)('a.b')),
    [true, true, false, false, true, false],
  );
});
