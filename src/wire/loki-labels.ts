import { wireInvalid } from './errors.ts';

/** Label names and values of a Loki stream, in the order of names. */
export type LokiLabels = ReadonlyMap<string, string>;

const maxLabels = 256;

/**
 * `{job="api", pod="a\"b"}` to labels. Values in double quotes (Go escapes) or back quotes.
 * @throws {AppError} WIRE_INVALID with the offset in UTF-16 units
 */
export function parseLokiLabels(text: string): LokiLabels {
  const pattern = /\s*([A-Za-z_][\w.:-]*)\s*=\s*("(?:[^"\\]|\\.)*"|`[^`]*`)\s*(,|\})/sy;
  const open = /^\s*\{\s*/.exec(text);
  if (open === null) throw wireInvalid('Labels do not start with {', 0);
  const pairs: [string, string][] = [];
  let offset = open[0].length;
  if (/^\}\s*$/.test(text.slice(offset))) return new Map();
  for (;;) {
    pattern.lastIndex = offset;
    const match = pattern.exec(text);
    if (match === null) throw wireInvalid('Labels are not of the form {name="value", …}', offset);
    pairs.push([match[1]!, unquote(match[2]!, offset)]);
    if (pairs.length > maxLabels) {
      throw wireInvalid(`A stream has more than ${maxLabels} labels`, offset);
    }
    offset = pattern.lastIndex;
    if (match[3] === '}') break;
    // A comma may stand before the closing brace.
    const close = /^\s*\}/.exec(text.slice(offset, offset + 16));
    if (close !== null) {
      offset += close[0].length;
      break;
    }
  }
  if (text.slice(offset).trim() !== '') throw wireInvalid('Text follows the labels', offset);
  return sortedLabels(pairs);
}

/** The one way to write a set of labels: sorted, `{a="1", b="2"}`. */
export function formatLokiLabels(labels: Iterable<readonly [string, string]>): string {
  const parts: string[] = [];
  for (const [name, value] of sortedLabels(labels)) parts.push(`${name}=${JSON.stringify(value)}`);
  return `{${parts.join(', ')}}`;
}

export function sortedLabels(pairs: Iterable<readonly [string, string]>): LokiLabels {
  return new Map([...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function unquote(quoted: string, offset: number): string {
  if (quoted.startsWith('`')) return quoted.slice(1, -1);
  return quoted
    .slice(1, -1)
    .replaceAll(
      /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs,
      (_, x?: string, u?: string, long?: string, octal?: string, single?: string) => {
        const code = x ?? u ?? long;
        if (code !== undefined) {
          const point = Number.parseInt(code, 16);
          if (point > 0x10ffff) throw wireInvalid('Label value has an impossible escape', offset);
          return String.fromCodePoint(point);
        }
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
        return escapes[single!] ?? single!;
      },
    );
}
