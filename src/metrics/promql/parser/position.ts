/** A part of a query's text, in UTF-16 units as JavaScript counts; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export const merged = (first: Span, last: Span): Span => ({ start: first.start, end: last.end });

/** Line and column from 1; the column counts bytes of UTF-8, as the reference does. */
export function lineColumn(text: string, at: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  const end = Math.min(at, text.length);
  for (
    let next = text.indexOf('\n');
    next >= 0 && next < end;
    next = text.indexOf('\n', next + 1)
  ) {
    line++;
    lineStart = next + 1;
  }
  return { line, column: Buffer.byteLength(text.slice(lineStart, end)) + 1 };
}

/** `1:5` for the start of a part. */
export function formatPosition(text: string, span: Span): string {
  const { line, column } = lineColumn(text, span.start);
  return `${line}:${column}`;
}
