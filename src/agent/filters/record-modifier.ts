import { randomUUID } from 'node:crypto';
import type { FilterPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { splitWords } from '../fluentbit/values.ts';

/** Adds fixed keys, and removes or lets through keys by name. */
export const recordModifierFilter: FilterPlugin = {
  name: 'record_modifier',
  options: {
    record: option.words(2),
    remove_key: option.texts,
    allowlist_key: option.texts,
    whitelist_key: option.texts,
    uuid_key: option.text,
  },
  create: (settings) => {
    const added = settings.texts('record').map((value) => {
      const [key = '', text = ''] = splitWords(value, 2);
      return [key, text] as const;
    });
    const removed = settings.texts('remove_key');
    const allowed = new Set([
      ...settings.texts('allowlist_key'),
      ...settings.texts('whitelist_key'),
    ]);
    if (removed.length > 0 && allowed.size > 0) {
      throw settings.problem(
        'record_modifier: remove_key and allowlist_key are exclusive with each other',
      );
    }
    const uuidKey = settings.text('uuid_key');
    return {
      name: settings.name,
      apply: (_tag, events) => {
        for (const { record } of events) {
          for (const key of removed) record.delete(key);
          if (allowed.size > 0) {
            for (const key of record.keys()) if (!allowed.has(key)) record.delete(key);
          }
          for (const [key, text] of added) record.set(key, text);
          if (uuidKey !== undefined) record.set(uuidKey, randomUUID());
        }
        return events;
      },
    };
  },
};
