import { quoteText, unquoteText } from './go-text.ts';
import type { TokenReader } from './reader.ts';
import { mayNameLabel } from './tokens.ts';

const inside = 'grouping opts';

/** `(a, "b.c")`, also empty, also with a comma at the end. */
export function parseGrouping(reader: TokenReader): readonly string[] {
  reader.expect('(', { inside, expected: '"("' });
  const labels: string[] = [];
  while (reader.accept(')') === undefined) {
    labels.push(parseLabel(reader));
    if (reader.accept(')') !== undefined) break;
    reader.expect(',', { inside, expected: '"," or ")"' });
  }
  return labels;
}

function parseLabel(reader: TokenReader): string {
  const token = reader.peek();
  if (token.kind === 'string') {
    reader.take();
    const name = unquoteText(token.text);
    if (name === '' || !name.isWellFormed()) {
      reader.fail(token, `invalid label name for grouping: ${quoteText(name)}`);
    }
    return name;
  }
  if (!mayNameLabel(token)) return reader.unexpected({ inside, expected: 'label' });
  return reader.take().text;
}
