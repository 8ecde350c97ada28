import { getPreferences, usePreferences } from '../state/preferences.ts';

/** A catalogue is a tree of sentences; a sentence with values is a function of them. */
type Widen<T> = T extends string
  ? string
  : T extends (...values: infer V) => string
    ? (...values: V) => string
    : { readonly [K in keyof T]: Widen<T[K]> };

export interface Catalogue<T> {
  readonly en: Widen<T>;
  readonly ko: Widen<T>;
}

/**
 * Words of one part of the UI in both languages, side by side. English gives the shape: a key that
 * Korean lacks, or has too many, does not compile. Lives beside its page, so that a page's words are
 * loaded with the page.
 */
export function defineMessages<const T>(both: {
  readonly en: T;
  readonly ko: NoInfer<Widen<T>>;
}): Catalogue<T> {
  return both as unknown as Catalogue<T>;
}

export function useMessages<T>(catalogue: Catalogue<T>): Widen<T> {
  return catalogue[usePreferences().language];
}

/** The same outside of React: errors, commands. */
export function messagesNow<T>(catalogue: Catalogue<T>): Widen<T> {
  return catalogue[getPreferences().language];
}
