/** Just enough of DER (X.690) to write a certificate: values are written, never read. */

const lengthOf = (bytes: number): Buffer => {
  if (bytes < 0x80) return Buffer.of(bytes);
  const digits: number[] = [];
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.of(0x80 | digits.length, ...digits);
};

export const tagged = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
};

export const sequence = (...contents: readonly Uint8Array[]): Buffer => tagged(0x30, ...contents);
export const set = (...contents: readonly Uint8Array[]): Buffer => tagged(0x31, ...contents);
export const octets = (content: Uint8Array): Buffer => tagged(0x04, content);
export const bits = (content: Uint8Array, unused = 0): Buffer =>
  tagged(0x03, Buffer.of(unused), content);
export const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.of(value ? 0xff : 0));
export const text = (value: string): Buffer => tagged(0x0c, Buffer.from(value, 'utf8'));
/** `[number]` around a value. */
export const explicit = (number: number, content: Uint8Array): Buffer =>
  tagged(0xa0 | number, content);

/** Of big-endian bytes, never negative. */
export const integer = (bytes: Uint8Array): Buffer => {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const shortest = bytes.subarray(start);
  const sign = (shortest[0] ?? 0) >= 0x80 ? [Buffer.of(0)] : [];
  return tagged(0x02, ...sign, shortest);
};

export const objectId = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part % 128];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift(0x80 | (left % 128));
    }
    bytes.push(...digits);
  }
  return tagged(0x06, Buffer.from(bytes));
};

/** UTCTime until 2049, GeneralizedTime from then on, as RFC 5280 asks. */
export const time = (ms: number): Buffer => {
  const iso = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  return new Date(ms).getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(iso.slice(2)))
    : tagged(0x18, Buffer.from(iso));
};
