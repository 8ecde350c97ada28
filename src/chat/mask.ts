const mask = '••••';
const secretKind = /kind\\{0,7}["']?:\s{0,20}\\{0,7}["']?Secret(?:List)?\b/;

/**
 * Values of Secrets out of manifests that a program printed, such as those of `helm install --dry-run`. Where
 * there is a Secret, all that is called `data` is taken for one: rather too much than too little.
 */
export function maskSecretObjects(text: string): string {
  if (!secretKind.test(text)) return text;
  return maskBlocks(maskBraces(text));
}

/** `"data": {` of JSON, its quotes perhaps escaped, and `data: {` of YAML. */
const bracesStart = /(?:(\\*")(?:data|stringData)\1|\b(?:data|stringData))\s{0,20}:\s{0,20}\{/g;

/** `"data": {"key": "value"}`, whatever stands in the values. */
function maskBraces(text: string): string {
  let out = '';
  let from = 0;
  for (;;) {
    bracesStart.lastIndex = from;
    const found = bracesStart.exec(text);
    if (found === null) return out + text.slice(from);
    const start = found.index + found[0].length;
    const { masked, end } = maskMembers(text, start, found[1] ?? '"');
    out += text.slice(from, start) + masked;
    from = end;
  }
}

/**
 * Members of an object up to its closing brace: keys stay, all else is masked.
 * @param quote what begins and ends a text there: as many backslashes as texts around it make of one
 */
function maskMembers(
  text: string,
  start: number,
  quote: string,
): { readonly masked: string; readonly end: number } {
  let masked = '';
  let depth = 0;
  let isKey = true;
  let at = start;
  while (at < text.length) {
    const char = text[at]!;
    const isQuote = text.startsWith(quote, at);
    if (isQuote || char === "'") {
      const mark = isQuote ? quote : char;
      const end = endOfQuoted(text, at + mark.length, mark);
      masked += isKey && depth === 0 ? text.slice(at, end) : `${mark}${mask}${mark}`;
      at = end;
      continue;
    }
    if (!isKey && /[^\s{}[\],:]/.test(char)) {
      const bare = /[^,{}[\]\n]*/y;
      bare.lastIndex = at;
      at += bare.exec(text)?.[0].length ?? 1;
      masked += mask;
      continue;
    }
    if (depth === 0 && char === '}') break;
    if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    else if (char === ':') isKey = false;
    else if (char === ',' && depth === 0) isKey = true;
    masked += char;
    at += 1;
  }
  return { masked, end: at };
}

/** Behind the quote that ends a text. In one that is escaped n times, n backslashes more escape a quote. */
function endOfQuoted(text: string, from: number, quote: string): number {
  if (quote === "'") {
    const end = text.indexOf("'", from);
    return end < 0 ? text.length : end + 1;
  }
  const escapes = quote.length - 1;
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let first = at;
    while (first > from && text[first - 1] === '\\') first -= 1;
    const before = at - first - escapes;
    if (before >= 0 && before % (2 * quote.length) === 0) return at + 1;
  }
  return text.length;
}

/** What begins the values of a Secret, in a line of its own. */
const blockStart = /^\s*(?:- )?["']?(?:data|stringData)["']?:\s*(?:[&!]\S+\s*){0,3}(?:#.*)?$/;
const keyedLine = /^(\s*(?:"[^"]*"|'[^']*'|[^:]+):)(?:\s|$)/;

function maskBlocks(text: string): string {
  /** How far the `data` that we are in stands to the right, and its keys; undefined: in none. */
  let within: { readonly indent: number; key: number | undefined } | undefined;
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const indent = line.search(/\S/);
    if (within !== undefined && indent >= 0) {
      if (indent <= within.indent) within = undefined;
      else {
        within.key ??= indent;
        // Further lines of a value of several.
        if (indent > within.key) continue;
        lines.push(`${keyedLine.exec(line)?.[1] ?? line.slice(0, indent)} ${mask}`);
        continue;
      }
    }
    if (within !== undefined) continue;
    if (blockStart.test(line)) {
      within = { indent: line.replace('- ', '  ').search(/\S/), key: undefined };
    }
    lines.push(line);
  }
  return lines.join('\n');
}

/** Texts that must not be said, such as the tokens that the bot itself has. */
export function withoutTexts(secrets: readonly string[]): (text: string) => string {
  const hidden = secrets.filter((secret) => secret.length >= 6);
  return (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, mask), text);
}
