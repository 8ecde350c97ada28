import {
  createLine,
  drawLine,
  type Line,
  type LineLook,
  setLineState,
  titleLine,
} from './draw-line.ts';
import type { LogRow } from './log-row.ts';
import { RowHeights } from './row-heights.ts';

/** What lies beyond an end of the list. */
export type ListEdge = 'loading' | 'more' | 'end' | 'none';

/** The elements that it works on; `lines` holds the rows in sight, `detail` goes under the open one. */
export interface ViewParts {
  readonly scroll: HTMLElement;
  readonly space: HTMLElement;
  readonly lines: HTMLElement;
  readonly detail: HTMLElement;
}

export interface ViewState {
  readonly look: LineLook;
  readonly openKey: string | undefined;
  readonly startEdge: ListEdge;
  readonly endEdge: ListEdge;
  /** Stays at the end as rows are added. */
  readonly follow: boolean;
  /** Where to begin. */
  readonly startAt: 'start' | 'end';
  readonly onReachStart: (() => void) | undefined;
  readonly onReachEnd: (() => void) | undefined;
  readonly onFollow: ((follow: boolean) => void) | undefined;
}

const rowHeight = 20;
const edgeHeight = 26;
/** Rows drawn beyond what is in sight, so that scrolling meets no blank. */
const overscan = 12;
/** Rows asked for before they are needed. */
const reachRows = 30;
/** The advance of JetBrains Mono at 12 px. */
const letterPx = 7.2;
/** Left and right of a line's text, see `.line`. */
const paddingPx = 26;
/** Measuring moves rows, which brings others into sight; it settles at once or nearly. */
const maxPasses = 4;

/**
 * Draws the rows in sight straight into the DOM: lines are recycled, heights are known unless rows
 * wrap, and nothing of the layout is read while lines stream in.
 */
export class LogView {
  readonly #parts: ViewParts;
  readonly #observer: ResizeObserver;
  readonly #heights = new RowHeights(rowHeight);
  #state: ViewState | undefined;
  #rows: readonly LogRow[] = [];
  /** In the order of the screen. */
  #lines: Line[] = [];
  #first = 0;
  #last = -1;
  #active = -1;
  #litKey: string | undefined;
  #height = 0;
  #columns = 0;
  /** The scroll offset as far as we know; reading it from the element would lay out the page. */
  #top = 0;
  /** The scroll offset that the element was given or told us. */
  #scrolledTo = 0;
  /** Where the open row was found last. */
  #openAt = -1;
  #spaceHeight = -1;
  #offset = -1;
  #target: { readonly index: number; readonly align: 'near' | 'center' | 'end' } | undefined;
  #isPlaced = false;
  #asked = { start: false, end: false };

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(parts.scroll);
    this.#observer.observe(parts.detail);
    parts.scroll.addEventListener('scroll', this.#onScroll);
    this.#measureFrame();
  }

  close(): void {
    this.#observer.disconnect();
    this.#parts.scroll.removeEventListener('scroll', this.#onScroll);
  }

  get rows(): readonly LogRow[] {
    return this.#rows;
  }

  get active(): number {
    return this.#active;
  }

  /** The first row that is wholly in sight. */
  get firstInSight(): number {
    const y = this.#top - this.#edge();
    const at = this.#heights.at(y);
    return Math.max(0, this.#heights.top(at) < y ? Math.min(at + 1, this.#rows.length - 1) : at);
  }

  update(rows: readonly LogRow[], state: ViewState): void {
    const before = this.#state;
    this.#state = state;
    const isOtherLook = before?.look !== state.look;
    if (isOtherLook || before.openKey !== state.openKey) this.#heights.reset();
    if (isOtherLook) for (const line of this.#lines) line.row = undefined;
    if (before?.startEdge !== state.startEdge) this.#asked.start = false;
    if (before?.endEdge !== state.endEdge) this.#asked.end = false;
    this.#take(rows);
    if (before !== undefined && before.openKey !== state.openKey && this.#openIndex() >= 0) {
      this.#target = { index: this.#openIndex(), align: 'near' };
    }
    this.#draw();
  }

  setRows(rows: readonly LogRow[]): void {
    if (rows === this.#rows || this.#state === undefined) return;
    this.#take(rows);
    this.#draw();
  }

  /** Makes a row the active one and brings it into sight. */
  activate(index: number): void {
    this.#active = index;
    this.#target = { index, align: 'near' };
    this.#draw();
  }

  setActive(index: number): void {
    this.#active = index;
    this.#draw();
  }

  /** Lights the row in sight that is nearest to the instant. */
  light(ms: number | null): void {
    let best: LogRow | undefined;
    if (ms !== null) {
      for (let i = this.#first; i <= this.#last; i++) {
        const row = this.#rows[i];
        if (row === undefined) continue;
        const isNearer =
          best === undefined || Math.abs(row.timestampMs - ms) < Math.abs(best.timestampMs - ms);
        if (isNearer) best = row;
      }
    }
    if (this.#litKey === best?.key) return;
    this.#litKey = best?.key;
    this.#setStates();
  }

  /** The row that an element belongs to; -1: none. */
  indexAt(target: EventTarget | null): number {
    const line = (target as Element | null)?.closest<HTMLElement>('[data-index]');
    return line === null || line === undefined || !this.#parts.lines.contains(line)
      ? -1
      : Number(line.dataset['index']);
  }

  /** Titles that few people ever see are made when the pointer is there. */
  title(index: number): void {
    const line = this.#lines[index - this.#first];
    if (line !== undefined && this.#state !== undefined) titleLine(line, this.#state.look);
  }

  #take(rows: readonly LogRow[]): void {
    if (rows === this.#rows) return;
    const moved = rowsInFront(this.#rows, rows);
    const y = this.#top - this.#edge();
    const anchor = this.#heights.at(y);
    const within = anchor < 0 ? 0 : y - this.#heights.top(anchor);
    this.#heights.resize(rows.length, moved);
    if (moved !== 0) {
      this.#asked = { start: false, end: false };
      // What is being read stays where it is.
      this.#top = this.#heights.top(anchor + moved) + within + this.#edge();
      if (this.#active >= 0) this.#active = Math.max(-1, this.#active + moved);
    } else if (rows.length !== this.#rows.length) this.#asked.end = false;
    this.#rows = rows;
    if (rows.length === 0) this.#isPlaced = false;
    else if (!this.#isPlaced) {
      this.#isPlaced = true;
      const open = this.#openIndex();
      if (open >= 0) this.#target = { index: open, align: 'center' };
      else if (this.#state?.startAt === 'end') {
        this.#target = { index: rows.length - 1, align: 'end' };
      }
    }
  }

  #draw(): void {
    const state = this.#state;
    if (state === undefined) return;
    for (let pass = 0; pass < maxPasses; pass++) {
      this.#top = this.#wantedTop(state);
      this.#place(state);
      if (!this.#measure(state)) break;
    }
    this.#target = undefined;
    const { scroll } = this.#parts;
    if (this.#scrolledTo !== this.#top) {
      scroll.scrollTop = this.#top;
      this.#scrolledTo = this.#top;
    }
    this.#reach(state);
  }

  #wantedTop(state: ViewState): number {
    const total = this.#total(state);
    const end = Math.max(0, total - this.#height);
    if (this.#target !== undefined) {
      const { index, align } = this.#target;
      const top = this.#edge() + this.#heights.top(index);
      const bottom = this.#edge() + this.#heights.top(index + 1);
      if (align === 'center') return clamp(top - (this.#height - rowHeight) / 2, end);
      if (align === 'end') return clamp(total - this.#height, end);
      const lowest = bottom > this.#top + this.#height ? bottom - this.#height : this.#top;
      // An open row may be higher than the screen: its line counts more than its end.
      return clamp(Math.min(top, lowest), end);
    }
    return state.follow ? end : clamp(this.#top, end);
  }

  /** Puts the lines of the rows in sight where they belong. */
  #place(state: ViewState): void {
    const { space, lines: parent, detail } = this.#parts;
    const edge = this.#edge();
    // While lines fly by nobody scrolls: no row beyond what is in sight is worth drawing.
    const beyond = state.follow ? 0 : overscan;
    const first = Math.max(0, this.#heights.at(this.#top - edge) - beyond);
    const last = Math.min(
      this.#rows.length - 1,
      this.#heights.at(this.#top - edge + this.#height) + beyond,
    );
    this.#shift(first, Math.max(0, last - first + 1));
    this.#first = first;
    this.#last = last;
    for (let i = 0; i < this.#lines.length; i++) {
      const line = this.#lines[i] as Line;
      const row = this.#rows[first + i] as LogRow;
      if (line.row !== row) drawLine(line, row, state.look, this.#columns);
    }
    this.#setStates();
    const open = this.#openIndex();
    const opened = open < first || open > last ? undefined : this.#lines[open - first]?.element;
    if (opened === undefined) detail.remove();
    else if (opened.nextSibling !== detail) parent.insertBefore(detail, opened.nextSibling);
    const offset = edge + this.#heights.top(first);
    if (this.#offset !== offset) {
      this.#offset = offset;
      parent.style.transform = `translateY(${offset}px)`;
    }
    const total = this.#total(state);
    if (this.#spaceHeight !== total) {
      this.#spaceHeight = total;
      space.style.height = `${total}px`;
    }
  }

  /** Lines that stay in sight keep their nodes; the others are moved to the other end. */
  #shift(first: number, count: number): void {
    const parent = this.#parts.lines;
    const by = first - this.#first;
    const size = this.#lines.length;
    if (by > 0 && by < size) {
      const moved = this.#lines.splice(0, by);
      this.#lines.push(...moved);
      parent.append(...moved.map((line) => line.element));
    } else if (by < 0 && -by < size) {
      const moved = this.#lines.splice(size + by, -by);
      this.#lines.unshift(...moved);
      parent.prepend(...moved.map((line) => line.element));
    }
    while (this.#lines.length > count) this.#lines.pop()?.element.remove();
    while (this.#lines.length < count) {
      const line = createLine();
      this.#lines.push(line);
      parent.append(line.element);
    }
  }

  #setStates(): void {
    const open = this.#state?.openKey;
    const wrap = this.#state?.look.wrap === true;
    this.#lines.forEach((line, i) => {
      const index = this.#first + i;
      setLineState(line, index, {
        active: index === this.#active || (line.row !== undefined && line.row.key === this.#litKey),
        open: open !== undefined && line.row?.key === open,
        wrap,
      });
    });
  }

  /** @returns whether heights were found that nobody knew; what is read stays in place */
  #measure(state: ViewState): boolean {
    const open = this.#openIndex();
    const isOpenShown = open >= this.#first && open <= this.#last;
    if (!state.look.wrap && !isOpenShown) return false;
    const y = this.#top - this.#edge();
    const anchor = Math.max(0, this.#heights.at(y));
    const within = y - this.#heights.top(anchor);
    let isNews = false;
    for (const line of this.#lines) {
      const isOpen = line.index === open;
      if (!state.look.wrap && !isOpen) continue;
      // Fractions count: over a screenful of wrapped rows they add up to a line.
      const height = heightOf(line.element) + (isOpen ? heightOf(this.#parts.detail) : 0);
      if (this.#heights.set(line.index, height)) isNews = true;
    }
    if (isNews) this.#top = this.#heights.top(anchor) + within + this.#edge();
    return isNews;
  }

  #reach(state: ViewState): void {
    if (this.#rows.length === 0) return;
    if (state.startEdge === 'more' && this.#first < reachRows && !this.#asked.start) {
      this.#asked.start = true;
      state.onReachStart?.();
    }
    const isNearEnd = this.#last >= this.#rows.length - reachRows;
    if (state.endEdge === 'more' && isNearEnd && !this.#asked.end) {
      this.#asked.end = true;
      state.onReachEnd?.();
    }
  }

  readonly #onScroll = (): void => {
    const state = this.#state;
    if (state === undefined) return;
    const top = this.#parts.scroll.scrollTop;
    // Browsers round: this is our own doing.
    if (Math.abs(top - this.#top) < 1) return;
    const isUp = top < this.#top;
    this.#top = top;
    this.#scrolledTo = top;
    const isAtEnd = this.#total(state) - top - this.#height < rowHeight * 2;
    if (state.onFollow !== undefined) {
      if (state.follow && isUp && !isAtEnd) {
        this.#state = { ...state, follow: false };
        state.onFollow(false);
      } else if (!state.follow && !isUp && isAtEnd) state.onFollow(true);
    }
    this.#draw();
  };

  #resize(): void {
    const wrap = this.#state?.look.wrap === true;
    if (this.#measureFrame()) {
      if (wrap) this.#heights.reset();
      for (const line of this.#lines) line.row = undefined;
    }
    this.#draw();
  }

  /** @returns whether lines hold more or fewer letters than before */
  #measureFrame(): boolean {
    const { clientWidth, clientHeight } = this.#parts.scroll;
    this.#height = clientHeight;
    const columns = Math.floor((clientWidth - paddingPx) / letterPx);
    const isOther = columns !== this.#columns;
    this.#columns = columns;
    return isOther;
  }

  #openIndex(): number {
    const key = this.#state?.openKey;
    if (key === undefined) return -1;
    const near = this.#rows[this.#openAt];
    if (near?.key !== key) this.#openAt = this.#rows.findIndex((row) => row.key === key);
    return this.#openAt;
  }

  #edge(): number {
    return this.#state === undefined || this.#state.startEdge === 'none' ? 0 : edgeHeight;
  }

  #total(state: ViewState): number {
    return this.#edge() + this.#heights.total + (state.endEdge === 'none' ? 0 : edgeHeight);
  }
}

const heightOf = (element: HTMLElement): number => element.getBoundingClientRect().height;

const clamp = (top: number, end: number): number => Math.max(0, Math.min(top, end));

/** How many rows came in front since `before`; negative: how many went there. By identity. */
function rowsInFront(before: readonly LogRow[], after: readonly LogRow[]): number {
  const was = before[0];
  const is = after[0];
  if (was === undefined || is === undefined || was === is) return 0;
  const added = after.indexOf(was);
  if (added > 0) return added;
  const dropped = before.indexOf(is);
  return dropped > 0 ? -dropped : 0;
}
