import type { Labels } from '#alerting/expressions';
import type {
  AlertInstance,
  InstanceState,
  InstanceValues,
  RuleDefinition,
  StateReason,
} from './contract.ts';

/** What an evaluation says of one instance. */
export interface InstanceResult {
  readonly kind: 'normal' | 'alerting' | 'noData' | 'error';
  readonly values: InstanceValues;
  readonly valueString: string;
  /** Of `error`. */
  readonly error?: string;
}

/** What a text of the alert is at this evaluation. */
export interface InstanceTexts {
  readonly labels: Labels;
  readonly annotations: Labels;
}

export interface StateTiming {
  readonly atMs: number;
  readonly intervalMs: number;
}

/** Alerts are sent again so often; see {@link endOfFiring}. */
export const resendMs = 30_000;
/** Evaluations without a series before its alert is resolved. */
const defaultMissingEvaluations = 2;

/** Until when a receiver may take an alert for firing: a few lost refreshes are no all-clear. */
export const endOfFiring = ({ atMs, intervalMs }: StateTiming): number =>
  atMs + 4 * Math.max(resendMs, intervalMs);

type Timed = Pick<
  RuleDefinition,
  'forMs' | 'keepFiringForMs' | 'noDataState' | 'execErrState' | 'missingSeriesEvals'
>;

/** States in which receivers are told. */
export const isFiring = (state: InstanceState): boolean =>
  state === 'Alerting' || state === 'Recovering' || state === 'NoData' || state === 'Error';

/**
 * The next state of an instance whose series was there, or that an answer without data or a failure is
 * about.
 * @param known as the last evaluation left it; undefined: it is seen for the first time
 */
export function nextInstance(
  known: AlertInstance | undefined,
  identity: { readonly ruleUid: string; readonly resultLabels: Labels },
  result: InstanceResult,
  texts: InstanceTexts,
  rule: Timed,
  timing: StateTiming,
): AlertInstance {
  const { atMs } = timing;
  const previous = withoutFuture(known, atMs);
  const before: InstanceState = previous?.state ?? 'Normal';
  const { state, reason } = decide(previous, result, rule, atMs);
  const startsAtMs = state === before && previous !== undefined ? previous.startsAtMs : atMs;
  const wasFiring = isFiring(before);
  const fires = isFiring(state);
  return {
    ...identity,
    ...texts,
    state,
    reason,
    values: result.values,
    valueString: result.valueString,
    error: result.error ?? '',
    startsAtMs,
    firingSinceMs: fires && !wasFiring ? atMs : previous?.firingSinceMs,
    endsAtMs: fires || state === 'Pending' ? endOfFiring(timing) : atMs,
    lastEvaluationMs: atMs,
    resolvedAtMs: fires ? undefined : wasFiring ? atMs : previous?.resolvedAtMs,
    missedEvaluations: 0,
  };
}

/** A clock that was set back must not make what is pending wait for the time that is gone. */
function withoutFuture(
  instance: AlertInstance | undefined,
  atMs: number,
): AlertInstance | undefined {
  if (instance === undefined || instance.startsAtMs <= atMs) return instance;
  const { firingSinceMs } = instance;
  return {
    ...instance,
    startsAtMs: atMs,
    firingSinceMs: firingSinceMs === undefined ? undefined : Math.min(firingSinceMs, atMs),
  };
}

interface Decision {
  readonly state: InstanceState;
  readonly reason: StateReason;
}

function decide(
  previous: AlertInstance | undefined,
  result: InstanceResult,
  rule: Timed,
  atMs: number,
): Decision {
  switch (result.kind) {
    case 'normal':
      return { state: afterNormal(previous, rule, atMs), reason: '' };
    case 'alerting':
      return { state: afterAlerting(previous, rule, atMs), reason: '' };
    case 'noData':
      return odd(previous, 'NoData', rule.noDataState, rule, atMs);
    case 'error':
      return odd(previous, 'Error', rule.execErrState, rule, atMs);
  }
}

function odd(
  previous: AlertInstance | undefined,
  what: 'NoData' | 'Error',
  choice: 'NoData' | 'Error' | 'Alerting' | 'OK' | 'KeepLast',
  rule: Timed,
  atMs: number,
): Decision {
  switch (choice) {
    case 'NoData':
    case 'Error':
      return { state: what, reason: '' };
    case 'OK':
      return { state: 'Normal', reason: what };
    case 'Alerting':
      return { state: afterAlerting(previous, rule, atMs), reason: what };
    case 'KeepLast':
      return { state: kept(previous, rule, atMs), reason: `${what}, KeepLast` };
  }
}

/** A state goes on as if its last result had come again: Pending becomes Alerting when its time has come. */
function kept(previous: AlertInstance | undefined, rule: Timed, atMs: number): InstanceState {
  switch (previous?.state) {
    case 'Pending':
    case 'Alerting':
      return afterAlerting(previous, rule, atMs);
    case 'Recovering':
      return afterNormal(previous, rule, atMs);
    case undefined:
    case 'Normal':
    case 'NoData':
    case 'Error':
      return 'Normal';
  }
}

function afterAlerting(
  previous: AlertInstance | undefined,
  { forMs }: Timed,
  atMs: number,
): InstanceState {
  switch (previous?.state) {
    case 'Alerting':
    case 'Recovering':
      return 'Alerting';
    case 'Pending':
      return atMs - previous.startsAtMs >= forMs ? 'Alerting' : 'Pending';
    case undefined:
    case 'Normal':
    case 'NoData':
    case 'Error':
      return forMs > 0 ? 'Pending' : 'Alerting';
  }
}

function afterNormal(
  previous: AlertInstance | undefined,
  { keepFiringForMs }: Timed,
  atMs: number,
): InstanceState {
  if (previous?.state === 'Alerting' && keepFiringForMs > 0) return 'Recovering';
  const isRecovering =
    previous?.state === 'Recovering' && atMs - previous.startsAtMs < keepFiringForMs;
  return isRecovering ? 'Recovering' : 'Normal';
}

/**
 * An instance whose series was not in the answer, while others were.
 * @returns undefined when nothing remains to be known of it
 */
export function withoutSeries(
  previous: AlertInstance,
  rule: Timed,
  timing: StateTiming,
): AlertInstance | undefined {
  const missedEvaluations = previous.missedEvaluations + 1;
  if (missedEvaluations < (rule.missingSeriesEvals ?? defaultMissingEvaluations)) {
    return {
      ...previous,
      missedEvaluations,
      endsAtMs: isFiring(previous.state) ? endOfFiring(timing) : previous.endsAtMs,
    };
  }
  return previous.state === 'Normal' ? undefined : ended(previous, 'MissingSeries', timing.atMs);
}

/** An instance that comes to its end whatever the series say. */
export function ended(
  previous: AlertInstance,
  reason: 'MissingSeries' | 'Updated' | 'Paused' | 'RuleDeleted',
  atMs: number,
): AlertInstance {
  return {
    ...previous,
    state: 'Normal',
    reason,
    startsAtMs: atMs,
    endsAtMs: atMs,
    resolvedAtMs: isFiring(previous.state) ? atMs : previous.resolvedAtMs,
  };
}
