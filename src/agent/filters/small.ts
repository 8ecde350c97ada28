import { RawNumber, type RecordValue } from '../contract.ts';
import type { FilterPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { splitWords } from '../fluentbit/values.ts';
import { castValue, parseTypes, type ValueType } from '../parsers/types.ts';
import { parseRecordPath, textOf, valueAt } from '../records/accessor.ts';
import { printJsonRecord } from '../records/json-print.ts';

/** Prints events to standard output as they pass. */
export const stdoutFilter: FilterPlugin = {
  name: 'stdout',
  options: {},
  create: (settings) => {
    let count = 0;
    return {
      name: settings.name,
      apply: (tag, events) => {
        const lines = events.map(
          ({ time, record }) =>
            `[${count++}] ${tag}: [${time.seconds}.${String(time.nanoseconds).padStart(9, '0')}, ${printJsonRecord(record)}]\n`,
        );
        process.stdout.write(lines.join(''));
        return events;
      },
    };
  },
};

const converters: Readonly<Record<string, 'from_text' | 'from_number'>> = {
  str_key: 'from_text',
  int_key: 'from_number',
  uint_key: 'from_number',
  float_key: 'from_number',
};

/** Adds a key with another key's value as another type. */
export const typeConverterFilter: FilterPlugin = {
  name: 'type_converter',
  options: {
    str_key: option.words(3),
    int_key: option.words(3),
    uint_key: option.words(3),
    float_key: option.words(3),
  },
  create: (settings) => {
    const rules = settings.lines
      .filter(({ key }) => converters[key] !== undefined)
      .map(({ key, value }) => {
        const [from = '', to = '', type = ''] = splitWords(value, 3);
        const wanted = type.toLowerCase() === 'uint' ? 'integer' : type.toLowerCase();
        const target = [...parseTypes(`x:${wanted}`).values()][0] as ValueType;
        return {
          from: parseRecordPath(from),
          to,
          target,
          fromText: converters[key] === 'from_text',
        };
      });
    return {
      name: settings.name,
      apply: (_tag, events) => {
        for (const { record } of events) {
          for (const { from, to, target, fromText } of rules) {
            const value = valueAt(record, from);
            if (value === undefined || (typeof value === 'string') !== fromText) continue;
            if (!fromText && !isNumeric(value)) continue;
            record.set(to, castValue(textOf(value), target));
          }
        }
        return events;
      },
    };
  },
};

function isNumeric(value: RecordValue): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof RawNumber;
}

const expectations: Readonly<
  Record<string, (value: RecordValue | undefined, wanted: string) => boolean>
> = {
  key_exists: (value) => value !== undefined,
  key_not_exists: (value) => value === undefined,
  key_val_is_null: (value) => value === null,
  key_val_is_not_null: (value) => value !== undefined && value !== null,
  key_val_eq: (value, wanted) => value !== undefined && textOf(value) === wanted,
};

/** Checks what records look like; used in the tests of pipelines. */
export const expectFilter: FilterPlugin = {
  name: 'expect',
  options: {
    ...Object.fromEntries(
      Object.keys(expectations).map((name) => [name, option.words(name === 'key_val_eq' ? 2 : 1)]),
    ),
    action: option.text,
    result_key: option.text,
  },
  create: (settings, scope) => {
    const action = settings.text('action', 'warn').toLowerCase();
    if (action !== 'warn' && action !== 'result_key' && action !== 'exit') {
      throw settings.problem(
        `expect: action must be warn, exit or result_key, not '${action}'`,
        'action',
      );
    }
    if (action === 'exit')
      throw settings.problem("expect: the action 'exit' is not supported", 'action');
    const resultKey = settings.text('result_key', 'matched');
    const rules = settings.lines
      .filter(({ key }) => expectations[key] !== undefined)
      .map(({ key, value }) => {
        const [path = '', wanted = ''] = splitWords(value, 2);
        return {
          holds: expectations[key]!,
          path: parseRecordPath(path),
          wanted,
          text: `${key} ${value}`,
        };
      });
    const failures = scope.metrics.counter(
      'nunchi_agent_expect_failures_total',
      'Records that were not as the expect filter wants them',
    );
    return {
      name: settings.name,
      apply: (tag, events) => {
        for (const { record } of events) {
          const failed = rules.find(
            ({ holds, path, wanted }) => !holds(valueAt(record, path), wanted),
          );
          if (action === 'result_key') record.set(resultKey, failed === undefined);
          if (failed === undefined) continue;
          failures.add(1, { filter: settings.name });
          if (action === 'warn')
            scope.log.warn('A record is not as expected', {
              filter: settings.name,
              tag,
              rule: failed.text,
            });
        }
        return events;
      },
    };
  },
};
