/**
 * Finds the values of chosen fields in messages of bytes, with what DuckDB's `json_extract_string`
 * gives for them. Whatever is not certain to be the same is doubted, and a field with a doubt is
 * then not kept: this scanner may know less than the engine, never something else.
 */

/** What a field of one message is. */
export const unseen = 0;
/** JSON null, or an object's place taken by something else: no text. */
export const nothing = 1;
/** The bytes from `starts` on, `lengths` long, are its text. */
export const plainText = 2;
/** The bytes are a string's inside and hold escapes. */
export const escapedText = 3;

/** Deeper values are doubted. */
const maxDepth = 200;

interface Key {
  readonly bytes: Buffer;
  readonly id: number;
  /** Index of the field that ends here, or -1. */
  field: number;
  /** Fields that have another reading when this key exists. */
  readonly spoils: number[];
  object: ObjectNode | undefined;
}

interface ObjectNode {
  readonly slots: (Key[] | undefined)[];
}

const slotMask = 63;
const slotOf = (first: number, last: number, length: number): number =>
  (first + last * 3 + length * 7) & slotMask;

/** Names that mean the same in a JSON pointer, a column's name and a message. */
export const isPlainKey = (key: string): boolean => /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key);

const quote = 0x22;
const backslash = 0x5c;

export class FieldScanner {
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly kinds: Uint8Array;
  /** Fields whose values are not certain in some message so far. */
  readonly doubted: Uint8Array;
  readonly #root: ObjectNode = { slots: [] };
  readonly #seen: Int32Array;
  #keys = 0;
  #message = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #end = 0;
  #at = 0;
  /** Set by the last string that was stepped over. */
  #escaped = false;

  /** @param paths keys from the outermost object inwards, each a plain key */
  constructor(paths: readonly (readonly string[])[]) {
    this.starts = new Int32Array(paths.length);
    this.lengths = new Int32Array(paths.length);
    this.kinds = new Uint8Array(paths.length);
    this.doubted = new Uint8Array(paths.length);
    paths.forEach((path, field) => {
      let node = this.#root;
      path.forEach((key, depth) => {
        // a.b.c is read as /a/b/c, and where that is missing as /a/b.c and /a.b.c.
        if (depth < path.length - 1)
          this.#key(node, path.slice(depth).join('.')).spoils.push(field);
        const entry = this.#key(node, key);
        if (depth === path.length - 1) entry.field = field;
        else {
          entry.object ??= { slots: [] };
          node = entry.object;
        }
      });
    });
    this.#seen = new Int32Array(this.#keys);
  }

  #key(node: ObjectNode, text: string): Key {
    const bytes = Buffer.from(text);
    const slot = slotOf(bytes[0]!, bytes.at(-1)!, bytes.length);
    node.slots[slot] ??= [];
    const known = node.slots[slot].find((key) => key.bytes.equals(bytes));
    if (known !== undefined) return known;
    const key = { bytes, id: this.#keys++, field: -1, spoils: [], object: undefined };
    node.slots[slot].push(key);
    return key;
  }

  /** The buffer that `scan` reads. */
  use(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Looks at one message; `kinds`, `starts` and `lengths` tell what it holds. */
  scan(start: number, end: number): void {
    this.kinds.fill(unseen);
    const bytes = this.#bytes;
    let from = start;
    while (from < end && isSpace(bytes[from]!)) from++;
    if (bytes[from] !== 0x7b || from >= end) return;
    let to = end;
    while (isSpace(bytes[to - 1]!)) to--;
    if (bytes[to - 1] !== 0x7d) return;
    this.#message += 1;
    this.#at = from + 1;
    this.#end = to;
    if (this.#object(this.#root, 0) && this.#at === to) return;
    this.kinds.fill(unseen);
    if (mayBeJson(bytes.subarray(from, to))) this.doubted.fill(1);
  }

  /** After `{`; leaves the place after `}`. False where it is no JSON or may be none. */
  #object(node: ObjectNode | undefined, depth: number): boolean {
    if (depth > maxDepth) return false;
    const bytes = this.#bytes;
    if (this.#space() === 0x7d) {
      this.#at += 1;
      return true;
    }
    for (;;) {
      if (this.#space() !== quote) return false;
      const keyStart = this.#at + 1;
      if (!this.#string()) return false;
      const keyEnd = this.#at - 1;
      const escaped = this.#escaped;
      if (this.#space() !== 0x3a) return false;
      this.#at += 1;
      this.#space();
      const key = node === undefined ? undefined : this.#find(node, keyStart, keyEnd, escaped);
      if (key === undefined) {
        if (!this.#value(depth)) return false;
      } else if (!this.#wanted(key, depth)) return false;
      const next = this.#space();
      this.#at += 1;
      if (next === 0x7d) return true;
      if (next !== 0x2c || bytes === undefined) return false;
    }
  }

  #find(node: ObjectNode, start: number, end: number, escaped: boolean): Key | undefined {
    if (escaped) {
      // Such a key could spell any name: no field below this object is certain.
      this.#doubt(node);
      return undefined;
    }
    const bytes = this.#bytes;
    const length = end - start;
    if (length === 0) return undefined;
    const keys = node.slots[slotOf(bytes[start]!, bytes[end - 1]!, length)];
    if (keys === undefined) return undefined;
    next: for (const key of keys) {
      const text = key.bytes;
      if (text.length !== length) continue;
      for (let i = 0; i < length; i++) if (text[i] !== bytes[start + i]) continue next;
      // The first of equal keys counts.
      if (this.#seen[key.id] === this.#message) return undefined;
      this.#seen[key.id] = this.#message;
      return key;
    }
    return undefined;
  }

  #doubt(node: ObjectNode): void {
    for (const key of node.slots.flatMap((keys) => keys ?? [])) {
      if (key.field !== -1) this.doubted[key.field] = 1;
      for (const field of key.spoils) this.doubted[field] = 1;
      if (key.object !== undefined) this.#doubt(key.object);
    }
  }

  #wanted(key: Key, depth: number): boolean {
    for (const field of key.spoils) this.doubted[field] = 1;
    const { field } = key;
    const start = this.#at;
    const first = this.#bytes[start];
    if (first === 0x7b && key.object !== undefined) {
      this.#at += 1;
      if (!this.#object(key.object, depth + 1)) return false;
    } else if (!this.#value(depth)) return false;
    if (field === -1) return true;
    if (first === quote) {
      this.kinds[field] = this.#escaped ? escapedText : plainText;
      this.starts[field] = start + 1;
      this.lengths[field] = this.#at - start - 2;
    } else if (first === 0x6e) {
      this.kinds[field] = nothing;
    } else if (this.#isSimpleNumber(start, this.#at)) {
      this.kinds[field] = plainText;
      this.starts[field] = start;
      this.lengths[field] = this.#at - start;
    } else {
      // Booleans, objects, lists and numbers that the engine writes in its own way.
      this.doubted[field] = 1;
    }
    return true;
  }

  /** A whole number of at most 15 digits: every writer spells it alike. */
  #isSimpleNumber(start: number, end: number): boolean {
    let from = start;
    if (this.#bytes[from] === 0x2d) {
      from += 1;
      if (this.#bytes[from] === 0x30) return false;
    }
    if (end - from > 15) return false;
    for (let i = from; i < end; i++) {
      const digit = this.#bytes[i]! - 0x30;
      if (digit < 0 || digit > 9) return false;
    }
    return true;
  }

  /** Steps over any value. */
  #value(depth: number): boolean {
    const first = this.#bytes[this.#at];
    switch (first) {
      case quote:
        return this.#string();
      case 0x7b:
        this.#at += 1;
        return this.#object(undefined, depth + 1);
      case 0x5b:
        this.#at += 1;
        return this.#list(depth + 1);
      case 0x74:
        return this.#word(0x65757274, 4);
      case 0x6e:
        return this.#word(0x6c6c756e, 4);
      case 0x66:
        this.#at += 1;
        return this.#word(0x65736c61, 4);
      default:
        return this.#number();
    }
  }

  #list(depth: number): boolean {
    if (depth > maxDepth) return false;
    if (this.#space() === 0x5d) {
      this.#at += 1;
      return true;
    }
    for (;;) {
      this.#space();
      if (!this.#value(depth)) return false;
      const next = this.#space();
      this.#at += 1;
      if (next === 0x5d) return true;
      if (next !== 0x2c) return false;
    }
  }

  #word(text: number, length: number): boolean {
    if (this.#at + length > this.#end || this.#view.getInt32(this.#at, true) !== text) return false;
    this.#at += length;
    return true;
  }

  #number(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    if (bytes[at] === 0x2d) at++;
    const whole = at;
    while (at < end && isDigit(bytes[at]!)) at++;
    if (at === whole || (bytes[whole] === 0x30 && at > whole + 1)) return false;
    if (bytes[at] === 0x2e) {
      const fraction = ++at;
      while (at < end && isDigit(bytes[at]!)) at++;
      if (at === fraction) return false;
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at++;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
      const exponent = at;
      while (at < end && isDigit(bytes[at]!)) at++;
      if (at === exponent) return false;
    }
    this.#at = at;
    return at < end;
  }

  /** From the opening quote to after the closing one. */
  #string(): boolean {
    const bytes = this.#bytes;
    const view = this.#view;
    const end = this.#end;
    this.#escaped = false;
    let at = this.#at + 1;
    for (;;) {
      // Four bytes at once while none of them is a quote, a backslash or a control character.
      while (at + 4 <= end) {
        const word = view.getInt32(at, true);
        const quotes = word ^ 0x22222222;
        const slashes = word ^ 0x5c5c5c5c;
        const found =
          (((quotes - 0x01010101) & ~quotes) |
            ((slashes - 0x01010101) & ~slashes) |
            ((word - 0x20202020) & ~word)) &
          0x80808080;
        if (found !== 0) break;
        at += 4;
      }
      if (at >= end) return false;
      const byte = bytes[at]!;
      if (byte === quote) {
        this.#at = at + 1;
        return true;
      }
      if (byte < 0x20) return false;
      if (byte === backslash) {
        const length = this.#escape(at);
        if (length === 0) return false;
        this.#escaped = true;
        at += length;
      } else {
        at += 1;
      }
    }
  }

  /** Bytes of the escape sequence at `at`; 0 where it is none or half a pair of surrogates. */
  #escape(at: number): number {
    switch (this.#bytes[at + 1]) {
      case quote:
      case backslash:
      case 0x2f:
      case 0x62:
      case 0x66:
      case 0x6e:
      case 0x72:
      case 0x74:
        return 2;
      case 0x75: {
        const unit = this.#hex(at + 2);
        if (unit < 0) return 0;
        if (unit < 0xd800 || unit > 0xdfff) return 6;
        if (unit > 0xdbff || this.#bytes[at + 6] !== backslash) return 0;
        if (this.#bytes[at + 7] !== 0x75) return 0;
        const low = this.#hex(at + 8);
        return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
      }
      default:
        return 0;
    }
  }

  #hex(at: number): number {
    if (at + 4 > this.#end) return -1;
    const text = String.fromCharCode(...this.#bytes.subarray(at, at + 4));
    return /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : -1;
  }

  /** Steps over white space; the byte after it, or -1 at the end. */
  #space(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < this.#end && isSpace(bytes[at]!)) at++;
    this.#at = at;
    return at < this.#end ? bytes[at]! : -1;
  }
}

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/**
 * Whether the engine, which is more lenient than JSON, may read what the scanner did not: it takes
 * NaN, infinities and commas before a closing bracket, and the scanner gives up on deep values.
 */
function mayBeJson(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  if (/,\s*[\]}]|nan|inf/i.test(text)) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
