import { AppError } from '#base';

/**
 * Cuts a stream of bytes into JSON values without parsing them: values one after another, or the
 * elements of one array. Looks at each byte once; holds at most one unfinished value.
 */
export class JsonSplitter {
  readonly #ofArray: boolean;
  readonly #maxValueBytes: number;
  #pending: Buffer = Buffer.alloc(0);
  #scanned = 0;
  /** Start of the value being read, -1 between values. */
  #start = -1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #opened = false;
  #closed = false;

  /** @param ofArray true: the input is one array and its elements are the values */
  constructor(ofArray: boolean, maxValueBytes: number) {
    this.#ofArray = ofArray;
    this.#maxValueBytes = maxValueBytes;
  }

  /** True after the closing bracket of the array. */
  get closed(): boolean {
    return this.#closed;
  }

  get bufferedBytes(): number {
    return this.#pending.length;
  }

  /**
   * Whole values that end within `piece`. Views, valid until the next push.
   * @param found what was found is added here, also when a fault follows it in the same piece
   * @throws {AppError} WIRE_INVALID, WIRE_TOO_LARGE
   */
  push(piece: Uint8Array, found: Buffer[] = []): Buffer[] {
    const bytes = Buffer.concat([this.#pending, piece]);
    let i = this.#scanned;
    let start = this.#start;
    const finish = (end: number): void => {
      found.push(bytes.subarray(start, end));
      start = -1;
    };
    for (; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === 0x5c) this.#escaped = true;
        else if (byte === 0x22) {
          this.#inString = false;
          if (this.#depth === 0) finish(i + 1);
        }
        continue;
      }
      const isSpace = byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
      if (start === -1) {
        if (isSpace) continue;
        if (this.#ofArray) {
          if (!this.#opened) {
            if (byte !== 0x5b) throw invalid('The body is not a JSON array');
            this.#opened = true;
            continue;
          }
          if (this.#closed) throw invalid('Text follows the JSON array');
          if (byte === 0x2c) continue;
          if (byte === 0x5d) {
            this.#closed = true;
            continue;
          }
        }
        start = i;
      }
      if (byte === 0x22) this.#inString = true;
      else if (byte === 0x7b || byte === 0x5b) this.#depth++;
      else if (byte === 0x7d || byte === 0x5d) {
        if (this.#depth === 0) {
          // The end of a number or word, and of the array around it.
          if (!this.#ofArray) throw invalid('The JSON has a bracket that was never opened');
          finish(i);
          this.#closed = true;
          continue;
        }
        this.#depth--;
        if (this.#depth === 0) finish(i + 1);
      } else if (this.#depth === 0 && (isSpace || (this.#ofArray && byte === 0x2c))) finish(i);
    }
    const keepFrom = start === -1 ? bytes.length : start;
    this.#pending = Buffer.from(bytes.subarray(keepFrom));
    this.#scanned = this.#pending.length;
    this.#start = start === -1 ? -1 : 0;
    if (this.#pending.length > this.#maxValueBytes) {
      throw new AppError(
        'WIRE_TOO_LARGE',
        `A JSON value is larger than ${this.#maxValueBytes} bytes`,
      );
    }
    return found;
  }
}

const invalid = (message: string): AppError => new AppError('WIRE_INVALID', message);
