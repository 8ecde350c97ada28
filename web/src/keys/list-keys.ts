import { useEffect, useRef } from 'react';

export interface ListKeys {
  readonly count: number;
  /** -1: none yet. */
  readonly active: number;
  /** Where moving begins while none is active: the first row in sight. */
  readonly first?: number;
  readonly onMove: (index: number) => void;
  readonly onOpen: (index: number) => void;
  /** False while another list of the page has the keys. */
  readonly enabled?: boolean;
}

/** `j` `k` (and arrows, when the list has the focus' attention) move, Enter opens. */
export function useListKeys(keys: ListKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const { count, active, first = 0, onMove, onOpen, enabled = true } = latest.current;
      if (!enabled || count === 0 || !isPlainKey(event)) return;
      if (event.key === 'j') onMove(active < 0 ? first : Math.min(count - 1, active + 1));
      else if (event.key === 'k') onMove(active < 0 ? first : Math.max(0, active - 1));
      else if (event.key === 'Enter' && active >= 0 && !isControl(event.target)) onOpen(active);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** A key pressed by itself and not into a text box, a dialog or a half-composed syllable. */
export function isPlainKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return true;
  return (
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"]',
    ) === null
  );
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('a, button') !== null;
}
