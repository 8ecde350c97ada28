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

/**
 * `key=value key="quoted \"value\"" bare`; a bare key becomes true, or makes the line unfit where
 * `noBareKeys` is set. Undefined when there is no pair.
 */
export function parseLogfmt(text: string, noBareKeys: boolean): RecordMap | undefined {
  const record: RecordMap = new Map();
  const token = /[\s]*([^\s="]+)(?:(=)(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?/gy;
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [whole, key = '', equals, quoted, plain] = match;
    end = match.index + whole.length;
    if (equals === undefined) {
      if (noBareKeys) return undefined;
      record.set(key, true);
    } else record.set(key, quoted === undefined ? (plain ?? '') : unquote(quoted));
  }
  return record.size === 0 || text.slice(end).trim() !== '' ? undefined : record;
}

function unquote(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/gs, (_, char: string) => plainOf[char] ?? char);
}

const plainOf: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
