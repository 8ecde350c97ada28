import { formatDate } from '#time';
import type { Interpolated } from './contract.ts';

type Scalars = readonly string[];

/** How one format writes; `args` is what stands behind its name: `join:;` has `;`. */
type Write = (value: Printed, args: string, name: string) => string;

interface Printed {
  /** One of them where the value is no list. */
  readonly items: Scalars;
  readonly isList: boolean;
  readonly raw: unknown;
  readonly text: string;
  readonly link: Scalars;
  readonly zone: string;
}

const regexCharacters = /[\\^$*+?.()|[\]{}]/g;
const luceneCharacters = /[!*+\-=<>\s&|()[\]{}^~?:\\/"]/g;

export const escapeRegex = (text: string): string => text.replace(regexCharacters, '\\$&');

const glob = ({ items, isList }: Printed): string =>
  isList && items.length !== 1 ? `{${items.join(',')}}` : items.join('');

const quoted =
  (quote: string, escapeQuote: (text: string) => string): Write =>
  ({ items }) =>
    items.map((item) => `${quote}${escapeQuote(item)}${quote}`).join(',');

const encodeStrictly = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** `name=value` of a link for each of the values; a list without any is an empty parameter. */
const parameters = (items: Scalars, key: string, prefix: string): string =>
  (items.length === 0 ? [''] : items)
    .map((item) => `${encodeURIComponent(key)}=${prefix}${encodeStrictly(item)}`)
    .join('&');

const htmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const formats: Readonly<Record<string, Write>> = {
  glob,
  raw: ({ items }) => items.join(','),
  csv: ({ items }) => items.join(','),
  regex: ({ items, isList }) => {
    const escaped = items.map(escapeRegex);
    return isList && escaped.length !== 1 ? `(${escaped.join('|')})` : escaped.join('');
  },
  pipe: ({ items }) => items.join('|'),
  join: ({ items }, separator) => items.join(separator === '' ? ',' : separator),
  distributed: ({ items }, _args, name) =>
    items.map((item, index) => (index === 0 ? item : `${name}=${item}`)).join(','),
  json: ({ raw }) => (typeof raw === 'string' ? raw : JSON.stringify(raw)),
  singlequote: quoted("'", (text) => text.replaceAll("'", "\\'")),
  doublequote: quoted('"', (text) => text.replaceAll('"', '\\"')),
  sqlstring: quoted("'", (text) => text.replaceAll("'", "''").replaceAll('"', '\\"')),
  lucene: ({ items, isList }) => {
    const escaped = items.map((item) => item.replace(luceneCharacters, '\\$&'));
    if (!isList) return escaped.join('');
    if (escaped.length === 0) return '__empty__';
    return `(${escaped.map((item) => `"${item}"`).join(' OR ')})`;
  },
  html: ({ items }) => items.join(', ').replace(/[&<>"']/g, (char) => htmlEscapes[char] as string),
  percentencode: (value) => encodeStrictly(glob(value)),
  uriencode: (value) => encodeURI(glob(value)),
  queryparam: ({ link }, _args, name) => parameters(link, `var-${name}`, ''),
  customqueryparam: ({ items }, args, name) => {
    const [key = '', prefix = ''] = args.split(':');
    return parameters(items, key === '' ? name : key, prefix);
  },
  text: ({ text }) => text,
  date: ({ items, zone }, pattern) => {
    const ms = Number(items[0]);
    if (items[0] === '' || !Number.isFinite(ms)) return 'NaN';
    if (pattern === '' || pattern === 'iso') return new Date(ms).toISOString();
    if (pattern === 'seconds') return String(Math.round(ms / 1000));
    if (pattern === 'ms') return String(ms);
    return formatDate(ms, pattern, zone);
  },
};

/** The names of all formats. */
export const formatNames: readonly string[] = Object.keys(formats);

/**
 * A value in a format: `name` or `name:arguments`. An unknown format is `glob`. A custom value of
 * "All" goes in unescaped, except into links and as its text.
 */
export function formatValue(value: Interpolated, format: string, name: string): string {
  const colon = format.indexOf(':');
  const id = colon < 0 ? format : format.slice(0, colon);
  const args = colon < 0 ? '' : format.slice(colon + 1);
  const printed = printedOf(value);
  if (value.isVerbatim === true) {
    if (id === 'text') return printed.text;
    if (id === 'queryparam') return parameters(printed.link, `var-${name}`, '');
    return id === 'percentencode' ? encodeStrictly(printed.items.join('')) : printed.items.join('');
  }
  return (Object.hasOwn(formats, id) ? (formats[id] as Write) : glob)(printed, args, name);
}

function printedOf({ value, text, link, zone = 'UTC' }: Interpolated): Printed {
  const isList = Array.isArray(value);
  const items = isList ? value.map(scalarText) : [scalarText(value)];
  const shown = text === undefined ? items : typeof text === 'string' ? [text] : text;
  return { items, isList, raw: value, text: shown.join(' + '), link: link ?? items, zone };
}

function scalarText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
