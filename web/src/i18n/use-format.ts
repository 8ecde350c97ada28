import { useMemo } from 'react';
import { usePreferences } from '../state/preferences.ts';
import { createFormat, type Format } from './format.ts';

export function useFormat(): Format {
  const { language, zone } = usePreferences();
  return useMemo(() => createFormat(language, zone), [language, zone]);
}
