import { type Labels, labelsKey } from '#alerting/expressions';
import type { AppError } from '#base';
import { alertLabels, oddNames } from './alert-labels.ts';
import type { AlertInstance, AlertRule, RuleGroup, Transition } from './contract.ts';
import type { EvaluatedInstance, RuleEvaluation } from './evaluate.ts';
import {
  ended,
  endOfFiring,
  type InstanceResult,
  type InstanceTexts,
  isFiring,
  nextInstance,
  type StateTiming,
  withoutSeries,
} from './state.ts';
import { expandTexts } from './template.ts';

/** A rule with what its alerts say. */
export interface RuleScope {
  readonly rule: AlertRule;
  readonly group: Pick<RuleGroup, 'folderUid' | 'title' | 'intervalMs'>;
  readonly folderTitle: string;
  readonly externalUrl: string;
  /** Told of each label or annotation whose template fails. */
  readonly onTextError: (name: string, error: AppError) => void;
}

/** Instances of one rule by the key of their labels. */
export type Instances = ReadonlyMap<string, AlertInstance>;

export interface Step {
  readonly instances: Instances;
  /** Those whose state or its reason has changed. */
  readonly transitions: readonly Transition[];
}

/**
 * What an evaluation makes of a rule's instances. Pure.
 * @param before as the last step left them
 */
export function stepInstances(
  before: Instances,
  evaluation: RuleEvaluation,
  scope: RuleScope,
  atMs: number,
): Step {
  const timing: StateTiming = { atMs, intervalMs: scope.group.intervalMs };
  const after = new Map<string, AlertInstance>();
  for (const seen of resultsOf(before, evaluation, scope.rule)) {
    const key = labelsKey(seen.labels);
    const previous = before.get(key);
    const identity = { ruleUid: scope.rule.uid, resultLabels: seen.labels };
    const texts = textsOf(seen, previous, scope, atMs);
    after.set(key, nextInstance(previous, identity, seen, texts, scope.rule, timing));
  }
  for (const [key, previous] of before) {
    if (after.has(key)) continue;
    const next = unseen(previous, evaluation, scope, timing);
    if (next !== undefined) after.set(key, next);
  }
  return withTransitions(before, after, scope, atMs);
}

/** All instances end: the rule is no longer what it was. */
export function endInstances(
  before: Instances,
  reason: 'Updated' | 'Paused' | 'RuleDeleted',
  scope: RuleScope,
  atMs: number,
): Step {
  const after = new Map(
    [...before].map(([key, instance]) => [key, ended(instance, reason, atMs)] as const),
  );
  const step = withTransitions(before, after, scope, atMs);
  // What was normal has nothing that could end.
  const transitions = step.transitions.filter(({ previousState }) => previousState !== 'Normal');
  return { instances: after, transitions };
}

function withTransitions(
  before: Instances,
  after: ReadonlyMap<string, AlertInstance>,
  { rule, group }: RuleScope,
  atMs: number,
): Step {
  const transitions: Transition[] = [];
  for (const [key, instance] of after) {
    const { state = 'Normal', reason = '' } = before.get(key) ?? {};
    if (state === instance.state && reason === instance.reason) continue;
    transitions.push({
      atMs,
      previousState: state,
      previousReason: reason,
      instance,
      rule,
      group,
    });
  }
  return { instances: after, transitions };
}

type Seen = Omit<EvaluatedInstance, 'kind'> & Pick<InstanceResult, 'kind' | 'error'>;

/** What is told of which label sets. */
function resultsOf(
  before: Instances,
  evaluation: RuleEvaluation,
  rule: AlertRule,
): readonly Seen[] {
  if (evaluation.kind === 'instances') return evaluation.instances;
  const { kind, refId, datasourceUid } = evaluation;
  const error = evaluation.kind === 'error' ? { error: evaluation.error } : {};
  const nothing = { kind, values: {}, valueLabels: {}, valueString: '', ...error };
  const choice = kind === 'noData' ? rule.noDataState : rule.execErrState;
  if (choice === 'NoData' || choice === 'Error') {
    const labels = {
      alertname: oddNames[kind],
      datasource_uid: datasourceUid,
      ref_id: refId,
      rulename: rule.title,
    };
    return [{ ...nothing, labels }];
  }
  const known = [...before.values()].filter(({ resultLabels }) => !isOdd(resultLabels));
  // An alert that stands for the rule as a whole, where nothing has been seen yet.
  if (known.length === 0) return [{ ...nothing, labels: {} }];
  return known.map(({ resultLabels, values, valueString }) => ({
    ...nothing,
    labels: resultLabels,
    values,
    valueString,
  }));
}

const isOdd = ({ alertname, rulename }: Labels): boolean =>
  rulename !== undefined && (alertname === oddNames.noData || alertname === oddNames.error);

function unseen(
  previous: AlertInstance,
  evaluation: RuleEvaluation,
  { rule }: RuleScope,
  timing: StateTiming,
): AlertInstance | undefined {
  if (isOdd(previous.resultLabels)) {
    // It stood for an answer that was missing: here is one, or another trouble.
    return previous.state === 'Normal' ? undefined : ended(previous, 'MissingSeries', timing.atMs);
  }
  // A failure says nothing of series: what fired goes on until somebody knows better.
  if (evaluation.kind === 'error') {
    return isFiring(previous.state) ? { ...previous, endsAtMs: endOfFiring(timing) } : previous;
  }
  return withoutSeries(previous, rule, timing);
}

/** Texts are filled in where somebody reads them: annotations of what is normal are not. */
function textsOf(
  seen: Seen,
  previous: AlertInstance | undefined,
  scope: RuleScope,
  atMs: number,
): InstanceTexts {
  const { rule, group, folderTitle, externalUrl, onTextError } = scope;
  const templateScope = {
    labels: { ...seen.labels, alertname: rule.title, grafana_folder: folderTitle },
    values: seen.values,
    valueLabels: seen.valueLabels,
    valueString: seen.valueString,
    externalUrl,
    nowMs: atMs,
  };
  const own = expandTexts(rule.labels, templateScope, onTextError);
  const labels = alertLabels(rule, group, folderTitle, { result: seen.labels, own });
  const isQuiet = seen.kind === 'normal' && (previous?.state ?? 'Normal') === 'Normal';
  const annotations = isQuiet
    ? (previous?.annotations ?? {})
    : expandTexts(rule.annotations, templateScope, onTextError);
  return { labels, annotations };
}
