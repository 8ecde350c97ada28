/** A batch counts a time's bytes in one byte; nobody writes 200 digits of a second. */
const maxTimeBytes = 255;

/**
 * Reads RFC 3339 times from bytes, `2024-03-25T11:41:59.633035943+09:00`, as CRI runtimes write
 * them. Lines of one file share their minute nearly always: the minute's value is kept and only the
 * seconds are read anew.
 */
export class TimestampReader {
  /** Bytes of `YYYY-MM-DDTHH:MM` that `#minuteMs` stands for. */
  readonly #minute = new Uint8Array(16);
  #minuteMs = Number.NaN;
  /** Where the time ended: the first byte after it. Valid after `read` gave a number. */
  end = 0;

  /** Milliseconds since the epoch (the fraction is cut), NaN when no time stands at `start`. */
  read(bytes: Uint8Array, start: number, limit: number): number {
    if (start + 20 > limit) return Number.NaN;
    const minute = this.#minute;
    let same = true;
    // Backwards: the minute's last digit is the first to differ.
    for (let i = 15; i >= 0; i--) {
      if (bytes[start + i] !== minute[i]) {
        same = false;
        break;
      }
    }
    if (!same && !this.#readMinute(bytes, start)) return Number.NaN;
    if (bytes[start + 16] !== 58) return Number.NaN;
    const tens = bytes[start + 17]! - 48;
    const ones = bytes[start + 18]! - 48;
    // 60: a leap second.
    if (tens < 0 || tens > 6 || ones < 0 || ones > 9) return Number.NaN;
    if (tens === 6 && ones > 0) return Number.NaN;
    let ms = this.#minuteMs + (tens * 10 + ones) * 1000;
    let at = start + 19;
    if (bytes[at] === 46) {
      at++;
      let scale = 100;
      let digit = bytes[at]! - 48;
      while (digit >= 0 && digit <= 9 && at < limit) {
        if (scale >= 1) {
          ms += digit * scale;
          scale = scale === 1 ? 0 : scale / 10;
        }
        digit = bytes[++at]! - 48;
      }
    }
    // 6: the longest zone.
    if (at >= limit || at + 6 - start > maxTimeBytes) return Number.NaN;
    const zone = bytes[at];
    if (zone === 90 || zone === 122) {
      this.end = at + 1;
      return ms;
    }
    if (zone === 43 || zone === 45) {
      const hours = twoDigits(bytes, at + 1);
      const colon = bytes[at + 3] === 58 ? 1 : 0;
      const minutes = twoDigits(bytes, at + 3 + colon);
      if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
      if (at + 5 + colon > limit) return Number.NaN;
      this.end = at + 5 + colon;
      const offsetMs = (hours * 60 + minutes) * 60_000;
      return zone === 43 ? ms - offsetMs : ms + offsetMs;
    }
    return Number.NaN;
  }

  #readMinute(bytes: Uint8Array, start: number): boolean {
    const century = twoDigits(bytes, start);
    const year = twoDigits(bytes, start + 2);
    const month = twoDigits(bytes, start + 5);
    const day = twoDigits(bytes, start + 8);
    const hour = twoDigits(bytes, start + 11);
    const minute = twoDigits(bytes, start + 14);
    const separator = bytes[start + 10];
    if (century < 0 || year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
    if (bytes[start + 4] !== 45 || bytes[start + 7] !== 45 || bytes[start + 13] !== 58)
      return false;
    if (separator !== 84 && separator !== 116 && separator !== 32) return false;
    const value = Date.UTC(century * 100 + year, month - 1, day, hour, minute);
    // Date.UTC carries 31 February into March: such a date is not a time.
    if (new Date(value).getUTCDate() !== day) return false;
    this.#minuteMs = value;
    for (let i = 0; i < 16; i++) this.#minute[i] = bytes[start + i]!;
    return true;
  }
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 48;
  const ones = bytes[at + 1]! - 48;
  // NaN where the buffer ends: every comparison below is false for it, hence the form.
  if (tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9) return tens * 10 + ones;
  return -1;
}
