/** Lines that are not empty. */
export function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    let to = text.indexOf('\n', from);
    if (to < 0) to = text.length;
    if (to > from) yield text.slice(from, to);
    from = to + 1;
  }
}

const blanks = /[ \t]+/;

/** Fields between blanks. */
export function fieldsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(blanks);
}

/** A number in decimal. @throws {SyntaxError} that shows the text */
export function numberOf(text: string | undefined): number {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value))
    throw new SyntaxError(`Expected a number, found ${JSON.stringify(text)}`);
  return value;
}

/** `name value` lines to a map: cpu.stat, memory.stat, vmstat. */
export function keyValues(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of linesOf(text)) {
    const at = line.indexOf(' ');
    if (at > 0) values.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
  return values;
}
