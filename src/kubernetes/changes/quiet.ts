/** Some objects are written every few seconds (leader locks, status of an autoscaler). */
export interface QuietTimes {
  readonly firstMs: number;
  readonly maxMs: number;
}

const quietTimes: QuietTimes = { firstMs: 60_000, maxMs: 6 * 60 * 60_000 };
/** Objects that are watched for being written again; beyond it the oldest begin anew. */
const maxObjects = 10_000;

interface Told<T> {
  lastMs: number;
  quietMs: number;
  waiting: { draft: T; times: number } | undefined;
}

/**
 * Lets through what changes now and then; of what changes again and again one at the end of each time
 * of quiet, which doubles. The last write is never lost, it is told at the end of that time.
 */
export class Quieter<T> {
  readonly #told = new Map<string, Told<T>>();
  readonly #times: QuietTimes;

  constructor(times: QuietTimes = quietTimes) {
    this.#times = times;
  }

  get waiting(): number {
    let sum = 0;
    for (const { waiting } of this.#told.values()) if (waiting !== undefined) sum++;
    return sum;
  }

  /** True: tell it now. False: it waits, see `due`. */
  accept(key: string, draft: T, nowMs: number): boolean {
    const told = this.#told.get(key);
    if (told === undefined) {
      if (this.#told.size >= maxObjects) this.#forgetOldest();
      this.#told.set(key, { lastMs: nowMs, quietMs: this.#times.firstMs, waiting: undefined });
      return true;
    }
    if (told.waiting === undefined && nowMs - told.lastMs >= told.quietMs) {
      told.lastMs = nowMs;
      return true;
    }
    told.waiting = { draft, times: (told.waiting?.times ?? 0) + 1 };
    return false;
  }

  /** What has waited long enough: the last draft of each, and how many it stands for. */
  due(nowMs: number): { readonly draft: T; readonly times: number }[] {
    const found: { draft: T; times: number }[] = [];
    for (const [key, told] of this.#told) {
      if (nowMs - told.lastMs < told.quietMs) continue;
      if (told.waiting === undefined) {
        // Quiet for twice the time: from now on it counts as any other.
        if (nowMs - told.lastMs >= 2 * told.quietMs) this.#told.delete(key);
        continue;
      }
      found.push(told.waiting);
      told.waiting = undefined;
      told.lastMs = nowMs;
      told.quietMs = Math.min(told.quietMs * 2, this.#times.maxMs);
    }
    return found;
  }

  #forgetOldest(): void {
    const [first] = this.#told.keys();
    if (first !== undefined) this.#told.delete(first);
  }
}
