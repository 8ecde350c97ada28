import { subjectKey, type Trouble } from '../contract.ts';
import { isNextName } from './families.ts';
import type { OpenIncident } from './open-incident.ts';

/** A node that does these takes its pods with it. */
const nodeDown = new Set(['NodeNotReady', 'NodeGone']);
/** And one with these puts them out. */
const nodeShort = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure']);
/** Who was drawn in may take so long to recover after the cause has. */
const recoveryMs = 5 * 60_000;
/** Ended incidents that may come back. */
const maxEnded = 1000;

export interface PlaceRules {
  readonly nodeSuppressesPods: boolean;
  /** What comes back within this time after its end, ms, is the same incident. */
  readonly reopenWithinMs: number;
}

/** Which incident gathers what: by owner, by what several owners share, and by what explains it. */
export class Places {
  readonly #rules: PlaceRules;
  readonly #byKey = new Map<string, OpenIncident>();
  readonly #keysOf = new Map<OpenIncident, Set<string>>();
  readonly #ended = new Map<
    string,
    { readonly incident: OpenIncident; readonly endedMs: number }
  >();

  constructor(rules: PlaceRules) {
    this.#rules = rules;
  }

  add(incident: OpenIncident): void {
    const key = subjectKey(incident.owner);
    this.#byKey.set(key, incident);
    this.#keysOf.set(incident, new Set([key]));
    this.#ended.delete(key);
  }

  /** Others who share these belong to it from now on. */
  addShares(incident: OpenIncident, { shares = [] }: Trouble): void {
    for (const key of shares) {
      if (this.#byKey.has(key)) continue;
      this.#byKey.set(key, incident);
      this.#keysOf.get(incident)?.add(key);
    }
  }

  end(incident: OpenIncident, nowMs: number): void {
    for (const key of this.#keysOf.get(incident) ?? []) this.#byKey.delete(key);
    this.#keysOf.delete(incident);
    this.addEnded(incident, nowMs);
  }

  addEnded(incident: OpenIncident, endedMs: number): void {
    const { reopenWithinMs } = this.#rules;
    for (const [key, one] of this.#ended) {
      const isOld = endedMs - one.endedMs > reopenWithinMs;
      if (isOld || this.#ended.size >= maxEnded) this.#ended.delete(key);
    }
    if (reopenWithinMs > 0) this.#ended.set(subjectKey(incident.owner), { incident, endedMs });
  }

  /** The open incident that the trouble belongs to; undefined: it is a new one. */
  find(trouble: Trouble, nowMs: number): OpenIncident | undefined {
    const own = this.#byKey.get(subjectKey(trouble.owner));
    // What was wrong before its node went down is no consequence of that.
    if (own?.has(trouble.subject) === true) return own;
    return (
      this.#ofNode(trouble, nowMs) ??
      this.#ofCause(trouble, nowMs) ??
      this.#ofShares(trouble) ??
      own
    );
  }

  /** One of the same owner and kind that has just ended. */
  takeEnded({ owner, reason }: Trouble, nowMs: number): OpenIncident | undefined {
    const key = subjectKey(owner);
    const found = this.#ended.get(key);
    if (found === undefined || nowMs - found.endedMs > this.#rules.reopenWithinMs) return undefined;
    const { incident } = found;
    if (!incident.reasons.includes(reason) && !isNextName(incident.reasons, reason))
      return undefined;
    this.#ended.delete(key);
    return incident;
  }

  #ofNode({ subject, node, reason }: Trouble, nowMs: number): OpenIncident | undefined {
    if (!this.#rules.nodeSuppressesPods || subject.kind !== 'Pod' || !node) return undefined;
    const incident = this.#byKey.get(subjectKey({ kind: 'Node', namespace: '', name: node }));
    if (incident === undefined || !isActive(incident, nowMs)) return undefined;
    const explains = (one: string): boolean =>
      nodeDown.has(one) || (reason === 'Evicted' && nodeShort.has(one));
    return incident.reasons.some(explains) ? incident : undefined;
  }

  #ofCause({ dependsOn = [], owner }: Trouble, nowMs: number): OpenIncident | undefined {
    for (const key of dependsOn) {
      const incident = this.#byKey.get(key);
      if (incident === undefined || subjectKey(incident.owner) === subjectKey(owner)) continue;
      if (isActive(incident, nowMs)) return incident;
    }
    return undefined;
  }

  #ofShares({ shares = [] }: Trouble): OpenIncident | undefined {
    for (const key of shares) {
      const incident = this.#byKey.get(key);
      if (incident === undefined) continue;
      incident.shared ??= key;
      return incident;
    }
    return undefined;
  }
}

const isActive = ({ quietSinceMs, ownWellSinceMs }: OpenIncident, nowMs: number): boolean =>
  quietSinceMs === undefined &&
  (ownWellSinceMs === undefined || nowMs - ownWellSinceMs < recoveryMs);
