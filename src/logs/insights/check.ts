import type { Command, Expression, NamedExpression, Query } from './ast.ts';
import { checkAggregate } from './check-aggregate.ts';
import { checkExpression, type ExpressionHost } from './check-expression.ts';
import { checkJoin, type Joined } from './check-join.ts';
import { checkLookup } from './check-lookup.ts';
import { checkJson, checkParse } from './check-parse.ts';
import { checkPattern } from './check-pattern.ts';
import { addTotals, checkWindow, countFrequent, fillMissing } from './check-rows.ts';
import { hoistableFilters, statsNames } from './check-stats.ts';
import type { Diagnostics, Span } from './diagnostics.ts';
import type {
  Column,
  OutputColumn,
  Plan,
  PlanExpression,
  PlanLookup,
  PlanSource,
  QueryContext,
  Stage,
} from './plan.ts';
import { type ResolveName, Scope } from './scope.ts';

/** Subqueries may not hold subqueries, and one query may not start a crowd of others. */
const maxSubqueries = 10;

/**
 * Syntax tree to plan. Faults go to `diagnostics`; the plan may be used only if there is no error.
 * @param text the whole query, for names made from source text
 */
export function checkQueryTree(
  query: Query,
  text: string,
  context: QueryContext,
  diagnostics: Diagnostics,
): Plan {
  return new PlanChecker(text, context, diagnostics, false).plan(query);
}

export class PlanChecker implements ExpressionHost {
  readonly diagnostics: Diagnostics;
  readonly context: QueryContext;
  readonly text: string;
  readonly isSubquery: boolean;
  readonly stages: Stage[] = [];
  readonly subqueries: { plan: Plan; source: PlanSource | undefined }[] = [];
  readonly lookups: PlanLookup[] = [];
  scope: Scope;
  output: OutputColumn[] = [];
  #display: OutputColumn[] | undefined;
  #statsSeen = 0;
  #statsTotal = 0;
  #isEvents = true;
  #limit: number | undefined;
  #limitAny = false;
  #dedupSeen = false;
  joined: Joined | undefined;

  constructor(text: string, context: QueryContext, diagnostics: Diagnostics, isSubquery: boolean) {
    this.text = text;
    this.context = context;
    this.diagnostics = diagnostics;
    this.isSubquery = isSubquery;
    this.scope = new Scope(diagnostics);
  }

  plan(query: Query): Plan {
    this.#statsTotal = query.commands.filter((one) => one.kind === 'stats').length;
    if (query.commands.length === 0 && query.source === undefined) {
      this.diagnostics.error(query, 'QUERY_EMPTY');
    }
    query.commands.forEach((command, index) => {
      this.#command(command, query.commands.slice(0, index), query.commands.slice(index + 1));
    });
    let output = this.#display ?? this.output;
    if (output.length === 0) output = [...this.#defaultOutput(), ...(this.joined?.shown() ?? [])];
    return {
      stages: this.stages,
      output,
      isEvents: this.#isEvents,
      limit: this.#limit,
      limitAny: this.#limitAny && this.#isEvents,
      subqueries: this.subqueries,
      lookups: this.lookups,
      source: sourceOf(query),
    };
  }

  /** The text of a node, spaces normalised: how an un-aliased column is named. */
  textOf(span: Span): string {
    return this.text.slice(span.start, span.end).replace(/\s+/g, ' ').replaceAll('`', '').trim();
  }

  /** For a query inside this one. */
  another(): PlanChecker {
    return new PlanChecker(this.text, this.context, this.diagnostics, true);
  }

  subquery(query: Query): number {
    if (this.isSubquery || this.subqueries.length >= maxSubqueries) {
      this.diagnostics.error(query, 'SUBQUERY_NESTED');
    }
    const checker = this.another();
    const plan = checker.plan(query);
    const output = chosenOutput(query, plan.output);
    if (output.length !== 1) {
      this.diagnostics.error(query, 'SUBQUERY_COLUMNS');
    }
    this.subqueries.push({ plan: { ...plan, output }, source: plan.source });
    return this.subqueries.length - 1;
  }

  check(expression: Expression): PlanExpression {
    return checkExpression(expression, this);
  }

  columnOfCall(call: Extract<Expression, { kind: 'call' }>): PlanExpression | undefined {
    const name = this.scope.closed ? this.scope.nameOfCall(this.textOf(call)) : undefined;
    return name === undefined ? undefined : this.scope.resolve({ name, segments: [] }, call);
  }

  /** Makes a column and a name for it, shown unless the query says otherwise. */
  addColumn(name: string, expression: PlanExpression, span?: Span): Column {
    if (name.startsWith('@') && span !== undefined && /^@(timestamp|message|ptr)$/.test(name)) {
      this.diagnostics.error(span, 'REDEFINED', { name });
    }
    const column = this.scope.newColumn(name, expression.type);
    this.stages.push({ kind: 'extend', column, expression });
    this.show(name, column);
    return column;
  }

  /** Names an existing column and puts it into the result. */
  show(name: string, column: Column, isAggregate = false): void {
    const expression: PlanExpression = { kind: 'column', column, type: column.type };
    this.scope.define(name, expression);
    this.addOutput({ name, expression, isTimeBin: false, isAggregate });
  }

  addOutput(column: OutputColumn): void {
    const at = this.output.findIndex((one) => one.name === column.name);
    if (at === -1) this.output.push(column);
    else this.output[at] = column;
  }

  /** Events stay visible beside what is added to them, where no column was chosen. */
  showEvents(): void {
    if (this.output.length === 0 && this.#isEvents) this.output = this.#defaultOutput();
  }

  /**
   * After a join: `left.x` is what `x` was before it, `right.x` comes from the other side, and
   * columns chosen before it carry the name of their side.
   */
  nameSides(left: string, right: string, rightColumn: ResolveName): void {
    const { scope } = this;
    scope.addSide(left, (path, span) => scope.resolve(path, span));
    scope.addSide(right, rightColumn);
    this.output = this.output.map((one) => ({ ...one, name: `${left}.${one.name}` }));
  }

  /** From here on rows are no events, and only these columns exist. */
  closeEvents(output: OutputColumn[]): void {
    this.output = output;
    this.scope.close(output);
    this.#isEvents = false;
    this.#display = undefined;
  }

  #defaultOutput(): OutputColumn[] {
    return ['@timestamp', '@message'].map((name) => ({
      name,
      expression: this.scope.resolve(
        { name, segments: [{ text: name, quoted: false }] },
        { start: 0, end: 0 },
      ),
      isTimeBin: false,
      isAggregate: false,
    }));
  }

  #command(command: Command, before: readonly Command[], after: readonly Command[]): void {
    if (this.#dedupSeen && command.kind !== 'limit' && command.kind !== 'dedup') {
      this.diagnostics.error(command, 'AFTER_DEDUP', { symbol: command.kind });
      return;
    }
    switch (command.kind) {
      case 'fields':
        for (const item of command.items) this.#field(item);
        return;
      case 'display':
        this.#display = command.items.map((item) => this.#displayed(item));
        return;
      case 'filter':
      case 'filterIndex':
        this.#filter(command.condition);
        return;
      case 'stats':
        this.#stats(command, before, after);
        return;
      case 'sort':
        this.#sort(command);
        return;
      case 'limit':
        this.#limitAny = command.any;
        this.#limit = command.rows;
        this.stages.push({ kind: 'limit', rows: command.rows });
        return;
      case 'parse':
        checkParse(this, command);
        return;
      case 'json':
        checkJson(this, command);
        return;
      case 'dedup':
        this.#dedupSeen = true;
        this.stages.push({ kind: 'dedup', keys: command.keys.map((key) => this.scalar(key)) });
        return;
      case 'unnest': {
        const list = this.check(command.list);
        const column = this.scope.newColumn(command.name.path.name, 'json');
        this.stages.push({ kind: 'unnest', list, column });
        this.show(column.name, column);
        return;
      }
      case 'unmask':
        for (const item of command.items) {
          this.#field({ expression: item, alias: undefined, text: this.textOf(item) });
        }
        return;
      case 'countFrequent':
        countFrequent(this, command.keys);
        return;
      case 'pattern':
      case 'diff':
      case 'anomaly':
        checkPattern(this, command, before, after);
        return;
      case 'filldown':
        for (const name of command.names) checkWindow(this, 'filldown', name, name, 0);
        return;
      case 'accum':
        checkWindow(this, 'accum', command.source, command.target ?? command.source, 0);
        return;
      case 'autoregress':
        for (let distance = command.first; distance <= command.last; distance++) {
          checkWindow(this, 'lag', command.source, command.target, distance);
        }
        return;
      case 'fillmissing':
        fillMissing(this, command);
        return;
      case 'addtotals':
        addTotals(this, command.options);
        return;
      case 'lookup':
        checkLookup(this, command);
        return;
      case 'join':
        checkJoin(this, command);
        return;
      case 'unsupported':
        return;
      default:
        command satisfies never;
    }
  }

  #field(item: NamedExpression): void {
    const known = this.scope.closed && this.scope.has(item.text);
    const field = item.expression.kind === 'field' ? item.expression.path : undefined;
    const expression =
      known && field === undefined
        ? this.scope.resolve({ name: item.text, segments: [] }, item.expression)
        : this.check(item.expression);
    if (item.alias !== undefined) {
      this.addColumn(item.alias.name, expression, item.alias);
    } else if (field !== undefined || known) {
      const name = field?.name ?? item.text;
      const already = this.output.find((one) => one.name === name);
      if (already === undefined) {
        this.addOutput({ name, expression, isTimeBin: false, isAggregate: false });
      }
    } else {
      this.addColumn(item.text, expression);
    }
  }

  #displayed(item: NamedExpression): OutputColumn {
    const name = item.alias?.name ?? item.text;
    const known = this.scope.has(item.text)
      ? this.scope.resolve({ name: item.text, segments: [] }, item.expression)
      : this.check(item.expression);
    const shown = this.output.find((one) => one.name === item.text);
    const flags = {
      isTimeBin: shown?.isTimeBin ?? false,
      isAggregate: shown?.isAggregate ?? false,
    };
    if (known.kind === 'column' || known.kind === 'system' || known.kind === 'raw') {
      if (item.alias !== undefined) this.scope.define(name, known);
      return { name, expression: known, ...flags };
    }
    const column = this.scope.newColumn(name, known.type);
    this.stages.push({ kind: 'extend', column, expression: known });
    const expression: PlanExpression = { kind: 'column', column, type: column.type };
    this.scope.define(name, expression);
    return { name, expression, ...flags };
  }

  #filter(condition: Expression): void {
    // After stats, what names only fields of events has been moved before it.
    const kept = this.#statsSeen > 0 ? withoutHoisted(condition, this.#hoisted) : condition;
    if (kept !== undefined) this.stages.push({ kind: 'filter', condition: this.check(kept) });
  }

  #hoisted = new Set<Expression>();

  #stats(
    command: Extract<Command, { kind: 'stats' }>,
    before: readonly Command[],
    after: readonly Command[],
  ): void {
    this.#statsSeen += 1;
    if (this.#statsSeen > 2) {
      this.diagnostics.error({ start: command.start, end: command.start + 5 }, 'STATS_TOO_MANY');
      return;
    }
    const sorted = before.findLast((one) => one.kind === 'sort' || one.kind === 'limit');
    const firstStats = before.findIndex((one) => one.kind === 'stats');
    if (this.#statsSeen === 2 && sorted !== undefined && before.indexOf(sorted) > firstStats) {
      this.diagnostics.error({ start: sorted.start, end: sorted.end }, 'BETWEEN_STATS', {
        symbol: sorted.kind,
      });
    }
    if (this.#statsTotal === 1) {
      for (const filter of hoistableFilters(after, statsNames(command))) {
        this.#hoisted.add(filter);
        this.stages.push({ kind: 'filter', condition: this.check(filter) });
      }
    }
    checkAggregate(this, command);
  }

  /** An expression that is no map and no list. */
  scalar(node: Expression): PlanExpression {
    const expression = this.check(node);
    if (expression.type === 'json') {
      this.diagnostics.error(node, 'NOT_SCALAR');
    }
    return expression;
  }

  #sort(command: Extract<Command, { kind: 'sort' }>): void {
    const keys = command.keys.flatMap((key) => {
      const node = key.expression;
      if (this.scope.closed && node.kind === 'field' && !this.scope.isKnown(node.path)) {
        if (node.path.name.startsWith('@')) {
          this.diagnostics.warn(node, 'SORT_WITHOUT_EFFECT', { name: node.path.name });
          return [];
        }
      }
      return [{ expression: this.scalar(node), descending: key.descending }];
    });
    if (keys.length > 0) this.stages.push({ kind: 'sort', keys });
  }
}

/** After stats, a last `fields` of one name leaves that one: `stats … by id | filter n > 3 | fields id`. */
function chosenOutput(query: Query, output: readonly OutputColumn[]): readonly OutputColumn[] {
  const last = query.commands.findLast((one) => one.kind === 'fields' || one.kind === 'display');
  const items = last?.kind === 'fields' ? last.items : [];
  const item = items.length === 1 ? items[0] : undefined;
  if (output.length === 1 || item === undefined) return output;
  return output.filter((one) => one.name === (item.alias?.name ?? item.text));
}

function sourceOf({ source }: Query): PlanSource | undefined {
  if (source === undefined) return undefined;
  const { namePrefixes } = source;
  // A group may be named by its ARN, which ends in :* in some lists of AWS.
  const names = source.names.map((name) => groupArn.exec(name)?.[1] ?? name);
  return { names, namePrefixes };
}

const groupArn = /^arn:[\w-]+:logs:[^:]*:[^:]*:log-group:([^:*]+)(?::\*)?$/;

/** The condition without the conjuncts that were moved before stats; undefined when none is left. */
function withoutHoisted(
  condition: Expression,
  hoisted: ReadonlySet<Expression>,
): Expression | undefined {
  if (hoisted.has(condition)) return undefined;
  if (condition.kind !== 'and') return condition;
  const left = withoutHoisted(condition.left, hoisted);
  const right = withoutHoisted(condition.right, hoisted);
  if (left === undefined || right === undefined) return left ?? right;
  return { ...condition, left, right };
}
