import { isAppError, parseDurationMs } from '#base';
import {
  type ClassicCondition,
  type ClassicReducer,
  classicEvaluators,
  classicReducers,
} from './classic-conditions.ts';
import { invalidExpression } from './errors.ts';
import { parseMath } from './math-parser.ts';
import { type MathNode, variablesOf } from './math-tree.ts';
import { type ReduceMode, type Reducer, reducers } from './reduce.ts';
import { type Resampling, upsamplers } from './resample.ts';
import { identifiersIn } from './sql-tables.ts';
import { type Evaluator, type EvaluatorType, evaluators, type Threshold } from './threshold.ts';

/** Uids of the data source that expressions name; the second is an older form. */
export const isExpressionUid = (uid: string | undefined): boolean =>
  uid === '__expr__' || uid === '-100';

/** One expression, read and checked. */
export type Expression =
  | { readonly kind: 'math'; readonly refId: string; readonly tree: MathNode }
  | {
      readonly kind: 'reduce';
      readonly refId: string;
      readonly input: string;
      readonly reducer: Reducer;
      readonly mode: ReduceMode;
    }
  | {
      readonly kind: 'resample';
      readonly refId: string;
      readonly input: string;
      readonly resampling: Resampling;
    }
  | {
      readonly kind: 'threshold';
      readonly refId: string;
      readonly input: string;
      readonly threshold: Threshold;
    }
  | {
      readonly kind: 'classic_conditions';
      readonly refId: string;
      readonly conditions: readonly ClassicCondition[];
    }
  | {
      readonly kind: 'sql';
      readonly refId: string;
      readonly sql: string;
    };

/**
 * The refIds that it reads, each once.
 * @param known refIds that there are: in SQL any word may be a table
 */
export function inputsOf(
  expression: Expression,
  known: { has(refId: string): boolean },
): readonly string[] {
  switch (expression.kind) {
    case 'math':
      return variablesOf(expression.tree);
    case 'classic_conditions':
      return [...new Set(expression.conditions.map(({ refId }) => refId))];
    case 'reduce':
    case 'resample':
    case 'threshold':
      return [expression.input];
    case 'sql':
      return [...identifiersIn(expression.sql)].filter(
        (name) => known.has(name) && name !== expression.refId,
      );
  }
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objectAt = (value: Json, key: string): Json => (isObject(value[key]) ? value[key] : {});

/** Names of kinds, of what is allowed: `a, b or c`. */
const oneOf = (names: readonly string[]): string => `one of ${names.join(', ')}`;

const maxConditions = 100;
const maxSqlLength = 50_000;

/**
 * Reads the `model` of an expression.
 * @throws {AppError} EXPRESSION_INVALID
 */
export function parseExpression(refId: string, model: Json): Expression {
  const reader = new ModelReader(refId, model);
  switch (model['type']) {
    case 'math':
      return { kind: 'math', refId, tree: reader.math() };
    case 'reduce':
      return {
        kind: 'reduce',
        refId,
        input: reader.input(),
        reducer: reader.reducer('reducer'),
        mode: reader.mode(),
      };
    case 'resample':
      return { kind: 'resample', refId, input: reader.input(), resampling: reader.resampling() };
    case 'threshold':
      return { kind: 'threshold', refId, input: reader.input(), threshold: reader.threshold() };
    case 'classic_conditions':
      return { kind: 'classic_conditions', refId, conditions: reader.conditions() };
    case 'sql':
      return { kind: 'sql', refId, sql: reader.sql() };
    default:
      throw invalidExpression(
        refId,
        `unknown expression type ${JSON.stringify(model['type'] ?? '')}; it must be ${oneOf(['math', 'reduce', 'resample', 'threshold', 'classic_conditions', 'sql'])}`,
      );
  }
}

class ModelReader {
  readonly #refId: string;
  readonly #model: Json;

  constructor(refId: string, model: Json) {
    this.#refId = refId;
    this.#model = model;
  }

  math(): MathNode {
    const { expression } = this.#model;
    if (typeof expression !== 'string') throw this.#bad('expression is missing');
    try {
      return parseMath(expression);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw this.#bad(error.message);
    }
  }

  sql(): string {
    const { expression } = this.#model;
    if (typeof expression !== 'string' || expression.trim() === '') {
      throw this.#bad('no SQL query provided; set "expression" to a SELECT');
    }
    if (expression.length > maxSqlLength) {
      throw this.#bad(`the SQL is longer than ${maxSqlLength} characters`);
    }
    return expression;
  }

  /** The refId that the expression is over; a leading `$` is allowed. */
  input(): string {
    const { expression } = this.#model;
    const name = typeof expression === 'string' ? expression.trim().replace(/^\$\{?|\}$/g, '') : '';
    if (name === '') {
      throw this.#bad('no variable specified to reference for refId; set "expression" to a refId');
    }
    return name;
  }

  reducer(key: string): Reducer {
    const value = this.#model[key];
    const found = reducers.find((one) => one === value);
    if (found === undefined) {
      throw this.#bad(`${key} ${JSON.stringify(value ?? '')} must be ${oneOf(reducers)}`);
    }
    return found;
  }

  mode(): ReduceMode {
    const settings = objectAt(this.#model, 'settings');
    switch (settings['mode'] ?? '') {
      case '':
      case 'strict':
        return { kind: 'strict' };
      case 'dropNN':
        return { kind: 'dropNonNumbers' };
      case 'replaceNN': {
        const replacement = settings['replaceWithValue'];
        if (typeof replacement !== 'number') {
          throw this.#bad('setting replaceWithValue must be specified when mode is replaceNN');
        }
        return { kind: 'replaceNonNumbers', replacement };
      }
      default:
        throw this.#bad(
          `reducer mode ${JSON.stringify(settings['mode'])} is not supported; it must be ${oneOf(['""', 'dropNN', 'replaceNN'])}`,
        );
    }
  }

  resampling(): Resampling {
    const { window, upsampler } = this.#model;
    const found = upsamplers.find((one) => one === upsampler);
    if (found === undefined) {
      throw this.#bad(`upsampler ${JSON.stringify(upsampler ?? '')} must be ${oneOf(upsamplers)}`);
    }
    return {
      windowMs: this.#windowMs(window),
      downsampler: this.reducer('downsampler'),
      upsampler: found,
    };
  }

  threshold(): Threshold {
    const { conditions } = this.#model;
    const [condition] = Array.isArray(conditions) ? conditions : [];
    if (!isObject(condition)) {
      throw this.#bad('threshold expression requires exactly one condition');
    }
    const { evaluator, unloadEvaluator } = condition;
    return {
      evaluator: this.#evaluator(evaluator),
      recovery:
        unloadEvaluator === undefined || unloadEvaluator === null
          ? undefined
          : this.#evaluator(unloadEvaluator),
    };
  }

  conditions(): readonly ClassicCondition[] {
    const { conditions } = this.#model;
    if (!Array.isArray(conditions) || conditions.length === 0) {
      throw this.#bad('classic conditions need at least one condition');
    }
    if (conditions.length > maxConditions) {
      throw this.#bad(`there are ${conditions.length} conditions; ${maxConditions} are allowed`);
    }
    return conditions.map((one: unknown, at) => this.#condition(isObject(one) ? one : {}, at));
  }

  #condition(condition: Json, at: number): ClassicCondition {
    const bad = (why: string): Error => this.#bad(`condition ${at + 1}: ${why}`);
    const { params } = objectAt(condition, 'query');
    const refId: unknown = Array.isArray(params) ? params[0] : undefined;
    if (typeof refId !== 'string' || refId === '') throw bad('query.params must name a refId');
    const { type } = objectAt(condition, 'reducer');
    const reducer = classicReducers.find((one: ClassicReducer) => one === type);
    if (reducer === undefined) {
      throw bad(`reducer ${JSON.stringify(type ?? '')} must be ${oneOf(classicReducers)}`);
    }
    const operator = objectAt(condition, 'operator')['type'] ?? 'and';
    if (operator !== 'and' && operator !== 'or') {
      throw bad(`operator ${JSON.stringify(operator)} must be ${oneOf(['and', 'or'])}`);
    }
    const written = objectAt(condition, 'evaluator');
    const evaluator =
      written['type'] === 'no_value'
        ? { type: 'no_value' as const, params: [] }
        : this.#evaluator(written, classicEvaluators);
    return { refId, reducer, evaluator, operator };
  }

  #evaluator(written: unknown, allowed: readonly string[] = Object.keys(evaluators)): Evaluator {
    const { type, params } = isObject(written) ? written : {};
    if (typeof type !== 'string' || !Object.hasOwn(evaluators, type)) {
      throw this.#bad(`evaluator type ${JSON.stringify(type ?? '')} must be ${oneOf(allowed)}`);
    }
    const wanted = evaluators[type as EvaluatorType];
    const numbers = Array.isArray(params) ? params.map(Number).slice(0, wanted) : [];
    if (numbers.length < wanted || numbers.some(Number.isNaN)) {
      throw this.#bad(`evaluator ${type} needs ${wanted} ${wanted === 1 ? 'number' : 'numbers'}`);
    }
    return { type: type as EvaluatorType, params: numbers };
  }

  #windowMs(window: unknown): number {
    try {
      const windowMs = typeof window === 'string' ? parseDurationMs(window) : 0;
      if (windowMs > 0) return windowMs;
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
    throw this.#bad(`window ${JSON.stringify(window ?? '')} must be a duration such as 30s or 5m`);
  }

  #bad(why: string): Error {
    return invalidExpression(this.#refId, why);
  }
}
