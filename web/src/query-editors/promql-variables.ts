const reference = /\$(?:\{[^}]*\}|\w+)|\[\[[^\]]*\]\]/g;

/** What stands before a reference decides what it can be. */
const beforeDuration = /(?:\[|:|\boffset\s+-?)\s*$/;

/**
 * An expression in which each variable of a dashboard is replaced by something of its kind and its
 * length, so that places in the one are places in the other: the parser knows no variables.
 *
 * Within a text nothing is replaced. After `[`, `:` and `offset` stands a duration. Elsewhere stands a
 * name, or a number, as `bare` says: only the rest of the expression tells which of them it must be.
 */
export function withoutVariables(expr: string, bare: 'name' | 'number'): string {
  let out = '';
  let end = 0;
  for (const match of expr.matchAll(reference)) {
    if (match.index < end || isInText(expr, match.index)) continue;
    out += expr.slice(end, match.index);
    out += standIn(out, match[0], bare);
    end = match.index + match[0].length;
  }
  return out + expr.slice(end);
}

export const hasVariables = (expr: string): boolean => expr.search(reference) >= 0;

function standIn(before: string, text: string, bare: 'name' | 'number'): string {
  const { length } = text;
  if (beforeDuration.test(before)) return '5m'.padEnd(length, ' ');
  if (/@\s*$/.test(before) || bare === 'number') return '1'.padEnd(length, ' ');
  return `v${text.slice(1).replace(/\W/g, '_')}`;
}

/** Within quotes, or in a comment. */
function isInText(expr: string, at: number): boolean {
  let quote = '';
  for (let index = 0; index < at; index++) {
    const char = expr[index]!;
    if (quote !== '') {
      if (char === '\\' && quote !== '`') index++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'" || char === '`') quote = char;
    else if (char === '#') {
      const end = expr.indexOf('\n', index);
      if (end < 0 || end >= at) return true;
      index = end;
    }
  }
  return quote !== '';
}
