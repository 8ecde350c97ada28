import { Random } from './random.ts';

/** What goes wrong in the demo cluster, one thing at a time. */
export type IncidentKind = 'database-down' | 'traffic-burst' | 'node-pressure' | 'forbidden-robot';

export interface Incident {
  readonly kind: IncidentKind;
  readonly startMs: number;
  readonly endMs: number;
}

/** One incident starts in each slot of this length: about eight in an hour. */
const slotMs = 7 * 60_000;

const kinds: readonly IncidentKind[] = [
  'database-down',
  'traffic-burst',
  'forbidden-robot',
  'node-pressure',
];

/** The incident at a time; depends on nothing but seed and time. */
export class IncidentSchedule {
  readonly #seed: string;
  #slot = Number.NaN;
  #incident: Incident | undefined;

  constructor(seed: string) {
    this.#seed = seed;
  }

  at(timeMs: number): Incident | undefined {
    const slot = Math.floor(timeMs / slotMs);
    if (slot !== this.#slot) {
      const random = new Random(`${this.#seed}/incident/${slot}`);
      const startMs = slot * slotMs + random.int(20, 120) * 1000;
      const kind = kinds[slot % kinds.length]!;
      this.#slot = slot;
      this.#incident = { kind, startMs, endMs: startMs + random.int(60, 150) * 1000 };
    }
    const incident = this.#incident!;
    return timeMs >= incident.startMs && timeMs < incident.endMs ? incident : undefined;
  }
}
