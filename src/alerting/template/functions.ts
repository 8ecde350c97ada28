import { bounded, type Printable, type TemplateFunction, valueText } from '#go-template';
import { findsMatch, humanizeDuration, replaceMatches, titleCase } from '#metrics/rules';
import { localTime } from '../config/time-interval.ts';
import { formatGoTime, GoDuration, GoTime, timeOf } from './go-time.ts';

/** A text that is HTML, or a URL, already. */
export class SafeText implements Printable {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toTemplateText(): string {
    return this.#text;
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : valueText(value));

const textsOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.map(text);
  if (value === undefined || value === null) return [];
  throw new Error('not a list');
};

function joined(texts: readonly string[], separator: string): string {
  let out = '';
  for (const [at, one] of texts.entries())
    out = bounded(`${out}${at === 0 ? '' : separator}${one}`);
  return out;
}

/** Items in the JSON of one value. What holds another twice doubles it, level by level. */
const maxJsonParts = 100_000;
/** So long a text counts as one more. */
const charsOfPart = 40;

function jsonOf(value: unknown, spent: { parts: number } = { parts: 0 }): unknown {
  spent.parts += typeof value === 'string' ? 1 + value.length / charsOfPart : 1;
  if (spent.parts > maxJsonParts) throw new Error(`a value of more than ${maxJsonParts} parts`);
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof GoTime) return formatGoTime(value, '2006-01-02T15:04:05.999999999Z07:00');
  if (value instanceof GoDuration) return value.ms * 1e6;
  if (value instanceof SafeText) return value.toTemplateText();
  if (Array.isArray(value)) return value.map((item) => jsonOf(item, spent));
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [key, jsonOf(item, spent)]));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        // Fields of the data have the names of a webhook's body.
        /^[A-Z]/.test(key) ? `${key[0]?.toLowerCase()}${key.slice(1)}` : key,
        jsonOf(item, spent),
      ]),
    );
  }
  return value ?? null;
}

/** The functions of Alertmanager's templates. */
export function templateFunctions(nowMs: () => number): Readonly<Record<string, TemplateFunction>> {
  return {
    toUpper: (input) => text(input).toUpperCase(),
    toLower: (input) => text(input).toLowerCase(),
    title: (input) => titleCase(text(input)),
    trimSpace: (input) => text(input).trim(),
    trunc: (length, input) => [...text(input)].slice(0, Number(length)).join(''),
    join: (separator, list) => joined(textsOf(list), text(separator)),
    match: (pattern, input) => findsMatch(text(pattern), text(input)),
    safeHtml: (input) => new SafeText(text(input)),
    safeUrl: (input) => new SafeText(text(input)),
    urlUnescape: (input) => decodeURIComponent(text(input).replaceAll('+', ' ')),
    reReplaceAll: (pattern, replacement, input) =>
      replaceMatches(text(pattern), text(replacement), text(input)),
    stringSlice: (...items) => items.map(text),
    date: (layout, time) => formatGoTime(timeOf(time), text(layout)),
    tz: (name, time) => {
      const location = text(name);
      const { ms } = timeOf(time);
      localTime(ms, location);
      return new GoTime(ms, location);
    },
    now: () => new GoTime(nowMs()),
    since: (time) => new GoDuration(nowMs() - timeOf(time).ms),
    humanizeDuration: (value) =>
      humanizeDuration(value instanceof GoDuration ? value.ms / 1000 : value),
    toJson: (value) => JSON.stringify(jsonOf(value)),
    dict: (...items) => {
      if (items.length % 2 !== 0) throw new Error('dict needs pairs of keys and values');
      const made = new Map<string, unknown>();
      for (let at = 0; at < items.length; at += 2) made.set(text(items[at]), items[at + 1]);
      return made;
    },
    list: (...items) => items,
    append: (list, ...items) => [...(Array.isArray(list) ? list : []), ...items],
    base64Encode: (input) => Buffer.from(text(input)).toString('base64'),
    base64Decode: (input) => Buffer.from(text(input), 'base64').toString('utf8'),
  };
}
