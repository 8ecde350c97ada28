import { type BodyMemory, emptyMemory } from './body-memory.ts';
import { LineList } from './line-list.ts';
import { NumberReader } from './number.ts';
import {
  contextOther,
  type ExemplarPlace,
  entryComment,
  entryEnd,
  entryHelp,
  entrySeries,
  entryType,
  entryUnit,
  TextParser,
} from './text-parser.ts';

/** What `BodyReader.next` found. */
export const bodyEnd = 0;
/** A sample of a series whose slot was given out before. */
export const bodySample = 1;
/** A sample of a series not seen before, with its new slot: `pairs` gives its labels. */
export const bodyNewSeries = 2;
/** HELP, TYPE or UNIT that differs from the last body: `metadata` tells which. */
export const bodyMetadata = 3;

/** Of a comment that says nothing of labels: what was said before it stays. */
const contextKept = 255;

export interface BodyMetadata {
  readonly kind: 'help' | 'type' | 'unit';
  readonly family: string;
  readonly text: string;
}

/**
 * Reads the successive bodies of one target, text or OpenMetrics. A line that begins with the bytes of
 * the last body's line at this place is known: only its number is parsed, and no string is made. Other
 * lines go through `TextParser`, and are looked up by their bytes.
 *
 * Each series text has a slot, a small number that stays while the text is in each body: what is known
 * of the series is kept in arrays by slot. A slot of a text that is gone is given out again.
 *
 *     reader.begin(body, isOpenMetrics);
 *     for (let found = reader.next(); found !== bodyEnd; found = reader.next()) …
 *     reader.commit();            // or `abandon`, when the body is refused
 */
export class BodyReader {
  /** Of the sample. */
  slot = -1;
  /** `[0]` the value, `[1]` the time in Unix ms, NaN where there is none. */
  readonly numbers: Float64Array = new Float64Array(2);
  exemplar: ExemplarPlace | undefined;
  /** Slots in use are below this. */
  slotCount = 0;

  #memory: BodyMemory = emptyMemory;
  readonly #number = new NumberReader();
  #parser = new TextParser(Buffer.alloc(0), false);
  #body: Buffer = Buffer.alloc(0);
  #view: DataView = viewOf(this.#body);
  #isOpenMetrics = false;
  #position = 0;
  /** The line of the memory that is expected next. */
  #line = 0;
  #context = contextOther;
  #lastKind: number = entryEnd;
  #free: number[] = [];

  /** Undefined: the body is as the last one so far. Else all its lines (see `#remember`). */
  #lines: LineList | undefined;
  #newSlots: number[] = [];

  begin(body: Uint8Array, isOpenMetrics: boolean): void {
    this.#parser = new TextParser(body, isOpenMetrics);
    this.#body = this.#parser.body;
    this.#view = viewOf(this.#body);
    this.#isOpenMetrics = isOpenMetrics;
    this.#position = 0;
    this.#line = 0;
    this.#context = contextOther;
    this.#lines = undefined;
  }

  /** Whether this body has other lines than the last, or in another order; complete at its end. */
  get hasChanged(): boolean {
    return this.#lines !== undefined;
  }

  /** @throws {AppError} EXPOSITION_INVALID */
  next(): number {
    const memory = this.#memory;
    const { view: bytes, starts, slots, contexts } = memory;
    const body = this.#body;
    const view = this.#view;
    const lines = slots.length;
    while (this.#line < lines) {
      const line = this.#line;
      let position = this.#position;
      if (body[position]! <= 0x20 && !this.#isOpenMetrics) position = this.#skipBlank(position);
      const start = starts[line]!;
      const end = position + starts[line + 1]! - start;
      if (end > body.length || !isSame(bytes, start, view, position, end)) break;
      const slot = slots[line]!;
      if (slot < 0) {
        if (contexts[line] !== contextKept) this.#context = contexts[line]!;
        this.#position = end;
      } else {
        const after = body[end];
        // OpenMetrics separates by one space only; what it refuses is refused by the whole parser.
        const isBlank = after === 0x20 || (after === 0x09 && !this.#isOpenMetrics);
        if (!isBlank || contexts[line] !== this.#context) break;
        if (!this.#readNumbers(position, end)) break;
        this.slot = slot;
      }
      this.#line = line + 1;
      this.#lines?.addOld(line);
      if (slot >= 0) return bodySample;
    }
    return this.#nextUnknown();
  }

  /** Of a new series: names and values in turn, see `TextParser.pairs`. */
  pairs(): string[] {
    return this.#parser.pairs();
  }

  exemplarPairs(exemplar: ExemplarPlace): string[] {
    return this.#parser.exemplarPairs(exemplar);
  }

  metadata(): BodyMetadata {
    const kind =
      this.#lastKind === entryHelp ? 'help' : this.#lastKind === entryType ? 'type' : 'unit';
    const text = kind === 'type' ? this.#parser.type : this.#parser.text();
    return { kind, family: this.#parser.family(), text };
  }

  /** Remembers this body for the next. Slots of series that it lacks are free afterwards. */
  commit(): void {
    const list = this.#lines;
    if (list !== undefined) {
      this.#memory = list.build(this.#memory, this.#body);
      this.#freeUnused();
    }
    this.#finish();
  }

  /** Forgets this body; what is known stays that of the body before. */
  abandon(): void {
    for (const slot of this.#newSlots) this.#free.push(slot);
    this.#finish();
  }

  /** Forgets all: the next body is new throughout. */
  reset(): void {
    this.#memory = emptyMemory;
    this.#free = [];
    this.slotCount = 0;
    this.#finish();
  }

  /** Slots of the last committed body, without repetitions. */
  *knownSlots(): Generator<number> {
    const seen = new Uint8Array(this.slotCount);
    for (const slot of this.#memory.slots) {
      if (slot < 0 || seen[slot] === 1) continue;
      seen[slot] = 1;
      yield slot;
    }
  }

  #finish(): void {
    this.#lines = undefined;
    this.#newSlots = [];
    this.exemplar = undefined;
    // The body is as large as all that is remembered of it, and nobody asks for it any more.
    this.#body = Buffer.alloc(0);
    this.#view = viewOf(this.#body);
    this.#parser = new TextParser(this.#body, false);
  }

  /** Text allows blank lines, and blanks before a series. */
  #skipBlank(start: number): number {
    let at = start;
    let byte = this.#body[at];
    while (byte === 0x0a || byte === 0x20 || byte === 0x09) byte = this.#body[++at];
    return at;
  }

  /** False: what stands here is no value, and the line is not the one that it began like. */
  #readNumbers(lineStart: number, seriesEnd: number): boolean {
    const body = this.#body;
    const { numbers } = this;
    const at = this.#number.read(body, seriesEnd + 1);
    if (at > 0) {
      const after = body[at];
      numbers[0] = this.#number.result[0]!;
      if (after === 0x0a) {
        numbers[1] = Number.NaN;
        this.exemplar = undefined;
        this.#position = at + 1;
        return true;
      }
      if (after === 0x20 && !this.#isOpenMetrics) {
        let time = 0;
        let digit = at + 1;
        for (; body[digit]! >= 48 && body[digit]! <= 57; digit++) {
          time = time * 10 + (body[digit]! - 48);
        }
        // 15 digits are exact, and 16 are beyond the year 30000.
        if (digit > at + 1 && digit - at <= 16 && body[digit] === 0x0a) {
          numbers[1] = time;
          this.exemplar = undefined;
          this.#position = digit + 1;
          return true;
        }
      }
    }
    let first = seriesEnd;
    while (body[first] === 0x20 || body[first] === 0x09) first++;
    // Text allows blanks between a name and its braces.
    if (body[first] === 0x7b) return false;
    const parser = this.#parser;
    parser.start = lineStart;
    parser.seriesEnd = seriesEnd;
    parser.readTail();
    this.#takeTail();
    return true;
  }

  #takeTail(): void {
    const parser = this.#parser;
    this.numbers[0] = parser.value;
    this.numbers[1] = parser.timeMs;
    this.exemplar = parser.exemplar;
    this.#position = parser.position;
  }

  /** A line that is not the one expected. */
  #nextUnknown(): number {
    const parser = this.#parser;
    for (;;) {
      parser.position = this.#position;
      parser.context = this.#context;
      const kind = parser.next();
      this.#lastKind = kind;
      if (kind === entryEnd) {
        if (this.#line < this.#memory.lines) this.#remembered();
        return bodyEnd;
      }
      this.#context = parser.context;
      if (kind === entrySeries) return this.#unknownSeries();
      this.#position = parser.position;
      const after = kind === entryType ? this.#context : contextKept;
      this.#remembered().addNew(parser.start, parser.position, -1, after);
      if (kind === entryComment) continue;
      if (kind === entryHelp || kind === entryType || kind === entryUnit) return bodyMetadata;
    }
  }

  #unknownSeries(): number {
    const parser = this.#parser;
    const { start, seriesEnd } = parser;
    this.#takeTail();
    const line = this.#memory.find(this.#body, start, seriesEnd, this.#context);
    const list = this.#remembered();
    if (line >= 0) {
      this.slot = this.#memory.slots[line]!;
      this.#line = line + 1;
      list.addOld(line);
      return bodySample;
    }
    const known = list.findNew(this.#body, start, seriesEnd, this.#context);
    this.slot = known >= 0 ? known : (this.#free.pop() ?? this.slotCount++);
    list.addNew(start, seriesEnd, this.slot, this.#context);
    if (known >= 0) return bodySample;
    this.#newSlots.push(this.slot);
    return bodyNewSeries;
  }

  /** From the first difference on all lines are listed, those before it too. */
  #remembered(): LineList {
    this.#lines ??= new LineList(this.#line);
    return this.#lines;
  }

  #freeUnused(): void {
    const used = new Uint8Array(this.slotCount);
    for (const slot of this.#memory.slots) if (slot >= 0) used[slot] = 1;
    this.#free = [];
    for (let slot = 0; slot < this.slotCount; slot++) if (used[slot] === 0) this.#free.push(slot);
  }
}

/** Four bytes at a time: the lines of a family differ at their ends, so most of each is looked at. */
function isSame(a: DataView, aStart: number, b: DataView, bStart: number, bEnd: number): boolean {
  let at = bStart;
  let from = aStart;
  for (const end = bEnd - 3; at < end; at += 4, from += 4) {
    if (a.getInt32(from, true) !== b.getInt32(at, true)) return false;
  }
  for (; at < bEnd; at++, from++) if (a.getInt8(from) !== b.getInt8(at)) return false;
  return true;
}

const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
