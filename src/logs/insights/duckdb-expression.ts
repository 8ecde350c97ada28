import { pointer, systemColumn } from './duckdb-fields.ts';
import { printCall } from './duckdb-functions.ts';
import { numericText, timeLiteral } from './literals.ts';
import type { Column, PlanExpression } from './plan.ts';
import type { Regex } from './regex.ts';
import { boundedSql, listOfTexts, sqlInteger, sqlNumber, sqlString } from './sql-text.ts';

/** What the printer of stages knows and expressions need. */
export interface PrintEnvironment {
  readonly accountId: string;
  columnSql(column: Column): string;
  /** Text of a discovered field, booleans as 1 and 0. */
  rawSql(raw: Extract<PlanExpression, { kind: 'raw' }>): string;
  /** Values that a subquery gave. */
  subqueryValues(subquery: number): readonly string[];
  /** Whole range of the query in ms. */
  readonly rangeMs: number;
}

/**
 * Prints expressions. `native` gives SQL of the expression's own type (string VARCHAR, number
 * BIGINT or DOUBLE, timestamp BIGINT ms, boolean BOOLEAN never null, json JSON); the others coerce.
 */
export class ExpressionPrinter {
  readonly environment: PrintEnvironment;

  constructor(environment: PrintEnvironment) {
    this.environment = environment;
  }

  native(e: PlanExpression): string {
    switch (e.type) {
      case 'boolean':
        return this.boolean(e);
      case 'json':
        return this.json(e);
      default:
        return this.#value(e);
    }
  }

  /** DOUBLE or BIGINT; null where the value is no number. */
  number(e: PlanExpression): string {
    if (e.kind === 'literal') {
      if (typeof e.value === 'number') return sqlNumber(e.value);
      if (typeof e.value === 'boolean') return e.value ? '1' : '0';
      const parsed = numericText(e.value);
      return parsed === undefined ? 'CAST(NULL AS DOUBLE)' : sqlNumber(parsed);
    }
    switch (e.type) {
      case 'number':
      case 'timestamp':
        return this.#value(e);
      case 'boolean':
        return `CAST(${this.boolean(e)} AS INTEGER)`;
      case 'string':
        return `TRY_CAST(${this.#value(e)} AS DOUBLE)`;
      default:
        return 'CAST(NULL AS DOUBLE)';
    }
  }

  /** A number without the infinities and NaN that text may spell, for aggregates. */
  finite(e: PlanExpression): string {
    const number = this.number(e);
    return e.type === 'string' ? `CASE WHEN isfinite(${number}) THEN ${number} END` : number;
  }

  /** Milliseconds as BIGINT; null for a number too large to be any. */
  millis(e: PlanExpression): string {
    const value = this.number(e);
    return isTimeOfEvent(e) ? value : `TRY_CAST(${value} AS BIGINT)`;
  }

  /** TIMESTAMP; null for milliseconds outside of the engine's calendar. */
  time(e: PlanExpression): string {
    const sql = `make_timestamp(${this.millis(e)} * 1000)`;
    return isTimeOfEvent(e) ? sql : `TRY(${sql})`;
  }

  string(e: PlanExpression): string {
    if (e.kind === 'literal') {
      if (e.value === null) return 'CAST(NULL AS VARCHAR)';
      if (typeof e.value === 'boolean') return e.value ? "'1'" : "'0'";
      return sqlString(typeof e.value === 'number' ? formatNumber(e.value) : e.value);
    }
    switch (e.type) {
      case 'string':
        return this.#value(e);
      case 'number':
        return numberText(this.#value(e));
      case 'timestamp':
        return `strftime(${this.time(e)}, '%Y-%m-%d %H:%M:%S.%g')`;
      case 'boolean':
        return `CASE WHEN ${this.boolean(e)} THEN '1' ELSE '0' END`;
      default:
        return 'CAST(NULL AS VARCHAR)';
    }
  }

  /** A map or a list; null for anything else. */
  json(e: PlanExpression): string {
    if (e.kind === 'access') {
      return `json_extract(${this.json(e.object)}, ${sqlString(pointer(e.steps))})`;
    }
    if (e.type === 'json') return this.#value(e);
    return 'CAST(NULL AS JSON)';
  }

  /** True or false, never null: a missing value makes a comparison false. */
  boolean(e: PlanExpression): string {
    return neverNull(e) ? this.condition(e) : `coalesce(${this.condition(e)}, false)`;
  }

  /** For WHERE: null may stand for false, which lets the engine push the condition down. */
  condition(e: PlanExpression): string {
    switch (e.kind) {
      case 'and':
      case 'or':
        return `(${e.operands.map((one) => this.condition(one)).join(e.kind === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        return `(NOT ${this.boolean(e.operand)})`;
      case 'compare':
        return boundedSql(`(${this.#compare(e)})`);
      case 'contains':
        return `contains(${this.string(e.value)}, ${this.string(e.part)})`;
      case 'matches':
        return matches(this.string(e.value), e.regex);
      case 'in':
        return this.#in(e);
      case 'inList':
        return `list_contains(${listOfTexts(this.json(e.list))}, ${this.string(e.value)})`;
      case 'inSubquery': {
        const values = this.environment.subqueryValues(e.subquery);
        if (values.length === 0) return 'false';
        return `${this.string(e.value)} IN (${values.map(sqlString).join(', ')})`;
      }
      default:
        return this.#truth(e);
    }
  }

  /** A value where a condition is wanted: true unless it is missing, empty, 0 or false. */
  #truth(e: PlanExpression): string {
    if (e.type === 'boolean') return this.#value(e);
    if (e.type === 'number' || e.type === 'timestamp') return `(${this.#value(e)} <> 0)`;
    if (e.type === 'json') return `(${this.#value(e)} IS NOT NULL)`;
    return `(${this.string(e)} NOT IN ('', '0', 'false'))`;
  }

  #value(e: PlanExpression): string {
    switch (e.kind) {
      case 'literal':
        if (typeof e.value === 'boolean') return String(e.value);
        return e.type === 'number' ? this.number(e) : this.string(e);
      case 'column':
        return this.environment.columnSql(e.column);
      case 'system':
        return systemColumn(e.name, this.environment.accountId);
      case 'raw':
        return this.environment.rawSql(e);
      case 'access':
        return `json_extract_string(${this.json(e.object)}, ${sqlString(pointer(e.steps))})`;
      case 'call':
        return boundedSql(printCall(e, this));
      case 'bucket':
        return boundedSql(this.#bucket(e));
      case 'negate':
        return `(-CAST(${this.number(e.operand)} AS DOUBLE))`;
      case 'arithmetic':
        return this.#arithmetic(e);
      default:
        return this.condition(e);
    }
  }

  #arithmetic(e: Extract<PlanExpression, { kind: 'arithmetic' }>): string {
    // In DOUBLE throughout: whole numbers would overflow, and 7 / 2 is 3.5 in this language.
    const left = `CAST(${this.number(e.left)} AS DOUBLE)`;
    const right = `CAST(${this.number(e.right)} AS DOUBLE)`;
    switch (e.operator) {
      case '/':
      case '%':
        return `(${left} ${e.operator} nullif(${right}, 0))`;
      case '^':
        return `pow(${left}, ${right})`;
      default:
        return `(${left} ${e.operator} ${right})`;
    }
  }

  #bucket(e: Extract<PlanExpression, { kind: 'bucket' }>): string {
    const sql = this.#bucketStart(e);
    return isTimeOfEvent(e.value) ? sql : `TRY(${sql})`;
  }

  #bucketStart(e: Extract<PlanExpression, { kind: 'bucket' }>): string {
    const { ms, months } = e.period;
    const value = this.number(e.value);
    const round = e.up ? 'ceil' : 'floor';
    if (months === 0) {
      const shifted = e.offsetMs === 0 ? value : `(${value} - ${sqlInteger(e.offsetMs)})`;
      const start = `CAST(${round}(${shifted} / ${sqlInteger(ms)}) AS BIGINT) * ${sqlInteger(ms)}`;
      return e.offsetMs === 0 ? `(${start})` : `(${start} + ${sqlInteger(e.offsetMs)})`;
    }
    const at = this.time(e.value);
    const month = `(year(${at}) * 12 + month(${at}) - 1)`;
    const first = (index: string): string =>
      `epoch_ms(make_timestamp(CAST(${index} // 12 AS BIGINT), CAST(${index} % 12 + 1 AS BIGINT), 1, 0, 0, 0))`;
    const floored = `(${month} // ${months} * ${months})`;
    if (!e.up) return first(floored);
    return `CASE WHEN ${first(floored)} = ${value} THEN ${first(floored)} ELSE ${first(`(${floored} + ${months})`)} END`;
  }

  #compare(e: Extract<PlanExpression, { kind: 'compare' }>): string {
    const operator = sqlOperators[e.operator];
    const { left, right } = e;
    if (left.type === 'json' || right.type === 'json')
      return e.operator === '!=' ? 'true' : 'false';
    const asTime = timeLiteral(left, right) ?? timeLiteral(right, left);
    if (asTime !== undefined) {
      return left.kind === 'literal'
        ? `${sqlInteger(asTime)} ${operator} ${this.number(right)}`
        : `${this.number(left)} ${operator} ${sqlInteger(asTime)}`;
    }
    const word = booleanWord(left) ?? booleanWord(right);
    if (word !== undefined && (e.operator === '=' || e.operator === '!=')) {
      const other = booleanWord(left) === undefined ? left : right;
      const isIt = `${this.string(other)} IN ('${word}', '${word === 'true' ? '1' : '0'}')`;
      return e.operator === '=' ? isIt : `NOT coalesce(${isIt}, false)`;
    }
    const kinds = [numericKind(left), numericKind(right)];
    if (kinds[0] === 'never' || kinds[1] === 'never') {
      return `${this.string(left)} ${operator} ${this.string(right)}`;
    }
    const numeric = `${this.number(left)} ${operator} ${this.number(right)}`;
    if (kinds[0] === 'always' && kinds[1] === 'always') return numeric;
    const oneIsNumber = kinds.includes('always');
    // Text that equals a number is itself a number, so that the numeric test is all there is.
    if (oneIsNumber && (e.operator === '=' || e.operator === '!=')) return numeric;
    const tests = [left, right]
      .filter((_, index) => kinds[index] === 'maybe')
      .map((one) => `${this.number(one)} IS NOT NULL`);
    return `CASE WHEN ${tests.join(' AND ')} THEN ${numeric} ELSE ${this.string(left)} ${operator} ${this.string(right)} END`;
  }

  #in(e: Extract<PlanExpression, { kind: 'in' }>): string {
    if (e.items.length === 0) return 'false';
    // Plain texts make one set that the engine hashes; the others are compared as = would.
    const isText = (item: PlanExpression): boolean =>
      numericKind(item) === 'never' && booleanWord(item) === undefined;
    const texts = e.items.filter(isText);
    const others = e.items.filter((item) => !isText(item));
    const tests = others.map((item) =>
      this.#compare({
        kind: 'compare',
        operator: '=',
        left: e.value,
        right: item,
        type: 'boolean',
      }),
    );
    if (texts.length > 0) {
      tests.unshift(
        `${this.string(e.value)} IN (${texts.map((one) => this.string(one)).join(', ')})`,
      );
    }
    return `(${tests.join(' OR ')})`;
  }
}

const sqlOperators = {
  '=': '=',
  '!=': 'IS DISTINCT FROM',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
} as const;

/** The store's own times are within the calendar: nothing need be tried. */
const isTimeOfEvent = (e: PlanExpression): boolean => e.kind === 'system' && e.type === 'timestamp';

/** DuckDB's own classes of conditions that give true or false for any input. */
function neverNull(e: PlanExpression): boolean {
  switch (e.kind) {
    case 'not':
      return true;
    case 'and':
    case 'or':
      return e.operands.every(neverNull);
    case 'literal':
      return e.value !== null;
    default:
      return false;
  }
}

/** JSON's booleans are 1 and 0 here; their names are understood too. */
function booleanWord(e: PlanExpression): 'true' | 'false' | undefined {
  if (e.kind !== 'literal') return undefined;
  if (e.value === 'true' || e.value === true) return 'true';
  return e.value === 'false' || e.value === false ? 'false' : undefined;
}

/** Whether an expression's value is a number: in each event, in none, or one must look. */
function numericKind(e: PlanExpression): 'always' | 'never' | 'maybe' {
  if (e.kind === 'literal') {
    if (typeof e.value !== 'string') return e.value === null ? 'never' : 'always';
    return numericText(e.value) === undefined ? 'never' : 'always';
  }
  return e.type === 'string' ? 'maybe' : 'always';
}

/** Whole numbers plain, fractions with at most 4 decimals and no zeros at the end. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value))
    return Math.abs(value) < 1e15 ? String(value) : BigInt(value).toString();
  return String(Number(value.toFixed(4)));
}

/** As `formatCell` writes a number. */
function numberText(sql: string): string {
  return (
    `CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) < 1e15 THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR)` +
    ` ELSE CAST(round(${sql}, 4) AS VARCHAR) END`
  );
}

/** DuckDB takes flags inside the pattern; `contains` and prefixes it finds by itself. */
export function matches(text: string, regex: Regex): string {
  return `regexp_matches(${text}, ${sqlString(regex.source)})`;
}

/**
 * Order of texts with digits by value: each run of digits becomes '0', its length and itself, so
 * that runs sort by length, then value, at the place of digits among other characters.
 */
export function naturalKey(text: string): string {
  return (
    `CASE WHEN regexp_matches(${text}, '[0-9]') THEN array_to_string(list_transform(` +
    `regexp_extract_all(${text}, '(?s)[0-9]+|[^0-9]+'), lambda part: ` +
    `CASE WHEN part[1] BETWEEN '0' AND '9' THEN '0' || chr(CAST(256 + least(length(part), 40000) AS INTEGER)) || part ELSE part END), '')` +
    ` ELSE ${text} END`
  );
}
