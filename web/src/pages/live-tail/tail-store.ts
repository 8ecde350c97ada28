import type { WireTailMessage, WireTailSubscribe } from '../../api/logs.ts';
import { openTail, type TailSocket, type TailState } from '../../api/tail-socket.ts';
import type { LogRow } from '../../logs/log-row.ts';

export type TailRequest = Omit<WireTailSubscribe, 'type'>;

export interface TailView {
  readonly state: TailState;
  /** The server's words when it refused; while live, the filter pattern explained. */
  readonly detail: string | undefined;
  /** Oldest first; a row that stays is the same object. */
  readonly rows: readonly LogRow[];
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
const rateWindowMs = 5000;

/** The lines of one live tail. Outside of React: lines come by the thousand. */
export class TailStore {
  #view: TailView = emptyView(Date.now());
  readonly #listeners = new Set<() => void>();
  #socket: TailSocket | undefined;
  #fresh: LogRow[] = [];
  #waiting: LogRow[] = [];
  #rates: { readonly atMs: number; readonly count: number }[] = [];
  #timer = 0;
  #ticker = 0;
  #serial = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): TailView => this.#view;

  /** Follows something else from now on, or nothing. */
  follow(request: TailRequest | undefined): void {
    this.clear();
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
    this.#ticker = window.setInterval(() => this.#draw(), 1000);
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
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#socket?.close();
    this.#socket = undefined;
  }

  pause(isPaused: boolean): void {
    if (isPaused === this.#view.isPaused) return;
    if (isPaused) {
      this.#draw();
      this.#set({ ...this.#view, isPaused: true });
      return;
    }
    const rows = this.#joined(this.#waiting);
    this.#waiting = [];
    this.#set({ ...this.#view, isPaused: false, rows, waiting: 0, overflowed: 0 });
  }

  /** Throws away what is shown and what waits; goes on following. */
  clear(): void {
    this.#fresh = [];
    this.#waiting = [];
    this.#set({ ...this.#view, rows: [], waiting: 0, overflowed: 0 });
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
    let { overflowed } = this.#view;
    if (this.#waiting.length > maxWaiting) {
      overflowed += this.#waiting.length - maxWaiting;
      this.#waiting = this.#waiting.slice(-maxWaiting);
    }
    this.#view = {
      ...this.#view,
      overflowed,
      dropped: this.#view.dropped + message.dropped,
      received: this.#view.received + message.events.length,
    };
    if (this.#timer === 0) this.#timer = window.setTimeout(() => this.#draw(), drawEveryMs);
  }

  #draw(): void {
    const nowMs = Date.now();
    this.#rates = this.#rates.filter(({ atMs }) => nowMs - atMs < rateWindowMs);
    const count = this.#rates.reduce((sum, one) => sum + one.count, 0);
    const spanMs = Math.max(1000, Math.min(rateWindowMs, nowMs - this.#view.startedMs));
    const rows = this.#fresh.length === 0 ? this.#view.rows : this.#joined(this.#fresh);
    this.#fresh = [];
    this.#set({
      ...this.#view,
      rows,
      waiting: this.#waiting.length,
      perSecond: (count / spanMs) * 1000,
    });
  }

  #joined(added: readonly LogRow[]): readonly LogRow[] {
    const rows = this.#view.rows.concat(added);
    return rows.length > maxRows ? rows.slice(rows.length - maxRows + trimRows) : rows;
  }

  #set(view: TailView): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }
}

function emptyView(nowMs: number): TailView {
  return {
    state: 'closed',
    detail: undefined,
    rows: [],
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
