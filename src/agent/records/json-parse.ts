import { RawNumber, type RecordMap, type RecordValue } from '../contract.ts';

/** Deeper text is refused: neither our parser nor a reader downstream should recurse without end. */
export const maxJsonDepth = 256;

const failed: unique symbol = Symbol('not JSON');

/**
 * Parses exactly one JSON object (white space around it is fine). Keys keep their order, whatever
 * they look like; a repeated key keeps its first place and its last value. Numbers that a double
 * would print differently (64-bit integers, `1.0`, `1e3`) become {@link RawNumber}.
 *
 * @returns undefined when the text is anything else, or nested deeper than {@link maxJsonDepth}
 */
export function parseJsonRecord(text: string): RecordMap | undefined {
  const value = new JsonReader(text).document();
  return value instanceof Map ? value : undefined;
}

/** Like {@link parseJsonRecord} for a value of any kind. */
export function parseJsonValue(text: string): RecordValue | undefined {
  return new JsonReader(text).document();
}

/**
 * The JSON values that stand in `text` one after another, with or without white space between them
 * (how `json_stream` and `json_lines` bodies are written). Stops at the first text that is no value.
 */
export function parseJsonStream(text: string): { values: RecordValue[]; complete: boolean } {
  const reader = new JsonReader(text);
  const values: RecordValue[] = [];
  while (!reader.atEnd()) {
    const value = reader.next();
    if (value === undefined) return { values, complete: false };
    values.push(value);
  }
  return { values, complete: true };
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  /** Where the first backslash at or after the place last looked from is. */
  #nextEscape = -1;

  constructor(text: string) {
    this.#text = text;
  }

  document(): RecordValue | undefined {
    this.#skipSpace();
    const value = this.#value(0);
    this.#skipSpace();
    return value === failed || this.#at !== this.#text.length ? undefined : value;
  }

  atEnd(): boolean {
    this.#skipSpace();
    return this.#at >= this.#text.length;
  }

  next(): RecordValue | undefined {
    const value = this.#value(0);
    return value === failed ? undefined : value;
  }

  #skipSpace(): void {
    const text = this.#text;
    let at = this.#at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break;
      at++;
    }
    this.#at = at;
  }

  #value(depth: number): RecordValue | typeof failed {
    const code = this.#text.charCodeAt(this.#at);
    if (code === 34) return this.#string();
    if (code === 123) return depth >= maxJsonDepth ? failed : this.#object(depth + 1);
    if (code === 91) return depth >= maxJsonDepth ? failed : this.#array(depth + 1);
    if (code === 45 || (code >= 48 && code <= 57)) return this.#number();
    if (code === 116) return this.#word('true', true);
    if (code === 102) return this.#word('false', false);
    if (code === 110) return this.#word('null', null);
    return failed;
  }

  #word<T extends RecordValue>(word: string, value: T): T | typeof failed {
    if (!this.#text.startsWith(word, this.#at)) return failed;
    this.#at += word.length;
    return value;
  }

  #object(depth: number): RecordMap | typeof failed {
    const text = this.#text;
    const map: RecordMap = new Map();
    this.#at++;
    this.#skipSpace();
    if (text.charCodeAt(this.#at) === 125) {
      this.#at++;
      return map;
    }
    for (;;) {
      if (text.charCodeAt(this.#at) !== 34) return failed;
      const key = this.#string();
      if (key === failed) return failed;
      this.#skipSpace();
      if (text.charCodeAt(this.#at) !== 58) return failed;
      this.#at++;
      this.#skipSpace();
      const value = this.#value(depth);
      if (value === failed) return failed;
      map.set(key, value);
      this.#skipSpace();
      const code = text.charCodeAt(this.#at++);
      if (code === 125) return map;
      if (code !== 44) return failed;
      this.#skipSpace();
    }
  }

  #array(depth: number): RecordValue[] | typeof failed {
    const text = this.#text;
    const list: RecordValue[] = [];
    this.#at++;
    this.#skipSpace();
    if (text.charCodeAt(this.#at) === 93) {
      this.#at++;
      return list;
    }
    for (;;) {
      const value = this.#value(depth);
      if (value === failed) return failed;
      list.push(value);
      this.#skipSpace();
      const code = text.charCodeAt(this.#at++);
      if (code === 93) return list;
      if (code !== 44) return failed;
      this.#skipSpace();
    }
  }

  #string(): string | typeof failed {
    const text = this.#text;
    const start = this.#at + 1;
    const end = text.indexOf('"', start);
    if (end === -1) return failed;
    // The next backslash is looked for once, not once a string. Raw control characters are let
    // through, as stock does.
    if (this.#nextEscape < start) {
      const found = text.indexOf('\\', start);
      this.#nextEscape = found === -1 ? text.length : found;
    }
    if (this.#nextEscape < end) return this.#escapedString(start, this.#nextEscape);
    this.#at = end + 1;
    return text.slice(start, end);
  }

  #escapedString(start: number, firstEscape: number): string | typeof failed {
    const text = this.#text;
    let out = text.slice(start, firstEscape);
    let at = firstEscape;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 34) {
        this.#at = at + 1;
        return out;
      }
      if (Number.isNaN(code)) return failed;
      if (code !== 92) {
        let end = at + 1;
        for (;;) {
          const next = text.charCodeAt(end);
          if (next === 34 || next === 92 || Number.isNaN(next)) break;
          end++;
        }
        out += text.slice(at, end);
        at = end;
        continue;
      }
      const letter = text.charCodeAt(at + 1);
      if (letter === 117) {
        const hex = text.slice(at + 2, at + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) return failed;
        out += String.fromCharCode(Number.parseInt(hex, 16));
        at += 6;
        continue;
      }
      const plain = escapes.get(letter);
      if (plain === undefined) return failed;
      out += plain;
      at += 2;
    }
  }

  #number(): number | RawNumber | typeof failed {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    const negative = text.charCodeAt(at) === 45;
    if (negative) at++;
    const firstDigit = text.charCodeAt(at);
    if (!(firstDigit >= 48 && firstDigit <= 57)) return failed;
    let value = 0;
    let code = firstDigit;
    while (code >= 48 && code <= 57) {
      value = value * 10 + (code - 48);
      code = text.charCodeAt(++at);
    }
    const digits = at - start - (negative ? 1 : 0);
    if (firstDigit === 48 && digits > 1) return failed;
    if (code !== 46 && code !== 101 && code !== 69) {
      this.#at = at;
      if (digits > 15 || (negative && value === 0)) return new RawNumber(text.slice(start, at));
      return negative ? -value : value;
    }
    numberTail.lastIndex = at;
    if (!numberTail.test(text)) return failed;
    this.#at = numberTail.lastIndex;
    return new RawNumber(text.slice(start, this.#at));
  }
}

const numberTail = /(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;

const escapes: ReadonlyMap<number, string> = new Map([
  [34, '"'],
  [92, '\\'],
  [47, '/'],
  [98, '\b'],
  [102, '\f'],
  [110, '\n'],
  [114, '\r'],
  [116, '\t'],
]);
