import { parser } from '@prometheus-io/lezer-promql';

const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What stands between the quotes of a PromQL string. */
const quoted = (text: string): string => JSON.stringify(text);

const nameOf = (label: string): string => (plainLabel.test(label) ? label : quoted(label));

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/**
 * The expression with one more matcher in each of its selectors. A matcher for equality of the same
 * label is replaced: two of them would find nothing.
 */
export function withMatcher(
  expr: string,
  label: string,
  operator: '=' | '!=',
  value: string,
): string {
  const name = nameOf(label);
  const matcher = `${name}${operator}${quoted(value)}`;
  const same = new RegExp(`^${RegExp.escape(name)}\\s*=\\s*["'\`]`);
  return withChangedMatchers(expr, (held) => [
    ...held.filter((one) => one !== matcher && !(operator === '=' && same.test(one))),
    matcher,
  ]);
}

/** The expression with a matcher in each of its selectors beside all that they have. */
export function withAddedMatcher(
  expr: string,
  label: string,
  operator: MatchOperator,
  value: string,
): string {
  const matcher = `${nameOf(label)}${operator}${quoted(value)}`;
  return withChangedMatchers(expr, (held) => (held.includes(matcher) ? held : [...held, matcher]));
}

/** The expression with more labels in what each of its aggregations groups by; those that leave labels out stay. */
export function withGrouping(expr: string, labels: readonly string[]): string {
  if (labels.length === 0) return expr;
  const names = labels.map(nameOf);
  const inserts: { readonly at: number; readonly text: string }[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, node }) => {
      if (name !== 'AggregateExpr') return;
      const modifier = node.getChild('AggregateModifier');
      const operator = node.getChild('AggregateOp');
      if (modifier === null && operator !== null) {
        inserts.push({ at: operator.to, text: ` by (${names.join(', ')})` });
      }
      const held = modifier?.getChild('By') ? modifier.getChild('GroupingLabels') : null;
      if (held === null) return;
      const own = ['LabelName', 'QuotedLabelName']
        .flatMap((kind) => held.getChildren(kind))
        .map(({ from, to }) => expr.slice(from, to));
      const more = names.filter((label) => !own.includes(label));
      if (more.length === 0) return;
      // `by (a,)` is written as well.
      const hasComma = own.length === 0 || /,\s*\)$/.test(expr.slice(held.from, held.to));
      const text = `${hasComma ? '' : ', '}${more.join(', ')}`;
      inserts.push({ at: held.to - 1, text });
    },
  });
  return inserts
    .sort((a, b) => b.at - a.at)
    .reduce((text, one) => text.slice(0, one.at) + one.text + text.slice(one.at), expr);
}

function withChangedMatchers(
  expr: string,
  change: (held: readonly string[]) => readonly string[],
): string {
  const changes: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.name !== 'VectorSelector') return;
      const braces = node.node.getChild('LabelMatchers');
      if (braces === null) {
        changes.push({ from: node.to, to: node.to, text: `{${change([]).join(', ')}}` });
        return;
      }
      const held = [
        ...braces.getChildren('UnquotedLabelMatcher'),
        ...braces.getChildren('QuotedLabelMatcher'),
        ...braces.getChildren('QuotedLabelName'),
      ]
        .toSorted((a, b) => a.from - b.from)
        .map((one) => expr.slice(one.from, one.to));
      const text = `{${change(held).join(', ')}}`;
      changes.push({ from: braces.from, to: braces.to, text });
    },
  });
  let result = expr;
  for (const { from, to, text } of changes.toReversed()) {
    result = result.slice(0, from) + text + result.slice(to);
  }
  return result;
}

export interface Windows {
  /** Windows of range selectors as written, `5m`. */
  readonly ranges: readonly string[];
  /** Selectors that look at one sample a step. */
  readonly instants: number;
}

/** How much of the time between two steps an expression looks at. */
export function windowsOf(expr: string): Windows {
  const ranges: string[] = [];
  let selectors = 0;
  let inRange = 0;
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.name === 'VectorSelector') selectors++;
      if (node.name !== 'MatrixSelector' && node.name !== 'SubqueryExpr') return;
      const open = expr.slice(node.from, node.to).lastIndexOf('[');
      const range = /^\[\s*([^\]:]+?)\s*[\]:]/.exec(expr.slice(node.from + open, node.to))?.[1];
      if (range !== undefined) ranges.push(range);
      // What stands inside looks at all samples of the window.
      node.node.cursor().iterate((inner) => {
        if (inner.name === 'VectorSelector') inRange++;
      });
    },
  });
  return { ranges, instants: Math.max(0, selectors - inRange) };
}
