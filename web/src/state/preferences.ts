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

/** What holds until somebody chooses. */
let defaults: Preferences = {
  theme: 'system',
  language: navigator.language.startsWith('ko') ? 'ko' : 'en',
  zone: 'browser',
  railPinned: false,
  wrapLogs: false,
  rawLogs: false,
  tables: {},
};

function stored(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>;
  } catch {
    return {};
  }
}

let chosen = stored();
let current: Preferences = { ...defaults, ...chosen };
const listeners = new Set<() => void>();

export function setPreferences(change: Partial<Preferences>): void {
  chosen = { ...chosen, ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(chosen));
  } catch {
    // Private windows may refuse storage; the choice then lasts as long as the page.
  }
  announce();
}

/** The server's zone, for people who have chosen none; `local` is the browser's. */
export function setServerZone(zone: string | undefined): void {
  const next = zone === undefined || zone === '' || zone === 'local' ? 'browser' : zone;
  if (next === defaults.zone) return;
  defaults = { ...defaults, zone: next };
  announce();
}

function announce(): void {
  current = { ...defaults, ...chosen };
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
