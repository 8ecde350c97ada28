import { fingerprintOf, type Journal } from '#alerting';
import { labelsKey } from '#alerting/expressions';
import type { Clock, Logger } from '#base';
import { sentAnnotations } from './alert-labels.ts';
import type {
  AlertInstance,
  AlertRule,
  InstanceAlert,
  InstanceAlertSink,
  PlacedRule,
  RuleStatus,
  Transition,
} from './contract.ts';
import type { RuleEvaluation } from './evaluate.ts';
import {
  endInstances,
  type Instances,
  type RuleScope,
  type Step,
  stepInstances,
} from './instances.ts';
import { isFiring, resendMs } from './state.ts';

/** Where states outlive the program. */
export type StateJournal = Pick<Journal, 'table' | 'set'>;

interface StatesDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly journal: StateJournal;
  readonly sink: InstanceAlertSink;
  readonly externalUrl: string;
  readonly folderTitle: (uid: string) => string;
  readonly onTransitions: (transitions: readonly Transition[]) => void;
}

/** An instance as it is kept; normal ones are not. */
interface KeptInstance {
  readonly ruleVersion: number;
  readonly instance: AlertInstance;
}

interface Entry {
  instances: Instances;
  /** When receivers were told last of an instance, by its key. */
  readonly sentMs: Map<string, number>;
  status: RuleStatus;
}

const table = 'instance';

const unknownStatus: RuleStatus = {
  health: 'unknown',
  lastError: '',
  lastEvaluationMs: undefined,
  evaluationSeconds: 0,
};

/** States of all rules' instances: takes evaluations, keeps what must outlive the program, tells the engine. */
export class RuleStates {
  readonly #deps: StatesDeps;
  readonly #entries = new Map<string, Entry>();

  /** What an earlier run left of rules that are different now, or gone. */
  #strays: readonly AlertInstance[];

  /**
   * Takes over what an earlier run left: clocks of what is pending go on.
   * @param find rules that there are
   */
  constructor(deps: StatesDeps, find: (uid: string) => PlacedRule | undefined) {
    this.#deps = deps;
    const strays: AlertInstance[] = [];
    for (const value of deps.journal.table(table).values()) {
      const { ruleVersion, instance } = value as KeptInstance;
      if (find(instance.ruleUid)?.rule.version !== ruleVersion) {
        strays.push(instance);
        continue;
      }
      const entry = this.#entry(instance.ruleUid);
      entry.instances = new Map([...entry.instances, [labelsKey(instance.resultLabels), instance]]);
    }
    this.#strays = strays;
  }

  /** Resolves what fired for rules that changed just before the program ended. */
  async endStrays(): Promise<void> {
    const atMs = this.#deps.clock.nowMs();
    const firing = this.#strays.filter(({ state }) => isFiring(state));
    const resolved = firing.map((one) => ({ ...this.#alertOf(one), endsAtMs: atMs }));
    if (resolved.length > 0) await this.#deps.sink.put(resolved);
    await Promise.all(this.#strays.map((one) => this.#keep(journalKey(one), undefined)));
    this.#strays = [];
  }

  instances(uid: string): readonly AlertInstance[] {
    return [...(this.#entries.get(uid)?.instances.values() ?? [])];
  }

  status(uid: string): RuleStatus {
    return this.#entries.get(uid)?.status ?? unknownStatus;
  }

  setStatus(uid: string, status: RuleStatus): void {
    this.#entry(uid).status = status;
  }

  /** Takes an evaluation; resolves when the engine has what it is to be told. */
  async apply(placed: PlacedRule, evaluation: RuleEvaluation, atMs: number): Promise<void> {
    const entry = this.#entry(placed.rule.uid);
    const step = stepInstances(entry.instances, evaluation, this.#scope(placed), atMs);
    await this.#take(placed.rule, entry, step, atMs);
  }

  /** The rule is another one, paused or gone: what fired is over. */
  async end(placed: PlacedRule, reason: 'Updated' | 'Paused' | 'RuleDeleted'): Promise<void> {
    const { uid } = placed.rule;
    const entry = this.#entries.get(uid);
    if (entry === undefined) return;
    const atMs = this.#deps.clock.nowMs();
    const step = endInstances(entry.instances, reason, this.#scope(placed), atMs);
    await this.#take(placed.rule, entry, step, atMs);
    this.#entries.delete(uid);
  }

  #scope({ rule, group }: PlacedRule): RuleScope {
    const { log, externalUrl, folderTitle } = this.#deps;
    return {
      rule,
      group,
      folderTitle: folderTitle(group.folderUid),
      externalUrl,
      onTextError: (name, error) =>
        log.warn('A template of an alert rule failed', {
          rule: rule.uid,
          name,
          reason: error.message,
        }),
    };
  }

  async #take(rule: AlertRule, entry: Entry, step: Step, atMs: number): Promise<void> {
    const changed = new Set(step.transitions.map(({ instance }) => instance));
    const kept: Promise<void>[] = [];
    for (const [key, previous] of entry.instances) {
      if (!step.instances.has(key)) kept.push(this.#keep(journalKey(previous), undefined));
    }
    entry.instances = step.instances;
    for (const instance of step.instances.values()) {
      if (changed.has(instance)) kept.push(this.#keepInstance(rule, instance));
    }
    if (step.transitions.length > 0) this.#deps.onTransitions(step.transitions);
    // Nobody is told of what a crash right after would make unknown.
    await Promise.all(kept);
    await this.#send(rule, entry, atMs);
  }

  async #send(rule: AlertRule, entry: Entry, atMs: number): Promise<void> {
    const due = [...entry.instances].filter(([key, { state, resolvedAtMs }]) => {
      if (resolvedAtMs !== undefined) return true;
      if (!isFiring(state)) return false;
      const lastMs = entry.sentMs.get(key);
      // A clock that was set back must not keep what fires from being refreshed.
      return lastMs === undefined || lastMs > atMs || atMs - lastMs >= resendMs;
    });
    if (due.length === 0) {
      this.#forget(entry);
      return;
    }
    try {
      const problems = await this.#deps.sink.put(due.map(([, one]) => this.#alertOf(one)));
      if (problems.length > 0) {
        this.#deps.log.warn('Alerts of a rule are not taken', {
          rule: rule.uid,
          count: problems.length,
          reason: problems[0],
        });
      }
    } catch (error) {
      // They are due again at the next evaluation.
      this.#deps.log.error('Alerts of a rule are not kept on disk', { rule: rule.uid, err: error });
      return;
    }
    this.#told(rule, entry, due, atMs);
  }

  #told(
    rule: AlertRule,
    entry: Entry,
    told: readonly (readonly [string, AlertInstance])[],
    atMs: number,
  ): void {
    const instances = new Map(entry.instances);
    for (const [key, instance] of told) {
      if (isFiring(instance.state)) {
        entry.sentMs.set(key, atMs);
        continue;
      }
      entry.sentMs.delete(key);
      const calm = { ...instance, resolvedAtMs: undefined, firingSinceMs: undefined };
      instances.set(key, calm);
      void this.#keepInstance(rule, calm);
    }
    entry.instances = instances;
    this.#forget(entry);
  }

  /** What has ended for good and was told of is known no longer. */
  #forget(entry: Entry): void {
    const isOver = ({ state, reason, resolvedAtMs }: AlertInstance): boolean =>
      state === 'Normal' && reason === 'MissingSeries' && resolvedAtMs === undefined;
    if (![...entry.instances.values()].some(isOver)) return;
    entry.instances = new Map([...entry.instances].filter(([, instance]) => !isOver(instance)));
  }

  #keepInstance(rule: AlertRule, instance: AlertInstance): Promise<void> {
    const isWorthIt = instance.state !== 'Normal' || instance.resolvedAtMs !== undefined;
    const kept: KeptInstance = { ruleVersion: rule.version, instance };
    return this.#keep(journalKey(instance), isWorthIt ? kept : undefined);
  }

  /** Resolves when it is on disk; a failure is in the log, and what is in memory counts. */
  async #keep(key: string, value: KeptInstance | undefined): Promise<void> {
    try {
      await this.#deps.journal.set(table, key, value);
    } catch (error) {
      this.#deps.log.error('States of alert rules are not kept on disk', { err: error });
    }
  }

  #alertOf(instance: AlertInstance): InstanceAlert {
    return {
      labels: instance.labels,
      annotations: sentAnnotations(instance),
      startsAtMs: instance.firingSinceMs ?? instance.startsAtMs,
      endsAtMs: instance.resolvedAtMs ?? instance.endsAtMs,
      generatorUrl: `${this.#deps.externalUrl}/alerting/grafana/${instance.ruleUid}/view?orgId=1`,
    };
  }

  #entry(uid: string): Entry {
    let entry = this.#entries.get(uid);
    if (entry === undefined) {
      entry = { instances: new Map(), sentMs: new Map(), status: unknownStatus };
      this.#entries.set(uid, entry);
    }
    return entry;
  }
}

const journalKey = ({ ruleUid, resultLabels }: AlertInstance): string =>
  `${ruleUid}/${fingerprintOf(resultLabels)}`;
