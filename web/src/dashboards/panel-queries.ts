import type { Panel } from '../../../src/dashboards/model/contract.ts';
import type { QueryResult } from '../api/dashboards.ts';
import type { AnnotationMark, PanelData, ScopedVars } from '../panels/contract.ts';
import type { ReadResults } from './frames.ts';
import { Observable } from './observable.ts';
import type { PanelRequest } from './panel-request.ts';
import type { RequestQueue } from './request-queue.ts';

/** A panel's data with how it came about. */
export interface PanelView {
  readonly data: PanelData;
  /** What the data answers; while `loading`, what was asked before. */
  readonly request: PanelRequest | undefined;
  /** From asking until the answer was read; undefined: nothing was asked. */
  readonly elapsedMs?: number;
  /** The answers as they came, for whoever wants to see them. */
  readonly raw?: Readonly<Record<string, QueryResult>>;
}

export interface Answer extends ReadResults {
  readonly raw: Readonly<Record<string, QueryResult>>;
}

/** Asks the server. @throws ApiError, or the signal's reason */
export type AskServer = (request: PanelRequest, signal: AbortSignal) => Promise<Answer>;

const nothing: PanelView = {
  data: { state: 'loading', frames: [], annotations: [], errors: [], intervalMs: 1000 },
  request: undefined,
};

/** The queries of one panel: the newest ones win, those before are called off. */
export class PanelQueries {
  readonly view: Observable<PanelView> = new Observable(nothing);
  /** What is in or near sight; undefined: nobody looks. */
  shown:
    | { readonly panel: Panel; readonly scopedVars: ScopedVars; readonly widthPx: number }
    | undefined;
  readonly #order: number;
  readonly #askServer: AskServer;
  #key = '';
  #abort = new AbortController();
  #unfollow: (() => void) | undefined;
  #running: PanelRequest | undefined;
  /** The same question of a later time: asked once the one before is answered. */
  #later: PanelRequest | undefined;

  constructor(order: number, askServer: AskServer) {
    this.#order = order;
    this.#askServer = askServer;
  }

  /** Asks the server, unless this is what it was asked for last. */
  ask(request: PanelRequest, queue: RequestQueue): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
    const { queries, nowMs, fromMs, toMs } = request;
    const key = JSON.stringify([queries, nowMs, fromMs, toMs]);
    if (key === this.#key) return;
    if (this.#running !== undefined && isLaterOf(this.#running, request)) {
      this.#later = request;
      return;
    }
    this.cancel();
    this.#key = key;
    if (queries.length === 0) {
      this.#set(
        { state: stateOf([], request.errors), frames: [], errors: request.errors },
        request,
      );
      return;
    }
    this.#abort = new AbortController();
    const { data, ...rest } = this.view.get();
    this.view.set({ ...rest, data: { ...data, state: 'loading' } });
    void this.#run(request, queue, this.#abort.signal);
  }

  async #run(request: PanelRequest, queue: RequestQueue, signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    this.#running = request;
    try {
      const work = (): Promise<Answer> => this.#askServer(request, signal);
      const { frames, errors, raw } = await queue.run(work, signal, this.#order);
      if (signal.aborted) return;
      const all = [...request.errors, ...errors];
      const elapsedMs = performance.now() - startedMs;
      this.#set({ state: stateOf(frames, all), frames, errors: all }, request, { elapsedMs, raw });
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      // What failed is asked for again as soon as something wants it.
      this.#key = '';
      this.#set({ state: 'error', frames: [], errors: [{ message }] }, request);
    }
    this.#running = undefined;
    const later = this.#later;
    this.#later = undefined;
    if (later !== undefined) this.ask(later, queue);
  }

  /**
   * Shows what another panel asked for, changed on its way or not. Without a source the request's errors
   * say why.
   */
  follow(
    source: PanelQueries | undefined,
    request: PanelRequest,
    change: (frames: PanelData['frames']) => PanelData['frames'] = asTheyAre,
  ): void {
    this.#unfollow?.();
    if (source === undefined || source === this) {
      const { errors } = request;
      this.#set({ state: stateOf([], errors), frames: [], errors }, request);
      return;
    }
    let before: PanelData['frames'] | undefined;
    let after: PanelData['frames'] = [];
    const copy = (): void => {
      const { data, ...rest } = source.view.get();
      const { annotations } = this.view.get().data;
      // The same answers stay the same objects: panels are made anew with others.
      if (data.frames !== before) {
        before = data.frames;
        after = change(data.frames);
      }
      this.view.set({ ...rest, data: { ...data, frames: after, annotations } });
    };
    this.#unfollow = source.view.subscribe(copy);
    copy();
  }

  setAnnotations(annotations: readonly AnnotationMark[]): void {
    const { data, ...rest } = this.view.get();
    if (annotations.length === 0 && data.annotations.length === 0) return;
    this.view.set({ ...rest, data: { ...data, annotations } });
  }

  /** The next question is asked even if it is the same. */
  forget(): void {
    this.#key = '';
  }

  cancel(): void {
    this.#key = '';
    this.#running = undefined;
    this.#later = undefined;
    this.#abort.abort(new DOMException('The panel asks for something else', 'AbortError'));
  }

  #set(
    change: Pick<PanelData, 'state' | 'frames' | 'errors'>,
    request: PanelRequest,
    extra: Pick<PanelView, 'elapsedMs' | 'raw'> = {},
  ): void {
    const { annotations } = this.view.get().data;
    const data: PanelData = { ...change, annotations, intervalMs: request.intervalMs };
    this.view.set({ data, request, ...extra });
  }
}

/**
 * Whether only the clock has moved. Then the answer that is on its way is still worth having: a server
 * that takes longer than a refresh would otherwise never be heard.
 */
function isLaterOf(before: PanelRequest, after: PanelRequest): boolean {
  const moved = after.nowMs - before.nowMs;
  const follows = (edge: 'fromMs' | 'toMs'): boolean =>
    after[edge] === before[edge] || after[edge] - before[edge] === moved;
  return (
    follows('fromMs') &&
    follows('toMs') &&
    JSON.stringify(after.queries) === JSON.stringify(before.queries)
  );
}

const stateOf = (frames: readonly unknown[], errors: readonly unknown[]): PanelData['state'] =>
  errors.length > 0 && frames.length === 0 ? 'error' : 'done';

const asTheyAre = (frames: PanelData['frames']): PanelData['frames'] => frames;
