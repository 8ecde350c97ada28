import {
  type CausedBy,
  type Incident,
  type Member,
  type MutedBy,
  type Severity,
  type Subject,
  subjectKey,
  type Trouble,
  worse,
} from '../contract.ts';

/** Members that an incident names; the rest is counted. */
const maxKeptMembers = 200;
/** Counted at most. */
const maxCounted = 20_000;

/**
 * How often it happened from which on an incident is at least so bad: objects in trouble at once, or
 * restarts of one container since it began.
 */
export interface EscalationRules {
  readonly mediumFrom: number;
  readonly highFrom: number;
  readonly criticalFrom: number;
}

interface Begin {
  readonly id: string;
  readonly owner: Subject;
  readonly cause: Trouble;
  readonly startMs: number;
}

/** An incident while it is open; `view()` is what others get. */
export class OpenIncident {
  readonly id: string;
  readonly owner: Subject;
  readonly cause: Trouble;
  readonly startMs: number;
  readonly reasons: string[] = [];
  readonly #ownerKey: string;
  readonly #members = new Map<string, Member>();
  /** Keys of those beyond what is named. */
  readonly #counted = new Set<string>();
  /** Restarts of a container when its trouble was first seen here. */
  readonly #restartsBefore = new Map<string, number>();
  /** Those of a moment ago, for the message that it is over. */
  #lastMembers: readonly Member[] = [];
  #rules: EscalationRules;
  #restarts = 0;
  severity: Severity;
  peak = 0;
  updatedMs: number;
  told = 0;
  toldSeverity: Severity | undefined;
  toldReasons = 0;
  toldMs: number | undefined;
  reminders = 0;
  reopened = 0;
  /** Told of together with others alone. */
  isInDigest = false;
  shared: string | undefined;
  mutedBy: MutedBy | undefined;
  causedBy: CausedBy | undefined;
  /** Namespaces of those it was told of. */
  readonly toldNamespaces: Set<string> = new Set();
  /** Since when nothing is wrong any more. */
  quietSinceMs: number | undefined;
  /** Since when its owner is well; others whom it has drawn in may not be. */
  ownWellSinceMs: number | undefined;
  /** Those whom it has drawn in and who have not recovered were looked at since then. */
  hasReleased = false;

  constructor(begin: Begin, rules: EscalationRules) {
    this.id = begin.id;
    this.owner = begin.owner;
    this.cause = begin.cause;
    this.startMs = begin.startMs;
    this.updatedMs = begin.startMs;
    this.severity = begin.cause.severity;
    this.#ownerKey = subjectKey(begin.owner);
    this.#rules = rules;
  }

  /** One that was open when the program ended. Its members come again, or it is over. */
  static restored(saved: Incident, rules: EscalationRules): OpenIncident {
    const open = new OpenIncident(saved, rules);
    open.severity = saved.severity;
    open.peak = saved.peak;
    open.updatedMs = saved.updatedMs;
    open.told = saved.told;
    open.toldSeverity = saved.severity;
    open.toldMs = saved.told > 0 ? (saved.toldMs ?? saved.updatedMs) : undefined;
    open.reminders = saved.reminders ?? 0;
    open.reopened = saved.reopened ?? 0;
    open.shared = saved.shared;
    open.mutedBy = saved.mutedBy;
    open.causedBy = saved.causedBy;
    open.reasons.push(...saved.reasons);
    open.toldReasons = saved.reasons.length;
    open.#lastMembers = saved.members;
    open.#noteNamespaces(saved.members);
    return open;
  }

  get size(): number {
    return this.#members.size + this.#counted.size;
  }

  /** What the object has now; none: it is well again. */
  set(subject: Subject, troubles: readonly Trouble[], nowMs: number): void {
    const key = subjectKey(subject);
    if (troubles.length === 0) this.#takeOut(key, nowMs);
    else this.#put(key, { subject, troubles }, nowMs);
    this.#lookAtOwn(nowMs);
  }

  #takeOut(key: string, nowMs: number): void {
    const wasThere = this.#members.delete(key) || this.#counted.delete(key);
    if (!wasThere) return;
    this.updatedMs = nowMs;
    if (this.size === 0) this.quietSinceMs = nowMs;
  }

  #put(key: string, member: Member, nowMs: number): void {
    if (this.#members.has(key) || this.#members.size < maxKeptMembers)
      this.#members.set(key, member);
    else if (this.#counted.size < maxCounted) this.#counted.add(key);
    this.quietSinceMs = undefined;
    this.updatedMs = nowMs;
    this.peak = Math.max(this.peak, this.size);
    this.#lastMembers = [];
    for (const trouble of member.troubles) {
      const { reason, severity } = trouble;
      // What others have for want of it is no reason of its own.
      if (this.#isOwn(trouble) && !this.reasons.includes(reason)) this.reasons.push(reason);
      this.severity = worse(this.severity, severity);
      this.#countRestarts(key, trouble);
    }
    const times = Math.max(this.peak, this.#restarts);
    const { mediumFrom, highFrom, criticalFrom } = this.#rules;
    if (times >= criticalFrom) this.severity = worse(this.severity, 'critical');
    else if (times >= highFrom) this.severity = worse(this.severity, 'high');
    else if (times >= mediumFrom) this.severity = worse(this.severity, 'medium');
  }

  #countRestarts(key: string, { container = '', restarts }: Trouble): void {
    if (restarts === undefined) return;
    const place = `${key} ${container}`;
    const before = this.#restartsBefore.get(place);
    if (before !== undefined) this.#restarts = Math.max(this.#restarts, restarts - before);
    else if (this.#restartsBefore.size < maxKeptMembers) this.#restartsBefore.set(place, restarts);
  }

  #isOwn({ owner }: Trouble): boolean {
    return subjectKey(owner) === this.#ownerKey;
  }

  #lookAtOwn(nowMs: number): void {
    const isOwn = ({ troubles }: Member): boolean => troubles.some((one) => this.#isOwn(one));
    const has = this.#counted.size > 0 || this.#members.values().some(isOwn);
    this.ownWellSinceMs = has ? undefined : (this.ownWellSinceMs ?? nowMs);
    if (has) this.hasReleased = false;
  }

  /** Keeps who is in trouble for the last message, before they are taken out. */
  remember(): void {
    if (this.#members.size > 0) this.#lastMembers = [...this.#members.values()];
  }

  has(subject: Subject): boolean {
    const key = subjectKey(subject);
    return this.#members.has(key) || this.#counted.has(key);
  }

  /** Those of its objects that belong to others. */
  othersMembers(): readonly Member[] {
    return [...this.#members.values()].filter(({ troubles }) =>
      troubles.every((one) => !this.#isOwn(one)),
    );
  }

  /** Whether one of its objects belongs to this owner. */
  hasTroublesOf(owner: string): boolean {
    const isIts = (one: Trouble): boolean => subjectKey(one.owner) === owner;
    return this.#members.values().some(({ troubles }) => troubles.some(isIts));
  }

  noteTold(nowMs: number): void {
    this.told += 1;
    this.toldMs = nowMs;
    this.toldSeverity = this.severity;
    this.toldReasons = this.reasons.length;
    this.#noteNamespaces(this.#members.values());
  }

  #noteNamespaces(members: Iterable<Member>): void {
    this.toldNamespaces.add(this.owner.namespace);
    for (const { subject } of members) this.toldNamespaces.add(subject.namespace);
  }

  /** It was over, and is not. */
  reopen(): void {
    this.reopened += 1;
    this.quietSinceMs = undefined;
    this.ownWellSinceMs = undefined;
  }

  view(resolvedMs?: number): Incident {
    const members = this.#members.size > 0 ? [...this.#members.values()] : this.#lastMembers;
    return {
      id: this.id,
      owner: this.owner,
      state: resolvedMs === undefined ? 'open' : 'resolved',
      severity: this.severity,
      cause: this.cause,
      reasons: [...this.reasons],
      members,
      peak: this.peak,
      startMs: this.startMs,
      updatedMs: this.updatedMs,
      resolvedMs,
      told: this.told,
      toldMs: this.toldMs,
      reminders: this.reminders,
      shared: this.shared,
      mutedBy: this.mutedBy,
      reopened: this.reopened,
      causedBy: this.causedBy,
    };
  }
}
