import css from './tip.module.css';

/** A line of a tooltip. */
export interface TipRow {
  readonly name: string;
  readonly text: string;
  readonly color?: string | undefined;
  readonly isNear?: boolean;
}

export interface TipLink {
  readonly title: string;
  readonly href: string;
  readonly isNewTab: boolean;
}

/** What does not change with every move of the mouse: notes below the rows. */
export interface TipNote {
  readonly title: string;
  readonly text: string;
  readonly color?: string | undefined;
}

/**
 * A tooltip over everything, drawn without React as it changes with every move of the mouse; its rows
 * are used again. Pinned it stays, takes the pointer and has links.
 */
export class Tip {
  readonly #root = element('div', css.tip);
  readonly #head = element('div', css.head);
  readonly #rows = element('div', css.rows);
  readonly #foot = element('div', css.foot);
  readonly #pool: {
    root: HTMLElement;
    swatch: HTMLElement;
    name: HTMLElement;
    text: HTMLElement;
  }[] = [];
  #isPinned = false;
  #isShown = false;

  constructor() {
    this.#root.append(this.#head, this.#rows, this.#foot);
    this.#root.setAttribute('role', 'tooltip');
  }

  get isPinned(): boolean {
    return this.#isPinned;
  }

  /** Undefined: as the style sheet has it. */
  setLimits(maxWidthPx: number | undefined, maxHeightPx: number | undefined): void {
    this.#root.style.maxWidth = maxWidthPx === undefined ? '' : `${maxWidthPx}px`;
    this.#root.style.maxHeight = maxHeightPx === undefined ? '' : `${maxHeightPx}px`;
  }

  /** `x` and `y` are in the window. */
  show(
    content: {
      head: string;
      rows: readonly TipRow[];
      more?: string;
      notes?: readonly TipNote[];
      figure?: HTMLElement;
    },
    x: number,
    y: number,
  ): void {
    setText(this.#head, content.head);
    this.#head.hidden = content.head === '';
    this.#setRows(content.rows);
    this.#foot.replaceChildren(
      ...(content.more === undefined ? [] : [element('div', css.more, content.more)]),
      ...(content.notes ?? []).map(noteOf),
      ...(content.figure === undefined ? [] : [content.figure]),
    );
    if (!this.#isShown) document.body.append(this.#root);
    this.#isShown = true;
    this.#place(x, y);
  }

  /** Keeps it where it is until it is closed, something else is pressed, or Escape. */
  pin(links: readonly TipLink[], closeWords: string, onClose: () => void): void {
    this.#isPinned = true;
    document.addEventListener('pointerdown', this.#leave, { capture: true });
    document.addEventListener('keydown', this.#escape);
    this.#root.classList.add(css.pinned as string);
    this.#root.setAttribute('role', 'dialog');
    const close = element('button', css.close, '×');
    close.setAttribute('aria-label', closeWords);
    close.addEventListener('click', () => {
      this.hide();
      onClose();
    });
    this.#head.append(close);
    this.#head.hidden = false;
    for (const { title, href, isNewTab } of links) {
      const link = element('a', css.link, title) as HTMLAnchorElement;
      link.href = href;
      if (isNewTab) {
        link.target = '_blank';
        link.rel = 'noreferrer';
      }
      this.#foot.append(link);
    }
  }

  hide(): void {
    if (!this.#isShown) return;
    this.#root.remove();
    this.#root.classList.remove(css.pinned as string);
    this.#root.setAttribute('role', 'tooltip');
    this.#isShown = false;
    if (!this.#isPinned) return;
    this.#isPinned = false;
    document.removeEventListener('pointerdown', this.#leave, { capture: true });
    document.removeEventListener('keydown', this.#escape);
  }

  readonly #leave = ({ target }: PointerEvent): void => {
    if (!(target instanceof Node && this.#root.contains(target))) this.hide();
  };

  readonly #escape = ({ key }: KeyboardEvent): void => {
    if (key === 'Escape') this.hide();
  };

  #setRows(rows: readonly TipRow[]): void {
    while (this.#pool.length < rows.length) {
      const root = element('div', css.row);
      const swatch = element('span', css.swatch);
      const name = element('span', css.name);
      const text = element('span', css.value);
      root.append(swatch, name, text);
      this.#rows.append(root);
      this.#pool.push({ root, swatch, name, text });
    }
    for (const [index, { root, swatch, name, text }] of this.#pool.entries()) {
      const row = rows[index];
      root.hidden = row === undefined;
      if (row === undefined) continue;
      setText(name, row.name);
      setText(text, row.text);
      const color = row.color ?? '';
      swatch.hidden = color === '';
      if (swatch.dataset['color'] !== color) {
        swatch.dataset['color'] = color;
        swatch.style.background = color;
      }
      root.classList.toggle(css.near as string, row.isNear === true);
    }
  }

  /** Beside the pointer, where there is room in the window. */
  #place(x: number, y: number): void {
    const { offsetWidth: width, offsetHeight: height } = this.#root;
    const left = x + 14 + width > innerWidth - 8 ? x - 14 - width : x + 14;
    const top = Math.min(Math.max(8, y - height / 2), innerHeight - height - 8);
    this.#root.style.transform = `translate(${Math.round(Math.max(8, left))}px, ${Math.round(Math.max(8, top))}px)`;
  }
}

function noteOf({ title, text, color }: TipNote): HTMLElement {
  const note = element('div', css.note);
  if (color !== undefined) note.style.borderColor = color;
  if (title !== '') note.append(element('div', css.noteTitle, title));
  if (text !== '') note.append(element('div', undefined, text));
  return note;
}

function element(tag: string, className: string | undefined, text = ''): HTMLElement {
  const made = document.createElement(tag);
  if (className !== undefined) made.className = className;
  if (text !== '') made.textContent = text;
  return made;
}

function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
