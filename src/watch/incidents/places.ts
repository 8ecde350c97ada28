import { type Incident, subjectKey, type Trouble } from '../contract.ts';
import { isConsequence, isNextName } from './families.ts';
import type { OpenIncident } from './open-incident.ts';

/** A node that does these takes its pods with it. */
const nodeDown = new Set(['NodeNotReady', 'NodeGone']);
/** And one with these puts them out. */
const nodeShort = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure']);
/** Who was drawn in may take so long to recover after the cause has. */
export const recoveryMs: number = 5 * 60_000;
/** What began so long before its cause was noticed is not explained by it. */
const lateCauseMs = 10 * 60_000;
/** Ended incidents that may come back. */
const maxEnded = 1000;
/** Owners that are remembered for having joined an incident of others. */
const maxJoined = 5000;

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
  /** Incidents that owners were drawn into by what they need, their node or what they share. */
  readonly #joined = new Map<string, OpenIncident>();
  /** Until all objects were heard of: where those of an earlier run were. */
  readonly #restored = new Map<string, Restored>();

  constructor(rules: PlaceRules) {
    this.#rules = rules;
  }

  add(incident: OpenIncident): void {
    const key = subjectKey(incident.owner);
    this.#byKey.set(key, incident);
    this.#keysOf.set(incident, new Set([key]));
    this.#ended.delete(key);
  }

  /** Of an earlier run: who belonged to it comes back to it. */
  restore(incident: OpenIncident, { members }: Incident): void {
    this.add(incident);
    for (const { subject, troubles } of members) {
      for (const trouble of troubles) this.addShares(incident, trouble);
      const reasons = troubles.map(({ reason }) => reason);
      this.#restored.set(subjectKey(subject), { incident, reasons });
    }
  }

  /** All objects were heard of. */
  begin(): void {
    this.#restored.clear();
  }

  /** An owner has troubles in an incident of another one. */
  addJoined(incident: OpenIncident, { owner }: Trouble): void {
    const key = subjectKey(owner);
    if (key === subjectKey(incident.owner)) return;
    this.#joined.delete(key);
    this.#joined.set(key, incident);
    const [oldest] = this.#joined.keys();
    if (this.#joined.size > maxJoined && oldest !== undefined) this.#joined.delete(oldest);
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
    for (const [key, one] of this.#joined) if (one === incident) this.#joined.delete(key);
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
    // Nobody has heard of it yet: it may still be told as a part of its cause.
    const needed = own === undefined || own.told === 0 ? this.explains(trouble, nowMs) : undefined;
    if (needed !== undefined) return needed;
    // What was wrong before its node went down is no consequence of that.
    if (own?.has(trouble.subject) === true) return own;
    return (
      this.#ofRestored(trouble) ??
      this.#ofNode(trouble, nowMs) ??
      this.#ofCause(trouble, nowMs) ??
      this.#ofShares(trouble) ??
      own ??
      this.#ofJoined(trouble, nowMs)
    );
  }

  /** The incident of what the trouble needs; undefined: it needs nothing that is in trouble. */
  explains({ needs, owner }: Trouble, nowMs: number): OpenIncident | undefined {
    if (needs === undefined) return undefined;
    const workload = subjectKey(needs.workload);
    const incident = this.#byKey.get(workload) ?? this.#joinedBy(workload);
    const key = subjectKey(owner);
    if (incident === undefined || subjectKey(incident.owner) === key) return undefined;
    const own = this.#byKey.get(key);
    // Two that need each other: what was first is the cause of the other.
    const isCircle = own !== undefined && incident.causedBy?.incident === own.id;
    const isOlder = own !== undefined && own.startMs < incident.startMs - lateCauseMs;
    return isCircle || isOlder || !isActive(incident, nowMs) ? undefined : incident;
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

  #ofRestored({ subject, reason }: Trouble): OpenIncident | undefined {
    const known = this.#restored.get(subjectKey(subject));
    if (known === undefined) return undefined;
    const { incident, reasons } = known;
    return reasons.includes(reason) || isNextName(reasons, reason) ? incident : undefined;
  }

  /** What follows from troubles of the owner goes where those are. */
  #ofJoined({ owner, reason }: Trouble, nowMs: number): OpenIncident | undefined {
    if (!isConsequence(reason)) return undefined;
    const incident = this.#joinedBy(subjectKey(owner));
    return incident !== undefined && isActive(incident, nowMs) ? incident : undefined;
  }

  #joinedBy(owner: string): OpenIncident | undefined {
    const incident = this.#joined.get(owner);
    return incident?.hasTroublesOf(owner) === true ? incident : undefined;
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

interface Restored {
  readonly incident: OpenIncident;
  readonly reasons: readonly string[];
}

const isActive = ({ quietSinceMs, ownWellSinceMs }: OpenIncident, nowMs: number): boolean =>
  quietSinceMs === undefined &&
  (ownWellSinceMs === undefined || nowMs - ownWellSinceMs < recoveryMs);
