import { dottedPath } from '../container/names.ts';
import type { AgentEvent, EventTime, RecordValue } from '../contract.ts';
import { MultilineEngine } from '../multiline/engine.ts';
import type { LineHandler, LineOrigin } from '../tail/handler.ts';
import type { TailOptions } from '../tail/options.ts';
import { OldMultiline } from './old-multiline.ts';
import { decodeKeepingBytes, joinSplitCharacters } from './split-characters.ts';

export interface RecordHandlerDeps {
  readonly nowMs: () => number;
  readonly wallMs: () => number;
  /** A joined text reached the cap and goes on as another event. */
  readonly onCut: () => void;
  /** Handlers that have events to be taken: each adds itself. */
  readonly filled: Set<RecordHandler>;
}

const defaultMultilineBytes = 2 * 1024 * 1024;

/** The lines of one file as events, in the way the tail input's options say. */
export class RecordHandler implements LineHandler {
  readonly tag: string;
  #events: AgentEvent[] = [];
  readonly #options: TailOptions;
  readonly #deps: RecordHandlerDeps;
  readonly #path: string;
  readonly #key: string;
  readonly #engine: MultilineEngine | undefined;
  readonly #old: OldMultiline | undefined;
  /** A line held bytes that are UTF-8 only beside those of another. */
  #hasSplitCharacters = false;

  constructor(options: TailOptions, path: string, deps: RecordHandlerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#path = path;
    this.#key = options.key ?? 'log';
    this.tag = tagOf(options, path);
    const emit = (event: AgentEvent, offset?: number): void => {
      if (this.#hasSplitCharacters) {
        for (const [key, value] of event.record) {
          if (typeof value === 'string') event.record.set(key, joinSplitCharacters(value));
        }
      }
      this.#push(this.#decorate(event, { offset, isJoined: this.#engine !== undefined }));
    };
    if (options.multiline !== undefined && options.multiline.length > 0) {
      this.#engine = new MultilineEngine({
        specs: options.multiline,
        key: this.#key,
        maxChars: options.multilineBufferBytes ?? defaultMultilineBytes,
        emit,
        onCut: deps.onCut,
      });
    }
    if (options.oldMultiline !== undefined || options.dockerMode !== undefined) {
      this.#old = new OldMultiline(options, this.#key, emit);
    }
  }

  lines(bytes: Buffer, start: number, end: number, origin: LineOrigin): void {
    const now = timeOf(this.#deps.wallMs());
    const nowMs = this.#deps.nowMs();
    for (let at = start; at < end; ) {
      const feed = bytes.indexOf(10, at);
      let lineEnd = feed;
      let lineStart = at;
      at = feed + 1;
      while (lineStart < lineEnd && bytes[lineStart] === 0) lineStart++;
      if (lineEnd > lineStart && bytes[lineEnd - 1] === 13) lineEnd--;
      if (lineStart === lineEnd && this.#options.skipEmptyLines === true) continue;
      let text = bytes.toString('utf8', lineStart, lineEnd);
      const offset = origin.offset + (lineStart - start);
      if (this.#engine !== undefined) {
        if (text.includes('\ufffd')) {
          text = decodeKeepingBytes(bytes, lineStart, lineEnd);
          this.#hasSplitCharacters = true;
        }
        this.#engine.line(text, now, nowMs, offset);
      } else if (this.#old !== undefined) this.#old.line(text, now, nowMs);
      else this.#plain(text, now, offset);
    }
  }

  /** The events made since the last call. */
  takeEvents(): AgentEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  saveState(): unknown {
    return this.#engine?.saveState() ?? this.#old?.saveState();
  }

  restoreState(state: unknown): void {
    this.#hasSplitCharacters = true;
    this.#engine?.restoreState(state, this.#deps.nowMs());
    this.#old?.restoreState(state, this.#deps.nowMs());
  }

  flushIdle(nowMs: number): boolean {
    return this.#engine?.flushIdle(nowMs) ?? this.#old?.flushIdle(nowMs) ?? false;
  }

  finish(): void {
    this.#engine?.flush();
    this.#old?.flush();
  }

  #plain(text: string, now: EventTime, offset: number): void {
    const parsed = this.#options.parser?.parse(text);
    const event: AgentEvent =
      parsed === undefined
        ? { time: now, record: new Map([[this.#key, text]]) }
        : { time: parsed.time ?? now, record: parsed.record };
    this.#push(this.#decorate(event, { offset, isParsed: parsed !== undefined }));
  }

  #push(event: AgentEvent): void {
    if (this.#events.length === 0) this.#deps.filled.add(this);
    this.#events.push(event);
  }

  /**
   * `path_key` and `offset_key`, where Fluent Bit puts them: before an unparsed line, the other way
   * round before a parsed one, and after what a multiline parser joined.
   */
  #decorate(
    event: AgentEvent,
    {
      offset,
      isParsed = false,
      isJoined = false,
    }: {
      readonly offset: number | undefined;
      readonly isParsed?: boolean;
      readonly isJoined?: boolean;
    },
  ): AgentEvent {
    const { pathKey, offsetKey } = this.#options;
    const added: [string, RecordValue][] = [];
    if (pathKey !== undefined) added.push([pathKey, this.#path]);
    if (offsetKey !== undefined && offset !== undefined) added.push([offsetKey, offset]);
    if (added.length === 0) return event;
    if (isParsed) added.reverse();
    event.record = new Map(isJoined ? [...event.record, ...added] : [...added, ...event.record]);
    return event;
  }
}

export function timeOf(wallMs: number): EventTime {
  const seconds = Math.floor(wallMs / 1000);
  return { seconds, nanoseconds: Math.round((wallMs - seconds * 1000) * 1e6) };
}

function tagOf(options: TailOptions, path: string): string {
  const tag = options.tag ?? options.name;
  if (options.tagRegex !== undefined) {
    const groups = options.tagRegex.groups(path) ?? {};
    return tag.replace(/<([A-Za-z_]\w*)>/g, (_, name: string) => groups[name] || '_');
  }
  // The whole of it: `app*` has a dot before the path too.
  return tag.includes('*') ? dottedPath(tag.replace('*', () => path)) : tag;
}
