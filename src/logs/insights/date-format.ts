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
