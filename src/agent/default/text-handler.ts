import { isUtf8 } from 'node:buffer';
import type { ContainerStats } from '../container/handler.ts';
import type { BatchWriter } from '../ship/batch-writer.ts';
import type { LineHandler } from '../tail/handler.ts';
import { TextTime } from './text-time.ts';

export interface TextHandlerOptions {
  readonly writer: BatchWriter;
  readonly group: Uint8Array;
  readonly stream: Uint8Array;
  readonly wallMs: () => number;
  readonly stats: ContainerStats;
}

/** Plain text logs: the message is the line, its time the one at its head or that of reading. */
export class TextHandler implements LineHandler {
  readonly #options: TextHandlerOptions;
  readonly #time = new TextTime();
  /** Lines without a time of their own (a stack trace) keep that of the line before. */
  #lastMs = Number.NaN;

  constructor(options: TextHandlerOptions) {
    this.#options = options;
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
      const ownMs = this.#time.read(bytes, from, to, nowMs);
      if (!Number.isNaN(ownMs)) this.#lastMs = ownMs;
      const indented = bytes[from] === 0x20 || bytes[from] === 0x09;
      const lineMs = Number.isNaN(ownMs) && indented ? this.#lastMs : ownMs;
      const line = bytes.subarray(from, to);
      const timestampMs = Number.isNaN(lineMs) ? nowMs : lineMs;
      if (valid || isUtf8(line)) writer.add(timestampMs, line);
      else {
        stats.repairedLines++;
        writer.add(timestampMs, Buffer.from(line.toString('utf8')));
      }
    }
  }

  saveState(): unknown {
    return undefined;
  }

  restoreState(): void {}

  flushIdle(): boolean {
    return false;
  }

  finish(): void {}
}
