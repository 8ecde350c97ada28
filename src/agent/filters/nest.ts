import type { RecordMap } from '../contract.ts';
import type { FilterPlugin } from '../fluentbit/plugin.ts';
import { option, type Settings } from '../fluentbit/settings.ts';
import { keyPattern, replaceRecord } from './record-edit.ts';

/** Gathers keys into a map (`nest`), or spreads a map's keys into the record (`lift`). */
export const nestFilter: FilterPlugin = {
  name: 'nest',
  options: {
    operation: option.text,
    wildcard: option.texts,
    nest_under: option.text,
    nested_under: option.text,
    add_prefix: option.text,
    remove_prefix: option.text,
  },
  create: (settings) => {
    const operation = settings.required('operation').toLowerCase();
    if (operation !== 'nest' && operation !== 'lift') {
      throw settings.problem(
        `nest: operation must be nest or lift, not '${operation}'`,
        'operation',
      );
    }
    const edit = operation === 'nest' ? nestEdit(settings) : liftEdit(settings);
    return {
      name: settings.name,
      apply: (_tag, events) => {
        for (const { record } of events) edit(record);
        return events;
      },
    };
  },
};

function underKey(settings: Settings): string {
  const key = settings.text('nest_under') ?? settings.text('nested_under');
  if (key === undefined) throw settings.problem("nest: the property 'nest_under' is required");
  return key;
}

/** Changes the prefixes of keys that come into the map or out of it. */
function renamer(settings: Settings): (key: string) => string {
  const add = settings.text('add_prefix', '');
  const remove = settings.text('remove_prefix', '');
  return (key) =>
    `${add}${remove !== '' && key.startsWith(remove) ? key.slice(remove.length) : key}`;
}

function nestEdit(settings: Settings): (record: RecordMap) => void {
  const key = underKey(settings);
  const rename = renamer(settings);
  const patterns = settings.texts('wildcard').map(keyPattern);
  if (patterns.length === 0) throw settings.problem("nest: the property 'wildcard' is required");
  return (record) => {
    const nested: RecordMap = new Map();
    for (const [name, value] of record) {
      if (!patterns.some((fits) => fits(name))) continue;
      nested.set(rename(name), value);
      record.delete(name);
    }
    if (nested.size === 0) return;
    const before = record.get(key);
    record.delete(key);
    record.set(key, before instanceof Map ? new Map([...before, ...nested]) : nested);
  };
}

function liftEdit(settings: Settings): (record: RecordMap) => void {
  const key = underKey(settings);
  const rename = renamer(settings);
  return (record) => {
    const nested = record.get(key);
    if (!(nested instanceof Map)) return;
    const lifted = [...nested].map(([name, value]) => [rename(name), value] as const);
    const rest = [...record].filter(([name]) => name !== key);
    replaceRecord(record, [...rest, ...lifted]);
  };
}
