import {
  type Incident,
  type IncidentChange,
  type MutedBy,
  type Severity,
  type Subject,
  severities,
  subjectKey,
  type Trouble,
} from '../contract.ts';
import { isNextName } from './families.ts';
import { type EscalationRules, OpenIncident } from './open-incident.ts';
import { Places, recoveryMs } from './places.ts';
import { Storm, type StormRules } from './storm.ts';

export interface IncidentRules {
  readonly escalation: EscalationRules;
  /** Nothing may be wrong for so long, ms, before an incident is over; longer each time it comes back. */
  readonly resolveHoldDownMs: number;
  /**
   * What comes back within this time after its end, ms, is the same incident; and another owner that
   * joins within it after the last message is no news.
   */
  readonly windowMs: number;
  /** Troubles of pods on a node that is down belong to the node's incident. */
  readonly nodeSuppressesPods: boolean;
  readonly storm: StormRules;
  readonly reminders: {
    /** How long after the last message, ms; a severity that is not named has that of `default`, or none. */
    readonly intervalMs: Readonly<Partial<Record<Severity | 'default', number>>>;
    readonly maxPerIncident: number;
  };
  /** Open at once; troubles of others are counted and not kept. */
  readonly maxOpen: number;
}

/** What its labels as an alert are made of. */
export type IncidentIdentity = Pick<Incident, 'id' | 'owner' | 'cause' | 'severity'>;

export interface EngineDeps {
  /** Makes an id that no other incident has. */
  readonly newId: () => string;
  /** The maintenance window or silence that keeps it quiet now; undefined: none does. */
  readonly mutedBy?: (incident: IncidentIdentity) => MutedBy | undefined;
}

/** An incident that comes back again and again is waited for at most so long. */
const maxHoldDownMs = 15 * 60_000;

/**
 * Makes incidents of troubles. Knows no clock and does no I/O: `set` says what an object has, `tick`
 * lets time pass; both return what somebody should be told, and what is to be kept.
 */
export class IncidentEngine {
  readonly #rules: IncidentRules;
  readonly #deps: EngineDeps;
  readonly #open = new Map<string, OpenIncident>();
  readonly #places: Places;
  readonly #storm: Storm;
  /** Where an object's troubles are. */
  readonly #placeOf = new Map<string, Set<OpenIncident>>();
  /** Until `begin` everything belongs to the baseline. */
  #hasBegun = false;
  /** Troubles that found no room. */
  refused = 0;

  constructor(rules: IncidentRules, deps: EngineDeps) {
    this.#rules = rules;
    this.#deps = deps;
    const { nodeSuppressesPods, windowMs } = rules;
    this.#places = new Places({ nodeSuppressesPods, reopenWithinMs: windowMs });
    this.#storm = new Storm(rules.storm);
  }

  /** Incidents of an earlier run, before the first `set`: open ones, and those that ended last. */
  restore(saved: readonly Incident[], ended: readonly Incident[] = []): void {
    for (const one of saved) {
      const incident = OpenIncident.restored(one, this.#rules.escalation);
      this.#open.set(incident.id, incident);
      this.#places.restore(incident, one);
    }
    for (const one of ended.toReversed()) {
      if (one.resolvedMs === undefined) continue;
      this.#places.addEnded(OpenIncident.restored(one, this.#rules.escalation), one.resolvedMs);
    }
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** The worst first, then the newest. */
  open(): readonly Incident[] {
    return [...this.#open.values()]
      .map((incident) => incident.view())
      .sort(
        (a, b) =>
          severities.indexOf(b.severity) - severities.indexOf(a.severity) || b.startMs - a.startMs,
      );
  }

  find(id: string): Incident | undefined {
    return this.#open.get(id)?.view();
  }

  /** All objects have been heard of once. What nobody was told of before is the baseline. */
  begin(nowMs: number): readonly IncidentChange[] {
    this.#hasBegun = true;
    this.#places.begin();
    const untold = [...this.#open.values()].filter(({ told, size }) => told === 0 && size > 0);
    for (const incident of this.#open.values()) {
      // Restored, and nothing is wrong any more: its time begins to run.
      if (incident.size === 0) incident.quietSinceMs ??= nowMs;
    }
    const [told, muted] = [[] as OpenIncident[], [] as OpenIncident[]];
    for (const incident of untold) (this.#isMuted(incident) ? muted : told).push(incident);
    for (const incident of told) incident.noteTold(nowMs);
    const noted = muted.map((one): IncidentChange => ({ kind: 'noted', incident: one.view() }));
    if (told.length === 0) return noted;
    return [...noted, { kind: 'baseline', incidents: told.map((incident) => incident.view()) }];
  }

  /** All troubles that the object has now; they take the place of those that it had. */
  set(subject: Subject, troubles: readonly Trouble[], nowMs: number): readonly IncidentChange[] {
    const key = subjectKey(subject);
    const before = this.#placeOf.get(key) ?? new Set<OpenIncident>();
    if (troubles.length === 0 && before.size === 0) return [];
    const now = new Map<OpenIncident, Trouble[]>();
    const how = new Map<OpenIncident, Placed['how']>();
    const linked = new Set<OpenIncident>();
    for (const trouble of troubles) {
      const found = this.#place(trouble, nowMs);
      if (found === undefined) {
        this.refused += 1;
        continue;
      }
      if (!how.has(found.incident)) how.set(found.incident, found.how);
      if (this.#link(found.incident, trouble, nowMs)) linked.add(found.incident);
      now.set(found.incident, [...(now.get(found.incident) ?? []), trouble]);
    }
    for (const incident of before) {
      if (now.has(incident)) continue;
      incident.remember();
      incident.set(subject, [], nowMs);
    }
    for (const [incident, of] of now) incident.set(subject, of, nowMs);
    if (now.size === 0) this.#placeOf.delete(key);
    else this.#placeOf.set(key, new Set(now.keys()));
    if (!this.#hasBegun) return [];
    return [
      ...[...how].flatMap(([incident, by]) => this.#news(incident, by, subject, nowMs)),
      ...[...linked].map((one): IncidentChange => ({ kind: 'linked', incident: one.view() })),
    ];
  }

  /** What explains an incident that stays where it is is named by it. @returns whether that is new */
  #link(incident: OpenIncident, trouble: Trouble, nowMs: number): boolean {
    const { needs } = trouble;
    const cause = this.#places.explains(trouble, nowMs);
    if (needs === undefined || cause === undefined || cause === incident) return false;
    if (incident.causedBy?.incident === cause.id) return false;
    incident.causedBy = { incident: cause.id, owner: cause.owner, need: needs };
    return true;
  }

  /** Lets time pass: ends, what a window or a silence held back, digests, reminders. */
  tick(nowMs: number): readonly IncidentChange[] {
    if (!this.#hasBegun) return [];
    const changes: IncidentChange[] = [];
    for (const incident of [...this.#open.values()]) {
      changes.push(...this.#release(incident, nowMs), ...this.#pass(incident, nowMs));
    }
    const digest = this.#storm.flush(nowMs, (id) => this.#open.has(id));
    if (digest === undefined) return changes;
    const { incidents, resolved, sinceMs } = digest;
    for (const incident of incidents) incident.noteTold(nowMs);
    changes.push({
      kind: 'digest',
      incidents: incidents.map((one) => one.view()),
      resolved,
      sinceMs,
    });
    return changes;
  }

  /** Who has not recovered long after the cause has is in trouble for reasons of its own. */
  #release(incident: OpenIncident, nowMs: number): readonly IncidentChange[] {
    const { ownWellSinceMs, hasReleased } = incident;
    const isDue = ownWellSinceMs !== undefined && nowMs - ownWellSinceMs >= recoveryMs;
    if (!isDue || hasReleased || incident.size === 0) return [];
    incident.hasReleased = true;
    return incident
      .othersMembers()
      .flatMap(({ subject, troubles }) => this.set(subject, troubles, nowMs));
  }

  #pass(incident: OpenIncident, nowMs: number): readonly IncidentChange[] {
    const { quietSinceMs } = incident;
    if (quietSinceMs !== undefined) {
      // A clock that was set back must not keep it open for ever.
      if (quietSinceMs > nowMs) incident.quietSinceMs = nowMs;
      return nowMs - quietSinceMs >= this.#holdDownMs(incident) ? this.#end(incident, nowMs) : [];
    }
    if (incident.mutedBy !== undefined) {
      if (this.#isMuted(incident)) return [];
      // The window has closed, and it is not over.
      return incident.told === 0 ? this.#created(incident, nowMs) : this.#updated(incident, nowMs);
    }
    const { intervalMs, maxPerIncident } = this.#rules.reminders;
    const afterMs = intervalMs[incident.severity] ?? intervalMs.default;
    const isDue =
      afterMs !== undefined &&
      incident.told > 0 &&
      incident.reminders < maxPerIncident &&
      nowMs - (incident.toldMs ?? nowMs) >= afterMs;
    if (!isDue || this.#isMuted(incident)) return [];
    incident.reminders += 1;
    incident.noteTold(nowMs);
    return [{ kind: 'updated', incident: incident.view(), why: 'reminder' }];
  }

  #holdDownMs({ reopened }: OpenIncident): number {
    const { resolveHoldDownMs } = this.#rules;
    return Math.max(resolveHoldDownMs, Math.min(resolveHoldDownMs * 2 ** reopened, maxHoldDownMs));
  }

  #isMuted(incident: OpenIncident): boolean {
    incident.mutedBy = this.#deps.mutedBy?.(incident);
    return incident.mutedBy !== undefined;
  }

  #news(
    incident: OpenIncident,
    how: Placed['how'],
    subject: Subject,
    nowMs: number,
  ): readonly IncidentChange[] {
    if (how === 'new') return this.#created(incident, nowMs);
    if (how === 'again') {
      if (incident.told === 0) return this.#created(incident, nowMs);
      if (this.#isMuted(incident)) return [{ kind: 'noted', incident: incident.view() }];
      incident.noteTold(nowMs);
      return [{ kind: 'updated', incident: incident.view(), why: 'again' }];
    }
    const changes = this.#updated(incident, nowMs);
    return changes.length > 0 || how !== 'joined'
      ? changes
      : this.#spread(incident, subject, nowMs);
  }

  #created(incident: OpenIncident, nowMs: number): readonly IncidentChange[] {
    if (this.#isMuted(incident) || this.#storm.holds(incident, nowMs)) {
      return [{ kind: 'noted', incident: incident.view() }];
    }
    incident.noteTold(nowMs);
    return [{ kind: 'created', incident: incident.view() }];
  }

  /** Only what changes the picture: it is worse, or there is something else wrong too. */
  #updated(incident: OpenIncident, nowMs: number): readonly IncidentChange[] {
    if (incident.told === 0) return [];
    const isWorse =
      incident.toldSeverity !== undefined &&
      severities.indexOf(incident.severity) > severities.indexOf(incident.toldSeverity);
    const hasNewReason = incident.reasons.length > incident.toldReasons;
    if (!isWorse && !hasNewReason) return [];
    if (this.#isMuted(incident)) return [];
    // A pull that is tried again, a crash that backs off: the same trouble under its next name.
    const isSame = incident.reasons
      .slice(incident.toldReasons)
      .every((reason) => isNextName(incident.reasons, reason));
    if (!isWorse && isSame) {
      incident.toldReasons = incident.reasons.length;
      return [];
    }
    incident.noteTold(nowMs);
    return [{ kind: 'updated', incident: incident.view(), why: isWorse ? 'severity' : 'reason' }];
  }

  /** Another owner has it too: news when the last message is long ago, or for those of its namespace. */
  #spread(incident: OpenIncident, subject: Subject, nowMs: number): readonly IncidentChange[] {
    if (incident.told === 0 || this.#isMuted(incident)) return [];
    const isOld = nowMs - (incident.toldMs ?? nowMs) > this.#rules.windowMs;
    const { namespace } = subject;
    if (!isOld && (namespace === '' || incident.toldNamespaces.has(namespace))) return [];
    incident.toldNamespaces.add(namespace);
    if (isOld) incident.noteTold(nowMs);
    return [
      {
        kind: 'updated',
        incident: incident.view(),
        why: 'spread',
        onlyNamespace: isOld ? undefined : namespace,
      },
    ];
  }

  #end(incident: OpenIncident, nowMs: number): readonly IncidentChange[] {
    this.#open.delete(incident.id);
    this.#places.end(incident, nowMs);
    const view = incident.view(nowMs);
    // One message for many that began has one for their ends.
    const isQuiet = incident.told === 0 || (incident.isInDigest && incident.told === 1);
    if (isQuiet && incident.told > 0) this.#storm.resolved(view, nowMs);
    return [{ kind: 'resolved', incident: view, isQuiet }];
  }

  #place(trouble: Trouble, nowMs: number): Placed | undefined {
    const known = this.#places.find(trouble, nowMs);
    if (known !== undefined) {
      const isOther = subjectKey(known.owner) !== subjectKey(trouble.owner);
      const isJoining = isOther && known.owner.kind !== 'Node' && !known.has(trouble.subject);
      this.#places.addShares(known, trouble);
      this.#places.addJoined(known, trouble);
      return { incident: known, how: isJoining ? 'joined' : 'known' };
    }
    if (this.#open.size >= this.#rules.maxOpen) return undefined;
    const ended = this.#places.takeEnded(trouble, nowMs);
    ended?.reopen();
    const { owner } = trouble;
    const incident =
      ended ??
      new OpenIncident(
        { id: this.#deps.newId(), owner, cause: trouble, startMs: nowMs },
        this.#rules.escalation,
      );
    this.#add(incident);
    this.#places.addShares(incident, trouble);
    return { incident, how: ended === undefined ? 'new' : 'again' };
  }

  #add(incident: OpenIncident): void {
    this.#open.set(incident.id, incident);
    this.#places.add(incident);
  }
}

/** `joined`: of another owner than that of the incident, and for the first time. */
interface Placed {
  readonly incident: OpenIncident;
  readonly how: 'new' | 'again' | 'known' | 'joined';
}
