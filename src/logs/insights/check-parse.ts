import type { Command, Expression } from './ast.ts';
import type { PlanChecker } from './check.ts';
import { checkRegex } from './check-expression.ts';
import type { Span } from './diagnostics.ts';
import type { PlanExpression } from './plan.ts';
import { escapeRegex, type Regex } from './regex.ts';

/** `parse` with a glob, a regular expression, logfmt or csv. */
export function checkParse(
  checker: PlanChecker,
  command: Extract<Command, { kind: 'parse' }>,
): void {
  const source = sourceOf(checker, command.source, command);
  const { pattern, names } = command;
  switch (pattern.kind) {
    case 'glob': {
      const parts = pattern.text.split(/(?<!\\)\*/).map((part) => part.replaceAll('\\*', '*'));
      if (parts.length - 1 !== names.length) {
        checker.diagnostics.error(pattern, 'PARSE_GLOB_NAMES', {
          stars: parts.length - 1,
          names: names.length,
        });
        return;
      }
      const regex = globRegex(parts);
      capture(
        checker,
        source,
        regex,
        names.map((name, index) => ({ group: index + 1, name: name.path.name })),
        command.multi,
      );
      return;
    }
    case 'regex':
      parseRegex(checker, source, command, checkRegex(pattern, checker.diagnostics));
      return;
    case 'logfmt': {
      const column = checker.scope.newColumn(names[0]?.path.name ?? 'logfmt', 'json');
      checker.stages.push({ kind: 'logfmt', source, column });
      checker.show(column.name, column);
      return;
    }
    case 'csv': {
      if (names.length === 0) {
        checker.diagnostics.error(pattern, 'PARSE_CSV_NAMES');
      }
      const columns = names.map((name) => checker.scope.newColumn(name.path.name, 'string'));
      checker.stages.push({ kind: 'csv', source, columns });
      for (const column of columns) checker.show(column.name, column);
      return;
    }
    default:
      pattern satisfies never;
  }
}

function parseRegex(
  checker: PlanChecker,
  source: PlanExpression,
  command: Extract<Command, { kind: 'parse' }>,
  regex: Regex,
): void {
  const named = regex.groups.flatMap((name, index) =>
    name === undefined ? [] : [{ group: index + 1, name }],
  );
  const plain = regex.groups.flatMap((name, index) => (name === undefined ? [index + 1] : []));
  if (command.names.length > 0 && plain.length !== command.names.length) {
    checker.diagnostics.error(command.pattern, 'PARSE_REGEX_NAMES', {
      groups: plain.length,
      names: command.names.length,
    });
    return;
  }
  const listed = command.names.map((name, index) => ({
    group: plain[index]!,
    name: name.path.name,
  }));
  if (named.length + listed.length === 0 && !checker.diagnostics.hasErrors) {
    checker.diagnostics.error(command.pattern, 'PARSE_NO_GROUPS');
    return;
  }
  capture(checker, source, regex, [...named, ...listed], command.multi);
}

function capture(
  checker: PlanChecker,
  source: PlanExpression,
  regex: Regex,
  captures: readonly { readonly group: number; readonly name: string }[],
  multi: boolean,
): void {
  const columns = captures.map(({ group, name }) => ({
    group,
    column: checker.scope.newColumn(name, 'string'),
  }));
  checker.stages.push({ kind: 'parse', source, regex, captures: columns, multi });
  for (const { column } of columns) checker.show(column.name, column);
}

/** `json`: fields of a text that is JSON. */
export function checkJson(checker: PlanChecker, command: Extract<Command, { kind: 'json' }>): void {
  const source = sourceOf(checker, command.source, command);
  const object: PlanExpression = {
    kind: 'call',
    name: 'jsonparse',
    args: [source],
    type: 'json',
  };
  for (const item of command.items) {
    const steps = item.key
      .split('.')
      .flatMap((part) => part.split(/\[(\d+)\]/).filter((one) => one !== ''));
    checker.addColumn(item.name, { kind: 'access', object, steps, type: 'string' }, item.span);
  }
}

function sourceOf(
  checker: PlanChecker,
  source: Expression | undefined,
  span: Span,
): PlanExpression {
  if (source !== undefined) return checker.check(source);
  return checker.scope.resolve(
    { name: '@message', segments: [{ text: '@message', quoted: false }] },
    { start: span.start, end: span.start + 5 },
  );
}

/** Literal parts to a lazy pattern; the last `*` of all takes the rest. */
function globRegex(parts: readonly string[]): Regex {
  let source = '(?s)';
  parts.forEach((part, index) => {
    source += escapeRegex(part);
    if (index === parts.length - 1) return;
    const last = index === parts.length - 2 && parts.at(-1) === '';
    source += last ? '(.*)' : '(.*?)';
  });
  return { source, groups: parts.slice(1).map(() => undefined), literals: [] };
}
