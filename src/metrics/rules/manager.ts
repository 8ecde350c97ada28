import { globSync, readFileSync } from 'node:fs';
import {
  AppError,
  type Clock,
  describeError,
  isAbortError,
  isAppError,
  type Logger,
  type MetricsRegistry,
  Slots,
} from '#base';
import type { PromqlEngine } from '#metrics/promql';
import type { MetricStore } from '#metrics/tsdb';
import type { AlertSink, RuleGroupConfig } from './contract.ts';
import { type GroupSettings, RuleGroup } from './group.ts';
import { parseRuleFile } from './rule-file.ts';
import { type RuleMetrics, ruleMetrics } from './rule-metrics.ts';

export interface RulesConfig {
  /** Globs, absolute. */
  readonly ruleFiles: readonly string[];
  /** Groups that stand in no file of this machine. */
  readonly groups?: readonly RuleGroupConfig[];
  readonly evaluationIntervalMs: number;
  readonly queryOffsetMs: number;
  readonly externalLabels: Readonly<Record<string, string>>;
  /** Groups that no file has. A rule that the files record too is left to them. */
  readonly builtinGroups?: readonly RuleGroupConfig[];
}

export interface RuleManagerOptions {
  readonly externalUrl: string;
  readonly resendDelayMs?: number;
  readonly outageToleranceMs?: number;
  readonly gracePeriodMs?: number;
}

export interface RuleManagerDeps {
  readonly engine: PromqlEngine;
  readonly store: MetricStore;
  readonly alerts: AlertSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/** Groups that are evaluated at once: rules must not take the machine from queries. */
const maxConcurrentGroups = 4;
/** More rule files than this are a glob gone wrong. */
const maxFiles = 10_000;

/**
 * Loads rule files; all or nothing.
 * @throws {AppError} RULES_INVALID with every problem of every file
 */
export function loadRuleFiles(globs: readonly string[]): readonly RuleGroupConfig[] {
  const files = [...new Set(globs.flatMap((pattern) => [...globSync(pattern)].sort()))];
  if (files.length > maxFiles) {
    throw new AppError(
      'RULES_INVALID',
      `rule_files name ${files.length} files; ${maxFiles} are allowed`,
    );
  }
  const problems: string[] = [];
  const groups: RuleGroupConfig[] = [];
  for (const file of files) {
    try {
      groups.push(...parseRuleFile(file, readFileSync(file, 'utf8')));
    } catch (error) {
      problems.push(
        isAppError(error, 'RULES_INVALID') ? error.message : `${file}: ${describeError(error)}`,
      );
    }
  }
  if (problems.length > 0) throw new AppError('RULES_INVALID', problems.join('\n'));
  return groups;
}

/** Evaluates groups of rules at their times. */
export class RuleManager implements AsyncDisposable {
  readonly #options: RuleManagerOptions;
  readonly #deps: RuleManagerDeps;
  readonly #metrics: RuleMetrics;
  readonly #stopping = new AbortController();
  readonly #loops = new Map<
    string,
    { readonly group: RuleGroup; readonly stop: AbortController; readonly done: Promise<void> }
  >();
  readonly #slots = new Slots(maxConcurrentGroups);
  #applying: Promise<void> = Promise.resolve();

  constructor(options: RuleManagerOptions, deps: RuleManagerDeps) {
    this.#options = options;
    this.#deps = { ...deps, log: deps.log.child('metrics/rules') };
    this.#metrics = ruleMetrics(deps.metrics);
  }

  get groups(): readonly RuleGroup[] {
    return [...this.#loops.values()].map(({ group }) => group);
  }

  /**
   * Goes over to another configuration; rules with equal name and labels keep their state.
   * @throws {AppError} RULES_INVALID; nothing has changed then
   */
  apply(config: RulesConfig): Promise<void> {
    const own = [...loadRuleFiles(config.ruleFiles), ...(config.groups ?? [])];
    const groups = [...own, ...withoutRecords(config.builtinGroups ?? [], own)];
    const done = this.#applying.then(() => this.#apply(groups, config));
    this.#applying = done.catch(() => {});
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('Rules are stopping', 'AbortError'));
    await this.#applying;
    // No markers of the end: the same rules go on after the restart.
    await Promise.all([...this.#loops.values()].map(({ done }) => done));
  }

  async #apply(configs: readonly RuleGroupConfig[], config: RulesConfig): Promise<void> {
    const wanted = new Map<string, RuleGroup>();
    for (const group of configs) {
      const made = new RuleGroup(group, this.#settings(group, config), {
        ...this.#deps,
        metrics: this.#metrics,
      });
      wanted.set(made.key, made);
    }
    for (const [key, loop] of this.#loops) {
      const next = wanted.get(key);
      if (next !== undefined && isSame(loop.group, next)) {
        wanted.delete(key);
        continue;
      }
      loop.stop.abort(new DOMException('The rules changed', 'AbortError'));
      await loop.done;
      this.#loops.delete(key);
      if (next !== undefined) next.adopt(loop.group);
      else {
        this.#metrics.forget(key);
        this.#endLater(loop.group);
      }
    }
    for (const [key, group] of wanted) {
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, this.#stopping.signal]);
      this.#loops.set(key, { group, stop, done: this.#loop(group, signal) });
    }
  }

  #settings(group: RuleGroupConfig, config: RulesConfig): GroupSettings {
    return {
      intervalMs: group.intervalMs ?? config.evaluationIntervalMs,
      queryOffsetMs: group.queryOffsetMs ?? config.queryOffsetMs,
      externalLabels: config.externalLabels,
      externalUrl: this.#options.externalUrl,
      resendDelayMs: this.#options.resendDelayMs ?? 60_000,
      outageToleranceMs: this.#options.outageToleranceMs ?? 3_600_000,
      gracePeriodMs: this.#options.gracePeriodMs ?? 600_000,
    };
  }

  async #loop(group: RuleGroup, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    const { intervalMs } = group.settings;
    let slotMs = group.nextSlotMs(clock.nowMs());
    try {
      for (;;) {
        await clock.sleep(Math.max(0, slotMs - clock.nowMs()), signal);
        {
          using _slot = await this.#slots.take(signal);
          await group.evaluate(slotMs, signal);
        }
        const nowMs = clock.nowMs();
        // Far ahead: somebody set the clock back, and nothing would be evaluated until it is there again.
        const isSetBack = slotMs - nowMs > intervalMs;
        const nextMs = isSetBack
          ? group.nextSlotMs(nowMs)
          : Math.max(slotMs + intervalMs, group.nextSlotMs(nowMs - intervalMs + 1));
        const missed = Math.round((nextMs - slotMs) / intervalMs) - 1;
        if (missed > 0) {
          this.#metrics.missed(group.key, missed);
          log.warn('A group of rules takes longer than its interval: evaluations are left out', {
            group: group.config.name,
            missed,
          });
        }
        slotMs = nextMs;
      }
    } catch (error) {
      if (signal.aborted || isAbortError(error)) return;
      log.error('A group of rules ended', { group: group.config.name, err: error });
    }
  }

  /** Series of a group that is gone end two intervals later: it may have been renamed. */
  #endLater(group: RuleGroup): void {
    const { clock, log } = this.#deps;
    const signal = this.#stopping.signal;
    clock
      .sleep(2 * group.settings.intervalMs, signal)
      .then(() => group.end(clock.nowMs()))
      .catch((error: unknown) => {
        if (!signal.aborted) log.warn('Series of rules that are gone go on', { err: error });
      });
  }
}

/** Groups without what others record: two rules for one series would disturb each other. */
function withoutRecords(
  groups: readonly RuleGroupConfig[],
  others: readonly RuleGroupConfig[],
): readonly RuleGroupConfig[] {
  const taken = new Set(others.flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? [])));
  return groups.flatMap((group) => {
    const rules = group.rules.filter(({ record }) => record === undefined || !taken.has(record));
    return rules.length === 0 ? [] : [{ ...group, rules }];
  });
}

function isSame(a: RuleGroup, b: RuleGroup): boolean {
  return (
    JSON.stringify(a.config) === JSON.stringify(b.config) &&
    JSON.stringify(a.settings) === JSON.stringify(b.settings)
  );
}
