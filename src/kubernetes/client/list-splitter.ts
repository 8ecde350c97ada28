import { AppError } from '#base';

/** Bytes that mean something outside of strings. */
const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/** The envelope of a list is its version and a token. */
const maxEnvelopeBytes = 256 * 1024;

/**
 * Cuts a Kubernetes list into its items while it arrives, so that of a list of any length only one
 * item is held: `{"kind":"PodList","metadata":{…},"items":[{…},{…}]}`, keys in any order.
 */
export class ListSplitter {
  readonly #maxItemBytes: number;
  readonly #onItem: (json: string) => void;
  #pending: Buffer = Buffer.alloc(0);
  #scanned = 0;
  #inString = false;
  #escaped = false;
  #depth = 0;
  /** Where the string being read at depth 1 began: it may be the key `items`. */
  #stringStart = -1;
  #lastString = '';
  #inItems = false;
  #itemStart = -1;
  /** All that is no item. */
  readonly #envelope: Buffer[] = [];
  #envelopeBytes = 0;
  #envelopeStart = 0;

  /** @param onItem is called for each item in order */
  constructor(maxItemBytes: number, onItem: (json: string) => void) {
    this.#maxItemBytes = maxItemBytes;
    this.#onItem = onItem;
  }

  /** @throws {AppError} KUBERNETES_TOO_LARGE; what `onItem` throws */
  push(piece: Buffer): void {
    const bytes = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    let at = this.#scanned;
    while (at < bytes.length) {
      if (this.#inString) {
        at = this.#skipString(bytes, at);
        continue;
      }
      const byte = bytes[at] as number;
      if (byte === quote) this.#openString(at);
      else if (byte === openBrace || byte === openBracket) this.#openValue(byte, bytes, at);
      else if (byte === closeBrace || byte === closeBracket) this.#closeValue(bytes, at);
      else if (byte === comma && this.#depth === 1) this.#lastString = '';
      at++;
    }
    this.#keep(bytes);
  }

  /** The list without its items. @throws {AppError} KUBERNETES_INVALID where it is no whole list */
  end(): unknown {
    if (this.#depth !== 0 || this.#inString) throw invalid('The list breaks off');
    this.#addEnvelope(this.#pending.subarray(this.#envelopeStart));
    try {
      return JSON.parse(Buffer.concat(this.#envelope).toString('utf8'));
    } catch (cause) {
      throw invalid('The list is no JSON', cause);
    }
  }

  #skipString(bytes: Buffer, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at++;
    }
    for (;;) {
      const end = bytes.indexOf(quote, at);
      const stop = end === -1 ? bytes.length : end;
      // An odd number of backslashes before it makes it part of the text.
      let slashes = 0;
      while (stop - slashes > at && bytes[stop - slashes - 1] === backslash) slashes++;
      const escaped = slashes % 2 === 1;
      if (end === -1) {
        this.#escaped = escaped;
        return bytes.length;
      }
      if (!escaped) {
        this.#closeString(bytes, end);
        return end + 1;
      }
      at = end + 1;
    }
  }

  #openString(at: number): void {
    this.#inString = true;
    if (this.#depth === 1 && !this.#inItems) this.#stringStart = at + 1;
  }

  #closeString(bytes: Buffer, end: number): void {
    this.#inString = false;
    if (this.#stringStart === -1) return;
    this.#lastString = bytes.toString('latin1', this.#stringStart, end);
    this.#stringStart = -1;
  }

  #openValue(byte: number, bytes: Buffer, at: number): void {
    this.#depth++;
    if (this.#inItems) {
      if (this.#depth === 3) this.#itemStart = at;
    } else if (this.#depth === 2 && byte === openBracket && this.#lastString === 'items') {
      this.#inItems = true;
      this.#addEnvelope(bytes.subarray(this.#envelopeStart, at + 1));
    }
  }

  #closeValue(bytes: Buffer, at: number): void {
    this.#depth--;
    if (!this.#inItems) return;
    if (this.#depth === 2) {
      this.#checkItem(at + 1 - this.#itemStart);
      const json = bytes.toString('utf8', this.#itemStart, at + 1);
      this.#itemStart = -1;
      this.#onItem(json);
    } else if (this.#depth === 1) {
      this.#inItems = false;
      this.#envelopeStart = at;
    }
  }

  #checkItem(sizeBytes: number): void {
    if (sizeBytes <= this.#maxItemBytes) return;
    throw new AppError(
      'KUBERNETES_TOO_LARGE',
      `An object of the list is larger than ${this.#maxItemBytes} bytes`,
    );
  }

  #addEnvelope(bytes: Buffer): void {
    this.#envelopeBytes += bytes.length;
    if (this.#envelopeBytes > maxEnvelopeBytes) {
      throw invalid(`What surrounds the list's items is over ${maxEnvelopeBytes} bytes`);
    }
    this.#envelope.push(Buffer.from(bytes));
  }

  /** Keeps what is not done with; the rest is the caller's again. */
  #keep(bytes: Buffer): void {
    if (this.#inItems) {
      const from = this.#itemStart === -1 ? bytes.length : this.#itemStart;
      this.#pending = bytes.subarray(from);
      this.#itemStart = this.#itemStart === -1 ? -1 : 0;
      this.#envelopeStart = 0;
      this.#checkItem(this.#pending.length);
    } else {
      const from = this.#stringStart === -1 ? bytes.length : this.#stringStart;
      this.#addEnvelope(bytes.subarray(Math.min(this.#envelopeStart, from), from));
      this.#pending = bytes.subarray(from);
      this.#stringStart = this.#stringStart === -1 ? -1 : 0;
      this.#envelopeStart = 0;
    }
    this.#scanned = this.#pending.length;
  }
}

const invalid = (message: string, cause?: unknown): AppError =>
  new AppError('KUBERNETES_INVALID', message, cause === undefined ? {} : { cause });
