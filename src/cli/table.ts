/** Columns in line, two spaces between, for terminals. Wide characters count as two cells. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = header.map((title, column) =>
    Math.max(cells(title), ...rows.map((row) => cells(row[column] ?? ''))),
  );
  const line = (values: readonly string[]): string =>
    values
      .map((value, column) => value + ' '.repeat(Math.max(0, widths[column]! - cells(value))))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map((row) => `${line(row)}\n`).join('');
}

/** Terminal cells of a text: CJK and Hangul take two. */
function cells(text: string): number {
  let count = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const isWide =
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0x1f300 && code <= 0x1faff);
    count += isWide ? 2 : 1;
  }
  return count;
}
