import { describeError } from '#base';
import type { MetricType } from '#metrics/model';
import { expositionInvalid, lineAt } from './errors.ts';
import { quoteBytes } from './go-quote.ts';
import { NumberReader, parseGoFloat } from './number.ts';
import {
  backslash,
  isText,
  nameClass,
  newline,
  normalisedBoundary,
  openMetricsTypes,
  quote,
  space,
  tab,
  textOf,
  textTypes,
} from './text-bytes.ts';

/** What `TextParser.next` found. */
export const entryEnd = 0;
export const entrySeries = 1;
export const entryHelp = 2;
export const entryType = 3;
export const entryUnit = 4;
export const entryComment = 5;

/** Its state does not outlive a call. */
const numberReader = new NumberReader();

/** Which label of the series after a TYPE line holds a float to be written in one form. */
export const contextOther = 0;
export const contextSummary = 1;
export const contextHistogram = 2;

/** Where the labels of an exemplar are, its value and its time (NaN: none), Unix ms. */
export interface ExemplarPlace {
  readonly places: readonly number[];
  readonly value: number;
  readonly timeMs: number;
}

/**
 * Reads a body of text 0.0.4 / 1.0.0 or OpenMetrics 1.0 line by line, as bytes, and refuses what the
 * reference refuses, in its words. `next` moves on; the fields tell of the entry that it found. Names
 * and labels stay offsets until somebody asks for them.
 *
 * Source: `model/textparse` of Prometheus 3 (grammar and texts of errors).
 */
export class TextParser {
  /** Ends in a newline, also where what came did not (text only). */
  readonly body: Buffer;
  readonly isOpenMetrics: boolean;
  /** Where the next entry begins. */
  position = 0;
  /** Of the entry: where it begins, and of a series where its labels end. */
  start = 0;
  seriesEnd = 0;
  value = 0;
  /** Unix ms; NaN: none was given. */
  timeMs: number = Number.NaN;
  exemplar: ExemplarPlace | undefined;
  /** What the last TYPE line says of labels. */
  context: number = contextOther;
  type: MetricType = 'unknown';
  /** Name of a series or family, then name and value of each label: start and end of each. */
  #places: number[] = [];
  #textStart = 0;
  #textEnd = 0;
  readonly #number = numberReader;
  /** Of the last token, for errors. */
  #token = 0;

  constructor(body: Uint8Array, isOpenMetrics: boolean) {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
    const isOpen = !isOpenMetrics && bytes.length > 0 && bytes[bytes.length - 1] !== newline;
    this.body = isOpen ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes;
    this.isOpenMetrics = isOpenMetrics;
  }

  /** @throws {AppError} EXPOSITION_INVALID */
  next(): number {
    const { body } = this;
    for (;;) {
      this.start = this.position;
      this.#token = this.start;
      if (!this.isOpenMetrics) this.#skipBlanks();
      const at = this.position;
      if (at >= body.length) {
        if (this.isOpenMetrics) throw this.#invalid('data does not end with # EOF');
        return entryEnd;
      }
      const byte = body[at]!;
      if (this.isOpenMetrics) break;
      if (byte === 0) return entryEnd;
      if (byte !== newline) break;
      this.position++;
    }
    // Blanks before a series are no part of its text.
    this.start = this.position;
    const byte = body[this.position]!;
    if (byte === 0x23) return this.isOpenMetrics ? this.#openMetricsComment() : this.#textComment();
    if (byte === 0x7b) {
      this.#places = [-1, -1];
      this.#token = this.position++;
      this.#labels(this.#places, false);
    } else if ((nameClass[byte]! & 5) !== 0) {
      const end = this.#nameEnd(this.position, 7);
      this.#places = [this.position, end];
      this.#token = this.position;
      this.position = end;
      if (this.#byteAfterBlanks() === 0x7b) {
        this.#token = this.position++;
        this.#labels(this.#places, false);
      } else this.position = end;
    } else {
      throw this.#unexpected(
        'expected a valid start token',
        this.position,
        this.position,
        'INVALID',
      );
    }
    if (this.#places[0] === -1) {
      const seen = quoteBytes(body, this.start, this.position);
      throw this.#invalid(`metric name not set while parsing: ${seen}`);
    }
    this.seriesEnd = this.position;
    this.readTail();
    return entrySeries;
  }

  /**
   * Value, time and exemplar from `seriesEnd` on, for whoever knows what stands before.
   * @throws {AppError} EXPOSITION_INVALID
   */
  readTail(): void {
    this.position = this.seriesEnd;
    this.exemplar = undefined;
    this.timeMs = Number.NaN;
    if (this.isOpenMetrics) this.#openMetricsTail();
    else this.#textTail();
  }

  /** Names and values in turn, the metric's name first; empty values and repeated names are kept. */
  pairs(): string[] {
    const pairs = ['__name__', this.#text(this.#places[0]!, this.#places[1]!)];
    const normalised =
      this.context === contextHistogram
        ? 'le'
        : this.context === contextSummary
          ? 'quantile'
          : undefined;
    for (let at = 2; at < this.#places.length; at += 4) {
      const name = this.#text(this.#places[at]!, this.#places[at + 1]!);
      const value = this.#text(this.#places[at + 2]!, this.#places[at + 3]!);
      pairs.push(name, name === normalised ? normalisedBoundary(value) : value);
    }
    return pairs;
  }

  exemplarPairs(exemplar: ExemplarPlace): string[] {
    const { places } = exemplar;
    const pairs: string[] = [];
    for (let at = 0; at < places.length; at += 2) {
      pairs.push(this.#text(places[at]!, places[at + 1]!));
    }
    return pairs;
  }

  /** Of HELP, TYPE and UNIT: the family's name. */
  family(): string {
    return this.#text(this.#places[0]!, this.#places[1]!);
  }

  /** Of HELP and UNIT: what the line says. */
  text(): string {
    return this.#text(this.#textStart, this.#textEnd);
  }

  /** An error about the current entry. */
  #invalid(message: string, cause?: unknown): Error {
    return expositionInvalid(message, lineAt(this.body, this.start), cause);
  }

  #unexpected(expected: string, from: number, to: number, token: string): Error {
    const end = Math.min(to + 1, this.body.length);
    const got = quoteBytes(this.body, from, end);
    const seen = quoteBytes(this.body, this.start, end);
    return this.#invalid(`${expected}, got ${got} ("${token}") while parsing: ${seen}`);
  }

  #skipBlanks(): void {
    const { body } = this;
    let byte = body[this.position];
    while (byte === space || byte === tab) byte = body[++this.position];
  }

  /** The next byte; in text blanks before it are skipped. */
  #byteAfterBlanks(): number {
    if (!this.isOpenMetrics) this.#skipBlanks();
    return this.body[this.position] ?? -1;
  }

  #nameEnd(start: number, classes: number): number {
    let at = start;
    while ((nameClass[this.body[at]!]! & classes) !== 0) at++;
    return at;
  }

  /** End of the quoted text that begins here, or minus the place where it breaks off. */
  #quotedEnd(start: number): number {
    const { body } = this;
    for (let at = start + 1; at < body.length; at++) {
      const byte = body[at]!;
      if (byte === quote) return at + 1;
      if (byte === backslash) {
        if (at + 1 >= body.length || body[at + 1] === newline) return -(at + 1);
        at++;
      } else if (byte === newline && this.isOpenMetrics) return -at;
    }
    return -body.length;
  }

  #text(start: number, end: number): string {
    return textOf(this.body, start, end);
  }

  /** A token that is not what was expected: what it is, for the error. */
  #unexpectedHere(expected: string, mayBeLabel: boolean): Error {
    const at = this.position;
    const byte = this.body[at];
    if (byte === undefined) return this.#unexpected(expected, this.#token, at, 'EOF');
    if (mayBeLabel) {
      if (byte === 0x7d) return this.#unexpected(expected, at, at + 1, 'BCLOSE');
      if (byte === 0x2c) return this.#unexpected(expected, at, at + 1, 'COMMA');
      if (byte === 0x3d) return this.#unexpected(expected, at, at + 1, 'EQUAL');
      if ((nameClass[byte]! & 1) !== 0) {
        return this.#unexpected(expected, at, this.#nameEnd(at, 2), 'LNAME');
      }
      if (byte === quote) {
        const end = this.#quotedEnd(at);
        return end < 0
          ? this.#unexpected(expected, at, -end, 'INVALID')
          : this.#unexpected(expected, at, end, 'QSTRING');
      }
    }
    return this.#unexpected(expected, at, at, 'INVALID');
  }

  /** What stands between braces; `position` is after the opening one, and then after the closing one. */
  #labels(places: number[], isExemplar: boolean): void {
    const { body } = this;
    for (;;) {
      let byte = this.#byteAfterBlanks();
      if (byte === 0x7d) {
        this.#token = this.position++;
        return;
      }
      let start = this.position;
      let end: number;
      const isQuoted = byte === quote;
      if (isQuoted) end = this.#quotedEnd(start);
      else end = (nameClass[byte]! & 1) !== 0 ? this.#nameEnd(start, 2) : -1;
      if (end < 0) throw this.#unexpectedHere('expected label name', true);
      this.#token = start;
      this.position = end;
      if (isQuoted) {
        start++;
        end--;
      }
      byte = this.#byteAfterBlanks();
      if (byte === 0x2c || byte === 0x7d) {
        if (isExemplar) throw this.#unexpectedHere('expected label name', true);
        this.position++;
        if (!isQuoted || places[0] !== -1) {
          // A bare word where only the name of the metric may stand.
          if (!isQuoted) {
            this.position--;
            throw this.#unexpectedHere('expected equal', true);
          }
          const seen = quoteBytes(body, this.start, this.position);
          throw this.#invalid(`metric name already set while parsing: ${seen}`);
        }
        this.#checkName(start, end);
        places[0] = start;
        places[1] = end;
        if (byte === 0x7d) return;
        continue;
      }
      if (byte !== 0x3d) throw this.#unexpectedHere('expected equal', true);
      if (isQuoted) this.#checkName(start, end);
      this.#token = this.position++;
      places.push(start, end);
      this.#labelValue(places);
      byte = this.#byteAfterBlanks();
      if (byte === 0x2c) this.#token = this.position++;
      else if (this.isOpenMetrics && byte !== 0x7d) {
        throw this.#unexpectedHere('expected comma or brace close', true);
      }
    }
  }

  #labelValue(places: number[]): void {
    const isQuoted = this.#byteAfterBlanks() === quote;
    const from = this.position;
    if (!isQuoted) throw this.#unexpectedHere('expected label value', false);
    const end = this.#quotedEnd(from);
    if (end < 0) throw this.#unexpected('expected label value', from, -end, 'INVALID');
    if (!isText(this.body, from, end)) {
      if (this.isOpenMetrics) {
        throw this.#unexpected('invalid UTF-8 label value', from, end, 'LVALUE');
      }
      throw this.#invalid(`invalid UTF-8 label value: ${quoteBytes(this.body, from, end)}`);
    }
    this.#token = from;
    this.position = end;
    places.push(from + 1, end - 1);
  }

  #checkName(start: number, end: number): void {
    if (isText(this.body, start, end)) return;
    throw this.#invalid(`invalid UTF-8 name: ${quoteBytes(this.body, start, end)}`);
  }

  #textTail(): void {
    const { body } = this;
    this.#skipBlanks();
    const start = this.position;
    const end = this.#wordEnd(start, true);
    if (end === start) throw this.#unexpectedHere('expected value after metric', false);
    this.value = this.#float(start, end);
    this.#token = start;
    this.position = end;
    this.#skipBlanks();
    const digits = this.position;
    let at = digits;
    while (body[at]! >= 48 && body[at]! <= 57) at++;
    if (at > digits) {
      const time = Number(body.toString('latin1', digits, at));
      if (time >= 2 ** 63) {
        const text = quoteBytes(body, digits, at);
        const seen = quoteBytes(body, this.start, at);
        throw this.#invalid(
          `strconv.ParseInt: parsing ${text}: value out of range while parsing: ${seen}`,
        );
      }
      this.timeMs = time;
      this.#token = digits;
      this.position = at;
      this.#skipBlanks();
    }
    if (body[this.position] !== newline) {
      const expected =
        at > digits ? 'expected next entry after timestamp' : 'expected timestamp or new record';
      throw this.#unexpectedHere(expected, false);
    }
    this.position++;
  }

  /** End of a word: up to a blank, a line end and (of text's values) an opening brace. */
  #wordEnd(start: number, isTextValue: boolean): number {
    const { body } = this;
    let at = start;
    for (; at < body.length; at++) {
      const byte = body[at]!;
      if (byte === space || byte === newline || byte === 0) break;
      if (isTextValue && (byte === tab || byte === 0x7b)) break;
    }
    return at;
  }

  #float(start: number, end: number): number {
    if (this.#number.read(this.body, start) === end) return this.#number.result[0]!;
    try {
      return parseGoFloat(this.body.toString('latin1', start, end));
    } catch (error) {
      const seen = quoteBytes(this.body, this.start, end);
      throw this.#invalid(`${describeError(error)} while parsing: ${seen}`, error);
    }
  }

  /** ` word` after a space, as OpenMetrics has it. Undefined: something else stands here. */
  #spacedWord(): { readonly start: number; readonly end: number } | undefined {
    const start = this.position + 1;
    if (this.body[this.position] !== space) return undefined;
    const end = this.#wordEnd(start, false);
    return end === start ? undefined : { start, end };
  }

  #openMetricsValue(after: string): number {
    const word = this.#spacedWord();
    if (word === undefined) throw this.#unexpectedHere(`expected value after ${after}`, false);
    const value = this.#float(word.start, word.end);
    this.#token = this.position;
    this.position = word.end;
    return value;
  }

  /** Seconds with a fraction, to ms. */
  #openMetricsTime(word: { readonly start: number; readonly end: number }, what: string): number {
    const seconds = this.#float(word.start, word.end);
    if (!Number.isFinite(seconds)) {
      const shown = Number.isNaN(seconds) ? 'NaN' : seconds > 0 ? '+Inf' : '-Inf';
      throw this.#invalid(`invalid ${what} ${shown}`);
    }
    this.#token = this.position;
    this.position = word.end;
    // The fraction of a double is a little off: 1.001 must not become 1000.
    return Math.trunc(seconds * 1000 + Math.sign(seconds) * 0.001);
  }

  #openMetricsTail(): void {
    const { body } = this;
    this.value = this.#openMetricsValue('metric');
    if (!this.#isExemplar()) {
      const word = this.#spacedWord();
      if (word !== undefined) this.timeMs = this.#openMetricsTime(word, 'timestamp');
    }
    if (this.#isExemplar()) this.#exemplar();
    else if (this.position >= body.length) throw this.#invalid('data does not end with # EOF');
    else if (body[this.position] === newline) this.position++;
    else throw this.#unexpectedHere('expected next entry after timestamp', false);
  }

  #isExemplar(): boolean {
    const { body, position } = this;
    return (
      body[position] === space &&
      body[position + 1] === 0x23 &&
      body[position + 2] === space &&
      body[position + 3] === 0x7b
    );
  }

  #exemplar(): void {
    const { body } = this;
    const places: number[] = [];
    this.#token = this.position;
    this.position += 4;
    this.#labels(places, true);
    const value = this.#openMetricsValue('exemplar labels');
    const word = this.#spacedWord();
    const timeMs =
      word === undefined ? Number.NaN : this.#openMetricsTime(word, 'exemplar timestamp');
    if (this.position >= body.length) throw this.#invalid('data does not end with # EOF');
    if (body[this.position] !== newline) {
      const expected =
        word === undefined
          ? 'expected timestamp or comment'
          : 'expected next entry after exemplar timestamp';
      throw this.#unexpectedHere(expected, false);
    }
    this.position++;
    this.exemplar = { places, value, timeMs };
  }

  #textComment(): number {
    const { body } = this;
    const hash = this.position++;
    if (body[this.position] === space || body[this.position] === tab) {
      this.#skipBlanks();
      const word = body.toString('latin1', this.position, this.position + 4);
      const after = body[this.position + 4];
      if ((word === 'HELP' || word === 'TYPE') && (after === space || after === tab)) {
        this.position += 4;
        this.#skipBlanks();
        return this.#metadata(word);
      }
    }
    // The body ends in a newline, so there is one.
    this.position = body.indexOf(newline, hash) + 1;
    return entryComment;
  }

  #openMetricsComment(): number {
    const { body } = this;
    const hash = this.position;
    if (body[hash + 1] !== space) {
      throw this.#unexpected('expected a valid start token', hash, hash + 1, 'INVALID');
    }
    const word = body.toString('latin1', hash + 2, hash + 6);
    if (word.startsWith('EOF')) {
      const end = hash + 5 + (body[hash + 5] === newline ? 1 : 0);
      if (end < body.length) throw this.#invalid('unexpected data after # EOF');
      this.position = end;
      return entryEnd;
    }
    if ((word === 'HELP' || word === 'TYPE' || word === 'UNIT') && body[hash + 6] === space) {
      this.position = hash + 7;
      return this.#metadata(word);
    }
    let wrong = hash + 2;
    for (const known of ['HELP ', 'TYPE ', 'UNIT ', 'EOF']) {
      let same = 0;
      while (same < known.length && body[hash + 2 + same] === known.charCodeAt(same)) same++;
      wrong = Math.max(wrong, hash + 2 + same);
    }
    throw this.#unexpected('expected a valid start token', hash, wrong, 'INVALID');
  }

  #metadata(word: 'HELP' | 'TYPE' | 'UNIT'): number {
    const { body } = this;
    let start = this.position;
    let end: number;
    if (body[start] === quote) {
      end = this.#quotedEnd(start);
      if (end < 0) {
        throw this.#unexpected(`expected metric name after ${word}`, start, -end, 'INVALID');
      }
    } else end = (nameClass[body[start]!]! & 5) === 0 ? start : this.#nameEnd(start, 7);
    if (end === start) throw this.#unexpectedHere(`expected metric name after ${word}`, false);
    this.#token = start;
    this.position = end;
    if (body[start] === quote) {
      start++;
      end--;
    }
    this.#places = [start, end];
    const lineEnd = body.indexOf(newline, this.position);
    const isCut = lineEnd < 0 || (this.isOpenMetrics && body[this.position] !== space);
    if (isCut) throw this.#unexpectedHere(`expected text in ${word}`, false);
    // Exactly one blank stands before the text; more are a part of it.
    this.#textStart = Math.min(this.position + 1, lineEnd);
    this.#textEnd = lineEnd;
    this.position = lineEnd + 1;
    if (word === 'TYPE') return this.#typeLine();
    if (word === 'UNIT') return this.#unitLine();
    if (!isText(body, this.#textStart, lineEnd)) {
      const shown = quoteBytes(body, this.#textStart, lineEnd);
      throw this.#invalid(`help text ${shown} is not a valid utf8 string`);
    }
    return entryHelp;
  }

  #typeLine(): number {
    const text = this.body.toString('latin1', this.#textStart, this.#textEnd);
    const types = this.isOpenMetrics ? openMetricsTypes : textTypes;
    const type = Object.hasOwn(types, text) ? types[text] : undefined;
    if (type === undefined) {
      const shown = quoteBytes(this.body, this.#textStart, this.#textEnd);
      throw this.#invalid(`invalid metric type ${shown}`);
    }
    this.type = type;
    this.context =
      type === 'histogram' ? contextHistogram : type === 'summary' ? contextSummary : contextOther;
    return entryType;
  }

  #unitLine(): number {
    const family = this.family();
    const unit = this.text();
    if (unit !== '' && !family.endsWith(`_${unit}`)) {
      const shown = quoteBytes(this.body, this.#textStart, this.#textEnd);
      const name = quoteBytes(this.body, this.#places[0]!, this.#places[1]!);
      throw this.#invalid(`unit ${shown} not a suffix of metric ${name}`);
    }
    return entryUnit;
  }
}
