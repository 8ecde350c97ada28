/** Columns as kubectl lays them out: as wide as their longest cell, three blanks between. */
export function textTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, at) =>
    Math.max(widthOf(head), ...rows.map((row) => widthOf(row[at] ?? ''))),
  );
  return [heads, ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell))))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

/** Scripts whose characters are two columns wide where letters are one. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu;

const widthOf = (text: string): number =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length + (text.match(wide)?.length ?? 0);
