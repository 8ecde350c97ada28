import { useSyncExternalStore } from 'react';

/** What belongs to the person and not to the view: kept in this browser, never in a link. */
export interface Preferences {
  readonly theme: 'system' | 'dark' | 'light';
  readonly language: 'en' | 'ko';
  /** `browser`, or an IANA name such as `UTC` and `Asia/Seoul`. */
  readonly zone: string;
  readonly railPinned: boolean;
  readonly wrapLogs: boolean;
  readonly rawLogs: boolean;
  /** Widths and hidden columns by table id. */
  readonly tables: Readonly<Record<string, TablePreference>>;
}

export interface TablePreference {
  readonly widths?: Readonly<Record<string, number>>;
  readonly hidden?: readonly string[];
}

const storageKey = 'nunchi.preferences';

function initial(): Preferences {
  const defaults: Preferences = {
    theme: 'system',
    language: navigator.language.startsWith('ko') ? 'ko' : 'en',
    zone: 'browser',
    railPinned: false,
    wrapLogs: false,
    rawLogs: false,
    tables: {},
  };
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>;
    return { ...defaults, ...stored };
  } catch {
    return defaults;
  }
}

let current = initial();
const listeners = new Set<() => void>();

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(current));
  } catch {
    // Private windows may refuse storage; the choice then lasts as long as the page.
  }
  applyToDocument();
  for (const listener of listeners) listener();
}

export function getPreferences(): Preferences {
  return current;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, getPreferences);
}

const systemDark = matchMedia('(prefers-color-scheme: dark)');

export function isDark(preferences: Preferences = current): boolean {
  return preferences.theme === 'dark' || (preferences.theme === 'system' && systemDark.matches);
}

function applyToDocument(): void {
  document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light';
  document.documentElement.lang = current.language;
}

systemDark.addEventListener('change', () => {
  // A new object, so that what depends on colours draws again.
  current = { ...current };
  applyToDocument();
  for (const listener of listeners) listener();
});
applyToDocument();
