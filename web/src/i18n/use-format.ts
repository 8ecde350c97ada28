import { usePreferences } from '../state/preferences.ts';
import { createFormat, type Format } from './format.ts';

/** Formatters of Intl are slow to make and every cell of a table wants them. */
const formats = new Map<string, Format>();

export function useFormat(): Format {
  const { language, zone } = usePreferences();
  const key = `${language} ${zone}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = createFormat(language, zone);
    formats.set(key, format);
  }
  return format;
}
