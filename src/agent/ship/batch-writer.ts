import { invariant, systemClock } from '#base';
import {
  columnBytes,
  maxTimestampMs,
  messageFrameBytes,
  packedHeaderBytes,
  packedMagic,
  packedSectionHeaderBytes,
  sectionKind,
} from '#logs/batch';

const align8 = (offset: number): number => Math.ceil(offset / 8) * 8;

/** A burst of long lines may have grown the buffers; beyond this they are given back. */
const maxKeptBytes = 4 * 1024 * 1024;
const maxKeptEvents = 65_536;

/** A batch of the usual size with its columns, and one more read of a file behind it. */
const startBatchBytes = 1280 * 1024;
const startEvents = 8192;

const noBytes = new Uint8Array(0);
const maxOffsetMs = 2 ** 31 - 1;

/**
 * Writes the packed batch of `#logs/batch` without an object per event: what a section holds is
 * copied straight to its place, the columns follow when the section ends. Buffers are reused from
 * batch to batch.
 */
export class BatchWriter {
  /** The batch so far, its open section last. */
  #out: Buffer = Buffer.allocUnsafeSlow(startBatchBytes);
  /** End of what is written. */
  #end = packedHeaderBytes;
  #sections = 0;
  /** In ended sections. */
  #events = 0;
  #expandedBytes = 0;

  /** Of the open section; its kind is undefined when none is open. */
  #kind: number | undefined;
  #group: Uint8Array = noBytes;
  #stream: Uint8Array = noBytes;
  #tail: Uint8Array = noBytes;
  #sectionStart = 0;
  #bodyStart = 0;
  #rowsEnd = 0;
  #count = 0;
  #times = new Float64Array(startEvents);
  #rows = new Uint32Array(startEvents);
  #timeBytes = new Uint8Array(startEvents);
  readonly #wallMs: () => number;

  /** @param wallMs the time of events whose own no store takes */
  constructor(wallMs: () => number = systemClock.nowMs) {
    this.#wallMs = wallMs;
  }

  /** Bytes of the batch as it would be encoded now, close to exact. */
  get bytes(): number {
    return this.#end + (this.#kind === undefined ? 0 : columnBytes(this.#kind, this.#count));
  }

  /** About what the messages take where they are read, escapes apart. */
  get expandedBytes(): number {
    return this.#expandedBytes;
  }

  get events(): number {
    return this.#events + this.#count;
  }

  /** Opens a section of messages; the same names as the last time continue the open one. */
  begin(group: Uint8Array, stream: Uint8Array): void {
    if (this.#kind === sectionKind.messages && this.#is(group, stream, noBytes)) return;
    this.#open(sectionKind.messages, group, stream, noBytes);
  }

  /** Opens a section of container lines; the same three as the last time continue the open one. */
  beginLines(group: Uint8Array, stream: Uint8Array, tail: Uint8Array): void {
    if (this.#kind === sectionKind.lines && this.#is(group, stream, tail)) return;
    this.#open(sectionKind.lines, group, stream, tail);
  }

  /** A message in a section of messages. */
  add(timestampMs: number, message: Uint8Array): void {
    this.#reserve(4 + message.length);
    const out = this.#out;
    const at = this.#end;
    out.writeUInt32LE(message.length, at);
    out.set(message, at + 4);
    this.#end = at + 4 + message.length;
    this.#expandedBytes += message.length;
    this.#addTime(timestampMs);
    this.#count++;
  }

  /** Bytes of rows in a section of lines; a call of `row` for each of them comes before or after. */
  write(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    source.copy(this.#out, this.#end, start, end);
    this.#end += end - start;
  }

  /**
   * One row of a section of lines.
   * @param bytes its line feed included
   * @param timeBytes of the time at its head
   * @param form see `rowForm`
   */
  row(timestampMs: number, bytes: number, timeBytes: number, form: number): void {
    this.#addTime(timestampMs);
    const row = this.#count++;
    this.#rows[row] = bytes * 4 + form;
    this.#timeBytes[row] = timeBytes;
    this.#rowsEnd += bytes;
    const text = form === 0 ? bytes : bytes * 2;
    this.#expandedBytes += text + this.#tail.length + messageFrameBytes;
  }

  /** The encoded batch: a view, valid until `reset`. */
  finish(): Buffer {
    this.#endSection();
    this.#out.writeUInt32LE(packedMagic, 0);
    this.#out.writeUInt32LE(this.#sections, 4);
    return this.#out.subarray(0, this.#end);
  }

  reset(): void {
    this.#kind = undefined;
    this.#end = packedHeaderBytes;
    this.#sections = 0;
    this.#events = 0;
    this.#expandedBytes = 0;
    this.#count = 0;
    if (this.#out.length > maxKeptBytes) this.#out = Buffer.allocUnsafeSlow(startBatchBytes);
    if (this.#times.length > maxKeptEvents) this.#makeColumns(startEvents);
  }

  #is(group: Uint8Array, stream: Uint8Array, tail: Uint8Array): boolean {
    return this.#group === group && this.#stream === stream && this.#tail === tail;
  }

  #open(kind: number, group: Uint8Array, stream: Uint8Array, tail: Uint8Array): void {
    this.#endSection();
    this.#kind = kind;
    this.#group = group;
    this.#stream = stream;
    this.#tail = tail;
    this.#sectionStart = this.#end;
    const namesStart = this.#end + packedSectionHeaderBytes;
    const namesEnd = namesStart + group.length + stream.length + tail.length;
    this.#bodyStart = align8(namesEnd);
    this.#reserve(this.#bodyStart - this.#end);
    this.#out.set(group, namesStart);
    this.#out.set(stream, namesStart + group.length);
    this.#out.set(tail, namesStart + group.length + stream.length);
    this.#out.fill(0, namesEnd, this.#bodyStart);
    this.#end = this.#bodyStart;
    this.#rowsEnd = this.#bodyStart;
  }

  #endSection(): void {
    if (this.#kind === undefined) return;
    const count = this.#count;
    const bodyBytes = this.#end - this.#bodyStart;
    if (count === 0) {
      this.#end = this.#sectionStart;
      this.#kind = undefined;
      return;
    }
    const isLines = this.#kind === sectionKind.lines;
    invariant(!isLines || this.#rowsEnd === this.#end, 'Rows of a batch do not add up');
    const kind = isLines && !this.#areNear(count) ? sectionKind.wideLines : this.#kind;
    const start = align8(this.#end);
    const columns = columnBytes(kind, count);
    const end = align8(start + columns);
    this.#reserve(end - this.#end);
    const out = this.#out;
    out.fill(0, this.#end, start);
    out.fill(0, start + columns, end);
    let at = start;
    if (kind === sectionKind.lines) {
      const base = this.#times[0]!;
      out.writeDoubleLE(base, at);
      const offsets = new Int32Array(out.buffer, out.byteOffset + at + 8, count);
      for (let i = 0; i < count; i++) offsets[i] = this.#times[i]! - base;
      at += 8 + count * 4;
    } else {
      out.set(new Uint8Array(this.#times.buffer, 0, count * 8), at);
      at += count * 8;
    }
    if (isLines) {
      out.set(new Uint8Array(this.#rows.buffer, 0, count * 4), at);
      out.set(this.#timeBytes.subarray(0, count), at + count * 4);
    }
    out.writeUInt16LE(this.#group.length, this.#sectionStart);
    out.writeUInt16LE(this.#stream.length, this.#sectionStart + 2);
    out.writeUInt32LE(count, this.#sectionStart + 4);
    out.writeUInt32LE(bodyBytes, this.#sectionStart + 8);
    out.writeUInt32LE(this.#tail.length, this.#sectionStart + 12);
    out.writeUInt32LE(kind, this.#sectionStart + 16);
    out.writeUInt32LE(0, this.#sectionStart + 20);
    this.#end = end;
    this.#sections++;
    this.#events += count;
    this.#count = 0;
    this.#kind = undefined;
  }

  /** Can all times be told by their distance from the first? */
  #areNear(count: number): boolean {
    const base = this.#times[0]!;
    for (let i = 1; i < count; i++) {
      if (Math.abs(this.#times[i]! - base) > maxOffsetMs) return false;
    }
    return true;
  }

  #addTime(timestampMs: number): void {
    if (this.#count === this.#times.length) this.#makeColumns(this.#count * 2);
    const isStorable = timestampMs >= 0 && timestampMs <= maxTimestampMs;
    this.#times[this.#count] = isStorable ? timestampMs : this.#wallMs();
  }

  #makeColumns(length: number): void {
    const kept = Math.min(this.#count, length);
    const times = new Float64Array(length);
    const rows = new Uint32Array(length);
    const timeBytes = new Uint8Array(length);
    times.set(this.#times.subarray(0, kept));
    rows.set(this.#rows.subarray(0, kept));
    timeBytes.set(this.#timeBytes.subarray(0, kept));
    this.#times = times;
    this.#rows = rows;
    this.#timeBytes = timeBytes;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#out.length) return;
    const grown = Buffer.allocUnsafeSlow(
      Math.max(this.#end + bytes, Math.ceil(this.#out.length * 1.5)),
    );
    this.#out.copy(grown, 0, 0, this.#end);
    this.#out = grown;
  }
}
