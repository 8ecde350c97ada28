import { AppError } from '#base';
import {
  type FloatHistogram,
  type Labels,
  labelsOf,
  metricNameLabel,
  staleValue,
} from '#metrics/model';
import { HistogramAccumulator } from '../histogram/accumulator.ts';
import { unquoteText } from '../parser/go-text.ts';
import { Lexer } from '../parser/lexer.ts';
import { numberValue, scanNumber } from '../parser/scan-number.ts';
import type { Token } from '../parser/tokens.ts';
import { parseHistogram } from './histogram-notation.ts';

/** One value of a series in tests. */
export type SeriesValue =
  | { readonly kind: 'gap' }
  | { readonly kind: 'float'; readonly value: number }
  | {
      readonly kind: 'histogram';
      readonly histogram: FloatHistogram;
      /** The notation says what the counter reset hint is. */
      readonly hasHint: boolean;
    };

/** A repeated value is written out; more than these are a mistake. */
const maxRepetitions = 10_000_000;

/**
 * The notation of series in tests of rules and of PromQL: `up{job="a"} 0+10x3 _ 5x2 stale {{count:1}}`.
 *
 * Source: the documentation of unit tests for rules of Prometheus.
 *
 * @throws {AppError} PROMQL_NOTATION
 */
export function parseSeries(text: string): {
  readonly labels: Labels;
  readonly values: readonly SeriesValue[];
} {
  const { labels, end } = parseMetric(text);
  return { labels, values: parseValues(text.slice(end)) };
}

export const notationError = (text: string, reason: string): AppError =>
  new AppError('PROMQL_NOTATION', `${reason} in ${JSON.stringify(text)}`, {
    hint: 'A series is written as name{label="value"} 1+2x3 _ 5x2 stale',
  });

/** Name and labels at the start of a text, and where they end. */
export function parseMetric(text: string): { readonly labels: Labels; readonly end: number } {
  const start = text.length - text.trimStart().length;
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(text.slice(start))?.[0] ?? '';
  const braces = start + name.length;
  const pairs: [string, string][] = name === '' ? [] : [[metricNameLabel, name]];
  if (text[braces] !== '{' || text.startsWith('{{', braces)) {
    if (name === '') throw notationError(text, 'expected a metric');
    return { labels: labelsOf(pairs), end: braces };
  }
  const lexer = new Lexer(text.slice(braces));
  lexer.next();
  let token = lexer.next();
  const isAt = (value: string): boolean => token.kind === 'punctuation' && token.value === value;
  while (!isAt('}')) {
    const label = nameOf(token, text);
    const isQuoted = token.kind === 'string';
    token = lexer.next();
    if (isQuoted && !isAt('=')) {
      pairs.push([metricNameLabel, label]);
    } else {
      if (!isAt('=')) throw notationError(text, 'expected "=" after a label');
      token = lexer.next();
      if (token.kind !== 'string') throw notationError(text, 'expected a quoted value of a label');
      pairs.push([label, unquoteText(token.text)]);
      token = lexer.next();
    }
    if (isAt(',')) token = lexer.next();
    else if (!isAt('}')) throw notationError(text, 'expected "," or "}" after a label');
  }
  return { labels: labelsOf(pairs), end: braces + token.end };
}

function nameOf(token: Token, text: string): string {
  if (token.kind === 'string') return unquoteText(token.text);
  if (token.kind === 'identifier') return token.text;
  throw notationError(text, 'expected the name of a label');
}

/** Values alone: `1 2x3 _`. */
export function parseValues(text: string): SeriesValue[] {
  const values: SeriesValue[] = [];
  let at = 0;
  while (at < text.length) {
    const space = /^\s+/.exec(text.slice(at));
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    if (text.startsWith('{{', at)) at = parseHistograms(text, at, values);
    else at = parsePlain(text, at, values);
  }
  return values;
}

function repetitions(text: string, from: number): { readonly count: number; readonly end: number } {
  const match = /^x(\d+)/.exec(text.slice(from));
  if (match === null) throw notationError(text, 'expected "x" and a number of repetitions');
  const count = Number(match[1]);
  if (count > maxRepetitions) throw notationError(text, `more than ${maxRepetitions} repetitions`);
  return { count, end: from + match[0].length };
}

function mustEnd(text: string, at: number): number {
  if (at < text.length && !/\s/.test(text[at]!)) {
    throw notationError(text, `unexpected ${JSON.stringify(text[at])} in series values`);
  }
  return at;
}

function parsePlain(text: string, from: number, into: SeriesValue[]): number {
  if (text[from] === '_') {
    const next = from + 1;
    const { count, end } = text[next] === 'x' ? repetitions(text, next) : { count: 1, end: next };
    for (let each = 0; each < count; each++) into.push({ kind: 'gap' });
    return mustEnd(text, end);
  }
  if (text.startsWith('stale', from)) {
    const end = from + 'stale'.length;
    const times = text[end] === 'x' ? repetitions(text, end) : { count: 0, end };
    for (let each = 0; each <= times.count; each++)
      into.push({ kind: 'float', value: staleValue() });
    return mustEnd(text, times.end);
  }
  const first = signedNumber(text, from);
  let { end } = first;
  let step = 0;
  if (text[end] === '+' || text[end] === '-') {
    const change = signedNumber(text, end);
    step = change.value;
    end = change.end;
    if (text[end] !== 'x') throw notationError(text, 'expected "x" after a step');
  }
  let count = 0;
  if (text[end] === 'x') ({ count, end } = repetitions(text, end));
  let { value } = first;
  for (let each = 0; each <= count; each++) {
    into.push({ kind: 'float', value });
    value += step;
  }
  return mustEnd(text, end);
}

function signedNumber(
  text: string,
  from: number,
): { readonly value: number; readonly end: number } {
  const sign = text[from] === '-' || text[from] === '+' ? text[from] : '';
  const start = from + sign!.length;
  const word = /^(?:inf|nan)/i.exec(text.slice(start))?.[0];
  // Hexadecimal would be ambiguous with repetitions: what follows an `x` is no part of a number.
  const end =
    word === undefined
      ? scanNumber(text.slice(0, endOfNumber(text, start)), start).end
      : start + word.length;
  const value = numberValue(text.slice(start, end));
  if (value === undefined || end === start) {
    throw notationError(
      text,
      `expected a number or "stale" at ${JSON.stringify(text.slice(from, from + 10))}`,
    );
  }
  return { value: sign === '-' ? -value : value, end };
}

function endOfNumber(text: string, from: number): number {
  const match = /^(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text.slice(from));
  return from + (match?.[0].length ?? 0);
}

function parseHistograms(text: string, from: number, into: SeriesValue[]): number {
  const first = parseHistogram(text, from);
  const { end } = first;
  const push = (histogram: FloatHistogram, hasHint: boolean): void =>
    void into.push({ kind: 'histogram', histogram, hasHint });
  if (text[end] === 'x') {
    const times = repetitions(text, end);
    for (let each = 0; each <= times.count; each++) push(first.histogram, first.hasHint);
    return mustEnd(text, times.end);
  }
  if (text[end] !== '+' && text[end] !== '-') {
    push(first.histogram, first.hasHint);
    return mustEnd(text, end);
  }
  const step = parseHistogram(text, end + 1);
  const times = repetitions(text, step.end);
  let current = first.histogram;
  push(current, step.hasHint);
  for (let each = 0; each < times.count; each++) {
    const sum = new HistogramAccumulator(current);
    const done = text[end] === '+' ? sum.add(step.histogram) : sum.subtract(step.histogram);
    if (done === undefined)
      throw notationError(text, 'histograms of different kinds cannot be added');
    current = sum.toHistogram();
    push(current, step.hasHint);
  }
  return mustEnd(text, times.end);
}
