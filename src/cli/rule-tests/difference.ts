/**
 * What two lists differ in, order aside, as lines: `- ` only expected, `+ ` only got, two spaces both.
 * @returns undefined where they are the same
 */
export function differenceOf(
  expected: readonly string[],
  got: readonly string[],
): readonly string[] | undefined {
  const open = new Map<string, number>();
  for (const text of expected) open.set(text, (open.get(text) ?? 0) + 1);
  const lines: { readonly text: string; readonly mark: string }[] = [];
  for (const text of got) {
    const count = open.get(text) ?? 0;
    if (count > 0) open.set(text, count - 1);
    lines.push({ text, mark: count > 0 ? '  ' : '+ ' });
  }
  for (const [text, count] of open) {
    for (let each = 0; each < count; each++) lines.push({ text, mark: '- ' });
  }
  if (lines.every(({ mark }) => mark === '  ')) return undefined;
  return lines
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.mark < b.mark ? 1 : -1))
    .map(({ mark, text }) => `${mark}${text}`);
}
