import { createHash } from 'node:crypto';
import { type Clock, describeError, isAbortError, type Logger, Slots } from '#base';
import { keyOf } from './changes.ts';
import type { RuleGroup } from './contract.ts';

interface SchedulerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Evaluates all rules of a group, one after the other, for one time. */
  readonly evaluate: (group: RuleGroup, atMs: number, signal: AbortSignal) => Promise<void>;
  /** Told when a group took longer than its interval. */
  readonly onMissed: (group: RuleGroup, count: number) => void;
}

interface Loop {
  group: RuleGroup;
  readonly intervalMs: number;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Groups that are evaluated at once; most of their time is waiting for data sources. */
const maxConcurrentGroups = 32;

/**
 * Evaluates groups at their times. Each group has a moment of its own within its interval, so that not
 * all of them ask at once; it is the same after a restart.
 */
export class RuleScheduler implements AsyncDisposable {
  readonly #deps: SchedulerDeps;
  readonly #loops = new Map<string, Loop>();
  readonly #stopping = new AbortController();
  readonly #slots = new Slots(maxConcurrentGroups);

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
  }

  /** Goes over to these groups; those that only have other rules keep their times. */
  apply(groups: readonly RuleGroup[]): void {
    const wanted = new Map(groups.map((group) => [keyOf(group), group]));
    for (const [key, loop] of this.#loops) {
      const next = wanted.get(key);
      if (next !== undefined && next.intervalMs === loop.intervalMs) {
        loop.group = next;
        wanted.delete(key);
        continue;
      }
      loop.stop.abort(new DOMException('The group changed', 'AbortError'));
      this.#loops.delete(key);
    }
    for (const [key, group] of wanted) this.#start(key, group);
  }

  /** When a group is evaluated next. */
  nextEvaluationMs(group: Pick<RuleGroup, 'folderUid' | 'title' | 'intervalMs'>): number {
    return nextSlotMs(group, this.#deps.clock.nowMs());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('Alert rules are stopping', 'AbortError'));
    await Promise.all([...this.#loops.values()].map(({ done }) => done));
    this.#loops.clear();
  }

  #start(key: string, group: RuleGroup): void {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#stopping.signal]);
    const { promise, resolve } = Promise.withResolvers<void>();
    const loop: Loop = { group, intervalMs: group.intervalMs, stop, done: promise };
    this.#loops.set(key, loop);
    void this.#run(loop, signal).finally(resolve);
  }

  async #run(loop: Loop, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    const { intervalMs } = loop;
    let slotMs = nextSlotMs(loop.group, clock.nowMs());
    try {
      for (;;) {
        await clock.sleep(Math.max(0, slotMs - clock.nowMs()), signal);
        {
          using _slot = await this.#slots.take(signal);
          await this.#deps.evaluate(loop.group, slotMs, signal);
        }
        const nowMs = clock.nowMs();
        // Far ahead: somebody set the clock back, and nothing would be evaluated until it is there again.
        const isSetBack = slotMs - nowMs > intervalMs;
        const nextMs = isSetBack
          ? nextSlotMs(loop.group, nowMs)
          : Math.max(slotMs + intervalMs, nextSlotMs(loop.group, nowMs - intervalMs + 1));
        const missed = Math.round((nextMs - slotMs) / intervalMs) - 1;
        if (missed > 0) this.#deps.onMissed(loop.group, missed);
        slotMs = nextMs;
      }
    } catch (error) {
      if (signal.aborted || isAbortError(error)) return;
      log.error('A group of alert rules ended', {
        group: loop.group.title,
        reason: describeError(error),
      });
    }
  }
}

/** The first moment of a group that is not before `fromMs`. */
export function nextSlotMs(
  group: Pick<RuleGroup, 'folderUid' | 'title' | 'intervalMs'>,
  fromMs: number,
): number {
  const { intervalMs } = group;
  const hash = createHash('sha1').update(keyOf(group)).digest().readUInt32BE(0);
  const offsetMs = Math.floor((hash / 2 ** 32) * intervalMs);
  const first = Math.floor(fromMs / intervalMs) * intervalMs + offsetMs;
  return first >= fromMs ? first : first + intervalMs;
}
