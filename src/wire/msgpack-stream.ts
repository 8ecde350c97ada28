import { wireTooLarge } from './errors.ts';
import { MsgpackScanner } from './msgpack-read.ts';

/**
 * Cuts a byte stream into complete MessagePack values without decoding them. Holds at most one
 * unfinished value of `maxValueBytes` plus the last piece pushed.
 */
export class MsgpackStream {
  readonly #maxValueBytes: number;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #scanner = new MsgpackScanner(0);

  constructor(maxValueBytes: number) {
    this.#maxValueBytes = maxValueBytes;
  }

  /** Bytes held that no `next` has given yet. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** The piece is copied. */
  push(piece: Uint8Array): void {
    const held = this.#end - this.#start;
    if (this.#end + piece.length > this.#bytes.length) {
      // Move what is held to the front, into a larger buffer where it would not fit.
      const needed = held + piece.length;
      const target =
        needed <= this.#bytes.length
          ? this.#bytes
          : Buffer.allocUnsafe(Math.max(needed, Math.min(held * 2, this.#maxValueBytes + needed)));
      this.#bytes.copy(target, 0, this.#start, this.#end);
      this.#bytes = target;
      this.#scanner.offset -= this.#start;
      this.#start = 0;
      this.#end = held;
    }
    this.#bytes.set(piece, this.#end);
    this.#end += piece.length;
  }

  /**
   * The next complete value's bytes, undefined until more is pushed. A view, valid until the next
   * `push`. @throws {AppError} WIRE_INVALID, WIRE_TOO_LARGE; the stream cannot be used afterwards
   */
  next(): Buffer | undefined {
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
      this.#scanner = new MsgpackScanner(0);
      // An idle connection must not keep the memory of its largest message.
      if (this.#bytes.length > 65_536) this.#bytes = Buffer.alloc(0);
      return undefined;
    }
    if (!this.#scanner.advance(this.#bytes, this.#end)) {
      if (this.#end - this.#start > this.#maxValueBytes) {
        throw wireTooLarge('A message', this.#maxValueBytes);
      }
      return undefined;
    }
    const value = this.#bytes.subarray(this.#start, this.#scanner.offset);
    if (value.length > this.#maxValueBytes) throw wireTooLarge('A message', this.#maxValueBytes);
    this.#start = this.#scanner.offset;
    this.#scanner = new MsgpackScanner(this.#start);
    return value;
  }
}
