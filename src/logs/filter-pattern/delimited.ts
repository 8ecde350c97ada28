import { type Condition, ConditionParser, type Selector } from './condition.ts';
import type { FilterPattern } from './contract.ts';
import { Scanner } from './scanner.ts';

interface Field {
  /** Empty for a blank place. */
  readonly name: string;
  readonly condition: Condition<string> | undefined;
}

/** `[ip, ..., status=5*, bytes]` on messages of words between spaces. */
export function parseDelimitedPattern(text: string): FilterPattern {
  const { fields, rest } = parseFields(text);
  const assign = (message: string): readonly string[] | undefined => {
    const words = splitWords(message);
    return assignWords(words, fields, rest);
  };
  const test = (values: readonly string[] | undefined): values is readonly string[] =>
    values !== undefined &&
    fields.every((field, index) => field.condition?.test(values[index]!) ?? true);
  const named = (values: readonly string[]): Record<string, string> => {
    const found: Record<string, string> = {};
    fields.forEach((field, index) => {
      if (field.name !== '') found[`$${field.name}`] = values[index]!;
    });
    return found;
  };
  return {
    kind: 'delimited',
    text,
    matches: (message) => test(assign(message)),
    extract: (message) => {
      const values = assign(message);
      return test(values) ? named(values) : undefined;
    },
    valueOf: (message, reference) => {
      const values = assign(message);
      return values === undefined ? undefined : named(values)[reference];
    },
    requiredSubstrings: fields.flatMap((field) => field.condition?.literals ?? []),
    explain: () => explain(fields, rest),
    warnings: [],
  };
}

function parseFields(text: string): { fields: Field[]; rest: number | undefined } {
  const scanner = new Scanner(text, text.indexOf('[') + 1);
  const fields: Field[] = [];
  let rest: number | undefined;
  for (;;) {
    scanner.skipSpace();
    if (scanner.take('...')) {
      if (rest !== undefined) scanner.fail('... may stand once only');
      rest = fields.length;
    } else {
      fields.push(parseField(scanner));
    }
    if (scanner.take(']')) break;
    if (!scanner.take(',')) scanner.fail('A comma or the closing ] is expected here');
  }
  scanner.skipSpace();
  if (!scanner.done) scanner.fail('Nothing may follow the closing ]');
  return { fields, rest };
}

const namePattern = /[\p{L}_][\p{L}\p{N}_.-]*/uy;

function parseField(scanner: Scanner): Field {
  const start = scanner.at;
  const opening = scanner.takeMatch(/[(\s]*/y) ?? '';
  const name = scanner.takeMatch(namePattern) ?? '';
  scanner.skipSpace();
  if (scanner.char() === ',' || scanner.char() === ']' || scanner.done) {
    if (opening.includes('(')) scanner.fail('A condition is expected here');
    return { name, condition: undefined };
  }
  scanner.at = start;
  const condition = new ConditionParser<string>(scanner, {
    what: `The name of the field (${name === '' ? 'letters, digits and _' : name})`,
    hasExistence: false,
    selector: (at): Selector<string> | undefined => {
      const from = at.at;
      const repeated = at.takeMatch(namePattern);
      if (repeated === undefined) return undefined;
      if (repeated !== name) {
        at.at = from;
        at.fail(`Conditions of one field repeat its name, ${name}`);
      }
      return { name, select: (value) => [value] };
    },
  }).parse();
  return { name, condition };
}

/** Longer lines are cut into no more words than this. */
const maxWords = 1000;

interface Word {
  readonly text: string;
  readonly start: number;
}

/** Words between spaces; `[…]` and `"…"` are one word each, without their delimiters. */
function splitWords(message: string): {
  readonly message: string;
  readonly words: readonly Word[];
} {
  const words: Word[] = [];
  let at = 0;
  while (at < message.length && words.length < maxWords) {
    const char = message[at]!;
    if (char === ' ' || char === '\t' || char === '\n' || char === '\r') {
      at += 1;
      continue;
    }
    const closing = char === '[' ? ']' : char === '"' ? '"' : '';
    const end = closing === '' ? -1 : message.indexOf(closing, at + 1);
    if (end !== -1) {
      words.push({ text: message.slice(at + 1, end), start: at });
      at = end + 1;
      continue;
    }
    let stop = at + 1;
    while (stop < message.length && !/\s/.test(message[stop]!)) stop += 1;
    words.push({ text: message.slice(at, stop), start: at });
    at = stop;
  }
  return { message, words };
}

/** One text per field, or undefined when the number of words does not fit. */
function assignWords(
  { message, words }: ReturnType<typeof splitWords>,
  fields: readonly Field[],
  rest: number | undefined,
): readonly string[] | undefined {
  if (words.length < fields.length) return undefined;
  if (rest !== undefined) {
    const after = fields.length - rest;
    return fields.map((_, index) =>
      index < rest ? words[index]!.text : words[words.length - after + (index - rest)]!.text,
    );
  }
  if (words.length === fields.length) return words.map((word) => word.text);
  // The last field takes what is left, if nothing is asked of it.
  const last = fields.length - 1;
  if (fields[last]!.condition !== undefined) return undefined;
  return fields.map((_, index) =>
    index < last ? words[index]!.text : message.slice(words[index]!.start),
  );
}

function explain(fields: readonly Field[], rest: number | undefined): string {
  const count = rest === undefined ? `${fields.length}` : `at least ${fields.length}`;
  const conditions = fields.flatMap((field) => field.condition?.explain ?? []);
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  return `The message has ${count} words between spaces${where}`;
}
