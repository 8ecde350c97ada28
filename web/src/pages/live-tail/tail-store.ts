import type { WireTailMessage, WireTailSubscribe } from '../../api/logs.ts';
import { openTail, type TailSocket, type TailState } from '../../api/tail-socket.ts';
import type { LogRow } from '../../logs/log-row.ts';

export type TailRequest = Omit<WireTailSubscribe, 'type'>;

export interface TailView {
  readonly state: TailState;
  /** The server's words when it refused; while live, the filter pattern explained. */
  readonly detail: string | undefined;
  readonly isEmpty: boolean;
  readonly isPaused: boolean;
  /** Lines that came since the pause began. */
  readonly waiting: number;
  /** Lines that came since the pause and no longer fit: the oldest of them. */
  readonly overflowed: number;
  /** Lines that the server could not send in time. */
  readonly dropped: number;
  readonly received: number;
  /** Over the last seconds. */
  readonly perSecond: number;
  readonly startedMs: number;
  /** How often the connection was lost and found again; lines in between are not here. */
  readonly gaps: number;
}

/** Shown lines; beyond them the oldest go. Some 20 MB of lines of 1 KB. */
export const maxRows = 20_000;
/** Dropped in lumps: the list moves once for a thousand lines, not with each. */
const trimRows = 2000;
/** What waits while paused; at 30,000 lines a minute more than a minute and a half. */
export const maxWaiting = 50_000;
/** Faster than this no eye follows; slower feels late. */
const drawEveryMs = 180;
/** Numbers that change more often cannot be read. */
const tellEveryMs = 500;
const rateWindowMs = 5000;

/**
 * The lines of one live tail. Outside of React: lines come by the thousand. They go to the list as
 * they come (`rows`, `subscribeRows`), at most once a frame; numbers and states go to React (`view`,
 * `subscribe`), at most twice a second.
 */
export class TailStore {
  #view: TailView = emptyView(Date.now());
  readonly #listeners = new Set<() => void>();
  readonly #rowListeners = new Set<() => void>();
  #socket: TailSocket | undefined;
  /** Oldest first; a row that stays is the same object. */
  #rows: readonly LogRow[] = [];
  #fresh: LogRow[] = [];
  #waiting: LogRow[] = [];
  #rates: { readonly atMs: number; readonly count: number }[] = [];
  #counts = { received: 0, dropped: 0, overflowed: 0 };
  #timer = 0;
  #frame = 0;
  #ticker = 0;
  #serial = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): TailView => this.#view;

  readonly subscribeRows = (listener: () => void): (() => void) => {
    this.#rowListeners.add(listener);
    return () => this.#rowListeners.delete(listener);
  };

  readonly rows = (): readonly LogRow[] => this.#rows;

  /** Follows something else from now on, or nothing. */
  follow(request: TailRequest | undefined): void {
    this.clear();
    this.#counts = { received: 0, dropped: 0, overflowed: 0 };
    this.#rates = [];
    if (request === undefined) {
      this.close();
      this.#set(emptyView(Date.now()));
      return;
    }
    this.#set({
      ...emptyView(Date.now()),
      state: this.#socket === undefined ? 'connecting' : this.#view.state,
    });
    if (this.#socket !== undefined) {
      this.#socket.subscribe(request);
      return;
    }
    this.#ticker = window.setInterval(() => this.#tell(), tellEveryMs);
    this.#socket = openTail(request, {
      onMessage: (message) => this.#take(message),
      onState: (state, detail) => {
        const isBack = state === 'live' && this.#view.state === 'reconnecting';
        this.#set({ ...this.#view, state, detail, gaps: this.#view.gaps + (isBack ? 1 : 0) });
      },
    });
  }

  close(): void {
    window.clearInterval(this.#ticker);
    this.#cancelDraw();
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** While paused, lines wait; nothing of what is shown moves. */
  pause(isPaused: boolean): void {
    if (isPaused === this.#view.isPaused) return;
    this.#draw();
    this.#view = { ...this.#view, isPaused };
    if (!isPaused) {
      this.#fresh = this.#waiting;
      this.#waiting = [];
      this.#counts.overflowed = 0;
      this.#draw();
    }
    this.#tell();
  }

  /** Throws away what is shown and what waits; goes on following. */
  clear(): void {
    this.#cancelDraw();
    this.#fresh = [];
    this.#waiting = [];
    this.#counts.overflowed = 0;
    this.#setRows([]);
    this.#tell();
  }

  #take(message: Extract<WireTailMessage, { type: 'events' }>): void {
    const target = this.#view.isPaused ? this.#waiting : this.#fresh;
    for (const [timestampMs, group, stream, text, pointer] of message.events) {
      target.push({
        key: pointer === '' ? `#${this.#serial++}` : pointer,
        timestampMs,
        group: message.groups[group] ?? '',
        stream,
        message: text,
      });
    }
    this.#rates.push({ atMs: Date.now(), count: message.events.length + message.dropped });
    this.#counts.received += message.events.length;
    this.#counts.dropped += message.dropped;
    if (this.#waiting.length > maxWaiting) {
      this.#counts.overflowed += this.#waiting.length - maxWaiting;
      this.#waiting = this.#waiting.slice(-maxWaiting);
    }
    // A page in the background is drawn rarely or never.
    if (this.#fresh.length > maxRows) this.#fresh = this.#fresh.slice(-maxRows);
    if (this.#fresh.length > 0) this.#drawSoon();
    if (this.#view.isEmpty && this.#fresh.length > 0) this.#draw();
  }

  #drawSoon(): void {
    if (this.#timer !== 0) return;
    this.#timer = window.setTimeout(() => {
      this.#frame = requestAnimationFrame(() => this.#draw());
    }, drawEveryMs);
  }

  #cancelDraw(): void {
    window.clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#timer = 0;
  }

  /** Hands what has come to the list. */
  #draw(): void {
    this.#cancelDraw();
    if (this.#fresh.length === 0) return;
    const rows = this.#rows.concat(this.#fresh);
    this.#fresh = [];
    this.#setRows(rows.length > maxRows ? rows.slice(rows.length - maxRows + trimRows) : rows);
  }

  #setRows(rows: readonly LogRow[]): void {
    this.#rows = rows;
    for (const listener of this.#rowListeners) listener();
    if (this.#view.isEmpty !== (rows.length === 0)) this.#tell();
  }

  #tell(): void {
    const nowMs = Date.now();
    this.#rates = this.#rates.filter(({ atMs }) => nowMs - atMs < rateWindowMs);
    const count = this.#rates.reduce((sum, one) => sum + one.count, 0);
    const spanMs = Math.max(1000, Math.min(rateWindowMs, nowMs - this.#view.startedMs));
    this.#set({
      ...this.#view,
      ...this.#counts,
      isEmpty: this.#rows.length === 0,
      waiting: this.#waiting.length,
      perSecond: (count / spanMs) * 1000,
    });
  }

  #set(view: TailView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }
}

function emptyView(nowMs: number): TailView {
  return {
    state: 'closed',
    detail: undefined,
    isEmpty: true,
    isPaused: false,
    waiting: 0,
    overflowed: 0,
    dropped: 0,
    received: 0,
    perSecond: 0,
    startedMs: nowMs,
    gaps: 0,
  };
}
