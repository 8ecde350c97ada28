import { isUtf8 } from 'node:buffer';
import { AppError } from '#base';
import { decodePacked, packedMagic } from './packed.ts';

/**
 * Events on their way to a store: the form in which edges ship, the write-ahead log keeps and the
 * store reads them. (Agents write the packed form of `packed.ts`; both are read as these sections.) Little endian, not compressed (whoever moves it compresses it as a whole):
 *
 *     | 'NLB1' | sections u32 |
 *     section, starts at a multiple of 8:
 *     | groupBytes u16 | streamBytes u16 | events u32 | messageBytes u32 | reserved u32 |
 *     | group | stream | zeros to a multiple of 8 |
 *     | timestamps: events x f64, ms since the epoch | messages | zeros to a multiple of 8 |
 *
 * `messages` holds each message as `length u32 | UTF-8 bytes`: the PLAIN encoding of a Parquet
 * BYTE_ARRAY column, so that a section goes from the wire into a segment without touching its rows.
 */
export interface BatchSection {
  readonly group: string;
  readonly stream: string;
  /** Number of events. */
  readonly count: number;
  /** One per event, ms since the epoch, in the order of arrival. A view of the batch's bytes. */
  readonly timestampsMs: Float64Array;
  /** `length u32 | UTF-8 bytes` per event. A view of the batch's bytes. */
  readonly messages: Uint8Array;
}

const magic = 0x31424c4e; // 'NLB1' read as a little-endian u32
const headerBytes = 8;
const sectionHeaderBytes = 16;

/** Group and stream names are at most 512 characters; as UTF-8 they fit a u16 many times over. */
const maxNameBytes = 4096;

/** Not with bit operations: lengths of a hostile batch add up to more than 32 bits. */
const align8 = (offset: number): number => Math.ceil(offset / 8) * 8;

/** The bytes that the section takes in an encoded batch. */
export function encodedSectionBytes(
  groupBytes: number,
  streamBytes: number,
  events: number,
  messageBytes: number,
): number {
  return align8(sectionHeaderBytes + groupBytes + streamBytes) + events * 8 + align8(messageBytes);
}

/** Sections to one batch. The result owns its bytes. */
export function encodeBatch(sections: readonly BatchSection[]): Uint8Array {
  const names = sections.map((s) => [Buffer.from(s.group), Buffer.from(s.stream)] as const);
  let total = headerBytes;
  sections.forEach((s, i) => {
    total += encodedSectionBytes(
      names[i]![0].length,
      names[i]![1].length,
      s.count,
      s.messages.length,
    );
  });
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, sections.length, true);
  let offset = headerBytes;
  sections.forEach((section, i) => {
    const [group, stream] = names[i]!;
    view.setUint16(offset, group.length, true);
    view.setUint16(offset + 2, stream.length, true);
    view.setUint32(offset + 4, section.count, true);
    view.setUint32(offset + 8, section.messages.length, true);
    out.set(group, offset + sectionHeaderBytes);
    out.set(stream, offset + sectionHeaderBytes + group.length);
    offset = align8(offset + sectionHeaderBytes + group.length + stream.length);
    new Float64Array(out.buffer, offset, section.count).set(section.timestampsMs);
    offset += section.count * 8;
    out.set(section.messages, offset);
    offset = align8(offset + section.messages.length);
  });
  return out;
}

/**
 * Reads and checks a batch: lengths add up, every message is inside its section, and text is valid
 * UTF-8. The sections are views of `bytes` (of a copy where `bytes` is not aligned to 8), except those
 * of container lines, whose messages are made here and take at most `maxExpandedBytes`.
 * @throws {AppError} BATCH_INVALID
 */
export function decodeBatch(input: Uint8Array): BatchSection[] {
  const bytes = input.byteOffset % 8 === 0 ? input : new Uint8Array(input);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = bytes.length < headerBytes ? 0 : view.getUint32(0, true);
  if (found === packedMagic) {
    return decodePacked(bytes, { truncated, names: checkNames, messages: checkMessages });
  }
  if (found !== magic) {
    const message = 'Not a log batch: its first bytes are neither "NLB1" nor "NLB2"';
    throw new AppError('BATCH_INVALID', message);
  }
  const sectionCount = view.getUint32(4, true);
  const sections: BatchSection[] = [];
  let offset = headerBytes;
  for (let i = 0; i < sectionCount; i++) {
    if (offset + sectionHeaderBytes > bytes.length) throw truncated(i);
    const groupBytes = view.getUint16(offset, true);
    const streamBytes = view.getUint16(offset + 2, true);
    const count = view.getUint32(offset + 4, true);
    const messageBytes = view.getUint32(offset + 8, true);
    const nameStart = offset + sectionHeaderBytes;
    const timesStart = align8(nameStart + groupBytes + streamBytes);
    const messagesStart = timesStart + count * 8;
    const end = align8(messagesStart + messageBytes);
    if (end > bytes.length) throw truncated(i);
    checkNames(groupBytes, streamBytes, i);
    const messages = bytes.subarray(messagesStart, messagesStart + messageBytes);
    checkMessages(messages, count, i);
    sections.push({
      group: Buffer.from(bytes.buffer, bytes.byteOffset + nameStart, groupBytes).toString('utf8'),
      stream: Buffer.from(
        bytes.buffer,
        bytes.byteOffset + nameStart + groupBytes,
        streamBytes,
      ).toString('utf8'),
      count,
      timestampsMs: new Float64Array(bytes.buffer, bytes.byteOffset + timesStart, count),
      messages,
    });
    offset = end;
  }
  return sections;
}

function checkNames(groupBytes: number, streamBytes: number, section: number): void {
  const longest = Math.max(groupBytes, streamBytes);
  if (groupBytes > 0 && streamBytes > 0 && longest <= maxNameBytes) return;
  const message = `Section ${section} of a log batch has no valid group or stream`;
  throw new AppError('BATCH_INVALID', message);
}

function checkMessages(messages: Uint8Array, count: number, section: number): void {
  const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
  let offset = 0;
  for (let row = 0; row < count; row++) {
    if (offset + 4 > messages.length) throw truncated(section);
    offset += 4 + view.getUint32(offset, true);
  }
  if (offset !== messages.length) {
    throw new AppError('BATCH_INVALID', `The messages of section ${section} do not add up`);
  }
  // Lengths below 128 are ASCII bytes too, larger ones usually are not: only a clean pass over
  // everything can be trusted, so the slow check runs where the fast one says no.
  if (isUtf8(messages)) return;
  offset = 0;
  for (let row = 0; row < count; row++) {
    const length = view.getUint32(offset, true);
    offset += 4;
    if (!isUtf8(messages.subarray(offset, offset + length))) {
      throw new AppError(
        'BATCH_INVALID',
        `Message ${row} of section ${section} is not valid UTF-8`,
      );
    }
    offset += length;
  }
}

function truncated(section: number): AppError {
  return new AppError('BATCH_INVALID', `A log batch ends inside its section ${section}`);
}

/**
 * Collects events of one stream. For edges that hold messages as strings or as separate buffers
 * (AWS, OTLP, Loki); the agent writes the layout itself.
 */
export class SectionBuilder {
  readonly group: string;
  readonly stream: string;
  #times: number[] = [];
  #bytes: Buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  constructor(group: string, stream: string) {
    this.group = group;
    this.stream = stream;
  }

  get count(): number {
    return this.#times.length;
  }

  get messageBytes(): number {
    return this.#length;
  }

  /** Lone surrogates and invalid UTF-8 become U+FFFD. */
  add(timestampMs: number, message: string | Uint8Array): void {
    if (typeof message === 'string') {
      // A UTF-16 code unit takes at most 3 bytes of UTF-8.
      this.#reserve(4 + message.length * 3);
      const written = this.#bytes.write(message, this.#length + 4, 'utf8');
      this.#bytes.writeUInt32LE(written, this.#length);
      this.#length += 4 + written;
    } else {
      const clean = isUtf8(message) ? message : Buffer.from(new TextDecoder().decode(message));
      this.#reserve(4 + clean.length);
      this.#bytes.writeUInt32LE(clean.length, this.#length);
      this.#bytes.set(clean, this.#length + 4);
      this.#length += 4 + clean.length;
    }
    this.#times.push(timestampMs);
  }

  finish(): BatchSection {
    return {
      group: this.group,
      stream: this.stream,
      count: this.#times.length,
      timestampsMs: Float64Array.from(this.#times),
      messages: this.#bytes.subarray(0, this.#length),
    };
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + extra));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** Calls `visit` with each event; `message` is a view, valid only during the call. */
export function forEachEvent(
  section: BatchSection,
  visit: (timestampMs: number, message: Buffer, row: number) => void,
): void {
  const { messages } = section;
  const buffer = Buffer.from(messages.buffer, messages.byteOffset, messages.length);
  let offset = 0;
  for (let row = 0; row < section.count; row++) {
    const length = buffer.readUInt32LE(offset);
    visit(section.timestampsMs[row]!, buffer.subarray(offset + 4, offset + 4 + length), row);
    offset += 4 + length;
  }
}

/** The last millisecond that a date can name. */
export const maxTimestampMs = 8.64e15;

/**
 * A time that a store takes. Clocks that were never set and broken formats give times before 1970:
 * such an event goes by the time at which it was read, and is not lost.
 */
export function storableTimestampMs(timestampMs: number, readMs: number): number {
  return timestampMs >= 0 && timestampMs <= maxTimestampMs ? timestampMs : readMs;
}
