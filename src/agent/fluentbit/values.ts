import { AppError } from '#base';

/** `true|on|yes` or `false|off|no` in any case; undefined for anything else, `1` and `0` too. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(?:true|on|yes)$/i.test(text)) return true;
  return /^(?:false|off|no)$/i.test(text) ? false : undefined;
}

/** `50MB` to bytes, in decimal units; `false` is 0. Undefined when the suffix is not known. */
export function parseSize(text: string): number | undefined {
  if (/^false$/i.test(text)) return 0;
  return scaled(text, { '': 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9 });
}

/** `2MB` to bytes, in binary units: only `multiline_buffer_limit` counts like this. */
export function parseBinarySize(text: string): number | undefined {
  const kib = 1024;
  return scaled(text, {
    '': 1,
    k: kib,
    kb: kib,
    kib,
    m: kib ** 2,
    mb: kib ** 2,
    mib: kib ** 2,
    g: kib ** 3,
    gb: kib ** 3,
    gib: kib ** 3,
  });
}

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match === null ? undefined : units[match[2]!.toLowerCase()];
  return match === null || unit === undefined ? undefined : Math.floor(Number(match[1]) * unit);
}

/** `10`, `10s`, `5m`, `2h`, `1d` to milliseconds; no unit means seconds. */
export function parseSecondsMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|[smhd]?)$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = { ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[
    match[2]!.toLowerCase()
  ];
  return Math.round(Number(match[1]) * (unit ?? 1000));
}

/** `a, b ,c`: items between commas, trimmed, no empty ones. */
export function splitCommas(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/**
 * Words between spaces; quotes group. At most `maxWords`: the last takes the rest of the line, so
 * that a pattern may hold spaces.
 * @throws {AppError} CONFIG_WORDS_INVALID for a quote that does not end
 */
export function splitWords(
  text: string,
  maxWords: number = Number.POSITIVE_INFINITY,
): readonly string[] {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    if (at >= text.length) return words;
    if (text[at] === '"') {
      const quoted = /"((?:[^"\\]|\\[\s\S])*)"(?=\s|$)/y;
      quoted.lastIndex = at;
      const match = quoted.exec(text);
      if (match !== null) {
        words.push(match[1]!.replaceAll('\\"', '"'));
        at = quoted.lastIndex;
        continue;
      }
      if (!text.slice(at + 1).includes('"')) {
        throw new AppError('CONFIG_WORDS_INVALID', `a quote does not end in: ${text}`);
      }
    }
    if (words.length === maxWords - 1) {
      words.push(text.slice(at).trimEnd());
      return words;
    }
    let end = at;
    while (end < text.length && text[end] !== ' ' && text[end] !== '\t') end++;
    words.push(text.slice(at, end));
    at = end;
  }
}
