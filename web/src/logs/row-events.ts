import type { MouseEvent } from 'react';
import type { Shortcuts } from '../keys/shortcuts.ts';
import { getPreferences, setPreferences } from '../state/preferences.ts';

/** The keys that all lists of log rows share beside `j`, `k` and Enter. */
export function logKeys(close: () => void): Shortcuts {
  return {
    w: () => setPreferences({ wrapLogs: !getPreferences().wrapLogs }),
    x: () => setPreferences({ rawLogs: !getPreferences().rawLogs }),
    Escape: close,
  };
}

/** Whether a click is meant to open or close its row: not text being selected, not what is open. */
export function isRowClick(event: MouseEvent, ...inside: readonly (Element | string)[]): boolean {
  if ((window.getSelection()?.toString() ?? '') !== '') return false;
  const target = event.target as Element;
  return !inside.some((one) =>
    typeof one === 'string' ? target.closest(one) !== null : one.contains(target),
  );
}
