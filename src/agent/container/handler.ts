import { isUtf8 } from 'node:buffer';
import { objectForm, rowForm } from '#logs/batch';
import type { LineJoiner } from '../multiline/joiner.ts';
import type { BatchWriter } from '../ship/batch-writer.ts';
import type { LineHandler, LineOrigin } from '../tail/handler.ts';
import { TimestampReader } from './timestamp.ts';
import type { ContainerWishes } from './wishes.ts';

export interface ContainerHandlerOptions {
  readonly writer: BatchWriter;
  /** Names as UTF-8, one pair of arrays per source: the writer compares them by identity. */
  readonly group: Uint8Array;
  readonly stream: Uint8Array;
  /**
   * The `kubernetes` object of every record, as JSON text; undefined for none. Looked at before each
   * slice: more may be known by then.
   */
  readonly kubernetes?: { readonly text: string; readonly wishes?: ContainerWishes | undefined };
  /** A line longer than this becomes several events. */
  readonly maxLineBytes: number;
  /** A line in pieces (or an open group) is emitted as it is after this time without a new piece. */
  readonly idleFlushMs: number;
  /** Monotonic, for the idle time. */
  readonly nowMs: () => number;
  /** Wall clock, for lines that carry no time. */
  readonly wallMs: () => number;
  readonly stats: ContainerStats;
  /** Joins lines of stack traces; absent: every line is an event. */
  readonly joiner?: () => LineJoiner;
}

/** Counted over all sources; the metrics read them. */
export interface ContainerStats {
  lines: number;
  /** Lines that are neither CRI nor docker JSON; kept as they are. */
  unparsedLines: number;
  /** Lines that were longer than the limit and became several events. */
  splitLines: number;
  /** Lines with bytes that are no UTF-8, replaced by U+FFFD. */
  repairedLines: number;
  /** Lines in pieces or open groups that were emitted because the rest did not come. */
  idleFlushes: number;
  /** Events left out because an annotation of their pod asks for it. */
  excludedEvents: number;
}

export function newContainerStats(): ContainerStats {
  return {
    lines: 0,
    unparsedLines: 0,
    splitLines: 0,
    repairedLines: 0,
    idleFlushes: 0,
    excludedEvents: 0,
  };
}

/** A line that came in pieces so far, or an open group of lines. */
interface Pending {
  time: Buffer;
  timestampMs: number;
  partial: boolean;
  bytes: Buffer;
  length: number;
  touchedMs: number;
}

/** Between time and text. */
const rowHeads = {
  stdout: { F: Buffer.from(' stdout F '), P: Buffer.from(' stdout P ') },
  stderr: { F: Buffer.from(' stderr F '), P: Buffer.from(' stderr P ') },
} as const;
const newline = Buffer.from('\n');

type StreamName = 'stdout' | 'stderr';

/**
 * Container log lines (CRI, docker's json-file, told apart line by line) to rows of a batch, which
 * stand for messages in the shape of Fluent Bit's record:
 * `{"time":…,"stream":…,"_p":…,"log":…,"log_processed":{…},"kubernetes":{…}}`. A CRI line that is one
 * event is its own row: such lines are looked at and copied as a run. A string is made only for docker
 * lines and for what is broken.
 */
export class ContainerHandler implements LineHandler {
  readonly #options: ContainerHandlerOptions;
  readonly #time = new TimestampReader();
  readonly #pending: Record<StreamName, Pending | undefined> = {
    stdout: undefined,
    stderr: undefined,
  };
  readonly #joiners: Record<StreamName, LineJoiner | undefined>;
  /** What ends every message: `,"kubernetes":{…}}`, or `}`. */
  #tail: Buffer = Buffer.from('}');
  /** What the tail was made of. */
  #kubernetes: string | undefined;
  #wishes: ContainerWishes | undefined;

  constructor(options: ContainerHandlerOptions) {
    this.#options = options;
    this.#joiners = { stdout: options.joiner?.(), stderr: options.joiner?.() };
  }

  lines(bytes: Buffer, start: number, end: number, _origin: LineOrigin): void {
    const { writer, group, stream, stats } = this.#options;
    this.#takeKubernetes();
    writer.beginLines(group, stream, this.#tail);
    const valid = isUtf8(bytes.subarray(start, end));
    // Lines since here are rows as they stand, and are not copied yet.
    let runStart = start;
    let at = start;
    while (at < end) {
      const feed = bytes.indexOf(10, at);
      stats.lines++;
      if (!valid || this.#wishes !== undefined || !this.#rowAsItStands(bytes, at, feed)) {
        if (runStart < at) writer.write(bytes, runStart, at);
        runStart = feed + 1;
        this.#line(bytes, at, feed, valid);
      }
      at = feed + 1;
    }
    if (runStart < end) writer.write(bytes, runStart, end);
  }

  /** Rows go on after a whole message that stood between them. */
  #beginLines(): void {
    const { writer, group, stream } = this.#options;
    writer.beginLines(group, stream, this.#tail);
  }

  saveState(): unknown {
    const { stdout, stderr } = this.#pending;
    if (stdout === undefined && stderr === undefined) return undefined;
    return { stdout: savePending(stdout), stderr: savePending(stderr) };
  }

  restoreState(state: unknown): void {
    const saved = state as { stdout?: SavedPending; stderr?: SavedPending };
    this.#pending.stdout = loadPending(saved.stdout, this.#options.nowMs());
    this.#pending.stderr = loadPending(saved.stderr, this.#options.nowMs());
    for (const name of ['stdout', 'stderr'] as const) {
      const pending = this.#pending[name];
      const joiner = this.#joiners[name];
      if (pending === undefined || pending.partial || joiner === undefined) continue;
      for (const line of pending.bytes.toString('utf8', 0, pending.length).split('\n')) {
        joiner.accept(line);
      }
    }
  }

  flushIdle(nowMs: number): boolean {
    let changed = false;
    for (const name of ['stdout', 'stderr'] as const) {
      const pending = this.#pending[name];
      if (pending === undefined) continue;
      if (nowMs - pending.touchedMs < this.#options.idleFlushMs) continue;
      this.#options.stats.idleFlushes++;
      this.#flush(name);
      changed = true;
    }
    return changed;
  }

  finish(): void {
    this.#flush('stdout');
    this.#flush('stderr');
  }

  #takeKubernetes(): void {
    this.#wishes = this.#options.kubernetes?.wishes;
    const text = this.#options.kubernetes?.text;
    if (text === undefined || text === this.#kubernetes) return;
    this.#kubernetes = text;
    this.#tail = Buffer.from(`,"kubernetes":${text}}`);
  }

  /** `TIME stdout F TEXT`, an event by itself: counts as a row of the batch; false for others. */
  #rowAsItStands(bytes: Buffer, start: number, end: number): boolean {
    const timestampMs = this.#time.read(bytes, start, end);
    const timeEnd = this.#time.end;
    if (Number.isNaN(timestampMs) || !isStream(bytes, timeEnd, end)) return false;
    const isF = bytes[timeEnd + 8] === 70 && bytes[timeEnd + 9] === 32;
    if (!isF || bytes[end - 1] === 13) return false;
    const stream = bytes[timeEnd + 4] === 111 ? 'stdout' : 'stderr';
    if (this.#pending[stream] !== undefined || this.#joiners[stream] !== undefined) return false;
    const text = timeEnd + 10;
    this.#options.writer.row(
      timestampMs,
      end + 1 - start,
      timeEnd - start,
      formOf(bytes, text, end),
    );
    return true;
  }

  #line(bytes: Buffer, lineStart: number, lineEnd: number, valid: boolean): void {
    let start = lineStart;
    let end = lineEnd;
    // After a crash of the node a file may hold a run of NULs.
    while (start < end && bytes[start] === 0) start++;
    const hasReturn = end > start && bytes[end - 1] === 13;
    if (hasReturn) end--;
    if (start === end) return;
    if (bytes[start] === 0x7b && this.#dockerLine(bytes, start, end)) return;
    const timestampMs = this.#time.read(bytes, start, end);
    const timeEnd = this.#time.end;
    if (Number.isNaN(timestampMs) || !isStream(bytes, timeEnd, end)) {
      this.#rawLine(bytes, start, end);
      return;
    }
    const stream = bytes[timeEnd + 4] === 111 ? 'stdout' : 'stderr';
    const partial = bytes[timeEnd + 8] === 80;
    let text = timeEnd + 9;
    // Tags after the first are to be ignored: `F:tag `.
    while (text < end && bytes[text] !== 32) text++;
    text = Math.min(text + 1, end);
    // A piece ends where the runtime's buffer was full: its last byte is the program's own.
    if (partial && hasReturn) end++;

    const pending = this.#pending[stream];
    const joiner = this.#joiners[stream];
    if (!partial && joiner === undefined && (pending === undefined || !pending.partial)) {
      this.#emit(bytes, start, timeEnd, timestampMs, stream, false, bytes, text, end, valid);
      return;
    }
    this.#collect(bytes, start, timeEnd, timestampMs, stream, partial, text, end);
  }

  /** A piece of a line, or a line of a group. */
  #collect(
    bytes: Buffer,
    timeStart: number,
    timeEnd: number,
    timestampMs: number,
    stream: StreamName,
    partial: boolean,
    textStart: number,
    textEnd: number,
  ): void {
    const joiner = this.#joiners[stream];
    let pending = this.#pending[stream];
    const length = textEnd - textStart;
    if (joiner !== undefined && !partial && (pending === undefined || !pending.partial)) {
      const joins = joiner.accept(bytes.toString('utf8', textStart, textEnd));
      if (joins === 'alone') {
        this.#flush(stream);
        this.#emit(
          bytes,
          timeStart,
          timeEnd,
          timestampMs,
          stream,
          false,
          bytes,
          textStart,
          textEnd,
          false,
        );
        return;
      }
      if (joins === 'starts') {
        this.#flush(stream, false);
        pending = undefined;
      }
      if (pending !== undefined && pending.length + 1 + length > this.#options.maxLineBytes) {
        // The group goes on as the next event.
        this.#options.stats.splitLines++;
        this.#flush(stream, false);
        pending = undefined;
      }
      if (pending !== undefined) this.#append(pending, newline, 0, 1);
      pending ??= this.#open(stream, bytes, timeStart, timeEnd, timestampMs, false);
      this.#append(pending, bytes, textStart, textEnd);
      if (joins === 'ends') this.#flush(stream);
      return;
    }
    if (pending !== undefined && !pending.partial) {
      this.#flush(stream);
      pending = undefined;
    }
    pending ??= this.#open(stream, bytes, timeStart, timeEnd, timestampMs, true);
    if (pending.length + length > this.#options.maxLineBytes && pending.length > 0) {
      // The whole line does not fit one event: what is there becomes one, the rest the next.
      this.#options.stats.splitLines++;
      const { bytes: held, length: heldLength } = pending;
      const cut = heldLength - openCharacterBytes(held, heldLength);
      pending.length = cut;
      this.#flush(stream);
      pending = this.#open(stream, bytes, timeStart, timeEnd, timestampMs, true);
      this.#append(pending, held, cut, heldLength);
    }
    this.#append(pending, bytes, textStart, textEnd);
    if (!partial) this.#flush(stream);
  }

  #open(
    stream: StreamName,
    bytes: Buffer,
    timeStart: number,
    timeEnd: number,
    timestampMs: number,
    partial: boolean,
  ): Pending {
    const pending: Pending = {
      time: Buffer.from(bytes.subarray(timeStart, timeEnd)),
      timestampMs,
      partial,
      bytes: Buffer.allocUnsafe(4096),
      length: 0,
      touchedMs: this.#options.nowMs(),
    };
    this.#pending[stream] = pending;
    return pending;
  }

  #append(pending: Pending, bytes: Buffer, start: number, end: number): void {
    const needed = pending.length + end - start;
    if (needed > pending.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, pending.bytes.length * 2));
      pending.bytes.copy(grown, 0, 0, pending.length);
      pending.bytes = grown;
    }
    bytes.copy(pending.bytes, pending.length, start, end);
    pending.length = needed;
    pending.touchedMs = this.#options.nowMs();
  }

  #flush(stream: StreamName, resetJoiner = true): void {
    const pending = this.#pending[stream];
    if (resetJoiner) this.#joiners[stream]?.reset();
    if (pending === undefined) return;
    this.#pending[stream] = undefined;
    this.#takeKubernetes();
    const { writer, group, stream: streamName } = this.#options;
    writer.beginLines(group, streamName, this.#tail);
    const { time, timestampMs, partial, bytes, length } = pending;
    this.#emit(time, 0, time.length, timestampMs, stream, partial, bytes, 0, length, false);
  }

  #emit(
    timeBytes: Buffer,
    timeStart: number,
    timeEnd: number,
    timestampMs: number,
    stream: StreamName,
    partial: boolean,
    source: Buffer,
    sourceStart: number,
    sourceEnd: number,
    valid: boolean,
  ): void {
    const wish = this.#wishes?.[stream];
    if (wish?.exclude === true) {
      this.#options.stats.excludedEvents++;
      return;
    }
    let bytes = source;
    let start = sourceStart;
    let end = sourceEnd;
    if (!valid && !isUtf8(bytes.subarray(start, end))) {
      bytes = Buffer.from(bytes.toString('utf8', start, end));
      start = 0;
      end = bytes.length;
      this.#options.stats.repairedLines++;
    }
    const { writer } = this.#options;
    const parsed = wish?.parse?.(bytes.toString('utf8', start, end));
    if (parsed !== undefined) {
      const time = timeBytes.toString('latin1', timeStart, timeEnd);
      const log = JSON.stringify(bytes.toString('utf8', start, end));
      const message = `{"time":"${time}","stream":"${stream}","_p":"${partial ? 'P' : 'F'}","log":${log},"log_processed":${parsed.json}`;
      // The rare case: a pod that asks for a parser pays for its strings and whole messages.
      writer.begin(this.#options.group, this.#options.stream);
      writer.add(
        parsed.timestampMs ?? timestampMs,
        Buffer.concat([Buffer.from(message), this.#tail]),
      );
      return;
    }
    if (this.#wishes !== undefined) this.#beginLines();
    const rowHead = rowHeads[stream][partial ? 'P' : 'F'];
    const timeLength = timeEnd - timeStart;
    writer.write(timeBytes, timeStart, timeEnd);
    writer.write(rowHead, 0, rowHead.length);
    writer.write(bytes, start, end);
    writer.write(newline, 0, 1);
    const length = timeLength + rowHead.length + end - start + 1;
    writer.row(timestampMs, length, timeLength, formOf(bytes, start, end));
  }

  /** Text that is no container line at all: kept, with the time of reading. */
  #rawLine(bytes: Buffer, lineStart: number, lineEnd: number): void {
    const { writer, stats, wallMs } = this.#options;
    stats.unparsedLines++;
    if (this.#wishes?.stdout?.exclude === true && this.#wishes.stderr?.exclude === true) {
      stats.excludedEvents++;
      return;
    }
    let text = bytes;
    let start = lineStart;
    let end = lineEnd;
    if (!isUtf8(bytes.subarray(start, end))) {
      text = Buffer.from(bytes.toString('utf8', start, end));
      start = 0;
      end = text.length;
      stats.repairedLines++;
    }
    if (this.#wishes !== undefined) this.#beginLines();
    writer.write(text, start, end);
    writer.write(newline, 0, 1);
    writer.row(wallMs(), end - start + 1, 0, rowForm.text);
  }

  /** False when the line is not what docker's json-file driver writes. */
  #dockerLine(bytes: Buffer, start: number, end: number): boolean {
    let line: { log?: unknown; stream?: unknown; time?: unknown };
    try {
      line = JSON.parse(bytes.toString('utf8', start, end));
    } catch {
      return false;
    }
    if (typeof line.log !== 'string' || typeof line.time !== 'string') return false;
    const stream = line.stream === 'stderr' ? 'stderr' : 'stdout';
    const time = Buffer.from(line.time);
    const timestampMs = this.#time.read(time, 0, time.length);
    // The time is copied as it stands: it must be nothing but a time.
    if (Number.isNaN(timestampMs) || this.#time.end !== time.length) return false;
    const partial = !line.log.endsWith('\n');
    const text = Buffer.from(partial ? line.log : line.log.slice(0, -1));
    const whole = Buffer.concat([time, text]);
    const pending = this.#pending[stream];
    if (
      !partial &&
      this.#joiners[stream] === undefined &&
      (pending === undefined || !pending.partial)
    ) {
      this.#emit(
        whole,
        0,
        time.length,
        timestampMs,
        stream,
        false,
        whole,
        time.length,
        whole.length,
        true,
      );
    } else {
      this.#collect(whole, 0, time.length, timestampMs, stream, partial, time.length, whole.length);
    }
    return true;
  }
}

/** The form of a text that a row holds. */
function formOf(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] !== 0x7b) return rowForm.text;
  const form = objectForm(bytes, start, end);
  if (form === 'none') return rowForm.text;
  return form === 'exact' ? rowForm.object : rowForm.looseObject;
}

/** Bytes at the end that begin a UTF-8 character whose rest is still to come. */
function openCharacterBytes(bytes: Uint8Array, length: number): number {
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return size > back ? back : 0;
  }
  return 0;
}

/** ` stdout P ` or ` stderr F:x `, from the space on. */
function isStream(bytes: Buffer, at: number, end: number): boolean {
  if (at + 9 > end || bytes[at] !== 32 || bytes[at + 7] !== 32) return false;
  if (bytes[at + 1] !== 115 || bytes[at + 2] !== 116 || bytes[at + 3] !== 100) return false;
  const out = bytes[at + 4] === 111 && bytes[at + 5] === 117 && bytes[at + 6] === 116;
  const err = bytes[at + 4] === 101 && bytes[at + 5] === 114 && bytes[at + 6] === 114;
  if (!out && !err) return false;
  const tag = bytes[at + 8];
  if (tag !== 70 && tag !== 80) return false;
  const after = bytes[at + 9];
  return at + 9 === end || after === 32 || after === 58;
}

interface SavedPending {
  readonly time: string;
  readonly timestampMs: number;
  readonly partial: boolean;
  /** base64: a piece may end inside a character. */
  readonly bytes: string;
}

function savePending(pending: Pending | undefined): SavedPending | undefined {
  if (pending === undefined) return undefined;
  return {
    time: pending.time.toString('latin1'),
    timestampMs: pending.timestampMs,
    partial: pending.partial,
    bytes: pending.bytes.toString('base64', 0, pending.length),
  };
}

function loadPending(saved: SavedPending | undefined, nowMs: number): Pending | undefined {
  if (saved === undefined) return undefined;
  const bytes = Buffer.from(saved.bytes, 'base64');
  return {
    time: Buffer.from(saved.time, 'latin1'),
    timestampMs: saved.timestampMs,
    partial: saved.partial,
    bytes,
    length: bytes.length,
    touchedMs: nowMs,
  };
}
