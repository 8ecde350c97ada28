/** Changes to a query's text as a person would make them: whole commands, in their own style. */

/** A command between pipes: `[start, end)` without its pipe, trimmed, comments around it left out. */
export interface CommandSpan {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** After these words a slash opens a regular expression; after an operand it divides. */
const beforeRegex = /(?:^|[\s(|,])(?:like|in|and|or|not|by|filter|where)\s*$|[=~<>(,|]\s*$/i;

/** The commands of a query; strings, backticks, comments and regular expressions may hold pipes. */
export function commandsOf(text: string): readonly CommandSpan[] {
  const commands: CommandSpan[] = [];
  let start = 0;
  let depth = 0;
  /** Behind the last character that is no comment and no space. */
  let codeEnd = 0;
  const close = (end: number): void => {
    let from = start;
    for (;;) {
      while (from < end && /\s/.test(text[from] as string)) from++;
      if (text[from] !== '#' || from >= end) break;
      const line = text.indexOf('\n', from);
      from = line === -1 || line > end ? end : line + 1;
    }
    const to = codeEnd;
    const name = /^\w+/.exec(text.slice(from, to))?.[0] ?? '';
    if (to > from) commands.push({ name: name.toLowerCase(), start: from, end: to });
    start = end + 1;
  };
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (char === '"' || char === "'" || char === '`') {
      at = endOfQuoted(text, at, char);
      codeEnd = at;
      continue;
    }
    if (char === '#') {
      const line = text.indexOf('\n', at);
      at = line === -1 ? text.length : line;
      continue;
    }
    if (char === '/') {
      const before = text.slice(start, at);
      if (beforeRegex.test(before) || /^\s*parse\b/i.test(before)) {
        at = endOfQuoted(text, at, '/');
        codeEnd = at;
        continue;
      }
    }
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth = Math.max(0, depth - 1);
    else if (char === '|' && depth === 0) close(at);
    at++;
    if (!/\s/.test(char)) codeEnd = at;
  }
  close(text.length);
  return commands;
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}

/** From these on rows are chosen, ordered or summed up: a condition on events stands before them. */
const afterEvents = new Set([
  'stats',
  'sort',
  'limit',
  'head',
  'tail',
  'dedup',
  'display',
  'pattern',
  'diff',
  'anomaly',
]);
const afterStats = new Set(['sort', 'limit', 'head', 'tail', 'display']);

/** Words that the language takes for its own where a field could stand. */
const reserved = /^(?:and|or|not|like|in|as|by|true|false)$/i;

/** A field's name as it may stand in a query. */
export function fieldText(name: string): string {
  if (reserved.test(name)) return `\`${name}\``;
  return /^@?[\p{L}_][\p{L}\p{N}_@]*(?:\.[\p{L}\p{N}_@]+)*$/u.test(name)
    ? name
    : name
        .split('.')
        .map((part) => (/^[\p{L}_@][\p{L}\p{N}_@]*$/u.test(part) ? part : `\`${part}\``))
        .join('.');
}

/** Numbers stay numbers, so that they are compared as such; zeros in front mean it is a name. */
export function valueText(value: string): string {
  if (/^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(value)) return value;
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/**
 * The query with one more condition. `of: 'row'` when the field is one of a `stats` result: the
 * condition then stands behind the last `stats`. The opposite condition is taken out.
 */
export function withFilter(
  text: string,
  filter: {
    readonly field: string;
    /** Undefined: the field is missing. */
    readonly value: string | undefined;
    readonly mode: 'in' | 'out';
    readonly of: 'event' | 'row';
  },
): string {
  const name = fieldText(filter.field);
  const say = (mode: 'in' | 'out'): string =>
    filter.value === undefined
      ? `filter ${mode === 'in' ? 'not ' : ''}ispresent(${name})`
      : `filter ${name} ${mode === 'in' ? '=' : '!='} ${valueText(filter.value)}`;
  const wanted = say(filter.mode);
  const opposite = say(filter.mode === 'in' ? 'out' : 'in');
  let base = text;
  const taken = commandsOf(base).find(
    (command) => base.slice(command.start, command.end) === opposite,
  );
  if (taken !== undefined) {
    return `${base.slice(0, taken.start)}${wanted}${base.slice(taken.end)}`;
  }
  const commands = commandsOf(base);
  if (commands.some((command) => base.slice(command.start, command.end) === wanted)) return base;
  if (commands.length === 0) base = 'fields @timestamp, @message';
  return insertCommand(base, wanted, filter.of);
}

/** The query with one more command: before its first `stats`, `sort` or the like, or behind the last `stats`. */
export function insertCommand(text: string, command: string, of: 'event' | 'row'): string {
  const commands = commandsOf(text);
  const lastStats = commands.findLastIndex(({ name }) => name === 'stats');
  const from = of === 'row' ? lastStats + 1 : 0;
  const stops = of === 'row' ? afterStats : afterEvents;
  const at = commands.findIndex(({ name }, index) => index >= from && stops.has(name));
  // On a line of its own where a comment may end the one before.
  const pipe = /[\n#]/.test(text) || commands.length > 1 ? '\n| ' : ' | ';
  if (at === -1) return `${text.trimEnd()}${pipe}${command}`;
  const next = commands[at] as CommandSpan;
  const head = text.slice(0, next.start);
  const rest = text.slice(next.start);
  return at === 0 ? `${head}${command}\n| ${rest}` : `${head}${command}\n| ${rest}`;
}

/** The part of a query that chooses events, without what orders, limits or sums them up. */
export function eventPart(text: string): string {
  const commands = commandsOf(text);
  const stop = commands.findIndex(({ name }) => afterEvents.has(name));
  const kept = stop === -1 ? commands : commands.slice(0, stop);
  return kept.map(({ start, end }) => text.slice(start, end)).join('\n| ');
}

/** The values of a field among the events that the query chooses, most frequent first. */
export function valueCountQuery(text: string, field: string, limit: number): string {
  const part = eventPart(text);
  const name = fieldText(field);
  const stats = `stats count(*) as events by ${name} | sort events desc | limit ${limit}`;
  return part === ''
    ? `filter ispresent(${name}) | ${stats}`
    : `${part}\n| filter ispresent(${name})\n| ${stats}`;
}

/** The query with the field among those it shows; undefined when it shows none by name. */
export function withField(text: string, field: string): string | undefined {
  const name = fieldText(field);
  const command = commandsOf(text).find((one) => one.name === 'fields' || one.name === 'display');
  if (command === undefined) {
    return commandsOf(text).some((one) => one.name === 'stats')
      ? undefined
      : `fields @timestamp, @message, ${name}${text.trim() === '' ? '' : `\n| ${text.trim()}`}`;
  }
  const list = text.slice(command.start, command.end);
  const isShown = list.split(/[\s,]+/).includes(name);
  if (isShown) {
    const without = list
      .replace(new RegExp(`,\\s*${RegExp.escape(name)}(?=\\s*(?:,|$))`), '')
      .replace(new RegExp(`(?<=\\s)${RegExp.escape(name)}\\s*,\\s*`), '');
    return `${text.slice(0, command.start)}${without}${text.slice(command.end)}`;
  }
  return `${text.slice(0, command.end)}, ${name}${text.slice(command.end)}`;
}

/** The fields that the first `fields` or `display` names. */
export function shownFields(text: string): readonly string[] {
  const command = commandsOf(text).find((one) => one.name === 'fields' || one.name === 'display');
  if (command === undefined) return [];
  return text
    .slice(command.start + command.name.length, command.end)
    .split(',')
    .map((part) => part.trim().replaceAll('`', ''));
}

/** A POSIX shell's single-quoted word. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same query for the real aws command; its times are whole seconds. */
export function awsCommand(query: {
  readonly text: string;
  readonly language: 'CWLI' | 'SQL';
  readonly groups: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly endpoint: string;
}): string {
  const groups =
    query.groups.length === 0
      ? ''
      : ` \\\n  --log-group-names ${query.groups.map(shellWord).join(' ')}`;
  const language = query.language === 'SQL' ? ' \\\n  --query-language SQL' : '';
  return [
    `id=$(aws logs start-query --endpoint-url ${shellWord(query.endpoint)}${groups}${language} \\`,
    `  --start-time ${Math.floor(query.fromMs / 1000)} --end-time ${Math.ceil(query.toMs / 1000)} \\`,
    `  --query-string ${shellWord(query.text)} \\`,
    '  --query queryId --output text)',
    `aws logs get-query-results --endpoint-url ${shellWord(query.endpoint)} --query-id "$id"`,
  ].join('\n');
}
