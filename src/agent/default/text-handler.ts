import { isUtf8 } from 'node:buffer';
import type { ContainerStats } from '../container/handler.ts';
import type { LineJoiner } from '../multiline/joiner.ts';
import type { BatchWriter } from '../ship/batch-writer.ts';
import type { LineHandler } from '../tail/handler.ts';
import { jsonTimeMs, TextTime } from './text-time.ts';

export interface TextHandlerOptions {
  readonly writer: BatchWriter;
  readonly group: Uint8Array;
  readonly stream: Uint8Array;
  /** Where a line's time is: at its head, in a JSON field, nowhere. */
  readonly time?: 'text' | 'json' | 'none';
  /** Joins lines of stack traces; absent: every line is an event. */
  readonly joiner?: () => LineJoiner;
  /** A group longer than this becomes several events. */
  readonly maxLineBytes: number;
  /** An open group is emitted after this time without a new line. */
  readonly idleFlushMs: number;
  readonly nowMs: () => number;
  readonly wallMs: () => number;
  readonly stats: ContainerStats;
}

/** Lines joined so far, with the time of the first. */
interface Group {
  readonly timestampMs: number;
  text: string;
  touchedMs: number;
}

/** Plain text logs: the message is the line, its time the one it carries or that of reading. */
export class TextHandler implements LineHandler {
  readonly #options: TextHandlerOptions;
  readonly #time = new TextTime();
  readonly #joiner: LineJoiner | undefined;
  #group: Group | undefined;
  /** Lines without a time of their own (a stack trace) keep that of the line before. */
  #lastMs = Number.NaN;

  constructor(options: TextHandlerOptions) {
    this.#options = options;
    this.#joiner = options.joiner?.();
  }

  lines(bytes: Buffer, start: number, end: number): void {
    const { writer, group, stream, stats, wallMs } = this.#options;
    writer.begin(group, stream);
    const nowMs = wallMs();
    const valid = isUtf8(bytes.subarray(start, end));
    for (let at = start; at < end; ) {
      const feed = bytes.indexOf(10, at);
      let from = at;
      let to = feed;
      at = feed + 1;
      while (from < to && bytes[from] === 0) from++;
      if (to > from && bytes[to - 1] === 13) to--;
      if (from === to) continue;
      stats.lines++;
      const timestampMs = this.#timeOf(bytes, from, to, nowMs);
      if (this.#joiner !== undefined) {
        this.#join(this.#joiner, bytes.toString('utf8', from, to), timestampMs);
        continue;
      }
      const line = bytes.subarray(from, to);
      if (valid || isUtf8(line)) writer.add(timestampMs, line);
      else {
        stats.repairedLines++;
        writer.add(timestampMs, Buffer.from(line.toString('utf8')));
      }
    }
  }

  saveState(): unknown {
    if (this.#group === undefined) return undefined;
    return { timestampMs: this.#group.timestampMs, text: this.#group.text };
  }

  restoreState(state: unknown): void {
    const { timestampMs, text } = state as { timestampMs: number; text: string };
    this.#group = { timestampMs, text, touchedMs: this.#options.nowMs() };
    for (const line of text.split('\n')) this.#joiner?.accept(line);
  }

  flushIdle(nowMs: number): boolean {
    if (this.#group === undefined) return false;
    if (nowMs - this.#group.touchedMs < this.#options.idleFlushMs) return false;
    this.#options.stats.idleFlushes++;
    this.finish();
    return true;
  }

  finish(): void {
    this.#joiner?.reset();
    this.#emitGroup();
  }

  #timeOf(bytes: Buffer, from: number, to: number, nowMs: number): number {
    const { time = 'text' } = this.#options;
    if (time === 'none') return nowMs;
    const ownMs =
      time === 'json' ? jsonTimeMs(bytes, from, to) : this.#time.read(bytes, from, to, nowMs);
    if (!Number.isNaN(ownMs)) {
      this.#lastMs = ownMs;
      return ownMs;
    }
    const indented = bytes[from] === 0x20 || bytes[from] === 0x09;
    return indented && !Number.isNaN(this.#lastMs) ? this.#lastMs : nowMs;
  }

  #join(joiner: LineJoiner, line: string, timestampMs: number): void {
    const { stats, nowMs, maxLineBytes } = this.#options;
    const join = joiner.accept(line);
    if (join === 'alone' || join === 'starts') this.#emitGroup();
    if (this.#group !== undefined && this.#group.text.length + line.length > maxLineBytes) {
      stats.splitLines++;
      this.#emitGroup();
    }
    if (this.#group === undefined) {
      this.#group = { timestampMs, text: line, touchedMs: nowMs() };
    } else {
      this.#group.text += `\n${line}`;
      this.#group.touchedMs = nowMs();
    }
    if (join === 'alone' || join === 'ends') this.#emitGroup();
  }

  #emitGroup(): void {
    const group = this.#group;
    if (group === undefined) return;
    this.#group = undefined;
    const { writer, group: name, stream } = this.#options;
    writer.begin(name, stream);
    writer.add(group.timestampMs, Buffer.from(group.text));
  }
}
