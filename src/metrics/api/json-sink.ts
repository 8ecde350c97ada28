import { timeText, valueText } from './number-text.ts';

/** One write to the socket. Larger ones only wait longer in memory. */
const chunkBytes = 128 * 1024;
/** The longest thing that is written without asking for room: a time and a value in quotes. */
const marginBytes = 96;
/** Samples whose digits are asked for at once. */
const batchSamples = 512;
/** The most that JSON makes of a number, with a comma. */
const maxNumberBytes = 26;
/** Numbers below this are written digit by digit where they are whole. */
const maxFastInteger = 1_000_000_000;
/** The same for numbers of so many decimals: 10^decimals. */
const fastDecimals = 1000;
/** JSON writes numbers of these sizes as the API does, without an exponent. */
const minPlain = 1e-6;
const maxPlain = 1e21;

const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const quote = 0x22;
const dot = 0x2e;

/**
 * JSON text as bytes, in chunks: `take` gives those that are full. The text of a whole answer never
 * exists, however large the answer is.
 */
export class JsonSink {
  #buffer: Buffer = Buffer.allocUnsafe(chunkBytes);
  #length = 0;
  #full: Buffer[] = [];
  /** Texts of the numbers of a batch that have many digits, one after the other. */
  readonly #long: number[] = [];
  #texts: Buffer | undefined;
  #textAt = 0;

  /** Whether there is a full chunk to take. */
  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  take(): Buffer[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** Everything that is left. */
  end(): Buffer[] {
    const full = this.take();
    full.push(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    this.#buffer = Buffer.alloc(0);
    return full;
  }

  raw(text: string): void {
    // A unit of UTF-16 is at most three bytes.
    if (text.length * 3 > this.#buffer.length - this.#length) {
      this.#flush();
      if (text.length * 3 > this.#buffer.length) {
        this.#full.push(Buffer.from(text, 'utf8'));
        return;
      }
    }
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  json(value: unknown): void {
    this.raw(JSON.stringify(value) ?? 'null');
  }

  /** `[<seconds>,"<value>"]` */
  sample(timeMs: number, value: number): void {
    this.samples(Float64Array.of(timeMs), Float64Array.of(value), 0);
  }

  /**
   * `[<seconds>,"<value>"]` of the samples from `from` on, with commas between: a batch of them.
   * @returns the first sample after the batch
   */
  samples(timesMs: Float64Array, values: Float64Array, from: number): number {
    const to = Math.min(values.length, from + batchSamples);
    this.#makeTexts(values, from, to);
    let buffer = this.#buffer;
    let end = this.#length;
    for (let at = from; at < to; at++) {
      if (buffer.length - end < marginBytes) {
        this.#length = end;
        this.#flush();
        buffer = this.#buffer;
        end = 0;
      }
      if (at > from) buffer[end++] = comma;
      buffer[end++] = openBracket;
      end = putTime(buffer, end, timesMs[at]!);
      buffer[end++] = comma;
      buffer[end++] = quote;
      const value = values[at]!;
      if (isLong(value)) end = this.#copyText(buffer, end);
      else end = putValue(buffer, end, value);
      buffer[end++] = quote;
      buffer[end++] = closeBracket;
    }
    this.#length = end;
    return to;
  }

  /** The engine writes many numbers at once several times as fast as one by one. */
  #makeTexts(values: Float64Array, from: number, to: number): void {
    const long = this.#long;
    long.length = 0;
    for (let at = from; at < to; at++) if (isLong(values[at]!)) long.push(values[at]!);
    if (long.length === 0) return;
    this.#texts ??= Buffer.allocUnsafe(batchSamples * maxNumberBytes);
    this.#texts.write(JSON.stringify(long), 'latin1');
    this.#textAt = 1;
  }

  /** The next of the texts, up to its comma or the end. */
  #copyText(buffer: Buffer, start: number): number {
    const texts = this.#texts!;
    let at = start;
    let from = this.#textAt;
    let byte = texts[from++]!;
    while (byte !== comma && byte !== closeBracket) {
      buffer[at++] = byte;
      byte = texts[from++]!;
    }
    this.#textAt = from;
    return at;
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#full.push(this.#buffer.subarray(0, this.#length));
    this.#buffer = Buffer.allocUnsafe(chunkBytes);
    this.#length = 0;
  }
}

/** Whether the text of a number is best left to the engine, and is the same in JSON as in the API. */
function isLong(value: number): boolean {
  const size = Math.abs(value);
  if (!(size >= minPlain && size < maxPlain)) return false;
  if (value < 0) return true;
  if (value >= maxFastInteger / fastDecimals) {
    return value >= maxFastInteger || Math.floor(value) !== value;
  }
  return Math.round(value * fastDecimals) / fastDecimals !== value;
}

/** What is written at `at`, and where the next thing goes: plain functions keep places in registers. */
function putValue(buffer: Buffer, at: number, value: number): number {
  if (value >= minPlain && value < maxFastInteger) return putDecimal(buffer, at, value);
  return at + buffer.write(valueText(value), at, 'latin1');
}

/** A whole number, or one of few decimals. */
function putDecimal(buffer: Buffer, at: number, value: number): number {
  const whole = Math.floor(value);
  const end = putDigits(buffer, at, whole);
  if (whole === value) return end;
  // A decimal of few digits is the shortest text of the number that is nearest to it.
  let fraction = Math.round(value * fastDecimals) - whole * fastDecimals;
  let width = 3;
  while (fraction % 10 === 0) {
    fraction /= 10;
    width--;
  }
  buffer[end] = dot;
  return putPadded(buffer, end + 1, fraction, width);
}

function putTime(buffer: Buffer, at: number, timeMs: number): number {
  const seconds = Math.trunc(timeMs / 1000);
  const fraction = timeMs - seconds * 1000;
  if (timeMs < 1000 || seconds > 99_999_999_999) {
    return at + buffer.write(timeText(timeMs), at, 'latin1');
  }
  const high = Math.trunc(seconds / 100_000);
  let end = at;
  if (high > 0) {
    end = putDigits(buffer, end, high);
    end = putPadded(buffer, end, seconds - high * 100_000, 5);
  } else end = putDigits(buffer, end, seconds);
  if (fraction === 0) return end;
  buffer[end] = dot;
  return putPadded(buffer, end + 1, fraction, 3);
}

function putDigits(buffer: Buffer, at: number, value: number): number {
  let width = 1;
  for (let limit = 10; value >= limit; limit *= 10) width++;
  return putPadded(buffer, at, value, width);
}

function putPadded(buffer: Buffer, start: number, value: number, width: number): number {
  // All are below 2^31: whole numbers of 32 bits divide several times as fast.
  let rest = value | 0;
  for (let at = start + width - 1; at >= start; at--) {
    const next = (rest / 10) | 0;
    buffer[at] = 0x30 + rest - next * 10;
    rest = next;
  }
  return start + width;
}
