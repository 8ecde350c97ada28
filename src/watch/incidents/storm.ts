import type { Incident } from '../contract.ts';
import type { OpenIncident } from './open-incident.ts';

export interface StormRules {
  readonly enabled: boolean;
  /** The so-many-th new incident within the window, and those after it, are told together. */
  readonly threshold: number;
  readonly windowMs: number;
  readonly digestIntervalMs: number;
}

export interface Digest {
  readonly incidents: readonly OpenIncident[];
  readonly resolved: readonly Incident[];
  readonly sinceMs: number;
}

/** Named in one digest; the counts are of all. */
const maxResolved = 1000;

/** Holds back what begins while much begins, to be told together. */
export class Storm {
  readonly #rules: StormRules;
  readonly #createdMs: number[] = [];
  #waiting: OpenIncident[] = [];
  #resolved: Incident[] = [];
  #sinceMs: number | undefined;

  constructor(rules: StormRules) {
    this.#rules = rules;
  }

  /** Counts a new incident. @returns whether it is held back */
  holds(incident: OpenIncident, nowMs: number): boolean {
    const { enabled, threshold, windowMs } = this.#rules;
    if (!enabled) return false;
    while (this.#createdMs.length > 0 && nowMs - this.#createdMs[0]! > windowMs) {
      this.#createdMs.shift();
    }
    this.#createdMs.push(nowMs);
    if (this.#createdMs.length < threshold) return false;
    this.#waiting.push(incident);
    incident.isInDigest = true;
    this.#sinceMs ??= nowMs;
    return true;
  }

  /** One that was told of in a digest is over. */
  resolved(incident: Incident, nowMs: number): void {
    if (this.#resolved.length < maxResolved) this.#resolved.push(incident);
    this.#sinceMs ??= nowMs;
  }

  /** What is to be told together now; undefined: it is not time yet. */
  flush(nowMs: number, isOpen: (id: string) => boolean): Digest | undefined {
    const sinceMs = this.#sinceMs;
    if (sinceMs === undefined || nowMs - sinceMs < this.#rules.digestIntervalMs) return undefined;
    const incidents = this.#waiting.filter(({ id }) => isOpen(id));
    const resolved = this.#resolved;
    this.#waiting = [];
    this.#resolved = [];
    this.#sinceMs = undefined;
    return incidents.length === 0 && resolved.length === 0
      ? undefined
      : { incidents, resolved, sinceMs };
  }
}
