const storageKey = 'nunchi.metrics.history';
/** What a person runs in a day or two; the arrow keys do not reach further. */
const maxEntries = 100;

/** Expressions that were run in this browser, newest first. */
export function queryHistory(): readonly string[] {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '[]') as unknown;
    return Array.isArray(stored) ? stored.filter((expr) => typeof expr === 'string') : [];
  } catch {
    return [];
  }
}

export function rememberQueries(exprs: readonly string[]): void {
  const next = [...new Set([...exprs, ...queryHistory()])].slice(0, maxEntries);
  try {
    localStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // Only a convenience.
  }
}
