/** An IP network written in CIDR form, as numbers and digits that an engine can compare. */
export type Subnet =
  | { readonly version: 4; readonly first: number; readonly last: number }
  /** Whole hex digits that must agree, then what the next digit may be (all when empty). */
  | { readonly version: 6; readonly prefix: string; readonly nextDigits: readonly string[] };

const ipv4Pattern = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** Undefined when the text is no network. An address without a length is a network of one. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', length, ...rest] = text.trim().split('/');
  if (rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  if (ipv4Pattern.test(address)) {
    const bits = length === undefined ? 32 : Number(length);
    if (bits > 32) return undefined;
    const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    const size = 2 ** (32 - bits);
    const first = Math.floor(value / size) * size;
    return { version: 4, first, last: first + size - 1 };
  }
  const digits = expandIpv6(address);
  const bits = length === undefined ? 128 : Number(length);
  if (digits === undefined || bits > 128) return undefined;
  const whole = Math.floor(bits / 4);
  const left = bits % 4;
  const nextDigits: string[] = [];
  if (left > 0) {
    const size = 2 ** (4 - left);
    const first = Math.floor(Number.parseInt(digits[whole]!, 16) / size) * size;
    for (let i = 0; i < size; i++) nextDigits.push((first + i).toString(16));
  }
  return { version: 6, prefix: digits.slice(0, whole), nextDigits };
}

/** 32 hexadecimal digits, lower case. */
function expandIpv6(address: string): string | undefined {
  const halves = address.toLowerCase().split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const left = groups[0] ?? [];
  const right = groups[1] ?? [];
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...new Array<string>(missing).fill('0'), ...right];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  return all.map((group) => group.padStart(4, '0')).join('');
}
