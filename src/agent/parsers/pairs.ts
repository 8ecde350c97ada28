import type { RecordMap } from '../contract.ts';

/** `label:value` pairs between tabs; undefined when there is no pair. */
export function parseLtsv(text: string): RecordMap | undefined {
  const record: RecordMap = new Map();
  for (const pair of text.replace(/[\r\n]+$/, '').split('\t')) {
    const colon = pair.indexOf(':');
    if (colon > 0) record.set(pair.slice(0, colon), pair.slice(colon + 1));
  }
  return record.size === 0 ? undefined : record;
}

/** Bytes of keys and plain values: anything above a space but `=` and `"`. */
const word = /[^\0-\x20="]*/y;
/** The rest of a quoted value; a quote that does not end takes the rest of the line. */
const quoted = /((?:[^"\\]+|\\[\s\S])*)(?:"|\\?$)/y;

/**
 * `key=value key="quoted \"value\"" bare`; what can be no key is passed over. A key without a value,
 * bare or with `=`, becomes true; a bare one makes the line unfit where `noBareKeys` is set. Undefined
 * when there is no pair.
 */
export function parseLogfmt(text: string, noBareKeys: boolean): RecordMap | undefined {
  const record: RecordMap = new Map();
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)!;
    at = pattern.lastIndex;
    return match;
  };
  while (at < text.length) {
    const [key] = take(word);
    if (key === '') {
      at++;
      continue;
    }
    if (text[at] !== '=') {
      if (noBareKeys) return undefined;
      record.set(key, true);
      continue;
    }
    at++;
    if (text[at] === '"') {
      at++;
      record.set(key, unquote(take(quoted)[1]!));
    } else record.set(key, take(word)[0] || true);
  }
  return record.size === 0 ? undefined : record;
}

function unquote(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/gs, (_, char: string) => plainOf[char] ?? char);
}

const plainOf: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
