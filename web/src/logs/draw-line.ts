import type { WireLevel } from '../api/logs.ts';
import type { Format } from '../i18n/format.ts';
import { classNames } from '../ui/class-names.ts';
import { chipsOf } from './chip-fields.ts';
import { markClasses, maxChipChars, maxShownChars } from './chips.tsx';
import { highlightParts } from './highlight.ts';
import css from './log-list.module.css';
import { type LogRow, parseRow, streamLabel } from './log-row.ts';

/** How the lines of a list are drawn; a new object draws all of them again. */
export interface LineLook {
  readonly format: Format;
  readonly terms: readonly string[];
  readonly showStream: boolean;
  readonly raw: boolean;
  readonly wrap: boolean;
  readonly levelNames: Readonly<Record<WireLevel, string>>;
  readonly moreText: (size: string) => string;
}

/**
 * One event as one line, as DOM nodes that are used again for the next event. Not React: a live tail
 * replaces a screenful several times a second, and comparing trees costs more than writing them. For
 * the same reason a line that does not wrap is one run of text in a monospaced font, cut where the
 * screen ends: no boxes beside each other, no clipping, few elements.
 */
export interface Line {
  readonly element: HTMLDivElement;
  readonly level: HTMLSpanElement;
  readonly time: HTMLTimeElement;
  readonly stream: HTMLSpanElement;
  readonly text: HTMLSpanElement;
  row: LogRow | undefined;
  index: number;
  /** Class names as they stand. */
  look: string;
}

/** Letters before the text: the level, the time and their gaps; the stream and its gap. */
const frontColumns = 22;
const streamColumns = 21;

/** For those who do not tell red from amber. */
const levelLetters: Readonly<Record<WireLevel, string>> = {
  error: 'E',
  warn: 'W',
  info: 'I',
  debug: 'D',
  other: ' ',
};

export function createLine(): Line {
  const element = document.createElement('div');
  const level = child(element, 'span', css.level);
  const time = child(element, 'time', css.time);
  const stream = child(element, 'span', css.stream);
  const text = child(element, 'span', css.text);
  return { element, level, time, stream, text, row: undefined, index: -1, look: '' };
}

/** @param columns how many letters fit into a line: what is beyond them is not even laid out */
export function drawLine(line: Line, row: LogRow, look: LineLook, columns: number): void {
  const { json, level } = parseRow(row);
  const hasStream = look.showStream && row.stream !== undefined;
  line.row = row;
  line.element.title = '';
  line.level.textContent = levelLetters[level];
  line.time.textContent = look.format.logTime(row.timestampMs);
  line.stream.textContent = hasStream
    ? cut(streamLabel(row.stream as string), streamColumns - 2).padEnd(streamColumns)
    : '';
  const left = columns - frontColumns - (hasStream ? streamColumns : 0);
  const pen = new Pen(look.terms, look.wrap ? Number.POSITIVE_INFINITY : Math.max(20, left));
  if (json !== undefined && !look.raw) writeChips(pen, json);
  else writeText(pen, row.message, look);
  line.text.replaceChildren(pen.done());
}

/** The exact time, the level and the stream in full: made when the pointer is there. */
export function titleLine(line: Line, look: LineLook): void {
  const { row } = line;
  if (row === undefined || line.element.title !== '') return;
  const level = look.levelNames[parseRow(row).level];
  line.element.title = [look.format.exactTime(row.timestampMs), level, row.stream]
    .filter(Boolean)
    .join('\n');
}

/** What changes without the row being another one. */
export function setLineState(
  line: Line,
  index: number,
  state: { readonly active: boolean; readonly open: boolean; readonly wrap: boolean },
): void {
  if (line.index !== index) {
    line.index = index;
    line.element.dataset['index'] = String(index);
  }
  const names = classNames(
    css.line,
    line.row !== undefined && css[parseRow(line.row).level],
    state.wrap && css.wrap,
    state.active && css.active,
    state.open && css.opened,
  );
  if (line.look !== names) {
    line.look = names;
    line.element.className = names;
  }
}

function writeChips(pen: Pen, json: readonly (readonly [string, string])[]): void {
  const { main, chips, more } = chipsOf(json);
  for (const [, value] of main) {
    pen.write(value, maxShownChars);
    pen.write('  ', 2);
  }
  for (const [key, value] of chips) {
    if (pen.isFull) return;
    pen.span(css.key, `${key}=`);
    pen.write(value, maxChipChars);
    pen.write('  ', 2);
  }
  if (more > 0) pen.span(css.more, `+${more}`);
}

function writeText(pen: Pen, message: string, look: LineLook): void {
  pen.write(message.length > maxShownChars ? message : message.replace(/\n+$/, ''), maxShownChars);
  if (message.length > maxShownChars) {
    pen.span(css.more, ` ${look.moreText(String(message.length - maxShownChars))}`);
  }
}

/** Writes marked text into a fragment, up to as many letters as can be seen. */
class Pen {
  readonly #terms: readonly string[];
  readonly #root = document.createDocumentFragment();
  /** Text that no element has yet. */
  #plain = '';
  #left: number;

  constructor(terms: readonly string[], columns: number) {
    this.#terms = terms;
    this.#left = columns;
  }

  get isFull(): boolean {
    return this.#left <= 0;
  }

  span(className: string | undefined, value: string): void {
    const text = this.#fit(value);
    if (text === '') return;
    this.#flush();
    child(this.#root, 'span', className).textContent = text;
  }

  write(value: string, maxChars: number): void {
    const text = this.#fit(value.length > maxChars ? value.slice(0, maxChars) : value);
    if (this.#terms.length === 0) {
      this.#plain += text;
      return;
    }
    for (const part of highlightParts(text, this.#terms)) {
      if (part.marked === -1) this.#plain += part.text;
      else {
        this.#flush();
        const mark = child(this.#root, 'mark', markClasses[part.marked % markClasses.length]);
        mark.textContent = part.text;
      }
    }
  }

  done(): DocumentFragment {
    this.#flush();
    return this.#root;
  }

  #flush(): void {
    if (this.#plain !== '') this.#root.append(this.#plain);
    this.#plain = '';
  }

  #fit(whole: string): string {
    if (this.#left === Number.POSITIVE_INFINITY) return whole;
    if (this.#left <= 0) return '';
    const value = whole.includes('\t') ? whole.replaceAll('\t', '    ') : whole;
    // A line break would begin a new line; as a sign it says that there is one.
    const text = cut(value, this.#left).replace(/\r?\n/g, '⏎');
    this.#left = text.length < value.length ? 0 : this.#left - columnsOf(text);
    return text;
  }
}

/** Hangul and the like, in the font for text, beside a letter of the monospaced one. */
const wideColumns = 1.6;

/** The most of a text that fits, with an ellipsis where it was cut. */
function cut(text: string, columns: number): string {
  if (text.length <= columns && isNarrow(text)) return text;
  const head = text.slice(0, columns + 1);
  if (isNarrow(head)) return `${head.slice(0, columns - 1)}…`;
  let width = 0;
  for (let at = 0; at < text.length; at++) {
    width += text.charCodeAt(at) < 0x1100 ? 1 : wideColumns;
    if (width > columns) return `${text.slice(0, Math.max(0, at - 1))}…`;
  }
  return text;
}

function columnsOf(text: string): number {
  if (isNarrow(text)) return text.length;
  let width = 0;
  for (let at = 0; at < text.length; at++) width += text.charCodeAt(at) < 0x1100 ? 1 : wideColumns;
  return width;
}

function isNarrow(text: string): boolean {
  return !/[\u1100-\uffff]/.test(text);
}

function child<K extends keyof HTMLElementTagNameMap>(
  parent: Node,
  name: K,
  className: string | undefined,
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (className !== undefined) element.className = className;
  parent.appendChild(element);
  return element;
}
