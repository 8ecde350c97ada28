import { join } from 'node:path';
import { Journal } from '#alerting';
import { type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import type { LogStore } from '#logs/store';
import type { StateStore } from '#state';
import type { RuleChange } from './changes.ts';
import type {
  AlertInstance,
  AlertRule,
  InstanceAlertSink,
  NotificationSettings,
  PlacedRule,
  QuerySource,
  RuleFolders,
  RuleGroup,
  RuleStatus,
  SampleSink,
} from './contract.ts';
import { type RuleEvaluation, RuleProgram } from './evaluate.ts';
import { StateHistory } from './history.ts';
import { firingLabels } from './preview.ts';
import { type AlertRuleMetrics, alertRuleMetrics } from './rule-metrics.ts';
import { RuleScheduler } from './scheduler.ts';
import { RuleStates } from './states.ts';
import { type NotificationNames, RuleStore } from './store.ts';

export interface AlertRulesDeps {
  readonly state: StateStore;
  readonly logs: LogStore;
  readonly folders: RuleFolders;
  readonly names: NotificationNames;
  readonly source: QuerySource;
  readonly sink: InstanceAlertSink;
  readonly samples: SampleSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** For links, without a slash at its end. */
  readonly externalUrl: string;
  /** Keeps states over restarts. */
  readonly folder: string;
}

/** Rules that the program evaluates itself, with the states of their alerts. */
export class AlertRules implements AsyncDisposable {
  readonly store: RuleStore;
  readonly history: StateHistory;
  readonly source: QuerySource;
  readonly folders: RuleFolders;
  readonly #deps: AlertRulesDeps;
  readonly #log: Logger;
  readonly #journal: Journal;
  readonly #states: RuleStates;
  readonly #scheduler: RuleScheduler;
  readonly #metrics: AlertRuleMetrics;
  readonly #programs = new WeakMap<AlertRule, RuleProgram>();
  readonly #stopping = new AbortController();
  /** Evaluations and endings of one rule follow each other. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #isStarted = false;

  private constructor(store: RuleStore, journal: Journal, deps: AlertRulesDeps) {
    this.#deps = deps;
    this.#log = deps.log.child('alerting/rules');
    this.#journal = journal;
    this.store = store;
    this.source = deps.source;
    this.folders = deps.folders;
    this.history = new StateHistory(deps.logs, this.#log);
    this.#metrics = alertRuleMetrics(deps.metrics, {
      rules: () => store.ruleCount,
      groups: () => store.groups().length,
    });
    this.#states = new RuleStates(
      {
        clock: deps.clock,
        log: this.#log,
        journal,
        sink: deps.sink,
        externalUrl: deps.externalUrl,
        folderTitle: (uid) => deps.folders.get(uid)?.title ?? '',
        onTransitions: (transitions) => this.history.add(transitions),
      },
      (uid) => store.find(uid),
    );
    this.#scheduler = new RuleScheduler({
      clock: deps.clock,
      log: this.#log,
      evaluate: (group, atMs, signal) => this.#evaluateGroup(group, atMs, signal),
      onMissed: (group, missed) => {
        this.#metrics.missed.add(missed);
        this.#log.warn('A group of alert rules takes longer than its interval', {
          group: group.title,
          missed,
        });
      },
    });
    store.onChange((changes) => this.#onChange(changes));
  }

  /** Reads rules and what an earlier run left of their states. Evaluates nothing before `start`. */
  static async open(deps: AlertRulesDeps): Promise<AlertRules> {
    const { state, folders, names, clock } = deps;
    const store = await RuleStore.open({ state, folders, names, clock });
    const journal = await Journal.open(join(deps.folder, 'rules'), deps.log);
    return new AlertRules(store, journal, deps);
  }

  /** Evaluates from now on. */
  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    await this.#states.endStrays();
    this.#scheduler.apply(this.store.groups());
  }

  instances(uid: string): readonly AlertInstance[] {
    return this.#states.instances(uid);
  }

  status(uid: string): RuleStatus {
    return this.#states.status(uid);
  }

  nextEvaluationMs(group: RuleGroup): number {
    return this.#scheduler.nextEvaluationMs(group);
  }

  nowMs(): number {
    return this.#deps.clock.nowMs();
  }

  get externalUrl(): string {
    return this.#deps.externalUrl;
  }

  /** Settings by which rules go past the notification policies, each kind once. */
  notificationSettings(): readonly NotificationSettings[] {
    const found = new Map<string, NotificationSettings>();
    for (const { rules } of this.store.groups()) {
      for (const { notificationSettings: settings } of rules) {
        if (settings !== undefined) found.set(JSON.stringify(settings), settings);
      }
    }
    return [...found.values()];
  }

  /** Resolves when no evaluation and no ending is under way. */
  async idle(): Promise<void> {
    while (this.#turns.size > 0) await Promise.all(this.#turns.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort(new DOMException('Alert rules are stopping', 'AbortError'));
    await this.#scheduler[Symbol.asyncDispose]();
    await this.idle();
    await this.history[Symbol.asyncDispose]();
    await this.#journal[Symbol.asyncDispose]();
  }

  #onChange(changes: readonly RuleChange[]): void {
    for (const { before, after } of changes) {
      if (before === undefined) continue;
      const reason = endReason(before.rule, after?.rule);
      const hasMoved = after !== undefined && before.group.folderUid !== after.group.folderUid;
      if (reason === undefined && !hasMoved) continue;
      const { uid } = before.rule;
      this.#inTurn(uid, () => this.#states.end(before, reason ?? 'Updated'));
    }
    if (this.#isStarted) this.#scheduler.apply(this.store.groups());
  }

  async #evaluateGroup(group: RuleGroup, atMs: number, signal: AbortSignal): Promise<void> {
    for (const { uid } of group.rules) {
      signal.throwIfAborted();
      await this.#inTurn(uid, () => this.#evaluate(uid, atMs, signal));
    }
  }

  async #evaluate(uid: string, atMs: number, signal: AbortSignal): Promise<void> {
    // Rules may have changed since the group began.
    const placed = this.store.find(uid);
    if (placed === undefined || placed.rule.isPaused) return;
    const { clock } = this.#deps;
    const startMs = clock.monotonicMs();
    const evaluation = await this.#resultOf(placed, atMs, signal);
    if (signal.aborted) return;
    const evaluationSeconds = (clock.monotonicMs() - startMs) / 1000;
    this.#metrics.evaluations.add(1);
    this.#metrics.duration.observe(evaluationSeconds);
    if (evaluation.kind === 'error') this.#metrics.failures.add(1);
    this.#states.setStatus(uid, {
      health:
        evaluation.kind === 'error' ? 'error' : evaluation.kind === 'noData' ? 'nodata' : 'ok',
      lastError: evaluation.kind === 'error' ? evaluation.error : '',
      lastEvaluationMs: atMs,
      evaluationSeconds,
    });
    if (placed.rule.record === undefined) await this.#states.apply(placed, evaluation, atMs);
  }

  async #resultOf(placed: PlacedRule, atMs: number, signal: AbortSignal): Promise<RuleEvaluation> {
    const { rule } = placed;
    try {
      let program = this.#programs.get(rule);
      if (program === undefined) {
        program = new RuleProgram(rule);
        this.#programs.set(rule, program);
      }
      const firing = firingLabels(this.#states.instances(rule.uid));
      const context = { atMs, firing, signal };
      if (rule.record === undefined) return await program.evaluate(this.source, context);
      const numbers = await program.record(this.source, context);
      const samples = numbers.map(({ labels, value }) => ({
        labels: { ...labels, ...rule.labels, __name__: rule.record!.metric },
        value: value ?? Number.NaN,
      }));
      await this.#deps.samples.write(samples, atMs);
      return { kind: 'instances', instances: [] };
    } catch (error) {
      return { kind: 'error', error: describeError(error), refId: '', datasourceUid: '' };
    }
  }

  /** Runs after what is under way for the rule. Failures are logged: nobody waits for an ending. */
  #inTurn(uid: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#turns.get(uid) ?? Promise.resolve()).then(work).catch((error: unknown) => {
      this.#log.error('States of an alert rule are not what they should be', {
        rule: uid,
        err: error,
      });
    });
    this.#turns.set(uid, done);
    void done.then(() => {
      if (this.#turns.get(uid) === done) this.#turns.delete(uid);
    });
    return done;
  }
}

/** Undefined: its alerts go on as they are. */
function endReason(
  before: AlertRule,
  after: AlertRule | undefined,
): 'Updated' | 'Paused' | 'RuleDeleted' | undefined {
  if (after === undefined) return 'RuleDeleted';
  if (after.version === before.version) return undefined;
  return after.isPaused && !before.isPaused ? 'Paused' : 'Updated';
}
