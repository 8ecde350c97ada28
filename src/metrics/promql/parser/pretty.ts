import type { Expr } from './ast.ts';
import { printAggregation, printOperator, printQuery, printSubqueryRange } from './print.ts';

/** Longer nodes are split over lines. */
const maxLineChars = 100;

/**
 * A query for people: nodes that do not fit on a line are split, two spaces for each level.
 *
 * Source: `Prettify` of Prometheus' parser.
 */
export function prettyQuery(expr: Expr): string {
  return pretty(expr, 0);
}

const indent = (level: number): string => '  '.repeat(level);

function pretty(expr: Expr, level: number): string {
  const line = printQuery(expr);
  const fits = Buffer.byteLength(line) <= maxLineChars;
  switch (expr.kind) {
    case 'unary':
      return `${indent(level)}${expr.op}${pretty(expr.expr, level).trim()}`;
    case 'subquery':
      return fits ? indent(level) + line : `${pretty(expr.expr, level)}${printSubqueryRange(expr)}`;
    default:
      return fits ? indent(level) + line : split(expr, line, level);
  }
}

function split(expr: Expr, line: string, level: number): string {
  const here = indent(level);
  switch (expr.kind) {
    case 'aggregation': {
      const param = expr.param === undefined ? '' : `${pretty(expr.param, level + 1)},\n`;
      const inner = `${param}${pretty(expr.expr, level + 1)}`;
      return `${here}${printAggregation(expr)}(\n${inner}\n${here})`;
    }
    case 'binary': {
      const left = pretty(expr.left, level + 1);
      const right = pretty(expr.right, level + 1);
      return `${left}\n${here}${printOperator(expr)}\n${right}`;
    }
    case 'call': {
      const args = expr.args.map((arg) => pretty(arg, level + 1)).join(',\n');
      return `${here}${expr.func.name}(\n${args}\n${here})`;
    }
    case 'paren':
      return `${here}(\n${pretty(expr.expr, level + 1)}\n${here})`;
    default:
      return here + line;
  }
}
