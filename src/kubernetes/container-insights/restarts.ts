import type { Pod } from 'kubernetes-types/core/v1.d.ts';

/**
 * Restarts since the last look. Container Insights tells the increase, not the sum; of what is seen
 * for the first time it tells nothing.
 */
export class RestartCounts {
  #before = new Map<string, number>();
  #now = new Map<string, number>();

  /** Begins a look: what is not asked for in it is forgotten after it. */
  next(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /** Undefined: not known before. Asked once for each container of a look. */
  increase(pod: Pod, container: string): number | undefined {
    const status = pod.status?.containerStatuses?.find(({ name }) => name === container);
    if (status === undefined) return undefined;
    const key = `${pod.metadata?.uid}/${container}`;
    const before = this.#before.get(key);
    this.#now.set(key, status.restartCount);
    return before === undefined ? undefined : Math.max(0, status.restartCount - before);
  }
}
