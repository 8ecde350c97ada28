import { isUtf8 } from 'node:buffer';
import { AppError } from '#base';
import { compactObject } from './json-object.ts';

/**
 * Container lines in a batch: the lines as they stand in the file, and beside them what it takes to
 * make each one's message. Messages have the shape of Fluent Bit's record and are more than twice as
 * long as their lines, most of it the same in every one: they are made where the batch is read.
 *
 * A row is `TIME stdout F TEXT LF` (or `stderr`, or `P`) and stands for
 *
 *     {"time":"TIME","stream":"stdout","_p":"F","log":"TEXT as a JSON string"TAIL
 *
 * with `,"log_processed":TEXT` before the tail where the text is a JSON object. A row without a time
 * is `TEXT LF` and stands for `{"log":"…"TAIL`. The tail is the same for all rows of a section:
 * `}` or `,"kubernetes":{…}}`. TEXT may hold line feeds.
 */
export interface LineRows {
  /** The rows, one behind the other. */
  readonly body: Uint8Array;
  /** Per row: its bytes, line feed included, times 4, and its form. */
  readonly rows: Uint32Array;
  /** Per row: bytes of its time; 0: it has none. */
  readonly timeBytes: Uint8Array;
  readonly tail: Uint8Array;
}

/** What TEXT is; the low two bits of a row's word. */
export const rowForm = {
  text: 0,
  /** A JSON object in its shortest form: also the value of `log_processed`, byte for byte. */
  object: 1,
  /** A JSON object with white space or trailing line ends in it: `log_processed` is made of it. */
  looseObject: 2,
} as const;

/** The longest row that fits the word. */
export const maxRowBytes: number = 2 ** 30 - 1;

/** ` stdout F ` */
export const rowHeadBytes = 10;

/**
 * Messages of a batch take at most this much, whatever its bytes promise. Senders seal a batch well
 * below it: a tail of 10 KB times the short lines of one more read of theirs has to fit.
 */
export const maxExpandedBytes: number = 128 * 1024 * 1024;

/** Bytes of a message that are neither time nor text nor tail: an upper bound. */
export const messageFrameBytes = 80;

const recordHead = Buffer.from('{"time":"');
const rawHead = Buffer.from('{"log":"');
const processedKey = Buffer.from('","log_processed":');

interface RowHead {
  readonly row: Uint8Array;
  /** Between the time and the text of the message. */
  readonly message: Uint8Array;
}

const headOf = (stream: string, tag: string): RowHead => ({
  row: Buffer.from(` ${stream} ${tag} `),
  message: Buffer.from(`","stream":"${stream}","_p":"${tag}","log":"`),
});
const outF = headOf('stdout', 'F');
const outP = headOf('stdout', 'P');
const errF = headOf('stderr', 'F');
const errP = headOf('stderr', 'P');

const timedHeadBytes = recordHead.length + outF.message.length;

/**
 * Rows are escaped together: one native call for this many bytes (or one longer row) costs less
 * than calls per row, and its strings are small enough for the young generation.
 */
const chunkBytes = 64 * 1024;

/** Kept from call to call: nearly every section fits. */
const keptScratchBytes = 4 * 1024 * 1024;
let scratch: Buffer = Buffer.alloc(0);

/** Stands for a row's line feed while it is escaped: no byte of UTF-8, and nothing to escape. */
const rowEnd = 0xff;

/**
 * The messages of the rows as `length u32 | UTF-8 bytes` each, in memory of their own.
 * @param maxBytes bound of the result
 * @throws {AppError} BATCH_INVALID where rows are not what they must be
 */
export function expandLines(lines: LineRows, section: number, maxBytes: number): Uint8Array {
  const { body, rows, timeBytes, tail } = lines;
  const source = Buffer.from(body.buffer, body.byteOffset, body.length);
  const plainBytes = checkRows(lines, section);
  if (plainBytes > maxBytes) throw tooLarge(section, maxBytes);
  const escaped = escapeRows(source, rows, maxBytes - plainBytes);
  if (escaped === undefined) throw tooLarge(section, maxBytes);

  const quotedTail = Buffer.concat([Buffer.from('"'), tail]);
  const target = Buffer.allocUnsafeSlow(plainBytes + escaped.addedBytes);
  const from = escaped.buffer;
  let chunk = 0;
  let at = 0;
  let start = 0;
  let escapedStart = 0;
  for (let row = 0; row < rows.length; row++) {
    const word = rows[row]!;
    const end = start + (word >>> 2);
    // Each chunk was written with quotes around it.
    if (escaped.chunkStarts[chunk] === row) {
      escapedStart++;
      chunk++;
    }
    const escapedEnd = from.indexOf(rowEnd, escapedStart);
    const lengthAt = at;
    at += 4;
    const time = timeBytes[row]!;
    let textStart = start;
    if (time === 0) {
      target.set(rawHead, at);
      at += rawHead.length;
    } else {
      target.set(recordHead, at);
      at += recordHead.length;
      for (let i = start; i < start + time; i++) target[at++] = source[i]!;
      textStart += time + rowHeadBytes;
      const isP = source[textStart - 2] === 0x50;
      const isOut = source[textStart - 6] === 0x6f;
      const { message } = isOut ? (isP ? outP : outF) : isP ? errP : errF;
      target.set(message, at);
      at += message.length;
    }
    const escapedText = escapedStart + textStart - start;
    from.copy(target, at, escapedText, escapedEnd);
    at += escapedEnd - escapedText;
    escapedStart = escapedEnd + 1;
    const form = word & 3;
    if (form === rowForm.text) {
      target.set(quotedTail, at);
      at += quotedTail.length;
    } else {
      target.set(processedKey, at);
      at += processedKey.length;
      if (form === rowForm.object) {
        source.copy(target, at, textStart, end - 1);
        at += end - 1 - textStart;
      } else at = compactObject(source, textStart, end - 1, target, at);
      target.set(tail, at);
      at += tail.length;
    }
    const length = at - lengthAt - 4;
    target[lengthAt] = length;
    target[lengthAt + 1] = length >>> 8;
    target[lengthAt + 2] = length >>> 16;
    target[lengthAt + 3] = length >>> 24;
    start = end;
  }
  return target.subarray(0, at);
}

/**
 * Checks that rows add up and are rows, and that everything is UTF-8 on its own.
 * @returns bytes of the messages if nothing had to be escaped, at most
 */
function checkRows({ body, rows, timeBytes, tail }: LineRows, section: number): number {
  if (!isUtf8(tail) || !isUtf8(body)) {
    throw new AppError('BATCH_INVALID', `The lines of section ${section} are not valid UTF-8`);
  }
  // A character cannot go on behind a row: each ends with a line feed.
  let total = rows.length * (4 + tail.length + 1);
  let start = 0;
  for (let row = 0; row < rows.length; row++) {
    const word = rows[row]!;
    const end = start + (word >>> 2);
    const time = timeBytes[row]!;
    const textStart = time === 0 ? start : start + time + rowHeadBytes;
    const isRow = textStart < end && end <= body.length && body[end - 1] === 0x0a;
    if (!isRow || (word & 3) === 3 || (time > 0 && !isRowHead(body, start, time))) {
      throw new AppError('BATCH_INVALID', `Row ${row} of section ${section} is not a line`);
    }
    const text = end - 1 - textStart;
    total += text + (time === 0 ? rawHead.length : timedHeadBytes + time);
    if ((word & 3) !== rowForm.text) total += processedKey.length - 1 + text;
    start = end;
  }
  if (start !== body.length) {
    throw new AppError('BATCH_INVALID', `The lines of section ${section} do not add up`);
  }
  return total;
}

/** A time that needs no escapes, and ` stdout F ` behind it. */
function isRowHead(body: Uint8Array, start: number, time: number): boolean {
  const at = start + time;
  for (let i = start; i < at; i++) {
    const byte = body[i]!;
    if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return false;
  }
  const { row } = body[at + 4] === 0x6f ? outF : errF;
  for (let i = 0; i < rowHeadBytes; i++) {
    if (body[at + i] !== row[i] && !(i === 8 && body[at + i] === 0x50)) return false;
  }
  return true;
}

interface EscapedRows {
  /** Lives until the next call. */
  readonly buffer: Buffer;
  /** By how much the rows grew. */
  readonly addedBytes: number;
  /** Rows that stand behind a quote: the first of each chunk. */
  readonly chunkStarts: readonly number[];
}

/**
 * The rows as insides of JSON strings, each ended by `rowEnd`; undefined when they grow by more than
 * `maxAddedBytes`. JSON.stringify over Latin-1 text does it natively: bytes from 0x80 on stay as they
 * are, and all that must be escaped is below.
 */
function escapeRows(
  source: Buffer,
  rows: Uint32Array,
  maxAddedBytes: number,
): EscapedRows | undefined {
  const chunkStarts: number[] = [];
  let buffer = scratch;
  let written = 0;
  let addedBytes = 0;
  let start = 0;
  for (let row = 0; row < rows.length; ) {
    chunkStarts.push(row);
    const firstRow = row;
    let end = start;
    do end += rows[row++]! >>> 2;
    while (row < rows.length && end + (rows[row]! >>> 2) - start <= chunkBytes);
    const length = end - start;
    buffer = withRoom(buffer, written, length);
    source.copy(buffer, written, start, end);
    for (let at = written, i = firstRow; i < row; i++) {
      at += rows[i]! >>> 2;
      buffer[at - 1] = rowEnd;
    }
    const text = JSON.stringify(buffer.toString('latin1', written, written + length));
    addedBytes += text.length - 2 - length;
    if (addedBytes > maxAddedBytes) return undefined;
    buffer = withRoom(buffer, written, text.length);
    buffer.write(text, written, 'latin1');
    // The next chunk's quote goes over the closing one.
    written += text.length - 1;
    start = end;
  }
  if (buffer.length <= keptScratchBytes) scratch = buffer;
  return { buffer, addedBytes, chunkStarts };
}

function withRoom(buffer: Buffer, used: number, bytes: number): Buffer {
  if (used + bytes <= buffer.length) return buffer;
  const grown = Buffer.allocUnsafeSlow(Math.max(used + bytes, buffer.length * 2, 1024 * 1024));
  buffer.copy(grown, 0, 0, used);
  return grown;
}

function tooLarge(section: number, maxBytes: number): AppError {
  const message = `The messages of section ${section} take more than ${maxBytes} bytes`;
  return new AppError('BATCH_INVALID', message);
}
