/** Where lines came from, for handlers that put it into events. */
export interface LineOrigin {
  /** The path that was matched (a link stays a link), not a rotated name. */
  readonly path: string;
  /** Offset in the file of the first byte given. */
  readonly offset: number;
}

/**
 * Takes the lines of one source (a path with the files that rotate through it). Called in file
 * order. What it holds back (a line in pieces, an open multiline group) is part of its state, which
 * the reader keeps with the position, so that a restart goes on exactly there.
 */
export interface LineHandler {
  /**
   * Complete lines: `bytes[start, end)`, the last byte is a line feed (a file that ended without one
   * has been given one). The buffer is the reader's and is overwritten after the call.
   */
  lines(bytes: Buffer, start: number, end: number, origin: LineOrigin): void;
  /** What is held back, as JSON; undefined when nothing is. */
  saveState(): unknown;
  restoreState(state: unknown): void;
  /** Emits what has waited too long; true when the state changed. */
  flushIdle(nowMs: number): boolean;
  /** True: the file is left unread for now; what is decided elsewhere must be decided first. */
  isHeld?(): boolean;
  /** Emits everything held back: no more lines will come. */
  finish(): void;
}
