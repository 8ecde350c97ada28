import { systemClock } from '#base';
import { encodedSectionBytes, maxTimestampMs } from '#logs/batch';

const headerBytes = 8;
const sectionHeaderBytes = 16;
const align8 = (offset: number): number => (offset + 7) & ~7;

/** A burst of long lines may have grown the buffers; beyond this they are given back. */
const maxKeptBytes = 4 * 1024 * 1024;

const startMessageBytes = 512 * 1024;
const startBatchBytes = 1024 * 1024;

/**
 * Writes the batch layout of `#logs/batch` without an object per event: the caller puts message
 * bytes straight into `messages` and commits them. Buffers are reused from batch to batch.
 */
export class BatchWriter {
  /** Messages of the open section; may be replaced by `reserve`. */
  messages: Buffer = Buffer.allocUnsafeSlow(startMessageBytes);
  #messageEnd = 0;
  #times = new Float64Array(4096);
  #count = 0;
  #group: Uint8Array | undefined;
  #stream: Uint8Array | undefined;
  #out: Buffer = Buffer.allocUnsafeSlow(startBatchBytes);
  #outEnd = headerBytes;
  #sections = 0;
  #events = 0;
  readonly #wallMs: () => number;

  /** @param wallMs the time of events whose own no store takes */
  constructor(wallMs: () => number = systemClock.nowMs) {
    this.#wallMs = wallMs;
  }

  /** Bytes of the batch as it would be encoded now, close to exact. */
  get bytes(): number {
    return this.#outEnd + this.#messageEnd + this.#count * 8;
  }

  get events(): number {
    return this.#events + this.#count;
  }

  /** Opens a section; the same names as the last time continue the open one. */
  begin(group: Uint8Array, stream: Uint8Array): void {
    if (this.#group === group && this.#stream === stream) return;
    this.#endSection();
    this.#group = group;
    this.#stream = stream;
  }

  /** Room for `bytes` of message at the returned place of `messages`. */
  reserve(bytes: number): number {
    const at = this.#messageEnd + 4;
    if (at + bytes > this.messages.length) this.#growMessages(at + bytes, this.#messageEnd);
    return at;
  }

  /** More room for the message being written, `written` of whose bytes end at that place. */
  extend(writtenEnd: number, bytes: number): void {
    if (writtenEnd + bytes > this.messages.length) {
      this.#growMessages(writtenEnd + bytes, writtenEnd);
    }
  }

  /** The message that began at the place `reserve` gave ends at `end` (exclusive). */
  commit(timestampMs: number, end: number): void {
    const start = this.#messageEnd;
    const length = end - start - 4;
    const { messages } = this;
    messages[start] = length;
    messages[start + 1] = length >>> 8;
    messages[start + 2] = length >>> 16;
    messages[start + 3] = length >>> 24;
    this.#messageEnd = end;
    if (this.#count === this.#times.length) {
      const grown = new Float64Array(this.#times.length * 2);
      grown.set(this.#times);
      this.#times = grown;
    }
    const isStorable = timestampMs >= 0 && timestampMs <= maxTimestampMs;
    this.#times[this.#count++] = isStorable ? timestampMs : this.#wallMs();
  }

  /** A message that stands elsewhere already. */
  add(timestampMs: number, message: Uint8Array): void {
    const at = this.reserve(message.length);
    this.messages.set(message, at);
    this.commit(timestampMs, at + message.length);
  }

  /** The encoded batch: a view, valid until `reset`. */
  finish(): Buffer {
    this.#endSection();
    this.#out.writeUInt32LE(0x31424c4e, 0);
    this.#out.writeUInt32LE(this.#sections, 4);
    return this.#out.subarray(0, this.#outEnd);
  }

  reset(): void {
    this.#group = undefined;
    this.#stream = undefined;
    this.#outEnd = headerBytes;
    this.#sections = 0;
    this.#events = 0;
    this.#count = 0;
    this.#messageEnd = 0;
    if (this.messages.length > maxKeptBytes) {
      this.messages = Buffer.allocUnsafeSlow(startMessageBytes);
    }
    if (this.#out.length > maxKeptBytes) this.#out = Buffer.allocUnsafeSlow(startBatchBytes);
    if (this.#times.length > 262_144) this.#times = new Float64Array(4096);
  }

  #endSection(): void {
    const group = this.#group;
    const stream = this.#stream;
    const count = this.#count;
    if (group === undefined || stream === undefined || count === 0) return;
    const bytes = encodedSectionBytes(group.length, stream.length, count, this.#messageEnd);
    this.#reserveOut(bytes);
    const out = this.#out;
    let at = this.#outEnd;
    out.writeUInt16LE(group.length, at);
    out.writeUInt16LE(stream.length, at + 2);
    out.writeUInt32LE(count, at + 4);
    out.writeUInt32LE(this.#messageEnd, at + 8);
    out.writeUInt32LE(0, at + 12);
    out.set(group, at + sectionHeaderBytes);
    const namesEnd = at + sectionHeaderBytes + group.length + stream.length;
    out.set(stream, at + sectionHeaderBytes + group.length);
    at = align8(namesEnd);
    out.fill(0, namesEnd, at);
    out.set(new Uint8Array(this.#times.buffer, 0, count * 8), at);
    at += count * 8;
    this.messages.copy(out, at, 0, this.#messageEnd);
    const end = at + this.#messageEnd;
    out.fill(0, end, align8(end));
    this.#outEnd = align8(end);
    this.#sections++;
    this.#events += count;
    this.#count = 0;
    this.#messageEnd = 0;
  }

  #growMessages(needed: number, used: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.messages.length * 2));
    this.messages.copy(grown, 0, 0, used);
    this.messages = grown;
  }

  #reserveOut(bytes: number): void {
    if (this.#outEnd + bytes <= this.#out.length) return;
    const grown = Buffer.allocUnsafeSlow(
      Math.max(this.#outEnd + bytes, Math.ceil(this.#out.length * 1.5)),
    );
    this.#out.copy(grown, 0, 0, this.#outEnd);
    this.#out = grown;
  }
}
