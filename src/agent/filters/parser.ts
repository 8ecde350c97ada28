import type { ParsedText, TextParser } from '../contract.ts';
import type { FilterPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { parseRecordPath, textOf, valueAt } from '../records/accessor.ts';
import { replaceRecord } from './record-edit.ts';

/** Parses one key; the first parser that fits makes the record. */
export const parserFilter: FilterPlugin = {
  name: 'parser',
  options: {
    key_name: option.text,
    parser: option.list,
    preserve_key: option.bool,
    reserve_data: option.bool,
    unescape_key: option.noEffect('it is obsolete'),
  },
  create: (settings, scope) => {
    const keyName = settings.required('key_name');
    const path = parseRecordPath(keyName);
    const names = settings.list('parser');
    if (names.length === 0) throw settings.problem("parser: the property 'parser' is required");
    const parsers = names.map((name): TextParser => {
      const parser = scope.parsers.parser(name);
      if (parser === undefined)
        throw settings.problem(`parser: parser '${name}' is not registered`, 'parser');
      return parser;
    });
    const preserveKey = settings.bool('preserve_key', false);
    const reserveData = settings.bool('reserve_data', false);
    return {
      name: settings.name,
      apply: (_tag, events) => {
        for (const event of events) {
          const value = valueAt(event.record, path);
          if (value === undefined || value === null || value instanceof Map) continue;
          const parsed = firstFit(parsers, textOf(value));
          if (parsed === undefined) continue;
          const kept = [...event.record].filter(([key]) =>
            key === keyName ? preserveKey : reserveData,
          );
          // What the parser found wins over what was there, and stands in front of it.
          const rest = kept.filter(([key]) => !parsed.record.has(key));
          replaceRecord(event.record, [...parsed.record, ...rest]);
          if (parsed.time !== undefined) event.time = parsed.time;
        }
        return events;
      },
    };
  },
};

function firstFit(parsers: readonly TextParser[], text: string): ParsedText | undefined {
  for (const parser of parsers) {
    const parsed = parser.parse(text);
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}
