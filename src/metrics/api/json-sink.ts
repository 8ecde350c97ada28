import { timeText, valueText } from './number-text.ts';

/** One write to the socket. Larger ones only wait longer in memory. */
const chunkBytes = 128 * 1024;
/** The longest thing that is written without asking for room: a time and a value in quotes. */
const marginBytes = 96;
/** Below this, a whole number is written digit by digit instead of through a string. */
const maxFastInteger = 1_000_000_000;
/** The same for numbers of so many decimals: 10^decimals. */
const fastDecimals = 1000;

/**
 * JSON text as bytes, in chunks: `take` gives those that are full. The text of a whole answer never
 * exists, however large the answer is.
 */
export class JsonSink {
  #buffer: Buffer = Buffer.allocUnsafe(chunkBytes);
  #length = 0;
  #full: Buffer[] = [];

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
    if (this.#buffer.length - this.#length < marginBytes) this.#flush();
    this.#byte(0x5b);
    this.#time(timeMs);
    this.#byte(0x2c);
    this.#byte(0x22);
    this.#value(value);
    this.#byte(0x22);
    this.#byte(0x5d);
  }

  #value(value: number): void {
    if (value > 0 && value < maxFastInteger / fastDecimals) {
      const whole = Math.floor(value);
      if (whole === value) {
        this.#digits(whole);
        return;
      }
      // A decimal of few digits is the shortest text of the number that is nearest to it.
      const scaled = Math.round(value * fastDecimals);
      if (scaled / fastDecimals === value) {
        this.#decimal(scaled);
        return;
      }
    } else if (value > 0 && value < maxFastInteger && Math.floor(value) === value) {
      this.#digits(value);
      return;
    }
    this.#latin1(valueText(value));
  }

  /** Thousandths, not a whole number of them. */
  #decimal(thousandths: number): void {
    const whole = Math.floor(thousandths / fastDecimals);
    let fraction = thousandths - whole * fastDecimals;
    let width = 3;
    while (fraction % 10 === 0) {
      fraction /= 10;
      width--;
    }
    this.#digits(whole);
    this.#byte(0x2e);
    this.#padded(fraction, width);
  }

  #time(timeMs: number): void {
    const seconds = Math.trunc(timeMs / 1000);
    const fraction = timeMs - seconds * 1000;
    if (timeMs < 1000 || seconds > 99_999_999_999) {
      this.#latin1(timeText(timeMs));
      return;
    }
    const high = Math.trunc(seconds / 100_000);
    if (high > 0) {
      this.#digits(high);
      this.#padded(seconds - high * 100_000, 5);
    } else this.#digits(seconds);
    if (fraction === 0) return;
    this.#byte(0x2e);
    this.#padded(fraction, 3);
  }

  #digits(value: number): void {
    let width = 1;
    for (let limit = 10; value >= limit; limit *= 10) width++;
    this.#padded(value, width);
  }

  #padded(value: number, width: number): void {
    const buffer = this.#buffer;
    const start = this.#length;
    // All are below 2^31: whole numbers of 32 bits divide several times as fast.
    let rest = value | 0;
    for (let at = start + width - 1; at >= start; at--) {
      const next = (rest / 10) | 0;
      buffer[at] = 0x30 + rest - next * 10;
      rest = next;
    }
    this.#length = start + width;
  }

  #latin1(text: string): void {
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  #byte(value: number): void {
    this.#buffer[this.#length++] = value;
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#full.push(this.#buffer.subarray(0, this.#length));
    this.#buffer = Buffer.allocUnsafe(chunkBytes);
    this.#length = 0;
  }
}
