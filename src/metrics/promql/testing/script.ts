import { AppError } from '#base';
import type { Labels } from '#metrics/model';
import { formatLabels, labelsKey } from '#metrics/model';
import { parseDurationText } from '../parser/duration-text.ts';
import { unquoteText } from '../parser/go-text.ts';
import { parseMetric, parseSeries, type SeriesValue } from './series-notation.ts';
import { parseStarts } from './start-notation.ts';

export interface LoadedSeries {
  readonly labels: Labels;
  readonly values: readonly SeriesValue[];
  /** When each sample's count began, ms relative to the sample. */
  readonly starts: readonly (number | undefined)[] | undefined;
}

export interface LoadCommand {
  readonly kind: 'load';
  readonly line: number;
  readonly stepMs: number;
  readonly series: readonly LoadedSeries[];
  /** Classic histograms are loaded as native ones with custom buckets, too. */
  readonly withCustomBuckets: boolean;
}

/** A text that must match: exactly, by a pattern, or any. */
export type TextMatch = (text: string) => boolean;

export interface Expectations {
  fail: TextMatch | undefined;
  readonly warn: TextMatch[];
  readonly info: TextMatch[];
  hasNoWarn: boolean;
  hasNoInfo: boolean;
  /** From `eval_warn` and its like: any will do. */
  hasAnyWarn: boolean;
  hasAnyInfo: boolean;
  isOrdered: boolean;
  /** `expect string`. */
  text: string | undefined;
  scalar: number | undefined;
  series: { readonly labels: Labels; readonly values: readonly SeriesValue[] }[];
  /** `expect range vector`: when its samples are. */
  range: { readonly startMs: number; readonly endMs: number; readonly stepMs: number } | undefined;
}

export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  readonly query: string;
  /** Undefined: an instant query. */
  readonly range:
    | { readonly startMs: number; readonly endMs: number; readonly stepMs: number }
    | undefined;
  readonly atMs: number;
  readonly expected: Expectations;
}

export type Command = { readonly kind: 'clear' } | LoadCommand | EvalCommand;

const fail = (line: number, reason: string): never => {
  throw new AppError('PROMQL_SCRIPT', `line ${line}: ${reason}`);
};

/**
 * The commands of a test script in the reference's language: `clear`, `load`, `eval`.
 *
 * Source: `promql/promqltest/README.md` of Prometheus.
 *
 * @throws {AppError} PROMQL_SCRIPT, PROMQL_NOTATION
 */
export function parseScript(text: string): Command[] {
  const lines = text.split('\n').map((line) => {
    const trimmed = line.trim();
    return trimmed.startsWith('#') ? '' : trimmed;
  });
  const commands: Command[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!;
    if (line === '') {
      at++;
      continue;
    }
    let end = at + 1;
    while (end < lines.length && lines[end] !== '') end++;
    const word = line.split(/\s/, 1)[0]!.toLowerCase();
    if (word === 'clear') {
      commands.push({ kind: 'clear' });
      at++;
    } else if (word.startsWith('load')) {
      commands.push(parseLoad(line, lines.slice(at + 1, end), at + 1));
      at = end;
    } else if (word.startsWith('eval')) {
      const parsed = parseEval(line, lines.slice(at + 1, end), at + 1);
      commands.push(parsed.command);
      at += 1 + parsed.used;
    } else {
      fail(at + 1, `invalid command ${JSON.stringify(line)}`);
    }
  }
  return commands;
}

function duration(text: string, line: number): number {
  const ms = parseDurationText(text);
  return typeof ms === 'number' ? ms : fail(line, ms.error);
}

function parseLoad(head: string, body: readonly string[], line: number): LoadCommand {
  const match = /^load(?:_(with_nhcb))?\s+(.+?)$/.exec(head);
  if (match === null) return fail(line, 'invalid load command. (load[_with_nhcb] <step:duration>)');
  const series = new Map<string, LoadedSeries>();
  let starts: { readonly labels: Labels; readonly offsets: (number | undefined)[] } | undefined;
  for (const [index, text] of body.entries()) {
    const here = line + 1 + index;
    if (/^\S*@st\s/.test(text)) {
      const cut = text.indexOf('@st');
      starts = {
        labels: parseMetric(text.slice(0, cut)).labels,
        offsets: parseStarts(text.slice(cut + 3)),
      };
      continue;
    }
    const { labels, values } = parseSeries(text);
    if (starts !== undefined) {
      if (labelsKey(starts.labels) !== labelsKey(labels)) {
        fail(here, '@st metric does not match the following sample line metric');
      }
      if (starts.offsets.length !== values.length) {
        fail(
          here,
          `@st line has ${starts.offsets.length} values but sample line has ${values.length}`,
        );
      }
    }
    series.set(labelsKey(labels), { labels, values, starts: starts?.offsets });
    starts = undefined;
  }
  if (starts !== undefined) fail(line + body.length, '@st line has no following sample line');
  return {
    kind: 'load',
    line,
    stepMs: duration(match[2]!, line),
    series: [...series.values()],
    withCustomBuckets: match[1] !== undefined,
  };
}

function parseEval(
  head: string,
  body: readonly string[],
  line: number,
): { readonly command: EvalCommand; readonly used: number } {
  const instant = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$/.exec(
    head,
  );
  const range =
    /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$/.exec(
      head,
    );
  const expected: Expectations = {
    fail: undefined,
    warn: [],
    info: [],
    hasNoWarn: false,
    hasNoInfo: false,
    hasAnyWarn: false,
    hasAnyInfo: false,
    isOrdered: false,
    text: undefined,
    scalar: undefined,
    series: [],
    range: undefined,
  };
  const found = instant ?? range ?? fail(line, 'invalid evaluation command');
  const mode = found[1];
  if (mode === 'fail') expected.fail = () => true;
  else if (mode === 'warn') expected.hasAnyWarn = true;
  else if (mode === 'info') expected.hasAnyInfo = true;
  else if (mode === 'ordered') expected.isOrdered = true;
  const used = parseExpectations(body, line, expected);
  if (instant !== null) {
    const atMs = expected.range?.endMs ?? duration(instant[2] ?? '0', line);
    const query = instant[3]!;
    return { command: { kind: 'eval', line, query, range: undefined, atMs, expected }, used };
  }
  const [startMs, endMs, stepMs] = [2, 3, 4].map((at) => duration(range![at]!, line)) as [
    number,
    number,
    number,
  ];
  const window = { startMs, endMs, stepMs };
  return {
    command: { kind: 'eval', line, query: range![5]!, range: window, atMs: startMs, expected },
    used,
  };
}

/** @returns how many lines belong to the command */
function parseExpectations(body: readonly string[], line: number, into: Expectations): number {
  for (const [index, text] of body.entries()) {
    const here = line + 1 + index;
    const message = /^expected_fail_message\s+(.*)$/.exec(text);
    if (message !== null) {
      into.fail = (actual) => actual === message[1]!.trim();
      return index + 1;
    }
    const pattern = /^expected_fail_regexp\s+(.*)$/.exec(text);
    if (pattern !== null) {
      const regex = new RegExp(pattern[1]!.trim());
      into.fail = (actual) => regex.test(actual);
      return index + 1;
    }
    if (text.startsWith('expect ')) {
      parseExpect(text, here, into);
      continue;
    }
    if (/^[+-]?(?:[\d.]|inf\b|nan\b)/i.test(text)) {
      into.scalar = scalarOf(text, here);
      return index + 1;
    }
    into.series.push(parseExpectedSeries(text, here));
  }
  return body.length;
}

function scalarOf(text: string, line: number): number {
  const infinite = /^([+-]?)inf$/i.exec(text);
  if (infinite !== null)
    return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? fail(line, `expected a number, got ${JSON.stringify(text)}`) : value;
}

function parseExpectedSeries(text: string, line: number): Expectations['series'][number] {
  const { labels, values } = parseSeries(text);
  if (values.length === 0) fail(line, `no value expected for ${formatLabels(labels)}`);
  return { labels, values };
}

function parseExpect(text: string, line: number, into: Expectations): void {
  const range = /^expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$/.exec(text);
  if (range !== null) {
    const [startMs, endMs, stepMs] = range.slice(1).map((each) => duration(each, line)) as [
      number,
      number,
      number,
    ];
    into.range = { startMs, endMs, stepMs };
    return;
  }
  const string = /^expect string\s+(.+)$/.exec(text);
  if (string !== null) {
    into.text = unquoteText(string[1]!);
    return;
  }
  const match = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/.exec(
    text,
  );
  if (match === null) {
    fail(
      line,
      'invalid expect statement, must match `expect <type> <match_type>: <string>` format',
    );
    return;
  }
  const matches = textMatch(match[2], match[3]?.trim() ?? '');
  switch (match[1]) {
    case 'ordered':
      into.isOrdered = true;
      return;
    case 'fail':
      into.fail = matches;
      return;
    case 'warn':
      into.warn.push(matches);
      return;
    case 'info':
      into.info.push(matches);
      return;
    case 'no_warn':
      into.hasNoWarn = true;
      return;
    default:
      into.hasNoInfo = true;
  }
}

function textMatch(kind: string | undefined, text: string): TextMatch {
  if (kind === 'msg') return (actual) => actual === text;
  if (kind === 'regex') {
    const regex = new RegExp(text);
    return (actual) => regex.test(actual);
  }
  return () => true;
}
