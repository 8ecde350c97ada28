import { AppError } from '#base';
import type { Settings } from '../options.ts';

/** Long enough that a short start tells nothing, short enough that nobody wonders. */
const tellEveryMs = 2000;

/** How far a start is. */
export class ReplayState {
  readonly #settings: Settings;
  readonly #startedMs: number;
  #toldMs: number;
  #endedMs: number | undefined;
  /** Segments of the log that are replayed, and those of them that are done. */
  segments = 0;
  segmentsDone = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#startedMs = settings.clock.monotonicMs();
    this.#toldMs = this.#startedMs;
  }

  get tookMs(): number {
    return (this.#endedMs ?? this.#settings.clock.monotonicMs()) - this.#startedMs;
  }

  /** A segment begins. */
  reached(segment: number, first: number, last: number): void {
    this.segments = last - first + 1;
    this.segmentsDone = segment - first;
    const { clock, log } = this.#settings;
    if (clock.monotonicMs() - this.#toldMs < tellEveryMs) return;
    this.#toldMs = clock.monotonicMs();
    log.info('Replaying the write-ahead log', {
      segment: this.segmentsDone + 1,
      segments: this.segments,
    });
  }

  end(): void {
    this.segmentsDone = this.segments;
    this.#endedMs = this.#settings.clock.monotonicMs();
  }

  get text(): string {
    if (this.segments === 0) return 'the metric store is loading its checkpoint';
    const at = Math.min(this.segmentsDone + 1, this.segments);
    return `the metric store is replaying the write-ahead log, ${at} of ${this.segments} segments`;
  }

  /** What whoever asks the store is told meanwhile. */
  error(): AppError {
    return new AppError('STORE_STARTING', `Not ready: ${this.text}`, {
      hint: 'Ask again in a few seconds; GET /-/ready tells when it is ready',
    });
  }
}
