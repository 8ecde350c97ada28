import { isUtf8 } from 'node:buffer';
import type { ContainerStats } from '../container/handler.ts';
import { TimestampReader } from '../container/timestamp.ts';
import type { BatchWriter } from '../ship/batch-writer.ts';
import type { LineHandler } from '../tail/handler.ts';
import { controlPlaneTimeMs } from './line-time.ts';
import type { SwitchState } from './switches.ts';

export interface ControlPlaneHandlerOptions {
  readonly writer: BatchWriter;
  readonly stream: Uint8Array;
  readonly switchState: () => SwitchState;
  /** A longer event becomes several. */
  readonly maxLineBytes: number;
  readonly wallMs: () => number;
  readonly stats: ContainerStats;
}

/** After a confirmation that a type is off, its files are read so long: nearly all of it is old. */
const passMs = 500;
/** Lines that came after the last confirmation; beyond it the next one is waited for. */
const maxWaitingBytes = 1024 * 1024;

/** A line that may still be wanted. */
interface Waiting {
  readonly writtenMs: number;
  readonly timestampMs: number;
  readonly text: Buffer;
}

interface SavedState {
  /** It was on from then: what was written until it was turned off is wanted. */
  readonly onSinceMs?: number;
  readonly waiting?: readonly (readonly [number, number, string])[];
  readonly part?: string;
}

/**
 * Lines of one component of a control plane, as the component wrote them. Which of them are wanted
 * depends on when they were written: those from the moment at which the type was turned on, up to that
 * at which it was turned off. While the server has not said whether it is on, the file is not read.
 */
export class ControlPlaneHandler implements LineHandler {
  readonly #options: ControlPlaneHandlerOptions;
  readonly #time = new TimestampReader();
  /** Since when it was on, as long as lines of that time may still come. */
  #onSinceMs: number | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Pieces of a line of a container so far. */
  #part: Buffer | undefined;
  /** Lines without a time (a trace) keep that of the line before. */
  #lastMs = Number.NaN;

  constructor(options: ControlPlaneHandlerOptions) {
    this.#options = options;
  }

  isHeld(): boolean {
    const state = this.#options.switchState();
    if (state.kind === 'on') return false;
    if (state.kind === 'unknown' || this.#waitingBytes >= maxWaitingBytes) return true;
    return this.#options.wallMs() - state.confirmedMs > passMs;
  }

  lines(bytes: Buffer, start: number, end: number): void {
    this.#settle();
    for (let at = start; at < end; ) {
      const feed = bytes.indexOf(10, at);
      this.#line(bytes, at, feed);
      at = feed + 1;
    }
  }

  saveState(): unknown {
    const state: SavedState = {
      ...(this.#onSinceMs === undefined ? {} : { onSinceMs: this.#onSinceMs }),
      ...(this.#waiting.length > 0
        ? {
            waiting: this.#waiting.map(
              ({ writtenMs, timestampMs, text }) =>
                [writtenMs, timestampMs, text.toString('utf8')] as const,
            ),
          }
        : {}),
      ...(this.#part === undefined ? {} : { part: this.#part.toString('base64') }),
    };
    return Object.keys(state).length === 0 ? undefined : state;
  }

  restoreState(state: unknown): void {
    const { onSinceMs, waiting = [], part } = state as SavedState;
    this.#onSinceMs = onSinceMs;
    for (const [writtenMs, timestampMs, text] of waiting) {
      this.#wait({ writtenMs, timestampMs, text: Buffer.from(text) });
    }
    this.#part = part === undefined ? undefined : Buffer.from(part, 'base64');
  }

  /** Lines that waited are decided as soon as the server has spoken. */
  flushIdle(): boolean {
    const before = this.#waiting.length;
    const onSinceMs = this.#onSinceMs;
    this.#settle();
    return this.#waiting.length !== before || this.#onSinceMs !== onSinceMs;
  }

  /** No more lines will come; what waits is decided by what is known now. */
  finish(): void {
    this.#settle();
    this.#part = undefined;
  }

  #settle(): void {
    const state = this.#options.switchState();
    if (state.kind === 'unknown') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const line of waiting) this.#decide(line, state);
    if (state.kind === 'on') this.#onSinceMs = Math.max(state.sinceMs, 0);
  }

  #line(bytes: Buffer, lineStart: number, lineEnd: number): void {
    let start = lineStart;
    let end = lineEnd;
    while (start < end && bytes[start] === 0) start++;
    if (end > start && bytes[end - 1] === 13) end--;
    if (start === end) return;
    const { stats, maxLineBytes, wallMs } = this.#options;
    const cri = this.#criHead(bytes, start, end);
    if (cri === undefined) {
      stats.lines++;
      this.#event(bytes, start, end, Number.NaN, wallMs());
      return;
    }
    const piece = bytes.subarray(cri.textStart, end);
    const isLong = (this.#part?.length ?? 0) + piece.length > maxLineBytes;
    if (isLong) stats.splitLines++;
    if (cri.isPartial && !isLong) {
      this.#part = Buffer.concat([this.#part ?? Buffer.alloc(0), piece]);
      return;
    }
    stats.lines++;
    const whole = this.#part === undefined ? piece : Buffer.concat([this.#part, piece]);
    this.#part = undefined;
    if (whole.length > 0) this.#event(whole, 0, whole.length, cri.timeMs, wallMs());
  }

  /** `TIME stdout F TEXT`; undefined for a line that no container runtime wrote. */
  #criHead(
    bytes: Buffer,
    start: number,
    end: number,
  ):
    | { readonly timeMs: number; readonly textStart: number; readonly isPartial: boolean }
    | undefined {
    const first = bytes[start]!;
    if (first < 0x30 || first > 0x39) return undefined;
    const timeMs = this.#time.read(bytes, start, end);
    if (Number.isNaN(timeMs)) return undefined;
    const head = bytes.toString('latin1', this.#time.end, Math.min(end, this.#time.end + 40));
    const match = /^ std(?:out|err) ([PF])\S* ?/.exec(head);
    if (match === null) return undefined;
    return { timeMs, textStart: this.#time.end + match[0].length, isPartial: match[1] === 'P' };
  }

  /** @param criMs when the runtime got it, NaN where none did */
  #event(bytes: Buffer, start: number, end: number, criMs: number, nowMs: number): void {
    const ownMs = controlPlaneTimeMs(bytes, start, end, nowMs);
    const knownMs = Number.isNaN(ownMs) ? this.#lastMs : ownMs;
    const timestampMs = !Number.isNaN(knownMs) ? knownMs : Number.isNaN(criMs) ? nowMs : criMs;
    if (!Number.isNaN(ownMs)) this.#lastMs = ownMs;
    const writtenMs = Number.isNaN(criMs) ? timestampMs : criMs;
    const state = this.#options.switchState();
    this.#decide({ writtenMs, timestampMs, text: bytes.subarray(start, end) }, state);
  }

  #decide(line: Waiting, state: SwitchState): void {
    const { writtenMs } = line;
    if (state.kind === 'unknown') this.#wait(line);
    else if (state.kind === 'on') {
      if (writtenMs >= state.sinceMs) this.#emit(line, state.group);
    } else if (writtenMs >= state.confirmedMs) this.#wait(line);
    else if (this.#onSinceMs !== undefined) {
      if (writtenMs >= state.sinceMs) this.#onSinceMs = undefined;
      else if (writtenMs >= this.#onSinceMs) this.#emit(line, state.group);
    }
  }

  #wait({ text, ...times }: Waiting): void {
    this.#waiting.push({ ...times, text: Buffer.from(text) });
    this.#waitingBytes += text.length;
  }

  #emit({ timestampMs, text }: Waiting, group: Uint8Array): void {
    const { writer, stream, stats } = this.#options;
    writer.begin(group, stream);
    if (isUtf8(text)) {
      writer.add(timestampMs, text);
      return;
    }
    stats.repairedLines++;
    writer.add(timestampMs, Buffer.from(text.toString('utf8')));
  }
}
