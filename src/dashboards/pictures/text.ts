import { marked, type Token, type Tokens } from 'marked';
import { choiceAt, objectAt, textAt } from '#dashboards/fields';
import { type Markup, textWidth } from '#picture';
import type { DrawContext } from './contract.ts';
import { words } from './marks.ts';

interface Line {
  readonly text: string;
  readonly sizePx: number;
  readonly isBold: boolean;
  readonly indentPx: number;
}

const bodyPx = 13;
const headingPx = [22, 18, 16, 14, 13, 13];
const lineHeight = 1.45;
/** A panel of text shows no more than this. */
const maxChars = 20_000;

/** The author's words: Markdown and HTML as plain lines with their headings and lists, code as it is. */
export function drawText({ panel, box, colors, interpolate }: DrawContext): readonly Markup[] {
  const { options } = panel;
  const mode = choiceAt(options, 'mode', ['markdown', 'html', 'code'], 'markdown');
  const content = textAt(options, 'content', '').slice(0, maxChars);
  const language = textAt(objectAt(options, 'code'), 'language', '');
  const lines =
    mode === 'code'
      ? codeLines(interpolate(content, {}, language === 'json' ? 'json' : 'raw'))
      : mode === 'html'
        ? plain(withoutTags(interpolate(content, {}, 'html')))
        : markdownLines(interpolate(content, {}, 'html'));
  const parts: Markup[] = [];
  let y = box.top;
  for (const line of lines) {
    for (const text of wrapped(line, box.right - box.left - line.indentPx)) {
      y += line.sizePx * lineHeight;
      if (y > box.bottom) return parts;
      const { sizePx, isBold } = line;
      parts.push(
        words(text, { x: box.left + line.indentPx, y, fill: colors.text, sizePx, isBold }),
      );
    }
  }
  return parts;
}

const line = (text: string, more: Partial<Line> = {}): Line => ({
  text,
  sizePx: bodyPx,
  isBold: false,
  indentPx: 0,
  ...more,
});

const plain = (text: string): readonly Line[] => text.split('\n').map((one) => line(one));

/** Spaces at the start of a line would be lost in SVG. */
const codeLines = (text: string): readonly Line[] =>
  text.split('\n').map((one) =>
    line(
      one.replace(/^\s+/, (all) => '\u00a0'.repeat(all.length)),
      { sizePx: 12, indentPx: 4 },
    ),
  );

function markdownLines(text: string): readonly Line[] {
  return marked.lexer(text).flatMap((token) => blockLines(token, 0));
}

function blockLines(token: Token, indentPx: number): readonly Line[] {
  switch (token.type) {
    case 'heading': {
      const sizePx = headingPx[(token as Tokens.Heading).depth - 1] ?? bodyPx;
      return [line(inlineText(token), { sizePx, isBold: true, indentPx })];
    }
    case 'list':
      return (token as Tokens.List).items.flatMap((item, at) => {
        const { ordered, start } = token as Tokens.List;
        const mark = ordered ? `${Number(start || 1) + at}. ` : '• ';
        const [first = line(''), ...rest] = item.tokens.flatMap((one) =>
          blockLines(one, indentPx + 16),
        );
        return [{ ...first, text: mark + first.text, indentPx: indentPx + 4 }, ...rest];
      });
    case 'code':
      return codeLines((token as Tokens.Code).text);
    case 'table': {
      const { header, rows } = token as Tokens.Table;
      return [
        line(header.map((cell) => inlineText(cell)).join('   '), { isBold: true, indentPx }),
        ...rows.map((row) => line(row.map((cell) => inlineText(cell)).join('   '), { indentPx })),
      ];
    }
    case 'space':
      return [line('', { sizePx: 6 })];
    case 'hr':
      return [line('———', { indentPx })];
    case 'blockquote':
      return ((token as Tokens.Blockquote).tokens ?? []).flatMap((one) =>
        blockLines(one, indentPx + 12),
      );
    case 'html':
      return withoutTags(token.raw)
        .split('\n')
        .filter((one) => one.trim() !== '')
        .map((one) => line(one, { indentPx }));
    default:
      return inlineText(token)
        .split('\n')
        .map((one) => line(one, { indentPx }));
  }
}

/** The words of a token without their marks. */
function inlineText(token: {
  readonly tokens?: Token[];
  readonly text?: string;
  readonly raw?: string;
  readonly type?: string;
}): string {
  if (token.tokens !== undefined) return token.tokens.map(inlineText).join('');
  if (token.type === 'br') return '\n';
  if (token.type === 'html') return withoutTags(token.raw ?? '');
  return entities(token.text ?? token.raw ?? '');
}

const withoutTags = (html: string): string =>
  entities(
    html
      .replaceAll(/<(script|style)\b[\s\S]*?<\/\1\s*>/gi, '')
      .replaceAll(/<(?:br|\/p|\/div|\/h[1-6]|\/li|\/tr)\b[^>]*>/gi, '\n')
      .replaceAll(/<[^>]*>/g, ''),
  );

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
};

const entities = (text: string): string =>
  text.replaceAll(/&(amp|lt|gt|quot|nbsp|#39);/g, (whole, name: string) => named[name] ?? whole);

/** Broken between words; a word that is wider than the panel is cut. */
function wrapped({ text, sizePx, isBold }: Line, widthPx: number): readonly string[] {
  if (textWidth(text, sizePx, isBold) <= widthPx) return [text];
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/(?<=\s)/)) {
    if (current !== '' && textWidth(current + word.trimEnd(), sizePx, isBold) > widthPx) {
      lines.push(current.trimEnd());
      current = '';
    }
    current += word;
  }
  return [...lines, current.trimEnd()];
}
