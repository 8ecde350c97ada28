import type { Outcome } from '#alerting/expressions';
import type { AlertInstance, PlacedRule, QuerySource, Transition } from './contract.ts';
import { RuleProgram } from './evaluate.ts';
import { type Instances, stepInstances } from './instances.ts';
import { isFiring } from './state.ts';

/** Steps of one look back; more take too long to wait for. */
export const maxBacktestSteps = 1500;

/** States that a rule would have had over time. */
export interface Backtest {
  readonly timesMs: readonly number[];
  /** By label set, in the order of their first appearance: a state per time, or undefined where it was not. */
  readonly instances: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly states: readonly (AlertInstance['state'] | undefined)[];
  }[];
  readonly transitions: readonly Transition[];
  /** How often an instance began to fire: each would have been told. */
  readonly fired: number;
  /** How often one that fired was over. */
  readonly resolved: number;
  /** Of the last step. */
  readonly final: readonly AlertInstance[];
}

/** What all queries and expressions of a rule come to now. @throws {AppError} EXPRESSION_INVALID */
export const previewRule = (
  rule: ConstructorParameters<typeof RuleProgram>[0],
  source: QuerySource,
  context: { readonly atMs: number; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Outcome>> =>
  new RuleProgram(rule).outcomes(source, { ...context, firing: [] });

/**
 * Evaluates a rule for each step of a time that has passed, as it would have been then. Nothing is told,
 * nothing is kept.
 * @throws {AppError} EXPRESSION_INVALID; RangeError for too many steps
 */
export async function backtest(
  placed: PlacedRule,
  source: QuerySource,
  {
    fromMs,
    toMs,
    signal,
    folderTitle,
    onStep,
  }: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly signal: AbortSignal;
    readonly folderTitle: string;
    /** Told of each evaluation that is done, and of how many there are. */
    readonly onStep?: (done: number, total: number) => void;
  },
): Promise<Backtest> {
  const { rule, group } = placed;
  const steps = Math.floor((toMs - fromMs) / group.intervalMs) + 1;
  if (!(steps >= 1) || steps > maxBacktestSteps) {
    throw new RangeError(
      `the range has ${steps} evaluations; 1 to ${maxBacktestSteps} are allowed`,
    );
  }
  const program = new RuleProgram(rule);
  const scope = { rule, group, folderTitle, externalUrl: '', onTextError: () => {} };
  const timesMs = Array.from({ length: steps }, (_, at) => fromMs + at * group.intervalMs);
  const seen = new Map<
    string,
    { labels: AlertInstance['resultLabels']; states: (AlertInstance['state'] | undefined)[] }
  >();
  const transitions: Transition[] = [];
  let instances: Instances = new Map();
  for (const [at, atMs] of timesMs.entries()) {
    signal.throwIfAborted();
    const firing = firingLabels(instances.values());
    const evaluation = await program.evaluate(source, { atMs, firing, signal });
    const step = stepInstances(instances, evaluation, scope, atMs);
    transitions.push(...step.transitions);
    for (const [key, { resultLabels, state }] of step.instances) {
      const line = seen.get(key) ?? { labels: resultLabels, states: timesMs.map(() => undefined) };
      line.states[at] = state;
      seen.set(key, line);
    }
    instances = step.instances;
    onStep?.(at + 1, steps);
  }
  return {
    timesMs,
    instances: [...seen.values()],
    transitions,
    fired: transitions.filter((one) => !isFiring(one.previousState) && isFiring(one.instance.state))
      .length,
    resolved: transitions.filter(
      (one) => isFiring(one.previousState) && !isFiring(one.instance.state),
    ).length,
    final: [...instances.values()],
  };
}

/** Label sets that are over a threshold since earlier. */
export const firingLabels = (instances: Iterable<AlertInstance>): AlertInstance['labels'][] =>
  [...instances]
    .filter(({ state }) => state === 'Alerting' || state === 'Recovering')
    .map(({ resultLabels }) => resultLabels);
