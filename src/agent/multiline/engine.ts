import type { AgentEvent, EventTime, RecordMap, RecordValue } from '../contract.ts';
import { RuleMachine } from './rules.ts';
import type { MultilineSpec } from './spec.ts';

export interface MultilineOptions {
  /** Tried in order; the last that matched is tried first. */
  readonly specs: readonly MultilineSpec[];
  /** Record key of text that no parser of a spec took apart. */
  readonly key: string;
  /** A joined text is cut off at this many characters and goes on as the next event. */
  readonly maxChars: number;
  /** `offset` is that of the event's first line; undefined when it was not given. */
  readonly emit: (event: AgentEvent, offset?: number) => void;
  /** A group reached `maxChars`. */
  readonly onCut?: () => void;
}

/** Open groups of one stream of lines; when a value of `key_group` comes beyond it, the idlest goes. */
const maxGroups = 6;
const defaultFlushMs = 4000;
/** Fluent Bit sets no timer below it: such a group ends by its rules alone. */
const minFlushMs = 500;

interface Group {
  readonly spec: MultilineSpec;
  readonly time: EventTime;
  readonly record: RecordMap | undefined;
  /** Of the first line. */
  readonly offset: number | undefined;
  text: string;
  touchedMs: number;
}

/** Saved form of an open group: the first line's own text and the joined text. */
interface SavedGroup {
  readonly spec: string;
  readonly group: string;
  readonly first: string;
  readonly text: string;
  readonly time: readonly [number, number];
  readonly offset?: number;
  /** Of the rule engine. */
  readonly state?: string;
}

/**
 * Joins the lines of one stream (a file) into events, with Fluent Bit's multiline parsers. Lines
 * that no spec takes are events of their own and end every open group, so that order is kept.
 */
export class MultilineEngine {
  readonly #options: MultilineOptions;
  readonly #machines = new Map<string, RuleMachine>();
  readonly #groups = new Map<string, Group>();
  /** The line each open group began with, to rebuild its record after a restart. */
  readonly #firsts = new Map<string, string>();
  #order: readonly MultilineSpec[];

  constructor(options: MultilineOptions) {
    this.#options = options;
    this.#order = options.specs;
  }

  /** One line without its line feed. `time` is for lines that carry none. */
  line(text: string, time: EventTime, nowMs: number, offset?: number): void {
    for (const spec of this.#order) {
      if (!this.#offer(spec, { text, time, offset }, nowMs)) continue;
      this.#preferNext(spec);
      return;
    }
    this.flush();
    this.#options.emit({ time, record: new Map([[this.#options.key, text]]) }, offset);
  }

  /** Emits every open group. */
  flush(): void {
    for (const key of [...this.#groups.keys()]) this.#close(key);
  }

  /** Emits groups that no line joined for their spec's time; true when there was one. */
  flushIdle(nowMs: number): boolean {
    let some = false;
    for (const [key, group] of [...this.#groups]) {
      const limitMs = group.spec.flushTimeoutMs ?? defaultFlushMs;
      if (limitMs < minFlushMs || nowMs - group.touchedMs < limitMs) continue;
      this.#close(key);
      some = true;
    }
    return some;
  }

  saveState(): unknown {
    if (this.#groups.size === 0) return undefined;
    return [...this.#groups].map(([key, { spec, text, time, offset }]): SavedGroup => {
      const group = key.slice(spec.name.length + 1);
      const first = this.#firsts.get(key) ?? '';
      const state = this.#machines.get(key)?.state;
      return {
        spec: spec.name,
        group,
        first,
        text,
        time: [time.seconds, time.nanoseconds],
        ...(offset === undefined ? {} : { offset }),
        ...(state === undefined ? {} : { state }),
      };
    });
  }

  restoreState(state: unknown, nowMs: number): void {
    for (const saved of state as readonly SavedGroup[]) {
      const spec = this.#options.specs.find(({ name }) => name === saved.spec);
      const time = { seconds: saved.time[0], nanoseconds: saved.time[1] };
      if (spec === undefined) {
        // The configuration changed meanwhile: the text is not lost.
        const record = new Map([[this.#options.key, saved.text]]);
        this.#options.emit({ time, record }, saved.offset);
        continue;
      }
      const key = `${spec.name}\n${saved.group}`;
      const record = spec.parser?.parse(saved.first)?.record;
      const { text, offset } = saved;
      this.#groups.set(key, { spec, time, record, offset, text, touchedMs: nowMs });
      this.#firsts.set(key, saved.first);
      if (saved.state !== undefined) this.#machine(key, spec).resume(saved.state);
      this.#preferNext(spec);
    }
  }

  /** The spec that matched last, which has the open group, is asked first. */
  #preferNext(spec: MultilineSpec): void {
    if (this.#order[0] === spec) return;
    this.#order = [spec, ...this.#options.specs.filter((other) => other !== spec)];
  }

  /** False: the line is not for this spec. */
  #offer(
    spec: MultilineSpec,
    given: { readonly text: string; readonly time: EventTime; readonly offset: number | undefined },
    nowMs: number,
  ): boolean {
    const { text: line, offset } = given;
    const parsed = spec.parser?.parse(line);
    if (spec.parser !== undefined && parsed === undefined) return false;
    const record = parsed?.record;
    const time = parsed?.time ?? given.time;
    const content = textAt(record, spec.keyContent) ?? line;
    const key = `${spec.name}\n${textAt(record, spec.keyGroup) ?? ''}`;
    if (spec.type !== 'regex') {
      const subject = textAt(record, spec.keyPattern) ?? content;
      const wanted = spec.matchString ?? '';
      const hit = spec.type === 'equal' ? subject === wanted : subject.endsWith(wanted);
      this.#append(key, spec, { line, time, record, offset, content, between: '', nowMs });
      if (hit !== (spec.negate === true)) this.#close(key);
      return true;
    }
    const machine = this.#machine(key, spec);
    const join = machine.accept(content);
    // A line that a parser of the spec took apart is its own even when no rule fits.
    if (join === 'alone' && record === undefined && !this.#groups.has(key)) return false;
    if (join === 'alone') {
      this.#close(key);
      if (record === undefined) return false;
      this.#options.emit({ time, record }, offset);
      return true;
    }
    if (join === 'starts') this.#close(key, false);
    // Without a content key the text keeps its line ends; with one, lines are set apart by them.
    const text = spec.keyContent === undefined ? `${content}\n` : content;
    const between = spec.keyContent === undefined ? '' : '\n';
    this.#append(key, spec, { line, time, record, offset, content: text, between, nowMs });
    if (join === 'ends') this.#close(key);
    return true;
  }

  #append(
    key: string,
    spec: MultilineSpec,
    piece: {
      readonly line: string;
      readonly time: EventTime;
      readonly record: RecordMap | undefined;
      readonly offset: number | undefined;
      readonly content: string;
      /** Between the text so far and this. */
      readonly between: string;
      readonly nowMs: number;
    },
  ): void {
    const group = this.#groups.get(key);
    if (group !== undefined && group.text.length + piece.content.length > this.#options.maxChars) {
      this.#options.onCut?.();
      this.#close(key, false);
    } else if (group !== undefined) {
      group.text += piece.between + piece.content;
      group.touchedMs = piece.nowMs;
      return;
    }
    if (this.#groups.size >= maxGroups) this.#closeIdlest();
    const { time, record, offset, content, nowMs } = piece;
    this.#groups.set(key, { spec, time, record, offset, text: content, touchedMs: nowMs });
    this.#firsts.set(key, piece.line);
  }

  #close(name: string, resetMachine = true): void {
    if (resetMachine) this.#machines.get(name)?.reset();
    const group = this.#groups.get(name);
    if (group === undefined) return;
    this.#groups.delete(name);
    this.#firsts.delete(name);
    const { record = new Map<string, RecordValue>(), spec, text, time, offset } = group;
    // Where a parser took the line apart, the text stands where it found it.
    const key = group.record === undefined ? this.#options.key : spec.keyContent;
    record.set(key ?? this.#options.key, text);
    this.#options.emit({ time, record }, offset);
  }

  #closeIdlest(): void {
    let idlest: string | undefined;
    let touchedMs = Number.POSITIVE_INFINITY;
    for (const [key, group] of this.#groups) {
      if (group.touchedMs >= touchedMs) continue;
      touchedMs = group.touchedMs;
      idlest = key;
    }
    if (idlest === undefined) return;
    this.#close(idlest);
    this.#machines.delete(idlest);
  }

  #machine(key: string, spec: MultilineSpec): RuleMachine {
    let machine = this.#machines.get(key);
    if (machine === undefined) {
      machine = new RuleMachine(spec.rules);
      this.#machines.set(key, machine);
    }
    return machine;
  }
}

function textAt(record: RecordMap | undefined, key: string | undefined): string | undefined {
  if (record === undefined || key === undefined) return undefined;
  const value = record.get(key);
  return typeof value === 'string' ? value : undefined;
}
