import { ApiError } from '../../api/client.ts';
import {
  logsApi,
  type WireColumn,
  type WireDiagnostic,
  type WireQueryEvent,
  type WireQueryHistogram,
  type WireQueryRequest,
  type WireQueryStatus,
  type WireRows,
  type WireStatistics,
  type WireValue,
} from '../../api/logs.ts';
import { followQuery } from '../../api/query-stream.ts';

/** Rows so far, column by column. Arrays only grow; `rowCount` says how far this view of them goes. */
export interface ResultTable {
  readonly columns: readonly WireColumn[];
  readonly data: readonly (readonly WireValue[])[];
  readonly pointers: readonly string[] | undefined;
  readonly rowCount: number;
}

export interface RunState {
  readonly phase: 'idle' | 'starting' | 'running' | 'ended';
  readonly request: WireQueryRequest | undefined;
  readonly id: string | undefined;
  readonly table: ResultTable | undefined;
  /** The table is that of the run before: nothing has come yet. */
  readonly isStale: boolean;
  readonly statistics: WireStatistics | undefined;
  readonly histogram: WireQueryHistogram | undefined;
  readonly status: WireQueryStatus | undefined;
  readonly diagnostics: readonly WireDiagnostic[];
  readonly error: Error | undefined;
}

const idle: RunState = {
  phase: 'idle',
  request: undefined,
  id: undefined,
  table: undefined,
  isStale: false,
  statistics: undefined,
  histogram: undefined,
  status: undefined,
  diagnostics: [],
  error: undefined,
};

/** Results come in many small steps; drawing more often than this only costs. */
const drawEveryMs = 80;

/** One page's query: what it asked last, and what has come of it so far. Outside of React. */
export class RunStore {
  #state: RunState = idle;
  readonly #listeners = new Set<() => void>();
  #stop: () => void = () => {};
  #timer = 0;
  #columns: readonly WireColumn[] = [];
  #data: WireValue[][] = [];
  #pointers: string[] | undefined;
  #rowCount = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): RunState => this.#state;

  /** Stops the query before, on the server too, and starts this one. */
  start(request: WireQueryRequest): void {
    this.cancel();
    const controller = new AbortController();
    this.#stop = () => controller.abort();
    this.#clear();
    this.#set({
      ...idle,
      phase: 'starting',
      request,
      table: this.#state.table,
      histogram: this.#state.histogram,
      isStale: true,
    });
    void (async () => {
      try {
        const query = await logsApi.startQuery(request, controller.signal);
        if (controller.signal.aborted) {
          void logsApi.stopQuery(query.id).catch(() => {});
          return;
        }
        this.#set({
          ...this.#state,
          phase: 'running',
          id: query.id,
          diagnostics: query.diagnostics,
        });
        const close = followQuery(query.id, {
          onEvent: (event) => this.#take(event),
          onRestart: () => this.#clear(),
          onLost: () => this.#fail(new ApiError(0, 'UNREACHABLE', 'The connection was lost')),
        });
        this.#stop = () => {
          close();
          void logsApi.stopQuery(query.id).catch(() => {});
        };
      } catch (error) {
        if (!controller.signal.aborted) this.#fail(error as Error);
      }
    })();
  }

  /** What was found so far stays. */
  cancel(): void {
    const { phase } = this.#state;
    this.#stop();
    this.#stop = () => {};
    if (phase !== 'starting' && phase !== 'running') return;
    this.#set({ ...this.#snapshot(), phase: 'ended', status: 'Cancelled' });
  }

  reset(): void {
    this.cancel();
    this.#clear();
    this.#set(idle);
  }

  #clear(): void {
    this.#columns = [];
    this.#data = [];
    this.#pointers = undefined;
    this.#rowCount = 0;
  }

  #fail(error: Error): void {
    this.#stop = () => {};
    this.#set({ ...this.#snapshot(), phase: 'ended', status: 'Failed', error });
  }

  #take(event: WireQueryEvent): void {
    switch (event.type) {
      case 'columns':
        this.#columns = event.columns;
        this.#data = event.columns.map(() => []);
        return;
      case 'rows':
        this.#append(event.rows);
        break;
      case 'replace':
        this.#data = this.#columns.map(() => []);
        this.#pointers = undefined;
        this.#rowCount = 0;
        this.#append(event.rows);
        break;
      case 'progress':
        // Held back with the rows: numbers and rows then tell the same story.
        this.#state = {
          ...this.#state,
          statistics: event.statistics,
          histogram: event.histogram ?? undefined,
        };
        break;
      case 'end': {
        this.#stop = () => {};
        const failed =
          event.status === 'Failed' || event.status === 'Timeout'
            ? new ApiError(
                500,
                `QUERY_${event.status.toUpperCase()}`,
                event.message ?? event.status,
              )
            : undefined;
        this.#set({
          ...this.#snapshot(event.status === 'Complete'),
          phase: 'ended',
          status: event.status,
          error: failed,
          isStale: false,
        });
        return;
      }
      default:
        event satisfies never;
    }
    if (this.#timer === 0) {
      this.#timer = window.setTimeout(() => this.#set(this.#snapshot()), drawEveryMs);
    }
  }

  #append(rows: WireRows): void {
    this.#columns.forEach((column, index) => {
      const values = rows.columns[rows.columnNames.indexOf(column.name)] ?? [];
      const data = this.#data[index] as WireValue[];
      for (let row = 0; row < rows.rowCount; row++) data.push(values[row] ?? null);
    });
    if (rows.pointers !== null) {
      this.#pointers ??= [];
      for (const pointer of rows.pointers) this.#pointers.push(pointer);
    }
    this.#rowCount += rows.rowCount;
  }

  /** The state with the rows that have come; the table before stays until there is something. */
  #snapshot(isOver = false): RunState {
    const isEmpty = this.#rowCount === 0;
    if (isEmpty && this.#columns.length === 0 && !isOver) return this.#state;
    if (isEmpty && this.#state.isStale && this.#state.phase === 'running' && !this.#isScanned()) {
      return this.#state;
    }
    return {
      ...this.#state,
      isStale: false,
      table: {
        columns: this.#columns,
        data: this.#data,
        pointers: this.#pointers,
        rowCount: this.#rowCount,
      },
    };
  }

  #isScanned(): boolean {
    const statistics = this.#state.statistics;
    return statistics !== undefined && statistics.recordsScanned >= statistics.recordsTotal;
  }

  #set(state: RunState): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
