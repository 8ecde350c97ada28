import type { ArithmeticOperator, CompareOperator } from './ast.ts';
import type { PathSegment } from './lexer.ts';
import type { Period } from './period.ts';
import type { Regex } from './regex.ts';

/** The checked query: names resolved, types known, no dialect of SQL in it. */

export type ValueType = 'string' | 'number' | 'timestamp' | 'boolean' | 'json';

/** A value that a stage makes for every row. */
export interface Column {
  readonly id: number;
  readonly name: string;
  readonly type: ValueType;
}

export type SystemField =
  | '@timestamp'
  | '@ingestionTime'
  | '@message'
  | '@logStream'
  | '@log'
  | '@logGroup'
  | '@ptr';

export type PlanExpression = { readonly type: ValueType } & (
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'system'; readonly name: SystemField }
  /** A field discovered in the message; text, or null where an event lacks it. */
  | { readonly kind: 'raw'; readonly name: string; readonly path: readonly PathSegment[] }
  | { readonly kind: 'access'; readonly object: PlanExpression; readonly steps: readonly string[] }
  | {
      readonly kind: 'call';
      /** Lower case. */
      readonly name: string;
      readonly args: readonly PlanExpression[];
      readonly regex?: Regex;
    }
  | {
      readonly kind: 'bucket';
      readonly value: PlanExpression;
      readonly period: Period;
      readonly up: boolean;
      readonly offsetMs: number;
    }
  | { readonly kind: 'not' | 'negate'; readonly operand: PlanExpression }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: PlanExpression;
      readonly right: PlanExpression;
    }
  | {
      readonly kind: 'compare';
      readonly operator: CompareOperator;
      readonly left: PlanExpression;
      readonly right: PlanExpression;
    }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly PlanExpression[] }
  | { readonly kind: 'contains'; readonly value: PlanExpression; readonly part: PlanExpression }
  | { readonly kind: 'matches'; readonly value: PlanExpression; readonly regex: Regex }
  | {
      readonly kind: 'in';
      readonly value: PlanExpression;
      readonly items: readonly PlanExpression[];
    }
  /** Membership in a JSON list. */
  | { readonly kind: 'inList'; readonly value: PlanExpression; readonly list: PlanExpression }
  /** Membership in the result of a subquery, which runs first. */
  | { readonly kind: 'inSubquery'; readonly value: PlanExpression; readonly subquery: number }
);

export interface Aggregate {
  readonly column: Column;
  /** Lower case. */
  readonly name: string;
  readonly args: readonly PlanExpression[];
  /** Of rate() and the …_over_time() functions. */
  readonly periodMs?: number;
}

export interface PlanSortKey {
  readonly expression: PlanExpression;
  readonly descending: boolean;
}

export type Stage =
  | { readonly kind: 'extend'; readonly column: Column; readonly expression: PlanExpression }
  | { readonly kind: 'filter'; readonly condition: PlanExpression }
  | {
      readonly kind: 'parse';
      readonly source: PlanExpression;
      readonly regex: Regex;
      /** By number of the capturing group, from 1. */
      readonly captures: readonly { readonly group: number; readonly column: Column }[];
      /** One row per match instead of the first match only. */
      readonly multi: boolean;
    }
  | { readonly kind: 'logfmt'; readonly source: PlanExpression; readonly column: Column }
  | { readonly kind: 'csv'; readonly source: PlanExpression; readonly columns: readonly Column[] }
  | { readonly kind: 'unnest'; readonly list: PlanExpression; readonly column: Column }
  | {
      readonly kind: 'aggregate';
      readonly keys: readonly { readonly column: Column; readonly expression: PlanExpression }[];
      readonly aggregates: readonly Aggregate[];
    }
  | { readonly kind: 'sort'; readonly keys: readonly PlanSortKey[] }
  | { readonly kind: 'limit'; readonly rows: number }
  | { readonly kind: 'dedup'; readonly keys: readonly PlanExpression[] }
  | {
      readonly kind: 'pattern';
      readonly source: PlanExpression;
      readonly columns: PatternColumns;
      /** How far back the other time range lies. */
      readonly diff: DiffColumns | undefined;
    }
  | {
      readonly kind: 'anomaly';
      readonly score: Column;
    }
  | {
      readonly kind: 'window';
      readonly function: 'filldown' | 'accum' | 'lag';
      readonly source: PlanExpression;
      readonly column: Column;
      readonly distance: number;
    }
  | {
      readonly kind: 'lookup';
      /** Index in the plan's `lookups`. */
      readonly lookup: number;
      /** Values to find among the lookup's keys, in their order. */
      readonly keys: readonly PlanExpression[];
      /** In the order of the lookup's outputs; a value of `existing` stays as it is. */
      readonly outputs: readonly {
        readonly column: Column;
        readonly existing: PlanExpression | undefined;
      }[];
    }
  | {
      readonly kind: 'join';
      /** Keep rows without a match. */
      readonly isLeft: boolean;
      readonly keys: readonly { readonly left: PlanExpression; readonly right: PlanExpression }[];
      /** The other side: its stages stand on events of its own, and so do their columns. */
      readonly right: Pick<Plan, 'stages' | 'source' | 'isEvents'>;
      /** What is taken from the other side: its expression, and the column that it becomes here. */
      readonly columns: readonly { readonly column: Column; readonly expression: PlanExpression }[];
    }
  | {
      readonly kind: 'totals';
      readonly row: { readonly column: Column; readonly parts: readonly Column[] } | undefined;
      /** Columns summed in one more row at the end. */
      readonly sums: readonly Column[];
    };

export interface PatternColumns {
  readonly pattern: Column;
  readonly sampleCount: Column;
  /** Counts in twenty slices of the range; only where it is asked for by name. */
  readonly slices: Column;
  readonly ratio: Column;
  readonly severityLabel: Column;
}

export interface DiffColumns {
  readonly shift: 'range' | 'previousday' | 'previousweek' | 'previousmonth';
  readonly previousCount: Column;
  readonly difference: Column;
  readonly differencePercent: Column;
}

export interface OutputColumn {
  readonly name: string;
  readonly expression: PlanExpression;
  readonly isTimeBin: boolean;
  readonly isAggregate: boolean;
}

export interface Plan {
  readonly stages: readonly Stage[];
  readonly output: readonly OutputColumn[];
  /** Rows are events (each has a @ptr), newest first unless sorted. */
  readonly isEvents: boolean;
  /** The text's own last limit, if it has one. */
  readonly limit: number | undefined;
  /** `limit any N`: the first rows found will do. */
  readonly limitAny: boolean;
  readonly subqueries: readonly { readonly plan: Plan; readonly source: PlanSource | undefined }[];
  readonly source: PlanSource | undefined;
  readonly lookups: readonly PlanLookup[];
}

/** Columns of a lookup table: values that find a row, and what is taken out of it. */
export interface PlanLookup {
  readonly table: string;
  readonly keys: readonly string[];
  readonly outputs: readonly string[];
}

export interface PlanSource {
  /** Exact names; empty with no prefixes: all groups. */
  readonly names: readonly string[];
  readonly namePrefixes: readonly string[];
}

/** What the checker must know besides the text. */
export interface QueryContext {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  /** Columns of each lookup table by name; undefined: not known, all names will do. */
  readonly lookupTables?: ReadonlyMap<string, readonly string[]>;
}

export type JoinStage = Extract<Stage, { kind: 'join' }>;

/** The plan's join; there is one at most. */
export function joinOf(plan: Pick<Plan, 'stages'>): JoinStage | undefined {
  return plan.stages.find((stage) => stage.kind === 'join');
}

/** Calls `visit` for the expression and all inside it. */
export function walk(expression: PlanExpression, visit: (one: PlanExpression) => void): void {
  visit(expression);
  for (const child of children(expression)) walk(child, visit);
}

export function children(expression: PlanExpression): readonly PlanExpression[] {
  switch (expression.kind) {
    case 'literal':
    case 'column':
    case 'system':
    case 'raw':
      return [];
    case 'access':
      return [expression.object];
    case 'call':
      return expression.args;
    case 'bucket':
    case 'matches':
    case 'inSubquery':
      return [expression.value];
    case 'not':
    case 'negate':
      return [expression.operand];
    case 'arithmetic':
    case 'compare':
      return [expression.left, expression.right];
    case 'and':
    case 'or':
      return expression.operands;
    case 'contains':
      return [expression.value, expression.part];
    case 'in':
      return [expression.value, ...expression.items];
    case 'inList':
      return [expression.value, expression.list];
    default:
      expression satisfies never;
      return [];
  }
}

/** The conditions that must all hold. */
export function conjuncts(condition: PlanExpression): readonly PlanExpression[] {
  return condition.kind === 'and' ? condition.operands.flatMap(conjuncts) : [condition];
}

export function columnOf(column: Column): PlanExpression {
  return { kind: 'column', column, type: column.type };
}
