import type { Clock } from '#base';
import type { ParsedLine } from '../container/wishes.ts';
import { createParser, type ParserSpec } from '../parsers/parser.ts';
import { compileTimeFormat } from '../parsers/time-format.ts';
import { printJsonRecord } from '../records/json-print.ts';
import { compileRegex } from '../regex/compile.ts';

/**
 * Parsers that a pod may ask for by `fluentbit.io/parser` where there is no parsers file: those of
 * Fluent Bit's own file that people name, with the same keys.
 */
const webTime = '%d/%b/%Y:%H:%M:%S %z';
const request = '\\[(?<time>[^\\]]*)\\] "(?<method>\\S+)(?: +(?<path>[^"]*?)(?: +\\S*)?)?"';
const response = '(?<code>[^ ]*) (?<size>[^ ]*)';
const client = '(?: "(?<referer>[^"]*)" "(?<agent>[^"]*)")';

const regexes: Readonly<Record<string, readonly [pattern: string, timeFormat: string]>> = {
  apache: [`^(?<host>[^ ]*) [^ ]* (?<user>[^ ]*) ${request} ${response}${client}?$`, webTime],
  apache2: [`^(?<host>[^ ]*) [^ ]* (?<user>[^ ]*) ${request} ${response}${client}?.*$`, webTime],
  nginx: [
    `^(?<remote>[^ ]*) (?<host>[^ ]*) (?<user>[^ ]*) ${request} ${response}${client}?.*$`,
    webTime,
  ],
};

const formats: Readonly<Record<string, ParserSpec['format']>> = {
  json: 'json',
  docker: 'json',
  logfmt: 'logfmt',
  ltsv: 'ltsv',
};

export const podParserNames: readonly string[] = [...Object.keys(regexes), ...Object.keys(formats)];

/** Undefined for a name that is none of them. */
export function podParser(
  name: string,
  clock: Pick<Clock, 'nowMs'>,
): ((text: string) => ParsedLine | undefined) | undefined {
  const [pattern, timeFormat] = Object.hasOwn(regexes, name) ? regexes[name]! : [];
  const format = pattern === undefined ? formats[name] : 'regex';
  if (format === undefined || !podParserNames.includes(name)) return undefined;
  const parser = createParser(
    {
      name,
      format,
      ...(pattern === undefined ? {} : { regex: compileRegex(pattern) }),
      timeKey: 'time',
      ...(timeFormat === undefined ? {} : { timeFormat: compileTimeFormat(timeFormat) }),
      timeKeep: false,
      types: new Map(),
      skipEmptyValues: true,
      noBareKeys: false,
      decoders: [],
    },
    clock,
  );
  return (text) => {
    const parsed = parser.parse(text);
    if (parsed === undefined || parsed.record.size === 0) return undefined;
    const { time } = parsed;
    const timestampMs =
      time === undefined ? undefined : time.seconds * 1000 + Math.floor(time.nanoseconds / 1e6);
    return { json: printJsonRecord(parsed.record), timestampMs };
  };
}
