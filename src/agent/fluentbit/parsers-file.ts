import type { Clock, Logger } from '#base';
import type { TextParser } from '../contract.ts';
import { builtinMultiline } from '../multiline/builtin.ts';
import type { MultilineRule, MultilineSpec } from '../multiline/spec.ts';
import { compileDecoders } from '../parsers/decode.ts';
import { createParser, type ParserSpec } from '../parsers/parser.ts';
import { compileTimeFormat } from '../parsers/time-format.ts';
import { parseTypes } from '../parsers/types.ts';
import { compileRegex } from '../regex/compile.ts';
import type { ParserSet } from './plugin.ts';
import type { ProblemList } from './problems.ts';
import type { Section } from './sections.ts';
import { checkOptions, type OptionTable, option, Settings } from './settings.ts';
import { splitWords } from './values.ts';

const parserOptions: OptionTable = {
  name: option.text,
  format: option.text,
  regex: option.text,
  time_key: option.text,
  time_format: option.text,
  time_keep: option.bool,
  time_strict: option.bool,
  time_offset: option.text,
  time_zone: option.text,
  time_system_timezone: option.bool,
  types: option.text,
  skip_empty_values: option.bool,
  decode_field: option.texts,
  decode_field_as: option.texts,
  logfmt_no_bare_keys: option.bool,
};

const multilineOptions: OptionTable = {
  name: option.text,
  type: option.text,
  match_string: option.text,
  negate: option.bool,
  parser: option.text,
  key_content: option.text,
  key_pattern: option.text,
  key_group: option.text,
  flush_timeout: option.integer,
  rule: option.words(3),
};

export interface ParserDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** The parsers of `[PARSER]` and `[MULTILINE_PARSER]` sections, with the built-in multiline ones. */
export class ParserRegistry implements ParserSet {
  readonly #parsers = new Map<string, TextParser>();
  readonly #patterns = new Map<string, string>();
  readonly #multiline = new Map<string, MultilineSpec>(builtinMultiline);

  parser(name: string): TextParser | undefined {
    return this.#parsers.get(name);
  }

  pattern(name: string): string | undefined {
    return this.#patterns.get(name);
  }

  multiline(name: string): MultilineSpec | undefined {
    return this.#multiline.get(name);
  }

  addParser(section: Section, deps: ParserDeps, problems: ProblemList): void {
    checkOptions(section, 'parser', parserOptions, problems);
    problems.attempt(section, () => {
      const settings = new Settings(section, 'parser', 'parser');
      const spec = parserSpecOf(settings, deps, problems);
      this.#parsers.set(spec.name, createParser(spec, deps.clock));
      if (spec.regex !== undefined) this.#patterns.set(spec.name, spec.regex.pattern);
    });
  }

  addMultiline(section: Section, problems: ProblemList): void {
    checkOptions(section, 'multiline_parser', multilineOptions, problems);
    problems.attempt(section, () => {
      const settings = new Settings(section, 'multiline_parser', 'multiline_parser');
      const spec = this.#multilineSpecOf(settings);
      this.#multiline.set(spec.name, spec);
    });
  }

  #multilineSpecOf(settings: Settings): MultilineSpec {
    const name = settings.required('name');
    const typeName = settings.text('type', 'regex').toLowerCase();
    const type = { regex: 'regex', endswith: 'endswith', equal: 'equal', eq: 'equal' }[typeName] as
      | MultilineSpec['type']
      | undefined;
    if (type === undefined) {
      throw settings.problem(
        `multiline_parser: type must be regex, endswith or equal, not '${typeName}'`,
        'type',
      );
    }
    if (type !== 'regex' && !settings.has('match_string')) {
      throw settings.problem(`multiline_parser: the type ${type} needs 'match_string'`, 'type');
    }
    const rules = type === 'regex' ? rulesOf(settings) : [];
    const parserName = settings.text('parser');
    const parser = parserName === undefined ? undefined : this.#parsers.get(parserName);
    if (parserName !== undefined && parser === undefined) {
      throw settings.problem(
        `multiline_parser: parser '${parserName}' is not registered`,
        'parser',
      );
    }
    const matchString = settings.text('match_string');
    const keyContent = settings.text('key_content');
    const keyPattern = settings.text('key_pattern');
    const keyGroup = settings.text('key_group');
    const flushTimeoutMs = settings.number('flush_timeout');
    return {
      name,
      type,
      rules,
      negate: settings.bool('negate', false),
      ...(matchString !== undefined && { matchString }),
      ...(parser !== undefined && { parser }),
      ...(keyContent !== undefined && { keyContent }),
      ...(keyPattern !== undefined && { keyPattern }),
      ...(keyGroup !== undefined && { keyGroup }),
      ...(flushTimeoutMs !== undefined && { flushTimeoutMs }),
    };
  }
}

function rulesOf(settings: Settings): readonly MultilineRule[] {
  const rules = settings.all('rule').map((line): MultilineRule => {
    const [from = '', pattern = '', to = ''] = splitWords(line.value);
    const states = from.split(',').map((state) => state.trim());
    return { from: states, pattern: compileRegex(pattern), to };
  });
  if (rules[0]?.from.includes('start_state') !== true) {
    throw settings.problem("multiline_parser: rule don't contain a 'start_state'", 'rule');
  }
  const known = new Set(rules.flatMap((rule) => rule.from));
  for (const { to } of rules) {
    if (!known.has(to))
      throw settings.problem(
        `multiline_parser: rule leads to the state '${to}', which no rule starts from`,
        'rule',
      );
  }
  return rules;
}

function parserSpecOf(settings: Settings, deps: ParserDeps, problems: ProblemList): ParserSpec {
  const name = settings.required('name');
  const format = settings.required('format').toLowerCase();
  if (format !== 'json' && format !== 'regex' && format !== 'ltsv' && format !== 'logfmt') {
    throw settings.problem(
      `parser ${name}: format must be json, regex, ltsv or logfmt, not '${format}'`,
      'format',
    );
  }
  const regex = format === 'regex' ? compileRegex(settings.required('regex')) : undefined;
  if (regex !== undefined && regex.names.size === 0) {
    throw settings.problem(`parser ${name}: the regex has no named group`, 'regex');
  }
  const timeFormat = settings.text('time_format');
  const offset = settings.text('time_offset');
  const zone = settings.text('time_zone');
  const decodeLines = settings.lines
    .filter(({ key }) => key === 'decode_field' || key === 'decode_field_as')
    .map(({ key, value }) => ({ value, replace: key === 'decode_field_as' }));
  let badTimes = 0;
  return {
    name,
    format,
    ...(regex !== undefined && { regex }),
    timeKey: settings.text('time_key', 'time'),
    ...(timeFormat !== undefined && {
      timeFormat: compileTimeFormat(timeFormat, {
        ...(offset !== undefined && { offset }),
        ...(zone !== undefined && { zone }),
        systemZone: settings.bool('time_system_timezone', false),
      }),
    }),
    timeKeep: settings.bool('time_keep', false),
    types: parseTypes(settings.text('types', ''), (item) =>
      problems.warn(
        settings,
        `parser ${name}: the type of '${item}' is not known, the value stays a string. Types are integer, float, bool, string and hex`,
      ),
    ),
    skipEmptyValues: settings.bool('skip_empty_values', true),
    noBareKeys: settings.bool('logfmt_no_bare_keys', false),
    decoders: compileDecoders(decodeLines),
    onBadTime: (text) => {
      // A line a event would drown everything else: the first, then each thousandth.
      if (settings.bool('time_strict', true) && badTimes++ % 1000 === 0) {
        deps.log.error('A time does not fit the format of its parser', {
          parser: name,
          format: timeFormat,
          text: text.slice(0, 200),
          times: badTimes,
        });
      }
    },
  };
}
