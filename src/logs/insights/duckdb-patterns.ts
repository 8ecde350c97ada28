import type { StagePrinter } from './duckdb.ts';
import {
  lineTokens,
  maxPatternChars,
  tokenLetter,
  tokenMark,
  tokenMarkEnd,
} from './line-tokens.ts';
import type { Column, Stage } from './plan.ts';
import { sqlInteger, sqlString } from './sql-text.ts';

const dayMs = 86_400_000;

function shapeOf(text: string): string {
  let sql = `substring(${text}, 1, ${maxPatternChars})`;
  for (const [index, [, pattern]] of lineTokens.entries()) {
    // What was replaced already begins with the mark, so that its letters are left alone.
    sql = `regexp_replace(${sql}, ${sqlString(pattern)}, ${sqlString(`${tokenMark}${tokenLetter(index)}${tokenMarkEnd}`)}, 'g')`;
  }
  return sql;
}

/** Gives the marked parts their names and numbers: <Date-1>, <Token-2>. */
function named(shape: string): string {
  const names = lineTokens
    .map(([name], index) => `WHEN ${sqlString(tokenLetter(index))} THEN ${sqlString(name)}`)
    .join(' ');
  const part = `split_part(part, ${sqlString(tokenMarkEnd)}, 1)`;
  const rest = `substring(part, length(${part}) + 2)`;
  return (
    `array_to_string(list_transform(string_split(${shape}, ${sqlString(tokenMark)}), lambda part, i: ` +
    `CASE WHEN i = 1 THEN part ELSE '<' || CASE ${part} ${names} ELSE 'Token' END || '-' || (i - 1) || '>' || ${rest} END), '')`
  );
}

const severity = (text: string): string =>
  `CASE WHEN regexp_matches(${text}, '(?i)\\b(fatal|panic|critical|emerg)\\b') THEN 'FATAL'` +
  ` WHEN regexp_matches(${text}, '(?i)\\b(error|err|exception|failed|failure)\\b|^E') AND NOT regexp_matches(${text}, '(?i)\\blevel=(info|warn|debug)') AND NOT regexp_matches(${text}, '^[IW]\\x{1}') THEN 'ERROR'` +
  ` WHEN regexp_matches(${text}, '(?i)\\b(warn|warning)\\b|^W\\x{1}') THEN 'WARN'` +
  ` WHEN regexp_matches(${text}, '(?i)\\b(debug|trace)\\b') THEN 'DEBUG'` +
  ` WHEN regexp_matches(${text}, '(?i)\\b(info|notice)\\b|^I\\x{1}') THEN 'INFO' ELSE 'UNKNOWN' END`;

/** How far back the range lies that `diff` compares with, in ms. */
export function diffShiftMs(
  shift: 'range' | 'previousday' | 'previousweek' | 'previousmonth',
  rangeMs: number,
): number {
  switch (shift) {
    case 'range':
      return rangeMs;
    case 'previousday':
      return dayMs;
    case 'previousweek':
      return 7 * dayMs;
    case 'previousmonth':
      return 30 * dayMs;
    default:
      return shift satisfies never;
  }
}

export function printPattern(
  printer: StagePrinter,
  stage: Extract<Stage, { kind: 'pattern' }>,
): void {
  const { columns, diff } = stage;
  printer.need([stage.source]);
  const text = printer.expressions.string(stage.source);
  const { fromMs, toMs } = printer.context;
  const within = (shift: number): string =>
    `ts_ms BETWEEN ${sqlInteger(fromMs - shift)} AND ${sqlInteger(toMs - shift)}`;
  const shiftMs = diff === undefined ? 0 : diffShiftMs(diff.shift, printer.rangeMs);
  printer.wrap(`ts_ms, seq, ${shapeOf(text)} AS shape`, `WHERE ${text} IS NOT NULL`);
  const now = diff === undefined ? 'count(*)' : `count(*) FILTER (${within(0)})`;
  const before = diff === undefined ? '0' : `count(*) FILTER (${within(shiftMs)})`;
  // Twenty slices of the range, oldest first, for `anomaly` and for whoever draws them.
  const slice = `CAST(floor((ts_ms - ${sqlInteger(fromMs)}) * 20.0 / ${sqlInteger(printer.rangeMs)}) AS INTEGER)`;
  printer.wrap(
    `shape, ${now} AS n, ${before} AS old, min(seq) AS first_seen, histogram(${slice}) AS slices`,
    'GROUP BY shape',
  );
  const total = `nullif(sum(n) OVER (), 0)`;
  const select = [
    `${named('shape')} AS c${columns.pattern.id}`,
    `n AS c${columns.sampleCount.id}`,
    `CAST(n / ${total} AS DOUBLE) AS c${columns.ratio.id}`,
    `${severity('shape')} AS c${columns.severityLabel.id}`,
    `to_json(list_transform(range(20), lambda i: coalesce(slices[i], 0))) AS c${columns.slices.id}`,
    'CAST(sum(n) OVER () AS BIGINT) AS matched',
    'first_seen',
    'slices',
  ];
  if (diff !== undefined) {
    select.push(
      `old AS c${diff.previousCount.id}`,
      `(n - old) AS c${diff.difference.id}`,
      `round((n - old) * 100.0 / nullif(old, 0), 2) AS c${diff.differencePercent.id}`,
    );
  }
  printer.wrap(select.join(', '), diff === undefined ? '' : 'WHERE n > 0 OR old > 0');
  printer.hasMatched = true;
  const strongest =
    diff === undefined ? `c${columns.sampleCount.id}` : `abs(c${diff.difference.id})`;
  printer.forgetEvents([`${strongest} DESC`, 'first_seen']);
}

/**
 * How far the newest slice of the range lies from the mean of the others, in standard deviations;
 * patterns within three of them are left out.
 */
export function printAnomaly(printer: StagePrinter, score: Column): void {
  const count = (i: number): string => `coalesce(slices[${i}], 0)`;
  const others = Array.from({ length: 19 }, (_, i) => count(i)).join(', ');
  const mean = `list_avg([${others}])`;
  const spread = `greatest(list_stddev_samp([${others}]), 1)`;
  printer.wrap(`*, round((${count(19)} - ${mean}) / ${spread}, 2) AS c${score.id}`);
  printer.wrap('*', `WHERE abs(c${score.id}) >= 3`);
  printer.order = [`abs(c${score.id}) DESC`, ...printer.order];
}
