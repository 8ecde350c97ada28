import { isAppError } from '#base';
import {
  type LabelMatcher,
  labelMatcher,
  type MatchOperator,
  metricNameLabel,
} from '#metrics/model';
import type { VectorSelector } from './ast.ts';
import { unquoteText } from './go-text.ts';
import { merged } from './position.ts';
import type { TokenReader } from './reader.ts';
import { mayNameMetric, type Token } from './tokens.ts';

const inside = 'label matching';
const matchOperators: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~']);

/** `up{job="a"}`, `up`, `{job="a"}`; the name may have been taken already. */
export function parseVectorSelector(reader: TokenReader, taken?: Token): VectorSelector {
  const nameToken = taken ?? (mayNameMetric(reader.peek()) ? reader.take() : undefined);
  const start = nameToken ?? reader.peek();
  const matchers: LabelMatcher[] = [];
  if (reader.isAt('{')) parseMatchers(reader, matchers);
  else if (nameToken === undefined) reader.unexpected();
  const name = nameToken?.text ?? '';
  if (name !== '') matchers.push(labelMatcher(metricNameLabel, '=', name));
  return {
    kind: 'vector',
    name,
    matchers,
    atMs: undefined,
    atBound: undefined,
    offsetMs: 0,
    offsetExpr: undefined,
    isAnchored: false,
    isSmoothed: false,
    isLabelSelector: false,
    span: { start: start.start, end: reader.lastEnd },
  };
}

function parseMatchers(reader: TokenReader, into: LabelMatcher[]): void {
  reader.take();
  while (reader.accept('}') === undefined) {
    into.push(parseMatcher(reader));
    if (reader.accept('}') !== undefined) break;
    reader.expect(',', { inside, expected: '"," or "}"' });
  }
}

function parseMatcher(reader: TokenReader): LabelMatcher {
  const label = reader.peek();
  if (label.kind !== 'identifier' && label.kind !== 'string') {
    return reader.unexpected({ inside, expected: 'identifier or "}"' });
  }
  reader.take();
  const isQuoted = label.kind === 'string';
  const name = isQuoted ? unquoteText(label.text) : label.text;
  if (!matchOperators.has(reader.peek().value) || reader.peek().kind === 'string') {
    // A quoted name alone is the name of the metric.
    if (isQuoted) return labelMatcher(metricNameLabel, '=', name);
    return reader.unexpected({ inside, expected: 'label matching operator' });
  }
  const operator = reader.take().value as MatchOperator;
  const value = reader.peek();
  if (value.kind !== 'string') return reader.unexpected({ inside, expected: 'string' });
  reader.take();
  try {
    return labelMatcher(name, operator, unquoteText(value.text));
  } catch (error) {
    if (!isAppError(error, 'METRICS_PATTERN_INVALID')) throw error;
    return reader.fail(merged(label, value), error.message);
  }
}
