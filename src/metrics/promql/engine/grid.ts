/** The times at which an expression is evaluated: `startMs`, `startMs + stepMs`, …, `count` of them. */
export interface Grid {
  /** Unix ms. */
  readonly startMs: number;
  /** Positive, also with one step. */
  readonly stepMs: number;
  readonly count: number;
}

export const timeAt = (grid: Grid, step: number): number => grid.startMs + step * grid.stepMs;
export const lastTime = (grid: Grid): number => timeAt(grid, grid.count - 1);

/** One moment, on the grid of another's steps. */
export const singleStep = (grid: Grid): Grid => ({ ...grid, count: 1 });

/**
 * What a range selector looks at, step by step: `(end - rangeMs, end]` with `end = endMs + step *
 * stepMs`.
 */
export interface Windows {
  /** End of the first step's window, Unix ms, inclusive. */
  readonly endMs: number;
  /** 0: every step looks at the same window. */
  readonly stepMs: number;
  readonly rangeMs: number;
  readonly count: number;
}
