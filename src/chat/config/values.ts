/** What a configuration file holds where a certain kind of value is meant; nothing where it is another. */
export type Json = Record<string, unknown>;

export const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const asMap = (value: unknown): Json => (isMap(value) ? value : {});
export const entries = (value: unknown): [string, unknown][] => Object.entries(asMap(value));
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
export const texts = (value: unknown): readonly string[] =>
  list(value)
    .map(textOf)
    .filter((text) => text !== '');
export const textMap = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(entries(value).map(([key, item]) => [key, textOf(item)]));
/** `helm --set` gives texts where truth values are meant. */
export const asFlag = (value: unknown, byDefault: boolean): boolean =>
  value === undefined || value === null || value === ''
    ? byDefault
    : value === true || value === 'true';
