/** What a pod's annotations ask for the lines of one of its containers' streams. */
export interface StreamWish {
  /** Leave the lines out. */
  readonly exclude: boolean;
  /** What a line's text holds; undefined: it does not fit, and stays text only. */
  readonly parse: ((text: string) => ParsedLine | undefined) | undefined;
}

export interface ParsedLine {
  /** An object, as JSON text. */
  readonly json: string;
  /** Undefined: the text says no time. */
  readonly timestampMs: number | undefined;
}

export interface ContainerWishes {
  readonly stdout: StreamWish | undefined;
  readonly stderr: StreamWish | undefined;
}
