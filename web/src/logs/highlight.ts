export interface TextPart {
  readonly text: string;
  /** Index of the term that is marked here; -1: plain. */
  readonly marked: number;
}

/** A line with more marks than this is a wall of colour and slow to draw. */
const maxMarks = 100;

/** Cuts a text at every place where a term occurs; where terms overlap the parts are joined. */
export function highlightParts(text: string, terms: readonly string[]): readonly TextPart[] {
  const spans: { start: number; end: number; term: number }[] = [];
  terms.forEach((term, index) => {
    if (term === '') return;
    for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at + term.length)) {
      spans.push({ start: at, end: at + term.length, term: index });
      if (spans.length >= maxMarks) return;
    }
  });
  if (spans.length === 0) return [{ text, marked: -1 }];
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  const parts: TextPart[] = [];
  let at = 0;
  for (let i = 0; i < spans.length; i++) {
    const { start, term } = spans[i]!;
    let { end } = spans[i]!;
    while (i + 1 < spans.length && spans[i + 1]!.start <= end) {
      end = Math.max(end, spans[++i]!.end);
    }
    if (start > at) parts.push({ text: text.slice(at, start), marked: -1 });
    parts.push({ text: text.slice(start, end), marked: term });
    at = end;
  }
  if (at < text.length) parts.push({ text: text.slice(at), marked: -1 });
  return parts;
}

/** The texts that a CloudWatch filter pattern looks for: what is worth marking in its results. */
export function termsOfFilter(pattern: string): readonly string[] {
  const trimmed = pattern.trim();
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) {
    const quoted = [...trimmed.matchAll(/[=]\s*(?:"([^"]+)"|([\w./-]+))/g)];
    return quoted.map((match) => match[1] ?? match[2] ?? '').filter((term) => term !== '*');
  }
  const terms: string[] = [];
  for (const match of trimmed.matchAll(/(-?)(\??)(?:"([^"]+)"|([^\s"]+))/g)) {
    const term = match[3] ?? match[4] ?? '';
    if (match[1] === '' && term !== '' && !term.startsWith('%')) terms.push(term);
  }
  return terms;
}
