import type { Option } from './contract.ts';

/** More choices than this help nobody: the rest is cut off. */
export const maxOptions = 40_000;
/** A pattern that is longer was not written by a person. */
const maxPatternLength = 2000;

export const optionOf = (text: string): Option => ({ text, value: text });

/**
 * Choices that a person wrote: `a, b : 1, c\,d` gives three, one of them with a text of its own.
 * With `json` a list of `{text, value}`.
 *
 * @throws {SyntaxError} when it should be JSON and is not
 */
export function customOptions(query: string, valuesFormat?: unknown): readonly Option[] {
  if (valuesFormat === 'json') return jsonOptions(query);
  const items = query.match(/(?:\\,|[^,])+/g) ?? [];
  return items.slice(0, maxOptions).map((item) => {
    const text = item.replaceAll('\\,', ',').trim();
    const pair = /^(.+?)\s:\s(.+)$/.exec(text);
    return pair === null ? optionOf(text) : { text: pair[1]!.trim(), value: pair[2]!.trim() };
  });
}

function jsonOptions(query: string): readonly Option[] {
  const list: unknown = JSON.parse(query.trim() === '' ? '[]' : query);
  if (!Array.isArray(list)) throw new SyntaxError('The values must be a JSON list');
  return list.slice(0, maxOptions).map((item: unknown) => {
    if (typeof item !== 'object' || item === null) return optionOf(String(item));
    const properties = item as Readonly<Record<string, unknown>>;
    const value = String(properties['value'] ?? properties['text'] ?? '');
    return { text: String(properties['text'] ?? value), value, properties };
  });
}

export interface KnownDataSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
}

/** The data sources of a type, by their names. @throws {SyntaxError} a bad pattern */
export function dataSourceOptions(
  known: readonly KnownDataSource[],
  type: string,
  pattern: string,
): readonly Option[] {
  const regex = pattern === '' ? undefined : parsePattern(pattern);
  return known
    .filter((source) => source.type === type)
    .filter((source) => regex === undefined || source.name.search(regex) >= 0)
    .map((source) => ({ text: source.name, value: source.uid }));
}

/** `/pattern/flags` or a bare pattern. @throws {SyntaxError} */
export function parsePattern(text: string): RegExp {
  if (text.length > maxPatternLength) {
    throw new SyntaxError(`The pattern is longer than ${maxPatternLength} characters`);
  }
  const match = /^\/([\s\S]*)\/([a-z]*)$/.exec(text);
  return match === null ? new RegExp(text) : new RegExp(match[1]!, match[2]);
}

/**
 * Keeps the options that match. Groups named `value` and `text` give both parts, else the first group
 * does; with the flag `g` every match is an option. Each value comes once.
 *
 * @throws {SyntaxError} a bad pattern
 */
export function matchOptions(
  options: readonly Option[],
  pattern: string,
  applyTo: 'value' | 'text' = 'value',
): readonly Option[] {
  const found =
    pattern === '' ? options : matched(options, parsePattern(pattern), applyTo === 'text');
  const seen = new Set<string>();
  return found
    .filter(({ value }) => !seen.has(value) && seen.add(value) !== undefined)
    .slice(0, maxOptions);
}

function matched(options: readonly Option[], regex: RegExp, isOfText: boolean): Option[] {
  const isGlobal = regex.global;
  const all = new RegExp(regex.source, isGlobal ? regex.flags : `${regex.flags}g`);
  return options.flatMap((option) => {
    const matches = [...(isOfText ? option.text : option.value).matchAll(all)];
    const chosen = isGlobal ? matches : matches.slice(0, 1);
    return chosen.length === 0 ? [] : optionsOf(option, chosen);
  });
}

function optionsOf(option: Option, matches: readonly RegExpExecArray[]): readonly Option[] {
  const named = (name: string): string | undefined =>
    matches.find((match) => match.groups?.[name] !== undefined)?.groups?.[name];
  const value = named('value');
  const text = named('text');
  if (value !== undefined || text !== undefined) {
    return [{ text: (text ?? value) as string, value: (value ?? text) as string }];
  }
  const captured = matches.map((match) => match[1]).filter((group) => group !== undefined);
  if (captured.length > 0) return captured.map(optionOf);
  // A pattern with groups of which none took part says nothing about the option.
  return matches[0]!.length > 1 ? [] : [option];
}

const alphabetical = new Intl.Collator('en', { sensitivity: 'variant' });
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const firstInteger = (text: string): number => Number(/\d+/.exec(text)?.[0] ?? -1);

type Compare = (a: string, b: string) => number;

/** By the number that dashboards keep, halved: the odd ones ascend, the even ones descend. */
const orders: readonly Compare[] = [
  (a, b) => alphabetical.compare(a, b),
  (a, b) => firstInteger(a) - firstInteger(b),
  (a, b) => alphabetical.compare(a.toLowerCase(), b.toLowerCase()),
  (a, b) => natural.compare(a, b),
];

/** `sort` as dashboards have it: 0 none, 1 and 2 by letters, 3, 4 by number, 5, 6 any case, 7, 8 natural. */
export function sortOptions(options: readonly Option[], sort: number): readonly Option[] {
  const order = orders[Math.ceil(sort / 2) - 1];
  if (order === undefined) return options;
  const direction = sort % 2 === 0 ? -1 : 1;
  return options.toSorted((a, b) => direction * order(a.text, b.text));
}
