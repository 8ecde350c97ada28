import {
  type Expression,
  inOrderOfUse,
  isExpressionUid,
  isNoData,
  type Labels,
  labelsKey,
  type NumberValue,
  type Outcome,
  parseExpression,
  runExpressions,
  type Values,
  valuesOfFrames,
} from '#alerting/expressions';
import { AppError, describeError, isAppError } from '#base';
import type { DataQuery, Frame } from '#dashboards/data-sources';
import type { InstanceValues, QuerySource, RuleDefinition } from './contract.ts';
import type { InstanceResult } from './state.ts';
import { valueIndex, valueStringOf } from './values.ts';

/** What an evaluation says of one label set of the condition. */
export interface EvaluatedInstance extends InstanceResult {
  readonly labels: Labels;
  /** Labels that each value has of its own, by refId. */
  readonly valueLabels: Readonly<Record<string, Labels>>;
}

/** The query that an answer without data, or a failure, came from. */
export interface Culprit {
  readonly refId: string;
  readonly datasourceUid: string;
}

export type RuleEvaluation =
  | { readonly kind: 'instances'; readonly instances: readonly EvaluatedInstance[] }
  | ({ readonly kind: 'noData' } & Culprit)
  | ({ readonly kind: 'error'; readonly error: string } & Culprit);

export interface EvaluationContext {
  readonly atMs: number;
  /** Label sets that fire now, for thresholds with a recovery. */
  readonly firing: readonly Labels[];
  readonly signal: AbortSignal;
}

/** One evaluation may take so long, queries included. */
export const evaluationTimeoutMs = 30_000;
/** Label sets of one rule; more are a query that lacks a `by`. */
export const maxInstances = 10_000;
/** What queries are asked with where the rule says nothing: a point a second, if the range allows it. */
const defaultIntervalMs = 1000;
const defaultMaxDataPoints = 43_200;

type Evaluable = Pick<RuleDefinition, 'data' | 'condition' | 'record'>;

interface Request {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly queries: readonly DataQuery[];
}

/** A rule's queries and expressions, read once and carried out any number of times. */
export class RuleProgram {
  readonly #rule: Evaluable;
  readonly #expressions: readonly Expression[];
  readonly #requests: readonly Request[];

  /** @throws {AppError} EXPRESSION_INVALID */
  constructor(rule: Evaluable) {
    this.#rule = rule;
    const isExpression = ({ datasourceUid }: RuleDefinition['data'][number]): boolean =>
      isExpressionUid(datasourceUid);
    const queries = rule.data.filter((query) => !isExpression(query));
    this.#expressions = inOrderOfUse(
      rule.data.filter(isExpression).map(({ refId, model }) => parseExpression(refId, model)),
      queries.map(({ refId }) => refId),
    );
    const byRange = Map.groupBy(queries, ({ relativeTimeRange: { from, to } }) => `${from} ${to}`);
    this.#requests = [...byRange.values()].map((alike) => ({
      fromSeconds: alike[0]!.relativeTimeRange.from,
      toSeconds: alike[0]!.relativeTimeRange.to,
      queries: alike.map(sourceQuery),
    }));
  }

  /** All outcomes by refId, as they are shown in a preview. Never throws for what a rule has wrong. */
  async outcomes(
    source: QuerySource,
    { atMs, firing, signal }: EvaluationContext,
  ): Promise<ReadonlyMap<string, Outcome>> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(evaluationTimeoutMs)]);
    const answers = await Promise.all(
      this.#requests.map((request) => this.#ask(source, request, atMs, limited)),
    );
    signal.throwIfAborted();
    const queries = new Map(answers.flat());
    const [first] = this.#requests;
    const range = {
      fromMs: atMs - (first?.fromSeconds ?? 600) * 1000,
      toMs: atMs - (first?.toSeconds ?? 0) * 1000,
    };
    const loaded = new Map(this.#expressions.map(({ refId }) => [refId, firing]));
    return runExpressions(this.#expressions, { queries, range, loaded });
  }

  async evaluate(source: QuerySource, context: EvaluationContext): Promise<RuleEvaluation> {
    const outcomes = await this.outcomes(source, context);
    return evaluationOf(this.#rule, outcomes);
  }

  /** Numbers of the result of a recording rule. @throws {AppError} when there are none to be had */
  async record(source: QuerySource, context: EvaluationContext): Promise<readonly NumberValue[]> {
    const outcomes = await this.outcomes(source, context);
    const from = this.#rule.record?.from ?? this.#rule.condition;
    const outcome = outcomes.get(from);
    if (outcome === undefined) return [];
    if ('error' in outcome) throw outcome.error;
    return numbersOf(from, outcome.values);
  }

  async #ask(
    source: QuerySource,
    { fromSeconds, toSeconds, queries }: Request,
    atMs: number,
    signal: AbortSignal,
  ): Promise<readonly (readonly [string, Outcome])[]> {
    const failed = (message: string): { readonly error: AppError } => ({
      error: new AppError('RULE_QUERY_FAILED', message),
    });
    try {
      const range = { fromMs: atMs - fromSeconds * 1000, toMs: atMs - toSeconds * 1000 };
      const answers = await withEnd(source.query({ ...range, queries }, signal), signal);
      return queries.map(({ refId }) => {
        const answer = answers.get(refId);
        if (answer === undefined) return [refId, failed(`query ${refId} has no answer`)];
        if (answer.error !== undefined) {
          return [refId, failed(`failed to execute query ${refId}: ${answer.error}`)];
        }
        return [refId, outcomeOf(answer.frames)];
      });
    } catch (error) {
      const message = signal.aborted
        ? `the evaluation took longer than ${evaluationTimeoutMs / 1000} s`
        : describeError(error);
      return queries.map(({ refId }) => [
        refId,
        failed(`failed to execute query ${refId}: ${message}`),
      ]);
    }
  }
}

/** A data source that does not hear the signal must not hold the rules that come after. */
async function withEnd<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => {});
    ended.catch(() => {});
  }
}

function outcomeOf(frames: readonly Frame[]): Outcome {
  try {
    return { values: valuesOfFrames(frames), frames };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { error: new AppError('RULE_QUERY_FAILED', error.message) };
  }
}

const sourceQuery = ({
  refId,
  queryType,
  datasourceUid,
  model,
}: RuleDefinition['data'][number]): DataQuery => ({
  intervalMs: defaultIntervalMs,
  maxDataPoints: defaultMaxDataPoints,
  ...(queryType === '' ? {} : { queryType }),
  ...model,
  // What is hidden in a panel decides in a rule all the same.
  hide: false,
  refId,
  datasource: { uid: datasourceUid },
});

/** What the outcomes of a rule's queries and expressions mean for its alerts. */
export function evaluationOf(
  rule: Evaluable,
  outcomes: ReadonlyMap<string, Outcome>,
): RuleEvaluation {
  const outcome = outcomes.get(rule.condition);
  if (outcome === undefined) {
    return failure(rule, outcomes, `condition ${rule.condition} was not evaluated`);
  }
  if ('error' in outcome) {
    const culprit = culpritOf(rule, outcomes, isFailed);
    // What failed first says why; what came after it only repeats that.
    const first = outcomes.get(culprit.refId);
    const { message } = first !== undefined && 'error' in first ? first.error : outcome.error;
    return { kind: 'error', error: message, ...culprit };
  }
  if (isNoData(outcome.values))
    return { kind: 'noData', ...culpritOf(rule, outcomes, isWithoutData) };
  try {
    const numbers = numbersOf(rule.condition, outcome.values);
    if (numbers.every(({ value }) => value === null)) {
      return { kind: 'noData', ...culpritOf(rule, outcomes, isWithoutData) };
    }
    const valuesFor = valuesLookup(outcomes);
    const instances = numbers.map(({ labels, value }): EvaluatedInstance => {
      const { values, valueLabels } = valuesFor(labels);
      const kind = value === null ? 'noData' : value === 0 ? 'normal' : 'alerting';
      return {
        kind,
        labels,
        values,
        valueLabels,
        valueString: valueStringOf(values, valueLabels),
      };
    });
    return { kind: 'instances', instances };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return failure(rule, outcomes, error.message);
  }
}

/** @throws {AppError} RULE_RESULT_INVALID when they are no numbers with different labels */
function numbersOf(refId: string, values: Values): readonly NumberValue[] {
  const invalid = (message: string): AppError => new AppError('RULE_RESULT_INVALID', message);
  const numbers: NumberValue[] = [];
  for (const value of values) {
    if (value.kind === 'series') {
      throw invalid(
        `invalid format of evaluation results for the alert definition ${refId}: looks like time series data, only reduced data can be alerted on.`,
      );
    }
    if (value.kind === 'number') numbers.push(value);
    if (value.kind === 'scalar') numbers.push({ kind: 'number', labels: {}, value: value.value });
  }
  if (numbers.length > maxInstances) {
    throw invalid(`the condition has ${numbers.length} results; ${maxInstances} are allowed`);
  }
  const seen = new Set<string>();
  for (const { labels } of numbers) {
    const key = labelsKey(labels);
    if (seen.has(key)) {
      const text = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
      throw invalid(
        `frame cannot uniquely be identified by its labels: has duplicate results with labels {${text.join(', ')}}`,
      );
    }
    seen.add(key);
  }
  return numbers;
}

const isWithoutData = (outcome: Outcome): boolean =>
  'values' in outcome && isNoData(outcome.values);

const isFailed = (outcome: Outcome): boolean => 'error' in outcome;

const failure = (
  rule: Evaluable,
  outcomes: ReadonlyMap<string, Outcome>,
  error: string,
): RuleEvaluation => ({ kind: 'error', error, ...culpritOf(rule, outcomes, isFailed) });

/** The first query of which it holds; else the first query of all. */
function culpritOf(
  { data }: Evaluable,
  outcomes: ReadonlyMap<string, Outcome>,
  holds: (outcome: Outcome) => boolean,
): Culprit {
  const queries = data.filter(({ datasourceUid }) => !isExpressionUid(datasourceUid));
  const found = queries.find(({ refId }) => {
    const outcome = outcomes.get(refId);
    return outcome !== undefined && holds(outcome);
  });
  const { refId = '', datasourceUid = '' } = found ?? queries[0] ?? {};
  return { refId, datasourceUid };
}

/** Finds, for the labels of an instance, the numbers that it was decided by. */
function valuesLookup(outcomes: ReadonlyMap<string, Outcome>): (labels: Labels) => {
  readonly values: InstanceValues;
  readonly valueLabels: Readonly<Record<string, Labels>>;
} {
  const indexes = [...outcomes].flatMap(([refId, outcome]) => {
    if ('error' in outcome) return [];
    const matches = outcome.matches;
    if (matches !== undefined && matches.length > 0) {
      // What met classic conditions has no labels in common with their one result.
      return matches
        .slice(0, 20)
        .map(
          (match, at) =>
            [`${refId}${at}`, () => ({ labels: match.labels, value: match.value })] as const,
        );
    }
    return [[refId, valueIndex(outcome.values)] as const];
  });
  return (labels) => {
    const values: Record<string, number | null> = {};
    const valueLabels: Record<string, Labels> = {};
    for (const [refId, find] of indexes) {
      const found = find(labels);
      if (found === undefined) continue;
      values[refId] = found.value;
      valueLabels[refId] = found.labels;
    }
    return { values, valueLabels };
  };
}
