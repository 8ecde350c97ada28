/** What is done with characters that names could not have before UTF-8 names came. */
export type EscapingScheme = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

export const escapingSchemes: readonly EscapingScheme[] = [
  'allow-utf-8',
  'underscores',
  'dots',
  'values',
];

/** Source: "escaping schemes" of the Prometheus documentation. */
export function escapeName(name: string, scheme: EscapingScheme, isMetric: boolean): string {
  if (scheme === 'allow-utf-8' || name === '') return name;
  const isPlain = isMetric
    ? /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)
    : /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
  if (scheme === 'underscores') return isPlain ? name : mapped(name, isMetric, () => '_');
  if (scheme === 'dots') {
    // Also in valid names, for the way back must be clear.
    return mapped(name.replaceAll('_', '__'), isMetric, (char) => (char === '.' ? '_dot_' : '__'));
  }
  if (isPlain) return name;
  return `U__${mapped(name.replaceAll('_', '__'), isMetric, (char) => `_${char.codePointAt(0)!.toString(16)}_`)}`;
}

function mapped(name: string, isMetric: boolean, replace: (char: string) => string): string {
  let text = '';
  let isFirst = true;
  for (const char of name) {
    const isFine =
      /[a-zA-Z_]/.test(char) || (isMetric && char === ':') || (!isFirst && /[0-9]/.test(char));
    text += isFine ? char : replace(char);
    isFirst = false;
  }
  return text;
}

/** The name that `U__…` stands for; a name that is not such a one stays. */
export function unescapeName(name: string): string {
  if (!name.startsWith('U__')) return name;
  let text = '';
  for (let at = 3; at < name.length; at++) {
    if (name[at] !== '_') {
      text += name[at];
      continue;
    }
    if (name[at + 1] === '_') {
      text += '_';
      at++;
      continue;
    }
    const end = name.indexOf('_', at + 1);
    const digits = name.slice(at + 1, end);
    if (end < 0 || !/^[0-9a-fA-F]{1,6}$/.test(digits)) return name;
    const code = Number.parseInt(digits, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return name;
    text += String.fromCodePoint(code);
    at = end;
  }
  return text;
}
