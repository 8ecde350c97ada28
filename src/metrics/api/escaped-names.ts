/**
 * `U__http_2e_requests` to `http.requests`: how clients put names with other characters into a path.
 * Text that does not follow the scheme is left as it is.
 *
 * Source: the `values` escaping scheme of Prometheus.
 */
export function unescapeName(name: string): string {
  if (!name.startsWith('U__')) return name;
  let out = '';
  for (let at = 3; at < name.length; at++) {
    const char = name[at]!;
    if (char !== '_') {
      out += char;
      continue;
    }
    if (name[at + 1] === '_') {
      out += '_';
      at++;
      continue;
    }
    const end = name.indexOf('_', at + 1);
    const hex = end < 0 ? '' : name.slice(at + 1, end);
    if (!/^[0-9a-fA-F]{1,6}$/.test(hex)) return name;
    const codePoint = Number.parseInt(hex, 16);
    if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return name;
    out += String.fromCodePoint(codePoint);
    at = end;
  }
  return out;
}
