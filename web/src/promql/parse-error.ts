import type { EditorDiagnostic } from '../editor/code-editor.tsx';

/** `invalid parameter "query": 1:8: parse error: unexpected <by> in aggregation`. */
const placed = /^(?:invalid parameter "query": )?(\d+):(\d+): (?:parse error: )?([\s\S]*)$/;

/** Something wrong with an expression, at its place. */
export interface PromqlProblem extends EditorDiagnostic {
  readonly line: number;
  /** From 1, in UTF-16 units of the line. */
  readonly column: number;
}

/**
 * Where in the expression the server's words about it belong. The server says where a part begins,
 * by line and by bytes of UTF-8; the part ends with its word.
 */
export function problemOf(expr: string, message: string): PromqlProblem {
  const match = placed.exec(message);
  if (match === null) {
    const words = message.replace(/^invalid parameter "query": /, '');
    return {
      severity: 'error',
      message: words,
      startOffset: 0,
      endOffset: expr.length,
      line: 1,
      column: 1,
    };
  }
  const line = Number(match[1]);
  const lines = expr.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const text = lines[line - 1] ?? '';
  const column = unitsOf(text, Number(match[2]) - 1);
  const startOffset = Math.min(expr.length, before + column);
  const word = /^(?:[\p{L}\p{N}_:.]+|"(?:[^"\\]|\\.)*"?|\S)/u.exec(expr.slice(startOffset));
  return {
    severity: 'error',
    message: match[3] as string,
    startOffset,
    endOffset: startOffset + (word?.[0].length ?? 0),
    line,
    column: column + 1,
  };
}

/** UTF-16 units that hold so many bytes of UTF-8. */
function unitsOf(text: string, bytes: number): number {
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen >= bytes) break;
    const code = character.codePointAt(0) as number;
    seen += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units += character.length;
  }
  return units;
}
