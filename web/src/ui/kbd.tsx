import type { ReactNode } from 'react';
import css from './controls.module.css';

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** `mod+k` as the keys of this machine; keys of a sequence are separated by spaces. */
export function Kbd({ keys }: { readonly keys: string }): ReactNode {
  const caps = keys.split(/[ +]/).map((key) => {
    if (key === 'mod') return isMac ? '⌘' : 'Ctrl';
    if (key.length === 1) return keys.includes('+') ? key.toUpperCase() : key;
    return key.charAt(0).toUpperCase() + key.slice(1);
  });
  return (
    <span>
      {caps.map((cap, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order of keys is their identity.
        <kbd key={index} className={css.kbd} style={index > 0 ? { marginLeft: 3 } : undefined}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
