import type { RecordMap } from '../contract.ts';
import type { FilterPlugin } from '../fluentbit/plugin.ts';
import { option, type Settings } from '../fluentbit/settings.ts';
import { splitWords } from '../fluentbit/values.ts';
import { parseRecordPath, valueAt } from '../records/accessor.ts';
import { compileRegex } from '../regex/compile.ts';
import { insertAfter, keyPattern, moveKeys, renameKey } from './record-edit.ts';

type Rule = (record: RecordMap) => void;
type Condition = (record: RecordMap) => boolean;

const prefixOf = (pattern: string): ((key: string) => boolean) =>
  keyPattern(pattern.endsWith('*') ? pattern : `${pattern}*`);

const ruleMakers: Readonly<Record<string, (first: string, second: string) => Rule>> = {
  // A key that is set anew stands last.
  set: (key, value) => (record) => {
    record.delete(key);
    record.set(key, value);
  },
  add: (key, value) => (record) => {
    if (!record.has(key)) record.set(key, value);
  },
  remove: (key) => (record) => {
    record.delete(key);
  },
  remove_wildcard: (pattern) => removeKeys(prefixOf(pattern)),
  remove_regex: (pattern) => {
    const regex = compileRegex(pattern);
    // Records of one source have the same keys: what a pattern says about a key is remembered.
    const known = new Map<string, boolean>();
    return removeKeys((key) => {
      let hit = known.get(key);
      if (hit === undefined) {
        if (known.size >= 10_000) known.clear();
        hit = regex.test(key);
        known.set(key, hit);
      }
      return hit;
    });
  },
  rename: (from, to) => (record) => {
    if (!record.has(to)) renameKey(record, from, to);
  },
  hard_rename: (from, to) => (record) => renameKey(record, from, to),
  copy: (from, to) => (record) => {
    const value = record.get(from);
    if (value !== undefined && !record.has(to)) insertAfter(record, from, to, value);
  },
  hard_copy: (from, to) => (record) => {
    const value = record.get(from);
    if (value !== undefined && from !== to) insertAfter(record, from, to, value);
  },
  move_to_start: (pattern) => (record) => moveKeys(record, prefixOf(pattern), 'start'),
  move_to_end: (pattern) => (record) => moveKeys(record, prefixOf(pattern), 'end'),
};

function removeKeys(fits: (key: string) => boolean): Rule {
  return (record) => {
    for (const key of record.keys()) if (fits(key)) record.delete(key);
  };
}

const oneWord: ReadonlySet<string> = new Set([
  'remove',
  'remove_wildcard',
  'remove_regex',
  'move_to_start',
  'move_to_end',
]);

const conditionMakers: Readonly<Record<string, (first: string, second: string) => Condition>> = {
  key_exists: (key) => has(key, true),
  key_does_not_exist: (key) => has(key, false),
  a_key_matches: (pattern) => {
    const regex = compileRegex(pattern);
    return (record) => record.keys().some((key) => regex.test(key));
  },
  no_key_matches: (pattern) => {
    const regex = compileRegex(pattern);
    return (record) => !record.keys().some((key) => regex.test(key));
  },
  key_value_equals: (key, value) => textTest(key, (text) => text === value),
  key_value_does_not_equal: (key, value) => textTest(key, (text) => text !== value),
  key_value_matches: (key, pattern) => {
    const regex = compileRegex(pattern);
    return textTest(key, (text) => regex.test(text));
  },
  key_value_does_not_match: (key, pattern) => {
    const regex = compileRegex(pattern);
    return textTest(key, (text) => !regex.test(text));
  },
  matching_keys_have_matching_values: (key, value) => matching(key, value, true),
  matching_keys_do_not_have_matching_values: (key, value) => matching(key, value, false),
};

const oneWordConditions: ReadonlySet<string> = new Set([
  'key_exists',
  'key_does_not_exist',
  'a_key_matches',
  'no_key_matches',
]);

function has(key: string, wanted: boolean): Condition {
  const path = parseRecordPath(key);
  return (record) => (valueAt(record, path) !== undefined) === wanted;
}

/** False for a key that is missing or holds no text, whatever is asked. */
function textTest(key: string, test: (text: string) => boolean): Condition {
  const path = parseRecordPath(key);
  return (record) => {
    const value = valueAt(record, path);
    return typeof value === 'string' && test(value);
  };
}

function matching(keyPatternText: string, valuePattern: string, wanted: boolean): Condition {
  const keys = compileRegex(keyPatternText);
  const values = compileRegex(valuePattern);
  return (record) =>
    [...record].every(
      ([key, value]) =>
        !keys.test(key) || (typeof value === 'string' && values.test(value)) === wanted,
    );
}

/** Changes top-level keys by rules in file order, where all conditions hold. */
export const modifyFilter: FilterPlugin = {
  name: 'modify',
  options: {
    ...Object.fromEntries(
      Object.keys(ruleMakers).map((name) => [name, option.words(oneWord.has(name) ? 1 : 2)]),
    ),
    condition: option.words(2),
  },
  create: (settings) => {
    const rules: Rule[] = [];
    const conditions: Condition[] = [];
    for (const line of settings.lines) {
      const make = ruleMakers[line.key];
      if (line.key === 'condition') conditions.push(conditionOf(line.value, settings));
      else if (make !== undefined) {
        const [first = '', second = ''] = splitWords(line.value, oneWord.has(line.key) ? 1 : 2);
        rules.push(make(first, second));
      }
    }
    return {
      name: settings.name,
      apply: (_tag, events) => {
        for (const { record } of events) {
          if (!conditions.every((holds) => holds(record))) continue;
          for (const rule of rules) rule(record);
        }
        return events;
      },
    };
  },
};

function conditionOf(text: string, settings: Settings): Condition {
  const [name = '', rest = ''] = splitWords(text, 2);
  const kind = name.toLowerCase();
  const make = conditionMakers[kind];
  if (make === undefined) {
    const allowed = Object.keys(conditionMakers).join(', ');
    throw settings.problem(`modify: unknown condition '${name}', allowed: ${allowed}`, 'condition');
  }
  const words = splitWords(rest, oneWordConditions.has(kind) ? 1 : 2);
  if (!oneWordConditions.has(kind) && words.length < 2) {
    throw settings.problem(`modify: the condition ${name} expects a key and a value`, 'condition');
  }
  return make(words[0] ?? '', words[1] ?? '');
}
