import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '#metrics/model';
import { Annotations } from '../annotations.ts';
import { canceledError, timeoutError, tooManySamplesError } from '../errors.ts';
import type { WorkerPool } from '../parallel/pool.ts';

/** Work in one go on the thread that also answers others, before they get their turn. */
const sliceMs = 10;

export interface EvaluationOptions {
  readonly queryable: Queryable;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly maxSamples: number;
  readonly lookbackMs: number;
  readonly defaultSubqueryStepMs: number;
  readonly delaysNameRemoval: boolean;
  readonly usesStartTimestamps: boolean;
  readonly checksTypeLabels: boolean;
  /** Steps of the query, where samples per step are asked for. */
  readonly statSteps: number | undefined;
  readonly pool: WorkerPool | undefined;
}

/** What all parts of one query's evaluation share: limits, cancellation, annotations, statistics. */
export class Evaluation {
  readonly options: EvaluationOptions;
  readonly annotations: Annotations = new Annotations();
  /** For the store: aborts on cancellation and on timeout. */
  readonly signal: AbortSignal;
  samples = 0;
  peakSamples = 0;
  seriesSelected = 0;
  selectMs = 0;
  readonly samplesPerStep: Float64Array | undefined;
  #held = 0;
  readonly #timeout: AbortSignal;
  readonly #deadlineMs: number;
  #sliceEndMs: number;

  constructor(options: EvaluationOptions) {
    this.options = options;
    this.#timeout = AbortSignal.timeout(Math.min(options.timeoutMs, 2 ** 31 - 1));
    this.signal = AbortSignal.any([options.signal, this.#timeout]);
    this.#deadlineMs = performance.now() + options.timeoutMs;
    this.#sliceEndMs = performance.now() + sliceMs;
    this.samplesPerStep =
      options.statSteps === undefined ? undefined : new Float64Array(options.statSteps);
  }

  /** Whether `pause` should be awaited now; cheap enough for each series. */
  isDue(): boolean {
    return performance.now() >= this.#sliceEndMs;
  }

  /**
   * Lets others have their turn.
   * @throws {AppError} PROMQL_CANCELED, PROMQL_TIMEOUT
   */
  async pause(): Promise<void> {
    this.check();
    await setImmediate();
    this.check();
    this.#sliceEndMs = performance.now() + sliceMs;
  }

  /** @throws {AppError} PROMQL_CANCELED, PROMQL_TIMEOUT */
  check(): void {
    if (this.options.signal.aborted) throw canceledError(this.options.signal.reason);
    if (this.#timeout.aborted || performance.now() >= this.#deadlineMs) throw timeoutError();
  }

  /** The error that stands for whatever the store threw when its work was stopped. */
  stopped(error: unknown): unknown {
    if (this.options.signal.aborted) return canceledError(error);
    return this.#timeout.aborted ? timeoutError() : error;
  }

  /**
   * Counts samples that stay in memory.
   * @throws {AppError} PROMQL_TOO_MANY_SAMPLES
   */
  hold(samples: number): void {
    this.#held += samples;
    if (this.#held > this.peakSamples) this.peakSamples = this.#held;
    if (this.#held > this.options.maxSamples) throw tooManySamplesError();
  }

  release(samples: number): void {
    this.#held -= samples;
  }

  get held(): number {
    return this.#held;
  }

  /** Checks that so many samples more could be held. */
  mustHaveRoomFor(samples: number): void {
    if (this.#held + samples > this.options.maxSamples) throw tooManySamplesError();
  }
}
