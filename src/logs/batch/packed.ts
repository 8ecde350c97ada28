import { AppError } from '#base';
import type { BatchSection } from './batch.ts';
import { expandLines, maxExpandedBytes } from './lines.ts';

/**
 * The batch that agents write: as small as what they read. Little endian, not compressed:
 *
 *     | 'NLB2' | sections u32 |
 *     section, starts at a multiple of 8:
 *     | groupBytes u16 | streamBytes u16 | events u32 | bodyBytes u32 | tailBytes u32 | kind u32 | 0 u32 |
 *     | group | stream | tail | zeros to a multiple of 8 | body | zeros to a multiple of 8 |
 *     | columns | zeros to a multiple of 8 |
 *
 * | kind | body | columns |
 * |---|---|---|
 * | 0 messages | `length u32 \\| UTF-8 bytes` per event | timestamps: events x f64, ms since the epoch |
 * | 1 lines | rows, see `LineRows` | base f64, ms, and events x i32, ms after it; events x u32, rows; events x u8, bytes of times |
 * | 2 lines, far apart | the same | timestamps: events x f64; rows and bytes of times as above |
 */
export const packedMagic = 0x32424c4e; // 'NLB2' read as a little-endian u32
export const packedHeaderBytes = 8;
export const packedSectionHeaderBytes = 24;
export const sectionKind = { messages: 0, lines: 1, wideLines: 2 } as const;

const align8 = (offset: number): number => Math.ceil(offset / 8) * 8;

/** Bytes of a section's columns, without the zeros behind them. */
export function columnBytes(kind: number, events: number): number {
  if (kind === sectionKind.messages) return events * 8;
  return kind === sectionKind.lines ? 8 + events * 9 : events * 13;
}

/** What `decodeBatch` hands down: it knows the rules that both layouts share. */
export interface SectionChecks {
  readonly truncated: (section: number) => AppError;
  /** @throws {AppError} BATCH_INVALID for lengths that cannot be those of names */
  readonly names: (groupBytes: number, streamBytes: number, section: number) => void;
  readonly messages: (messages: Uint8Array, count: number, section: number) => void;
}

/**
 * Reads a packed batch into sections of whole messages. Those of kind 0 are views of `bytes`.
 * @param bytes aligned to 8, with at least a header
 * @throws {AppError} BATCH_INVALID
 */
export function decodePacked(bytes: Uint8Array, checks: SectionChecks): BatchSection[] {
  const { buffer, byteOffset } = bytes;
  const view = new DataView(buffer, byteOffset, bytes.length);
  const sectionCount = view.getUint32(4, true);
  const sections: BatchSection[] = [];
  let expandedBytes = 0;
  let offset = packedHeaderBytes;
  for (let i = 0; i < sectionCount; i++) {
    if (offset + packedSectionHeaderBytes > bytes.length) throw checks.truncated(i);
    const groupBytes = view.getUint16(offset, true);
    const streamBytes = view.getUint16(offset + 2, true);
    const count = view.getUint32(offset + 4, true);
    const bodyBytes = view.getUint32(offset + 8, true);
    const tailBytes = view.getUint32(offset + 12, true);
    const kind = view.getUint32(offset + 16, true);
    if (kind > sectionKind.wideLines) {
      throw new AppError('BATCH_INVALID', `Section ${i} of a log batch is of unknown kind ${kind}`);
    }
    const nameStart = offset + packedSectionHeaderBytes;
    const tailStart = nameStart + groupBytes + streamBytes;
    // Sums of u32s stay exact; the bitwise rounding needs them to be small, hence the checks between.
    if (tailStart + tailBytes > bytes.length) throw checks.truncated(i);
    const bodyStart = align8(tailStart + tailBytes);
    if (bodyStart + bodyBytes > bytes.length) throw checks.truncated(i);
    const columnsStart = align8(bodyStart + bodyBytes);
    if (columnsStart + columnBytes(kind, count) > bytes.length) throw checks.truncated(i);
    checks.names(groupBytes, streamBytes, i);
    const text = Buffer.from(buffer, byteOffset + nameStart, groupBytes + streamBytes);
    const body = bytes.subarray(bodyStart, bodyStart + bodyBytes);
    const columns = byteOffset + columnsStart;
    let messages = body;
    let timestampsMs: Float64Array;
    if (kind === sectionKind.messages) {
      checks.messages(body, count, i);
      timestampsMs = new Float64Array(buffer, columns, count);
    } else {
      const isWide = kind === sectionKind.wideLines;
      const rowsAt = columns + (isWide ? count * 8 : 8 + count * 4);
      const rows = new Uint32Array(buffer, rowsAt, count);
      const timeBytes = new Uint8Array(buffer, rowsAt + count * 4, count);
      const tail = bytes.subarray(tailStart, tailStart + tailBytes);
      const lines = { body, rows, timeBytes, tail };
      messages = expandLines(lines, i, maxExpandedBytes - expandedBytes);
      expandedBytes += messages.length;
      timestampsMs = isWide
        ? new Float64Array(buffer, columns, count)
        : absoluteTimes(
            view.getFloat64(columnsStart, true),
            new Int32Array(buffer, columns + 8, count),
          );
    }
    sections.push({
      group: text.toString('utf8', 0, groupBytes),
      stream: text.toString('utf8', groupBytes),
      count,
      timestampsMs,
      messages,
    });
    offset = align8(columnsStart + columnBytes(kind, count));
  }
  return sections;
}

function absoluteTimes(baseMs: number, offsetsMs: Int32Array): Float64Array {
  const times = new Float64Array(offsetsMs.length);
  for (let i = 0; i < times.length; i++) times[i] = baseMs + offsetsMs[i]!;
  return times;
}
