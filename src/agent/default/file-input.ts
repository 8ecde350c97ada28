import type { ContainerStats } from '../container/handler.ts';
import type { LineJoiner } from '../multiline/joiner.ts';
import type { BatchWriter } from '../ship/batch-writer.ts';
import type { LineHandler, LineOrigin } from '../tail/handler.ts';
import { TextHandler } from './text-handler.ts';

/** Files with settings of their own. */
export interface FileInput {
  /** Globs. */
  readonly paths: readonly string[];
  readonly excludePaths?: readonly string[];
  /** Absent: the group of the machine's own logs. */
  readonly group?: string;
  /** Absent: the path. */
  readonly stream?: string;
  /**
   * Format of a line. `auto`: CRI or docker where the first line is one, else text with the time at
   * its head; `none`: the text as it is, at the time of reading.
   */
  readonly parser: 'auto' | 'none' | 'cri' | 'docker' | 'json' | 'syslog';
  /** Built-in multiline rules: `go`, `java`, `python`, `ruby`. */
  readonly multiline: readonly string[];
  readonly fromHead: boolean;
}

export interface FileHandlerParts {
  readonly writer: BatchWriter;
  readonly group: Uint8Array;
  readonly stream: Uint8Array;
  readonly joiner?: () => LineJoiner;
  readonly maxLineBytes: number;
  readonly idleFlushMs: number;
  readonly nowMs: () => number;
  readonly wallMs: () => number;
  readonly stats: ContainerStats;
  /** For lines of the CRI or docker's. */
  readonly container: () => LineHandler;
}

export function fileHandler(parser: FileInput['parser'], parts: FileHandlerParts): LineHandler {
  if (parser === 'cri' || parser === 'docker') return parts.container();
  const text = (): LineHandler => {
    const { container: _, ...options } = parts;
    return new TextHandler({
      ...options,
      time: parser === 'none' ? 'none' : parser === 'json' ? 'json' : 'text',
    });
  };
  return parser === 'auto' ? new SniffingHandler(parts.container, text) : text();
}

const containerLine =
  /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* std(?:out|err) [FP][ :]|\{"(?:log|stream|time)":)/;

/** Decides at the first line, and remembers it. */
class SniffingHandler implements LineHandler {
  readonly #container: () => LineHandler;
  readonly #text: () => LineHandler;
  #chosen: { readonly kind: 'container' | 'text'; readonly handler: LineHandler } | undefined;

  constructor(container: () => LineHandler, text: () => LineHandler) {
    this.#container = container;
    this.#text = text;
  }

  lines(bytes: Buffer, start: number, end: number, origin: LineOrigin): void {
    if (this.#chosen === undefined) {
      const head = bytes.toString('latin1', start, Math.min(end, start + 80));
      this.#choose(containerLine.test(head) ? 'container' : 'text');
    }
    this.#chosen!.handler.lines(bytes, start, end, origin);
  }

  saveState(): unknown {
    const inner = this.#chosen?.handler.saveState();
    return inner === undefined ? undefined : { kind: this.#chosen!.kind, inner };
  }

  restoreState(state: unknown): void {
    const { kind, inner } = state as { kind: 'container' | 'text'; inner: unknown };
    this.#choose(kind);
    this.#chosen!.handler.restoreState(inner);
  }

  flushIdle(nowMs: number): boolean {
    return this.#chosen?.handler.flushIdle(nowMs) ?? false;
  }

  finish(): void {
    this.#chosen?.handler.finish();
  }

  #choose(kind: 'container' | 'text'): void {
    this.#chosen = { kind, handler: kind === 'container' ? this.#container() : this.#text() };
  }
}
