import { useEffect, useRef } from 'react';
import { isPlainKey } from './list-keys.ts';

/**
 * Keys of the whole page. A key is `t`, `?`, `mod+k`, or two in a row: `g l`. Modifiers work inside
 * text boxes too, plain keys do not.
 */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** After this pause a `g` means nothing. */
const sequencePauseMs = 1200;

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    let first = '';
    let firstAtMs = 0;
    const onKeyDown = (event: KeyboardEvent): void => {
      const modified = event.ctrlKey || event.metaKey;
      // event.code keeps working while a Hangul layout is on, where `l` types a vowel.
      const key = keyOf(event);
      if (modified) {
        run(`mod+${key}`, event);
        return;
      }
      if (!isPlainKey(event)) return;
      if (first !== '' && event.timeStamp - firstAtMs < sequencePauseMs) {
        const done = run(`${first} ${key}`, event);
        first = '';
        if (done) return;
      }
      if (run(key, event)) return;
      const starts = Object.keys(latest.current).some((name) => name.startsWith(`${key} `));
      first = starts ? key : '';
      firstAtMs = event.timeStamp;
    };
    const run = (name: string, event: KeyboardEvent): boolean => {
      const action = latest.current[name];
      if (action === undefined) return false;
      event.preventDefault();
      action();
      return true;
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function keyOf(event: KeyboardEvent): string {
  if (/^[\x20-\x7e]$/.test(event.key)) return event.key.toLowerCase();
  if (/^Key[A-Z]$/.test(event.code)) return event.code.slice(3).toLowerCase();
  return event.key;
}
