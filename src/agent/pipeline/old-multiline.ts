import type { AgentEvent, EventTime, RecordMap, TextParser } from '../contract.ts';
import { dockerParser } from '../multiline/container-parsers.ts';
import type { TailOptions } from '../tail/options.ts';

interface Open {
  readonly time: EventTime;
  readonly record: RecordMap;
  /** Key whose text grows. */
  readonly key: string;
  touchedMs: number;
}

/**
 * The two older ways of in_tail to join lines: `Multiline On` with parsers for the first and the
 * other lines, and `Docker_Mode` (pieces of docker's json-file, with an optional first-line parser
 * that joins whole lines too).
 */
export class OldMultiline {
  readonly #options: TailOptions;
  readonly #key: string;
  readonly #emit: (event: AgentEvent) => void;
  readonly #flushMs: number;
  #open: Open | undefined;
  /** Docker mode: the text of the open event does not end with a line feed yet. */
  #partial = false;

  constructor(options: TailOptions, key: string, emit: (event: AgentEvent) => void) {
    this.#options = options;
    this.#key = key;
    this.#emit = emit;
    this.#flushMs = options.dockerMode?.flushMs ?? options.oldMultiline?.flushMs ?? 4000;
  }

  line(text: string, now: EventTime, nowMs: number): void {
    if (this.#options.dockerMode !== undefined) this.#dockerLine(text, now, nowMs);
    else this.#parsedLine(text, now, nowMs);
  }

  flush(): void {
    if (this.#open === undefined) return;
    const { time, record } = this.#open;
    this.#open = undefined;
    this.#partial = false;
    this.#emit({ time, record });
  }

  flushIdle(nowMs: number): boolean {
    if (this.#open === undefined || nowMs - this.#open.touchedMs < this.#flushMs) return false;
    this.flush();
    return true;
  }

  saveState(): unknown {
    if (this.#open === undefined) return undefined;
    const { time, record, key } = this.#open;
    return { time, record: [...record], key, partial: this.#partial };
  }

  restoreState(state: unknown, nowMs: number): void {
    const saved = state as {
      time: EventTime;
      record: [string, string][];
      key: string;
      partial: boolean;
    };
    this.#open = {
      time: saved.time,
      record: new Map(saved.record),
      key: saved.key,
      touchedMs: nowMs,
    };
    this.#partial = saved.partial;
  }

  #parsedLine(text: string, now: EventTime, nowMs: number): void {
    const rules = this.#options.oldMultiline;
    const first = rules?.firstLine.parse(text);
    if (first !== undefined) {
      this.flush();
      const lastKey = [...first.record.keys()].at(-1) ?? this.#key;
      this.#open = {
        time: first.time ?? now,
        record: first.record,
        key: lastKey,
        touchedMs: nowMs,
      };
      return;
    }
    if (this.#open === undefined) {
      this.#emit({ time: now, record: new Map([[this.#key, text]]) });
      return;
    }
    this.#open.touchedMs = nowMs;
    for (const parser of rules?.others ?? []) {
      const parsed = parser.parse(text);
      if (parsed === undefined) continue;
      for (const [key, value] of parsed.record) this.#open.record.set(key, value);
      return;
    }
    this.#extend(`\n${text}`);
  }

  #dockerLine(text: string, now: EventTime, nowMs: number): void {
    const parser: TextParser = this.#options.parser ?? dockerParser;
    const parsed = parser.parse(text) ?? dockerParser.parse(text);
    const piece = parsed?.record.get('log');
    if (parsed === undefined || typeof piece !== 'string') {
      this.flush();
      this.#emit({ time: now, record: parsed?.record ?? new Map([[this.#key, text]]) });
      return;
    }
    const complete = piece.endsWith('\n');
    const firstLine = this.#options.dockerMode?.firstLine;
    const startsNew =
      !this.#partial && (firstLine === undefined || firstLine.parse(text) !== undefined);
    if (this.#open !== undefined && startsNew) this.flush();
    if (this.#open === undefined) {
      this.#open = {
        time: parsed.time ?? now,
        record: parsed.record,
        key: 'log',
        touchedMs: nowMs,
      };
    } else {
      this.#open.touchedMs = nowMs;
      this.#extend(piece);
    }
    this.#partial = !complete;
    if (complete && firstLine === undefined) this.flush();
  }

  #extend(text: string): void {
    const open = this.#open;
    if (open === undefined) return;
    const before = open.record.get(open.key);
    open.record.set(open.key, `${typeof before === 'string' ? before : ''}${text}`);
  }
}
