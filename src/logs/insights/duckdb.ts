import { printAggregate } from './duckdb-aggregates.ts';
import { ExpressionPrinter, naturalKey, type PrintEnvironment } from './duckdb-expression.ts';
import { extractAll, fieldFromExtracted, inlineField, jsonPointers } from './duckdb-fields.ts';
import { ofGroups, printJoin } from './duckdb-join.ts';
import { printAnomaly, printPattern } from './duckdb-patterns.ts';
import {
  type Column,
  conjuncts,
  type Plan,
  type PlanExpression,
  type QueryContext,
  type Stage,
  walk,
} from './plan.ts';
import { sqlInteger, sqlString, TooComplexError } from './sql-text.ts';

/**
 * A plan as one DuckDB SELECT. Each stage wraps the SELECT before it; the names of people's fields
 * never become SQL identifiers: columns are c1, c2… inside and o0, o1… in the result.
 */
export interface PrintOptions {
  /** What stands after FROM: columns as ScanPart.relation promises. */
  readonly relation: string;
  readonly accountId: string;
  readonly context: QueryContext;
  /** Rows at most when the text has no limit; undefined: all. */
  readonly maxRows: number | undefined;
  /** Where the plan has a join: log groups of its own events, and of those on the other side. */
  readonly sides?: { readonly own: readonly string[]; readonly joined: readonly string[] };
  readonly subqueryValues?: readonly (readonly string[])[];
  /** The relation's column that holds a field's text, where it has one. */
  readonly fieldColumn?: (raw: Raw) => string | undefined;
}

/** Each stage stands around the one before; the engine parses no more than a thousand levels. */
const maxWraps = 450;

export type Raw = Extract<PlanExpression, { kind: 'raw' }>;

/**
 * Columns o0, o1… as the plan's output; where rows are events also log_group, ts_ms and seq, which
 * name the event; where they are aggregates `matched`, the number of events aggregated.
 */
export function printRows(plan: Plan, options: PrintOptions): string {
  const printer = new StagePrinter(options);
  for (const stage of plan.stages) printer.stage(stage);
  return printOutput(plan, printer, options);
}

function printOutput(plan: Plan, printer: StagePrinter, options: PrintOptions): string {
  printer.finish(plan.limit === undefined ? options.maxRows : undefined);
  printer.need(plan.output.map((one) => one.expression));
  const columns = plan.output.map((one, index) => {
    const sql =
      one.expression.type === 'json'
        ? `CAST(${printer.expressions.json(one.expression)} AS VARCHAR)`
        : printer.expressions.native(one.expression);
    return `${sql} AS o${index}`;
  });
  if (plan.isEvents) columns.push('log_group', 'ts_ms', 'seq');
  else if (printer.hasMatched) columns.push('matched');
  return `SELECT ${columns.join(', ')} FROM ${printer.relation}`;
}

/** Equal bins of time; the first begins at `fromMs`. */
export interface Bins {
  readonly fromMs: number;
  readonly binMs: number;
}

const binOf = (bins: Bins): string =>
  `((ts_ms - ${sqlInteger(bins.fromMs)}) // ${sqlInteger(bins.binMs)})`;

/**
 * Rows and histogram of a plan whose first merging stage is stats, with one pass over the events:
 * run `create`, then the others in any order. Undefined for other plans.
 */
export function printAggregation(
  plan: Plan,
  options: PrintOptions,
  bins: Bins,
): { readonly create: string; readonly rows: string; readonly histogram: string } | undefined {
  const at = plan.stages.findIndex((stage) => mergingStages.includes(stage.kind));
  const first = plan.stages[at];
  if (first?.kind !== 'aggregate') return undefined;
  const printer = new StagePrinter(options);
  for (const stage of plan.stages.slice(0, at)) printer.stage(stage);
  const { create, histogram } = printer.aggregateInto('aggregated', first, bins);
  for (const stage of plan.stages.slice(at + 1)) printer.stage(stage);
  return { create, histogram, rows: printOutput(plan, printer, options) };
}

/** Matching events (before stats and limit) counted by bin: columns bin and n. */
export function printHistogram(plan: Plan, options: PrintOptions, bins: Bins): string {
  const printer = new StagePrinter(options);
  for (const stage of matchingStages(plan)) printer.stage(stage);
  return `SELECT ${binOf(bins)} AS bin, count(*) AS n FROM ${printer.relation} GROUP BY 1`;
}

/** True when counting the matching events need not read their messages. */
export function hasCheapHistogram(plan: Plan): boolean {
  let cheap = true;
  for (const stage of matchingStages(plan)) {
    if (stage.kind !== 'filter') continue;
    walk(stage.condition, (one) => {
      if (one.kind === 'raw' || one.kind === 'column') cheap = false;
      if (one.kind === 'system' && one.name === '@message') cheap = false;
    });
  }
  return cheap;
}

const mergingStages: readonly Stage['kind'][] = [
  'aggregate',
  'limit',
  'dedup',
  'pattern',
  'unnest',
  'join',
];

/** The stages that decide which events match: all before the first that merges or cuts rows. */
export function matchingStages(plan: Plan): readonly Stage[] {
  const end = plan.stages.findIndex((stage) => mergingStages.includes(stage.kind));
  const before = end === -1 ? plan.stages : plan.stages.slice(0, end);
  const lastFilter = before.findLastIndex((stage) => stage.kind === 'filter');
  return before
    .slice(0, lastFilter + 1)
    .filter((stage) => stage.kind !== 'sort' && !(stage.kind === 'parse' && stage.multi));
}

export class StagePrinter implements PrintEnvironment {
  readonly expressions: ExpressionPrinter;
  readonly accountId: string;
  readonly rangeMs: number;
  readonly context: QueryContext;
  readonly #options: PrintOptions;
  readonly #raws = new Map<string, string>();
  relation: string;
  /** Terms of ORDER BY that are in force, strongest first. */
  order: readonly string[];
  hasMatched = false;
  #lists = 0;
  #wraps = 0;
  #sorted = false;

  constructor(options: PrintOptions) {
    this.#options = options;
    this.accountId = options.accountId;
    this.context = options.context;
    this.rangeMs = Math.max(1, options.context.toMs - options.context.fromMs + 1);
    const { relation, sides } = options;
    this.relation = sides === undefined ? relation : ofGroups(relation, sides.own);
    this.order = ['ts_ms DESC', 'seq DESC'];
    this.expressions = new ExpressionPrinter(this);
  }

  /** A printer over the events of a join's other side. */
  otherSide(): StagePrinter {
    const { sides, relation, ...rest } = this.#options;
    return new StagePrinter({ ...rest, relation: ofGroups(relation, sides?.joined ?? []) });
  }

  columnSql(column: Column): string {
    return `c${column.id}`;
  }

  rawSql(raw: Raw): string {
    const known = this.#raws.get(rawKey(raw)) ?? this.#options.fieldColumn?.(raw);
    return known ?? inlineField(raw.name, raw.path);
  }

  subqueryValues(subquery: number): readonly string[] {
    return this.#options.subqueryValues?.[subquery] ?? [];
  }

  wrap(select: string, tail = ''): void {
    this.#wraps += 1;
    if (this.#wraps > maxWraps) throw new TooComplexError('Too many statements in one another');
    this.relation = `(SELECT ${select} FROM ${this.relation}${tail === '' ? '' : ` ${tail}`})`;
  }

  /** Takes the fields of these expressions out of the message, all with one parse of it. */
  need(expressions: readonly PlanExpression[]): void {
    const wanted = new Map<string, Raw>();
    for (const expression of expressions) {
      walk(expression, (one) => {
        if (one.kind !== 'raw' || this.#raws.has(rawKey(one))) return;
        if (this.#options.fieldColumn?.(one) === undefined) wanted.set(rawKey(one), one);
      });
    }
    if (wanted.size === 0) return;
    const list = `j${this.#lists++}`;
    const pointers = [...wanted.values()].map((raw) => jsonPointers(raw.path));
    const fields = [...wanted].map(([key, raw], index) => {
      const extracted = wanted.size === 1 ? list : `${list}[${index + 1}]`;
      const sql = fieldFromExtracted(raw.name, pointers[index]!, extracted);
      return { key, column: `${list}_${index}`, sql };
    });
    this.wrap(`*, ${extractAll(pointers.map((one) => one[0]!))} AS ${list}`);
    this.wrap(`*, ${fields.map((field) => `${field.sql} AS ${field.column}`).join(', ')}`);
    for (const field of fields) this.#raws.set(field.key, field.column);
  }

  /** After aggregation no field of an event exists any more. */
  forgetEvents(order: readonly string[]): void {
    this.#raws.clear();
    this.order = order;
    this.#sorted = false;
  }

  stage(stage: Stage): void {
    const print = this.expressions;
    switch (stage.kind) {
      case 'extend':
        this.need([stage.expression]);
        this.wrap(`*, ${print.native(stage.expression)} AS c${stage.column.id}`);
        return;
      case 'filter':
        this.#filter(stage.condition);
        return;
      case 'parse':
        this.#parse(stage);
        return;
      case 'logfmt':
        this.need([stage.source]);
        this.wrap(`*, ${logfmt(print.string(stage.source))} AS c${stage.column.id}`);
        return;
      case 'csv':
        this.need([stage.source]);
        this.#csv(stage);
        return;
      case 'unnest':
        this.#unnest(stage);
        return;
      case 'aggregate':
        this.#aggregate(stage);
        return;
      case 'sort':
        this.#sort(stage);
        return;
      case 'limit':
        this.wrap('*', `${this.orderBy()} LIMIT ${sqlInteger(stage.rows)}`);
        this.#sorted = true;
        return;
      case 'dedup':
        this.#dedup(stage.keys);
        return;
      case 'pattern':
        printPattern(this, stage);
        return;
      case 'anomaly':
        printAnomaly(this, stage.score);
        return;
      case 'window':
        this.#window(stage);
        return;
      case 'lookup':
        this.#lookup(stage);
        return;
      case 'join':
        printJoin(this, stage);
        return;
      case 'totals':
        this.#totals(stage);
        return;
      default:
        stage satisfies never;
    }
  }

  orderBy(): string {
    return this.order.length === 0 ? '' : `ORDER BY ${this.order.join(', ')}`;
  }

  finish(maxRows: number | undefined): void {
    if (this.#sorted && maxRows === undefined) return;
    const limit = maxRows === undefined ? '' : ` LIMIT ${sqlInteger(maxRows)}`;
    this.wrap('*', `${this.orderBy()}${limit}`);
  }

  /** Conditions that need no parse of the message come first; then each looks for its own field. */
  #filter(condition: PlanExpression): void {
    const parts = conjuncts(condition).map((one) => {
      const raws = new Map<string, Raw>();
      walk(one, (inner) => {
        if (inner.kind === 'raw') raws.set(rawKey(inner), inner);
      });
      return { one, raws };
    });
    const cheap = parts.filter((part) => part.raws.size === 0);
    if (cheap.length > 0) this.#where(cheap.map((part) => part.one));
    const dear = parts.filter((part) => part.raws.size > 0);
    const inline = dear.filter((part) => isPlainTest(part.one));
    if (inline.length > 0) this.#where(inline.map((part) => part.one));
    const rest = dear.filter((part) => !isPlainTest(part.one)).map((part) => part.one);
    if (rest.length > 0) {
      this.need(rest);
      this.#where(rest);
    }
  }

  #where(conditions: readonly PlanExpression[]): void {
    this.wrap(
      '*',
      `WHERE ${conditions.map((one) => this.expressions.condition(one)).join(' AND ')}`,
    );
  }

  #parse(stage: Extract<Stage, { kind: 'parse' }>): void {
    this.need([stage.source]);
    const source = this.expressions.string(stage.source);
    const id = stage.captures[0]?.column.id ?? 0;
    const last = Math.max(0, ...stage.captures.map((one) => one.group));
    const names = Array.from({ length: last + 1 }, (_, group) => `'g${group}'`).join(', ');
    // A group around the whole tells a match from none: the engine gives '' for both.
    const pattern = sqlString(`(${stage.regex.source})`);
    if (!stage.multi) {
      this.wrap(`*, regexp_extract(${source}, ${pattern}, [${names}]) AS p${id}`);
      const captures = stage.captures.map(
        ({ group, column }) =>
          `CASE WHEN p${id}.g0 <> '' THEN p${id}.g${group} END AS c${column.id}`,
      );
      this.wrap(`*, ${captures.join(', ')}`);
      return;
    }
    const all = stage.captures.map(
      ({ group, column }) =>
        `regexp_extract_all(${source}, ${pattern}, ${group + 1}) AS m${column.id}`,
    );
    this.wrap(`*, ${all.join(', ')}`);
    const spread = stage.captures.map(
      ({ column }) =>
        `unnest(CASE WHEN len(m${column.id}) = 0 THEN [NULL] ELSE m${column.id} END) AS c${column.id}`,
    );
    this.wrap(`*, ${spread.join(', ')}`);
  }

  #csv(stage: Extract<Stage, { kind: 'csv' }>): void {
    const id = stage.columns[0]?.id ?? 0;
    const source = this.expressions.string(stage.source);
    // A leading comma makes every value look alike, the empty ones too.
    this.wrap(`*, regexp_extract_all(',' || ${source}, ',(?:"(?:[^"]|"")*"|[^,]*)', 0) AS v${id}`);
    const columns = stage.columns.map(({ id: column }, index) => {
      const raw = `trim(v${id}[${index + 1}][2:])`;
      return `CASE WHEN starts_with(${raw}, '"') THEN replace(${raw}[2:-2], '""', '"') ELSE ${raw} END AS c${column}`;
    });
    this.wrap(`*, ${columns.join(', ')}`);
  }

  #unnest(stage: Extract<Stage, { kind: 'unnest' }>): void {
    this.need([stage.list]);
    const json = this.expressions.json(stage.list);
    const text = this.expressions.string(stage.list);
    const list =
      stage.list.type === 'json' || stage.list.kind === 'access'
        ? `CASE WHEN json_type(${json}) = 'ARRAY' THEN CAST(${json} AS JSON[]) ELSE [${json}] END`
        : `[to_json(${text})]`;
    this.wrap(`*, unnest(${list}) AS c${stage.column.id}`);
  }

  #aggregate(stage: Extract<Stage, { kind: 'aggregate' }>): void {
    const select = this.#aggregateColumns(stage);
    select.push(
      this.hasMatched
        ? 'any_value(matched) AS matched'
        : 'CAST(sum(count(*)) OVER () AS BIGINT) AS matched',
      this.hasMatched ? 'min(first_seen) AS first_seen' : 'min(seq) AS first_seen',
    );
    const by = stage.keys.map((key) => `c${key.column.id}`).join(', ');
    this.wrap(select.join(', '), by === '' ? '' : `GROUP BY ${by}`);
    this.#aggregated(stage);
  }

  /**
   * The first aggregation and the histogram of the events that it sees, in one pass over them: SQL
   * of a table which holds both. Goes on with the groups of that table.
   */
  aggregateInto(
    table: string,
    stage: Extract<Stage, { kind: 'aggregate' }>,
    bins: Bins,
  ): { readonly create: string; readonly histogram: string } {
    const columns = this.#aggregateColumns(stage).join(', ');
    const keys = stage.keys.map((key) => `c${key.column.id}`).join(', ');
    this.wrap(`*, ${binOf(bins)} AS bin`);
    const select =
      `SELECT ${columns}, count(*) AS n, min(seq) AS first_seen, bin, grouping(bin) AS is_group` +
      ` FROM ${this.relation} GROUP BY GROUPING SETS ((${keys}), (bin))`;
    this.relation = `(SELECT *, CAST(sum(n) OVER () AS BIGINT) AS matched FROM ${table} WHERE is_group = 1)`;
    this.#aggregated(stage);
    return {
      create: `CREATE OR REPLACE TEMP TABLE ${table} AS ${select}`,
      histogram: `SELECT bin, n FROM ${table} WHERE is_group = 0`,
    };
  }

  #aggregateColumns(stage: Extract<Stage, { kind: 'aggregate' }>): string[] {
    this.need([
      ...stage.keys.map((key) => key.expression),
      ...stage.aggregates.flatMap((one) => one.args),
    ]);
    if (stage.keys.length > 0) {
      const keys = stage.keys.map(
        (key) => `${this.expressions.native(key.expression)} AS c${key.column.id}`,
      );
      this.wrap(`*, ${keys.join(', ')}`);
    }
    const rangeMs = timeBinMs(stage) ?? this.rangeMs;
    return [
      ...stage.keys.map((key) => `c${key.column.id}`),
      ...stage.aggregates.map(
        (one) =>
          `${printAggregate(one, this.expressions, rangeMs, this.hasMatched)} AS c${one.column.id}`,
      ),
    ];
  }

  #aggregated(stage: Extract<Stage, { kind: 'aggregate' }>): void {
    const bins = stage.keys.filter((key) => key.expression.type === 'timestamp');
    this.hasMatched = true;
    this.forgetEvents([...bins.map((bin) => `c${bin.column.id} DESC`), 'first_seen']);
  }

  #sort(stage: Extract<Stage, { kind: 'sort' }>): void {
    this.need(stage.keys.map((key) => key.expression));
    const last = stage.keys.at(-1);
    // Lines of one millisecond are read in the order in which they were written.
    const isOldestFirst =
      last?.expression.kind === 'system' &&
      last.expression.name === '@timestamp' &&
      !last.descending;
    const terms = stage.keys.flatMap(({ expression, descending }) => {
      const way = descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST';
      if (expression.type !== 'string') return [`${this.expressions.native(expression)} ${way}`];
      const text = this.expressions.string(expression);
      const number = this.expressions.number(expression);
      // Missing, then texts, then numbers by value; 0, 01, 1 differ by their text.
      const kind = `CASE WHEN ${text} IS NULL THEN 0 WHEN ${number} IS NULL THEN 1 ELSE 2 END`;
      return [`${kind} ${way}`, `${number} ${way}`, `${naturalKey(text)} ${way}`];
    });
    this.order = isOldestFirst ? [...terms, 'seq ASC'] : [...terms, ...this.order];
    this.#sorted = false;
  }

  #dedup(keys: readonly PlanExpression[]): void {
    this.need(keys);
    const texts = keys.map((key) => this.expressions.string(key));
    const rank = `row_number() OVER (PARTITION BY ${texts.join(', ')} ${this.orderBy()})`;
    const missing = texts.map((text) => `${text} IS NULL`).join(' OR ');
    this.wrap('*', `QUALIFY ${rank} = 1 OR ${missing}`);
    this.#sorted = false;
  }

  #window(stage: Extract<Stage, { kind: 'window' }>): void {
    this.need([stage.source]);
    const over = `OVER (${this.orderBy()}`;
    const value = this.expressions.native(stage.source);
    const sql =
      stage.function === 'filldown'
        ? `last_value(${value} IGNORE NULLS) ${over} ROWS UNBOUNDED PRECEDING)`
        : stage.function === 'accum'
          ? `sum(CAST(${this.expressions.number(stage.source)} AS DOUBLE)) ${over} ROWS UNBOUNDED PRECEDING)`
          : `lag(${value}, ${sqlInteger(stage.distance)}) ${over})`;
    this.wrap(`*, ${sql} AS c${stage.column.id}`);
  }

  #lookup({ lookup, keys, outputs }: Extract<Stage, { kind: 'lookup' }>): void {
    this.need([...keys, ...outputs.flatMap(({ existing }) => existing ?? [])]);
    const table = lookupTable(lookup);
    const on = keys.map((key, index) => `${this.expressions.string(key)} = ${table.keys(index)}`);
    const columns = outputs.map(({ column, existing }, index) => {
      const found = table.outputs(index);
      const value =
        existing === undefined ? found : `coalesce(${this.expressions.string(existing)}, ${found})`;
      return `${value} AS c${column.id}`;
    });
    this.relation =
      `(SELECT e.*, ${columns.join(', ')} FROM ${this.relation} AS e` +
      ` LEFT JOIN ${table.name} ON ${on.join(' AND ')})`;
  }

  #totals(stage: Extract<Stage, { kind: 'totals' }>): void {
    if (stage.row !== undefined) {
      const sum = stage.row.parts.map((one) => `coalesce(c${one.id}, 0)`).join(' + ');
      this.wrap(`*, CAST(${sum === '' ? '0' : sum} AS DOUBLE) AS c${stage.row.column.id}`);
    }
    if (stage.sums.length === 0) return;
    this.wrap(`*, row_number() OVER (${this.orderBy()}) AS line`);
    const sums = stage.sums.map((one) => `sum(c${one.id}) AS c${one.id}`).join(', ');
    // The same relation twice: it is an aggregate's small result.
    const total = `SELECT ${sums}, any_value(matched) AS matched, max(line) + 1 AS line FROM ${this.relation}`;
    this.relation = `(SELECT * FROM ${this.relation} UNION ALL BY NAME ${total})`;
    this.order = ['line'];
    this.#sorted = false;
  }
}

/** The table that must hold the rows of the plan's lookup of this index, and its columns. */
function lookupTable(lookup: number) {
  return {
    name: `lookup${sqlInteger(lookup)}`,
    keys: (index: number): string => `lk${index}`,
    outputs: (index: number): string => `lv${index}`,
  };
}

/**
 * Makes the table of a lookup. `$1` is a JSON list of its rows, each a list of texts and nulls:
 * the keys, which must be distinct, then the outputs.
 */
export function printLookupTable(plan: Plan, lookup: number): string {
  const { keys = [], outputs = [] } = plan.lookups[lookup] ?? {};
  const table = lookupTable(lookup);
  const names = [
    ...keys.map((_, index) => table.keys(index)),
    ...outputs.map((_, index) => table.outputs(index)),
  ];
  const columns = names.map((name, index) => `cells[${index + 1}] AS ${name}`);
  return (
    `CREATE OR REPLACE TEMP TABLE ${table.name} AS SELECT ${columns.join(', ')} FROM` +
    ' (SELECT unnest(CAST(CAST($1 AS JSON) AS VARCHAR[][])) AS cells)'
  );
}

export function rawKey(raw: Raw): string {
  return JSON.stringify(raw.path);
}

function timeBinMs(stage: Extract<Stage, { kind: 'aggregate' }>): number | undefined {
  for (const { expression } of stage.keys) {
    if (expression.kind === 'bucket' && expression.period.ms > 0) return expression.period.ms;
  }
  return undefined;
}

/**
 * A test of one field against plain text, for which it does not matter whether a boolean is written
 * true or 1: the field can be looked up inside the condition, in few messages and just once.
 */
function isPlainTest(e: PlanExpression): boolean {
  const plainText = (one: PlanExpression): boolean =>
    one.kind === 'literal' &&
    typeof one.value === 'string' &&
    !/^(true|false|)$/.test(one.value) &&
    !/^[\s\d+.-]/.test(one.value);
  switch (e.kind) {
    case 'compare':
      return (
        (e.operator === '=' || e.operator === '!=') &&
        ((e.left.kind === 'raw' && plainText(e.right)) ||
          (e.right.kind === 'raw' && plainText(e.left)))
      );
    case 'contains':
      return e.value.kind === 'raw' && plainText(e.part) && !'true false'.includes(literal(e.part));
    case 'in':
      return e.value.kind === 'raw' && e.items.every(plainText);
    case 'call':
      return e.name === 'ispresent' && e.args[0]?.kind === 'raw';
    case 'not':
      return isPlainTest(e.operand);
    default:
      return false;
  }
}

function literal(e: PlanExpression): string {
  return e.kind === 'literal' ? String(e.value) : '';
}

/** `key=value key="quoted value"` to JSON text; a key given twice keeps its first value. */
function logfmt(text: string): string {
  const pattern = `'([^\\s="]+)=("(?:[^"\\\\]|\\\\.)*"|[^\\s"]*)'`;
  const unquoted = `replace(replace(v[2:-2], '\\"', '"'), '\\\\', '\\')`;
  const value = `CASE WHEN starts_with(v, '"') THEN ${unquoted} ELSE v END`;
  const keys = `regexp_extract_all(${text}, ${pattern}, 1)`;
  const values = `list_transform(regexp_extract_all(${text}, ${pattern}, 2), lambda v: to_json(${value}))`;
  const pairs = `list_transform(list_zip(${keys}, ${values}), lambda kv: to_json(kv[1]) || ':' || kv[2])`;
  return `CAST('{' || array_to_string(${pairs}, ',') || '}' AS JSON)`;
}
