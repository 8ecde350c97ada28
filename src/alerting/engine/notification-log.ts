import { isDeepStrictEqual } from 'node:util';
import type { LogEntry } from '../contract.ts';

/** How long an entry counts; as the reference's data retention. */
export const logRetentionMs: number = 120 * 3_600_000;

export interface FlushedSet {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/**
 * Whether a receiver has to hear of a group.
 * @param entry what it was told last; undefined: nothing
 */
export function needsNotification(
  entry: LogEntry | undefined,
  { firing, resolved }: FlushedSet,
  options: {
    readonly sendResolved: boolean;
    readonly repeatIntervalMs: number;
    readonly nowMs: number;
  },
): boolean {
  if (entry === undefined) return firing.length > 0;
  if (!isSubset(firing, entry.firing)) return true;
  // All is over: told, or at least noted, once. What nobody heard of needs no all-clear.
  if (firing.length === 0) return entry.firing.length > 0;
  if (options.sendResolved && !isSubset(resolved, entry.resolved)) return true;
  return entry.timestampMs < options.nowMs - options.repeatIntervalMs;
}

const isSubset = (part: readonly string[], whole: readonly string[]): boolean => {
  const known = new Set(whole);
  return part.every((item) => known.has(item));
};

/** What receivers were told, by group and receiver. `keep` makes an entry durable. */
export class NotificationLog {
  readonly #entries = new Map<string, LogEntry>();
  readonly #keep: (key: string, entry: LogEntry | undefined) => Promise<void>;

  constructor(keep: (key: string, entry: LogEntry | undefined) => Promise<void>) {
    this.#keep = keep;
  }

  restore(key: string, entry: LogEntry): void {
    this.#entries.set(key, entry);
  }

  /** Undefined as well for one that is too old to count. */
  get(key: string, nowMs: number): LogEntry | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.expiresAtMs <= nowMs ? undefined : entry;
  }

  /** Resolves when it is on disk. */
  async put(key: string, entry: LogEntry): Promise<void> {
    if (isDeepStrictEqual(this.#entries.get(key), entry)) return;
    this.#entries.set(key, entry);
    await this.#keep(key, entry);
  }

  async sweep(nowMs: number): Promise<void> {
    const old = [...this.#entries].filter(([, { expiresAtMs }]) => expiresAtMs <= nowMs);
    for (const [key] of old) this.#entries.delete(key);
    await Promise.all(old.map(([key]) => this.#keep(key, undefined)));
  }
}
