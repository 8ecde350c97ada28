import { isZone } from '#time';

/** Java's date patterns (yyyy-MM-dd HH:mm:ss) as strftime patterns; undefined letters are told. */

const letters: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  yy: '%y',
  uuuu: '%Y',
  MMMM: '%B',
  MMM: '%b',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  HH: '%H',
  H: '%-H',
  hh: '%I',
  h: '%-I',
  mm: '%M',
  m: '%-M',
  ss: '%S',
  s: '%-S',
  SSS: '%g',
  SSSSSS: '%f',
  SSSSSSSSS: '%n',
  a: '%p',
  EEEE: '%A',
  EEE: '%a',
  E: '%a',
  DDD: '%j',
  Z: '%z',
  XXX: '%z',
  XX: '%z',
  X: '%z',
};

export function strftimeFromJava(
  pattern: string,
): { readonly format: string } | { readonly unknown: string } {
  let format = '';
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at]!;
    if (char === "'") {
      const end = pattern.indexOf("'", at + 1);
      if (end === -1) return { unknown: "'" };
      format += end === at + 1 ? "'" : pattern.slice(at + 1, end).replaceAll('%', '%%');
      at = end + 1;
      continue;
    }
    if (!/[A-Za-z]/.test(char)) {
      format += char === '%' ? '%%' : char;
      at += 1;
      continue;
    }
    let end = at;
    while (pattern[end] === char) end += 1;
    const run = pattern.slice(at, end);
    const known = letters[run];
    if (known === undefined) return { unknown: run };
    format += known;
    at = end;
  }
  return { format };
}

const specifiers = /^(?:[aAwdbBmyYHIpMSgfnzZjUWcxXGVu%]|-[dmyHIMSj])/;

/** Of C's strftime, what the engine does not know under its own name. */
const spelledOut: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  e: '%-d',
  h: '%b',
};

/** C's date patterns as the engine takes them; what it has no letter for is told. */
export function strftimeFromC(
  pattern: string,
): { readonly format: string } | { readonly unknown: string } {
  let format = '';
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== '%') {
      format += pattern[at];
      continue;
    }
    const next = pattern[at + 1] ?? '';
    const known = specifiers.exec(pattern.slice(at + 1))?.[0];
    if (known !== undefined) format += `%${known}`;
    else if (Object.hasOwn(spelledOut, next)) format += spelledOut[next];
    else return { unknown: `%${next}` };
    at += known?.length ?? 1;
  }
  return { format };
}

/** True for a name of the time zone database. */
export function isTimeZone(name: string): boolean {
  return !/^[+-]/.test(name) && isZone(name);
}
