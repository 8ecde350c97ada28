import { criParser, dockerParser } from './container-parsers.ts';
import type { MultilineRule, MultilineSpec } from './spec.ts';

const rule = (from: string, pattern: RegExp, to: string): MultilineRule => ({
  from: from.split(',').map((state) => state.trim()),
  pattern: { test: (text) => pattern.test(text) },
  to,
});

const regexSpec = (name: string, rules: readonly MultilineRule[]): MultilineSpec => ({
  name,
  type: 'regex',
  rules,
});

/** The multiline parsers that need no section in a parsers file. */
export const builtinMultiline: ReadonlyMap<string, MultilineSpec> = new Map(
  [
    {
      name: 'cri',
      type: 'equal' as const,
      matchString: 'F',
      parser: criParser,
      keyContent: 'log',
      keyPattern: '_p',
      keyGroup: 'stream',
      rules: [],
    },
    {
      name: 'docker',
      type: 'endswith' as const,
      matchString: '\n',
      parser: dockerParser,
      keyContent: 'log',
      keyGroup: 'stream',
      rules: [],
    },
    regexSpec('go', [
      rule('start_state', /\bpanic: /, 'after_panic'),
      rule('start_state', /http: panic serving/, 'goroutine'),
      rule('after_panic', /^\s*$/, 'goroutine'),
      rule('after_panic', /^\[signal /, 'after_signal'),
      rule('after_signal', /^\s*$/, 'goroutine'),
      rule('goroutine', /^goroutine \d+ \[[^\]]+\]:$/, 'frame_1'),
      rule('frame_1', /^(?:[^\s.:]+\.)*[^\s.():]+\(|^created by /, 'frame_2'),
      rule('frame_2', /^\s/, 'frame_1'),
      rule('frame_1', /^\s*$/, 'goroutine'),
    ]),
    regexSpec('java', [
      rule(
        'start_state, start_exception',
        /.(?:Exception|Error|Throwable|V8 errors stack trace)[:\r\n]/,
        'after',
      ),
      // A line feed is not part of the line here: the name may also end the line.
      rule('start_state, start_exception', /.(?:Exception|Error|Throwable)$/, 'after'),
      rule('after', /^[\t ]*nested exception is:[\t ]*/, 'start_exception'),
      rule('after', /^[\r\n]*$/, 'after'),
      rule('after, java', /^[\t ]+(?:eval )?at /, 'java'),
      rule('after, java', /^[\t ]+--- End of inner exception stack trace ---$/, 'java'),
      rule(
        'after, java',
        /^--- End of stack trace from previous (?:location where exception was thrown|context) ---$/,
        'java',
      ),
      rule('after, java', /^[\t ]*(?:Caused by|Suppressed):/, 'after'),
      rule('after, java', /^[\t ]*\.\.\. \d+ (?:more|common frames omitted)/, 'java'),
    ]),
    regexSpec('python', [
      rule('start_state', /^Traceback \(most recent call last\):$/, 'python'),
      rule('python', /^[\t ]+File /, 'code'),
      rule('code', /[^\t ]/, 'python'),
      rule('python', /^(?:[^\s.():]+\.)*[^\s.():]+:/, 'start_state'),
    ]),
    regexSpec('ruby', [
      rule('start_state, start_exception', /^.+:\d+:in\s+.*/, 'after'),
      rule('after, ruby', /^\s+from\s+.*:\d+:in\s+.*/, 'ruby'),
    ]),
  ].map((spec) => [spec.name, spec]),
);
