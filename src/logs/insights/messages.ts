/** Codes are added, never renamed: translations go by them. */
export type DiagnosticCode =
  | 'AFTER_DEDUP'
  | 'AGGREGATE_MISPLACED'
  | 'AGGREGATE_NOT_SCALAR'
  | 'ALIAS_EXPECTED'
  | 'ANOMALY_WITHOUT_PATTERN'
  | 'ARGUMENTS_WRONG'
  | 'ARGUMENT_NOT_TEXT'
  | 'BACKTICK_OPEN'
  | 'BETWEEN_STATS'
  | 'BIN_AFTER_STATS'
  | 'CHARACTER_UNEXPECTED'
  | 'COMMANDS_UNSEPARATED'
  | 'COMMAND_EXPECTED'
  | 'COMMAND_UNSUPPORTED'
  | 'DATE_FORMAT_INVALID'
  | 'DIFF_MODIFIER'
  | 'DIFF_WITHOUT_PATTERN'
  | 'DISTANCE_INVALID'
  | 'FIELD_EXPECTED'
  | 'FILLMISSING_VALUE'
  | 'FUNCTION_UNKNOWN'
  | 'JOIN_COMMAND_UNFIT'
  | 'JOIN_KEYS'
  | 'JOIN_KEY_NOT_SCALAR'
  | 'JOIN_NAMES'
  | 'JOIN_SAME_NAMES'
  | 'JOIN_SYNTAX'
  | 'JOIN_TWICE'
  | 'JOIN_TYPE'
  | 'JSON_KEY'
  | 'LIMIT_EXPECTED'
  | 'LIMIT_INVALID'
  | 'LIST_MISPLACED'
  | 'LOOKUP_COLUMN_UNKNOWN'
  | 'LOOKUP_OUTPUT'
  | 'LOOKUP_TABLE_UNKNOWN'
  | 'NAME_GONE'
  | 'NOT_SCALAR'
  | 'NUMBER_NOT_POSITIVE'
  | 'OFFSET_MISPLACED'
  | 'OPERAND_EXPECTED'
  | 'OPERAND_RESERVED'
  | 'PARSE_CSV_NAMES'
  | 'PARSE_GLOB_NAMES'
  | 'PARSE_NO_GROUPS'
  | 'PARSE_PATTERN'
  | 'PARSE_REGEX_NAMES'
  | 'PERCENTILE_INVALID'
  | 'PERIOD_CUT'
  | 'PERIOD_EXPECTED'
  | 'PERIOD_INVALID'
  | 'PERIOD_MISPLACED'
  | 'PERIOD_MISSING'
  | 'QUERY_EMPTY'
  | 'QUERY_TOO_LONG'
  | 'REDEFINED'
  | 'REGEX_EXPECTED'
  | 'REGEX_INVALID'
  | 'REGEX_MISPLACED'
  | 'REGEX_OPEN'
  | 'SORT_WITHOUT_EFFECT'
  | 'SOURCE_FIRST'
  | 'SOURCE_NAMES'
  | 'SOURCE_OPTION'
  | 'STATS_EMPTY'
  | 'STATS_TOO_MANY'
  | 'STRING_OPEN'
  | 'SUBQUERY_COLUMNS'
  | 'SUBQUERY_NESTED'
  | 'SYMBOL_MISSING'
  | 'SYMBOL_UNEXPECTED'
  | 'TEXT_EXPECTED'
  | 'TIME_ZONE_UNKNOWN'
  | 'TOO_COMPLEX'
  | 'TOO_DEEP';

/**
 * Everything that is said about a query, by code: message and hint, with `{params}`. Messages are
 * those of CloudWatch where it has one; in `symbol` stands what was found at the place.
 *
 * `near`, where it is given, is the name that was probably meant, and then the hint.
 */
const unexpected = 'unexpected symbol found {symbol}';
const malformed = 'Query cannot be compiled';

const catalogue: Readonly<Record<DiagnosticCode, readonly [message: string, hint?: string]>> = {
  AFTER_DEDUP: [unexpected, 'Only limit may follow dedup.'],
  AGGREGATE_MISPLACED: [unexpected, '{name}() can stand in stats only.'],
  AGGREGATE_NOT_SCALAR: [malformed, 'A map or a list cannot be aggregated.'],
  ALIAS_EXPECTED: [unexpected, 'A name is expected after "as".'],
  ANOMALY_WITHOUT_PATTERN: [malformed, 'anomaly has to be used after pattern.'],
  ARGUMENTS_WRONG: [unexpected, '{name} is called as {signature}.'],
  ARGUMENT_NOT_TEXT: [malformed, 'This argument must be text in quotes.'],
  BACKTICK_OPEN: [unexpected, 'This field name has no closing `.'],
  BETWEEN_STATS: [unexpected, 'With two stats, sort and limit must come after the second.'],
  BIN_AFTER_STATS: [
    'Unknown symbols found in or after stats: @timestamp',
    'bin() needs @timestamp, which is gone after stats; use dateceil or datefloor on a column.',
  ],
  CHARACTER_UNEXPECTED: [
    unexpected,
    'Put a field name with special characters in backticks, and text in quotes.',
  ],
  COMMANDS_UNSEPARATED: [unexpected, 'Commands are separated by |.'],
  COMMAND_EXPECTED: [unexpected, 'A command such as fields, filter or stats is expected here.'],
  COMMAND_UNSUPPORTED: ['the command {command} is not supported'],
  DATE_FORMAT_INVALID: [malformed, '"{part}" stands for no part of a date: write {example}.'],
  DIFF_MODIFIER: [unexpected, 'diff knows previousDay, previousWeek and previousMonth.'],
  DIFF_WITHOUT_PATTERN: [
    'Diff compilation Failed : Diff operation has to be used after Pattern',
    'Put "pattern @message" right before diff.',
  ],
  DISTANCE_INVALID: [unexpected, 'A whole number from 1 to 100 is expected here.'],
  FIELD_EXPECTED: [unexpected, 'The name of a field is expected here.'],
  FILLMISSING_VALUE: [unexpected, 'fillmissing wants the value to put in: fillmissing 0 field.'],
  FUNCTION_UNKNOWN: [unexpected, 'There is no function named {symbol}.'],
  JOIN_COMMAND_UNFIT: [malformed, '{command} cannot stand in the other side of a join.'],
  JOIN_KEYS: [malformed, 'A key of each side is compared: {left}.key={right}.key.'],
  JOIN_KEY_NOT_SCALAR: [malformed, 'A map or a list cannot be a key.'],
  JOIN_NAMES: [unexpected, 'join wants a name for each side: left=a right=b.'],
  JOIN_SAME_NAMES: [malformed, 'The sides of a join need different names.'],
  JOIN_SYNTAX: [
    unexpected,
    'join is written: join type=inner left=a right=b where a.key=b.key (SOURCE …).',
  ],
  JOIN_TWICE: [malformed, 'A query can hold one join.'],
  JOIN_TYPE: [unexpected, 'A join is of type inner or left.'],
  JSON_KEY: [unexpected, 'json wants a key in quotes, such as "a.b".'],
  LIMIT_EXPECTED: [unexpected, 'A number of rows is expected after "limit".'],
  LIMIT_INVALID: [unexpected, 'The limit is a whole number from 1 to {max}.'],
  LIST_MISPLACED: [unexpected, 'A list can stand after in only.'],
  LOOKUP_COLUMN_UNKNOWN: ['Lookup table {table} has no column {column}{guess}'],
  LOOKUP_OUTPUT: [unexpected, 'OUTPUT or OUTPUTNEW with the columns to add is missing.'],
  LOOKUP_TABLE_UNKNOWN: ['There is no lookup table named {table}{guess}'],
  NAME_GONE: [
    'Unknown symbols found in or after stats: {name}',
    'After stats only its own columns can be named.',
  ],
  NOT_SCALAR: [malformed, 'A map or a list cannot stand here.'],
  NUMBER_NOT_POSITIVE: [malformed, 'This must be a positive number.'],
  OFFSET_MISPLACED: ['unexpected symbol found offset', 'offset may follow bin() only.'],
  OPERAND_EXPECTED: [unexpected, 'A field, a value or a function is expected here.'],
  OPERAND_RESERVED: [
    unexpected,
    'A field, a value or a function is expected here; a field of this name needs backticks.',
  ],
  PARSE_CSV_NAMES: [malformed, 'parse … csv wants names: csv as a, b.'],
  PARSE_GLOB_NAMES: [malformed, 'The pattern has {stars} * but "as" gives {names} names.'],
  PARSE_NO_GROUPS: [malformed, 'The expression needs named groups, such as /user=(?<user>\\S+)/.'],
  PARSE_PATTERN: [unexpected, 'parse wants a "glob *", a /regex/, logfmt or csv after the field.'],
  PARSE_REGEX_NAMES: [
    malformed,
    'The expression has {groups} unnamed groups but "as" gives {names} names.',
  ],
  PERCENTILE_INVALID: [malformed, 'The percentile is a number from 0 to 100.'],
  PERIOD_CUT: [
    'The period {from} is cut down to {to}, as in CloudWatch',
    'Use the next larger unit.',
  ],
  PERIOD_EXPECTED: [
    'unexpected symbol found in a period',
    'A period is a number with a unit: 30s, 5m, 1h, 1d, 1w, 1mo.',
  ],
  PERIOD_INVALID: [unexpected, 'A period is a number with a unit: 30s, 5m, 1h, 1d, 1w, 1mo.'],
  PERIOD_MISPLACED: [
    unexpected,
    'A period can stand inside bin(), datefloor() and dateceil() only.',
  ],
  PERIOD_MISSING: [malformed, '{signature} needs a period.'],
  QUERY_EMPTY: [malformed, 'The query has no command.'],
  QUERY_TOO_LONG: [malformed, 'A query is at most {max} characters long.'],
  REDEFINED: [malformed, '{name} cannot be redefined.'],
  REGEX_EXPECTED: [malformed, 'A /regex/ is expected here.'],
  REGEX_INVALID: [malformed, 'In this regular expression: {fault}.'],
  REGEX_MISPLACED: [unexpected, 'A regular expression can stand after like, =~ and parse only.'],
  REGEX_OPEN: [unexpected, 'This regular expression has no closing /.'],
  SORT_WITHOUT_EFFECT: ['{name} is gone after stats: this sort has no effect'],
  SOURCE_FIRST: [unexpected, 'SOURCE stands at the beginning of a query.'],
  SOURCE_NAMES: [unexpected, 'SOURCE wants logGroups(…) or names in quotes.'],
  SOURCE_OPTION: [unexpected, 'logGroups knows namePrefix, accountIdentifiers and class.'],
  STATS_EMPTY: [malformed, 'stats needs an aggregate such as count(*).'],
  STATS_TOO_MANY: ['unexpected symbol found stats', 'A query may hold at most two stats.'],
  STRING_OPEN: [unexpected, 'This string has no closing {symbol}.'],
  SUBQUERY_COLUMNS: [
    malformed,
    'A subquery after "in" must give exactly one column: end it with fields or stats … by.',
  ],
  SUBQUERY_NESTED: [
    malformed,
    'A subquery cannot hold another subquery, and a query at most ten of them.',
  ],
  SYMBOL_MISSING: [unexpected, '"{missing}" is missing {where}.'],
  SYMBOL_UNEXPECTED: [unexpected],
  TEXT_EXPECTED: [unexpected, 'Text in quotes is expected here.'],
  TIME_ZONE_UNKNOWN: [malformed, 'There is no time zone named {zone}: write Asia/Seoul or UTC.'],
  TOO_COMPLEX: [malformed, 'It has too many commands, or functions nested too deeply.'],
  TOO_DEEP: [unexpected, 'The expression is nested too deeply.'],
};

export type DiagnosticParams = Readonly<Record<string, string | number | undefined>>;

export const diagnosticCodes: readonly DiagnosticCode[] = Object.keys(
  catalogue,
) as DiagnosticCode[];

/** A code in English, and its params without those that are undefined. */
export function wordsOf(
  code: DiagnosticCode,
  given: DiagnosticParams,
): {
  readonly message: string;
  readonly hint: string | undefined;
  readonly params: Readonly<Record<string, string | number>>;
} {
  const [message, hint] = catalogue[code];
  const params: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) params[name] = value;
  const { near, columns } = params;
  // The clients of AWS show no hints: these two carry theirs in the message.
  const hasGuess = message.includes('{guess}');
  const guess =
    near !== undefined
      ? ` (did you mean "${near}"?)`
      : columns !== undefined
        ? ` (it has ${columns})`
        : '';
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) =>
      name === 'guess' ? guess : String(params[name] ?? ''),
    );
  const isEnd = message === unexpected && params['symbol'] === '';
  return {
    message: isEnd ? 'unexpected end of query' : fill(message),
    hint:
      near !== undefined && !hasGuess
        ? `Did you mean "${near}"?`
        : hint === undefined
          ? undefined
          : fill(hint),
    params,
  };
}
