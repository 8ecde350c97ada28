import type { Clock } from '#base';

/** An agent that has not asked for so long is not waited for. */
const liveMs = 30_000;
/** A change counts as made after this, whoever has not asked yet. */
const maxUpdateMs = 10_000;
/** Agents remembered, over all clusters. */
const maxAgents = 10_000;

interface Agent {
  readonly cluster: string;
  readonly revision: number;
  readonly seenMs: number;
}

/** The agents that ask for switches: which revision each works by, and who waits for the next. */
export class Watchers {
  readonly #clock: Clock;
  /** By cluster and agent, longest silent first. */
  readonly #agents = new Map<string, Agent>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  seen(cluster: string, agent: string, revision: number): void {
    const key = `${cluster}/${agent}`;
    this.#agents.delete(key);
    this.#agents.set(key, { cluster, revision, seenMs: this.#clock.monotonicMs() });
    if (this.#agents.size <= maxAgents) return;
    for (const oldest of this.#agents.keys()) {
      this.#agents.delete(oldest);
      break;
    }
  }

  /** Do all agents of the cluster that are there work by this revision? */
  haveTaken(cluster: string, revision: number, changedMs: number): boolean {
    if (this.#clock.nowMs() - changedMs >= maxUpdateMs) return true;
    return this.#live().every((agent) => agent.cluster !== cluster || agent.revision >= revision);
  }

  counts(): readonly (readonly [cluster: string, agents: number])[] {
    const counts = new Map<string, number>();
    for (const { cluster } of this.#live()) counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
    return [...counts];
  }

  notify(cluster: string): void {
    for (const wake of this.#waiting.get(cluster) ?? []) wake();
  }

  /** Until a change, the time, or the signal; never throws. */
  async wait(cluster: string, waitMs: number, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(cluster) ?? new Set();
    this.#waiting.set(cluster, waiting);
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    waiting.add(wake);
    try {
      await this.#clock.sleep(waitMs, AbortSignal.any([signal, woken.signal]));
    } catch {
      // Woken, or nobody waits for the answer any more.
    } finally {
      waiting.delete(wake);
      if (waiting.size === 0) this.#waiting.delete(cluster);
    }
  }

  #live(): readonly Agent[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#agents.values()].filter(({ seenMs }) => nowMs - seenMs < liveMs);
  }
}
