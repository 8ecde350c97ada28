import type { StagePrinter } from './duckdb.ts';
import type { JoinStage } from './plan.ts';
import { sqlString } from './sql-text.ts';

/** The relation's events of these log groups. */
export function ofGroups(relation: string, groups: readonly string[]): string {
  const names = groups.length === 0 ? "''" : groups.map(sqlString).join(', ');
  return `(SELECT * FROM ${relation} WHERE log_group IN (${names}))`;
}

/**
 * The rows so far beside those of the other side with the same keys, compared as text. Both sides
 * read the one relation, each its own log groups. Of several matches the newest comes first.
 */
export function printJoin(printer: StagePrinter, stage: JoinStage): void {
  const right = printer.otherSide();
  for (const one of stage.right.stages) right.stage(one);
  right.need([
    ...stage.keys.map((key) => key.right),
    ...stage.columns.map((one) => one.expression),
  ]);
  const order = stage.right.isEvents ? ['ts_ms', 'seq'] : [];
  const taken = [
    ...stage.keys.map((key, index) => `${right.expressions.string(key.right)} AS jk${index}`),
    ...stage.columns.map(
      (one, index) => `${right.expressions.native(one.expression)} AS jv${index}`,
    ),
    ...order.map((name) => `${name} AS j_${name}`),
  ];
  printer.need(stage.keys.map((key) => key.left));
  const on = stage.keys.map(
    (key, index) => `${printer.expressions.string(key.left)} = r.jk${index}`,
  );
  const columns = [
    ...stage.columns.map(({ column }, index) => `r.jv${index} AS c${column.id}`),
    ...order.map((name) => `r.j_${name} AS j_${name}`),
  ];
  const select = ['l.*', ...columns].join(', ');
  const way = stage.isLeft ? 'LEFT JOIN' : 'JOIN';
  printer.relation =
    `(SELECT ${select} FROM ${printer.relation} AS l` +
    ` ${way} (SELECT ${taken.join(', ')} FROM ${right.relation}) AS r ON ${on.join(' AND ')})`;
  printer.order = [...printer.order, ...order.map((name) => `j_${name} DESC NULLS LAST`)];
}
