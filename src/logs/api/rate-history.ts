import type { BatchSection } from '#logs/batch';

/** An hour of minutes: the sparkline of the overview. */
export const rateStepMs = 60_000;
export const rateSteps = 60;

/** Names come from clients: beyond this many groups only the total is kept. */
const maxGroups = 5000;

interface Ring {
  readonly events: Float64Array;
  readonly bytes: Float64Array;
  /** The step that each slot counts. */
  readonly steps: Float64Array;
}

export interface RateSeries {
  /** Per second; null before the history began. The step that is still running is left out. */
  readonly events: readonly (number | null)[];
  readonly bytes: readonly (number | null)[];
}

/** Events and message bytes per minute over the last hour, of each group and of all. */
export class RateHistory {
  readonly #total = newRing();
  readonly #groups = new Map<string, Ring>();
  readonly #startStep: number;

  constructor(nowMs: number) {
    this.#startStep = stepOf(nowMs);
  }

  add(sections: readonly BatchSection[], nowMs: number): void {
    const step = stepOf(nowMs);
    for (const section of sections) {
      // Each message has its length in front of it.
      const bytes = section.messages.length - section.count * 4;
      count(this.#total, step, section.count, bytes);
      let ring = this.#groups.get(section.group);
      if (ring === undefined) {
        if (this.#groups.size >= maxGroups) continue;
        ring = newRing();
        this.#groups.set(section.group, ring);
      }
      count(ring, step, section.count, bytes);
    }
  }

  forget(group: string): void {
    this.#groups.delete(group);
  }

  total(nowMs: number): RateSeries {
    return this.#read(this.#total, nowMs);
  }

  group(name: string, nowMs: number): RateSeries {
    return this.#read(this.#groups.get(name) ?? emptyRing, nowMs);
  }

  #read(ring: Ring, nowMs: number): RateSeries {
    const events: (number | null)[] = [];
    const bytes: (number | null)[] = [];
    const end = stepOf(nowMs);
    for (let step = end - rateSteps; step < end; step++) {
      const slot = step % (rateSteps + 1);
      const known = ring.steps[slot] === step;
      const isBefore = step < this.#startStep;
      events.push(isBefore ? null : known ? (ring.events[slot]! * 1000) / rateStepMs : 0);
      bytes.push(isBefore ? null : known ? (ring.bytes[slot]! * 1000) / rateStepMs : 0);
    }
    return { events, bytes };
  }
}

function stepOf(ms: number): number {
  return Math.floor(ms / rateStepMs);
}

function newRing(): Ring {
  return {
    events: new Float64Array(rateSteps + 1),
    bytes: new Float64Array(rateSteps + 1),
    steps: new Float64Array(rateSteps + 1).fill(-1),
  };
}

const emptyRing = newRing();

function count(ring: Ring, step: number, events: number, bytes: number): void {
  const slot = step % (rateSteps + 1);
  if (ring.steps[slot] !== step) {
    ring.steps[slot] = step;
    ring.events[slot] = 0;
    ring.bytes[slot] = 0;
  }
  ring.events[slot]! += events;
  ring.bytes[slot]! += bytes;
}
