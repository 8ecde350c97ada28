import { useSyncExternalStore } from 'react';

/** A query that this browser ran. Kept here, not on the server: it is the person's own. */
export interface HistoryEntry {
  readonly text: string;
  readonly language: 'CWLI' | 'SQL';
  readonly groups: readonly string[];
  readonly atMs: number;
  readonly status?: string;
  readonly rows?: number;
  readonly elapsedMs?: number;
}

const storageKey = 'nunchi.insights.history';
const maxEntries = 60;

let current: readonly HistoryEntry[] = read();
const listeners = new Set<() => void>();

function read(): readonly HistoryEntry[] {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '[]') as unknown;
    return Array.isArray(stored)
      ? (stored as HistoryEntry[]).filter((one) => typeof one.text === 'string')
      : [];
  } catch {
    return [];
  }
}

function write(entries: readonly HistoryEntry[]): void {
  current = entries;
  try {
    localStorage.setItem(storageKey, JSON.stringify(entries));
  } catch {
    // Private windows may refuse storage; the list then lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

/** Newest first; the same text in the same language stands there once, with its last outcome. */
export function remember(entry: HistoryEntry): void {
  const others = current.filter(
    (one) => one.text !== entry.text || one.language !== entry.language,
  );
  write([entry, ...others].slice(0, maxEntries));
}

export function clearHistory(): void {
  write([]);
}

export function historyNow(): readonly HistoryEntry[] {
  return current;
}

export function useHistory(): readonly HistoryEntry[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, historyNow);
}
