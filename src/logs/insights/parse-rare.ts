import type { Expression, Name } from './ast.ts';
import type { CommandContext, CommandShape } from './parser.ts';
import type { TokenReader } from './token-reader.ts';

/** Commands that few queries use. Undefined when the name is none of them. */
export function parseRareCommand(name: string, context: CommandContext): CommandShape | undefined {
  const reader: TokenReader = context.reader;
  const { expressions } = context;
  const expressionList = (): Expression[] => {
    const items = [expressions.parse()];
    while (reader.takeSymbol(',')) items.push(expressions.parse());
    return items;
  };
  switch (name) {
    case 'json':
      return parseJson(context);
    case 'unnest': {
      const list = expressions.operand();
      reader.expectWord('into', 'after the list of unnest');
      return { kind: 'unnest', list, name: context.name() };
    }
    case 'pattern':
      return { kind: 'pattern', source: expressions.operand() };
    case 'diff':
      return {
        kind: 'diff',
        modifier: reader.token.kind === 'name' ? context.name().path.name : undefined,
      };
    case 'anomaly':
      return { kind: 'anomaly' };
    case 'unmask':
      return { kind: 'unmask', items: expressionList() };
    case 'countfrequent':
      reader.takeWord('by');
      return { kind: 'countFrequent', keys: expressionList() };
    case 'addtotals':
      return { kind: 'addtotals', options: parseOptions(context) };
    case 'filldown':
      return { kind: 'filldown', names: context.names() };
    case 'fillmissing':
      return parseFillMissing(context);
    case 'accum': {
      const source = context.name();
      return { kind: 'accum', source, target: reader.takeWord('as') ? context.name() : undefined };
    }
    case 'autoregress':
      return parseAutoregress(context);
    default:
      return undefined;
  }
}

function parseJson(context: CommandContext): CommandShape {
  const reader: TokenReader = context.reader;
  const { expressions } = context;
  let source: Expression | undefined;
  if (reader.takeWord('field')) {
    reader.expectSymbol('=', 'after field');
    source = expressions.operand();
  }
  const items: { key: string; name: string; span: { start: number; end: number } }[] = [];
  do {
    const token = reader.token;
    if (token.kind !== 'string') reader.fail('JSON_KEY');
    reader.next();
    const name = reader.takeWord('as') ? context.name().path.name : token.value;
    items.push({ key: token.value, name, span: { start: token.start, end: token.end } });
  } while (reader.takeSymbol(','));
  return { kind: 'json', source, items };
}

function parseOptions(context: CommandContext): Record<string, string> {
  const reader: TokenReader = context.reader;
  const options: Record<string, string> = {};
  while (reader.token.kind === 'name') {
    const key = reader.next().text.toLowerCase();
    reader.expectSymbol('=', `after ${key}`);
    const value = reader.next();
    options[key] = value.kind === 'string' ? value.value : value.text;
  }
  return options;
}

function parseFillMissing(context: CommandContext): CommandShape {
  const reader: TokenReader = context.reader;
  reader.takeWord('with');
  const token = reader.token;
  if (token.kind !== 'number' && token.kind !== 'string') {
    reader.fail('FILLMISSING_VALUE');
  }
  reader.next();
  reader.takeWord('in');
  const names = reader.token.kind === 'name' ? context.names() : [];
  return { kind: 'fillmissing', value: token.value, names };
}

function parseAutoregress(context: CommandContext): CommandShape {
  const reader: TokenReader = context.reader;
  const source = context.name();
  const target = reader.takeWord('as') ? context.name() : undefined;
  let first = 1;
  let last = 1;
  if (reader.takeWord('p')) {
    reader.expectSymbol('=', 'after p');
    first = wholeNumber(context);
    last = reader.takeSymbol('-') ? wholeNumber(context) : first;
  }
  return { kind: 'autoregress', source, target, first, last };
}

function wholeNumber(context: CommandContext): number {
  const reader: TokenReader = context.reader;
  const token = reader.token;
  if (
    token.kind !== 'number' ||
    !Number.isInteger(token.value) ||
    token.value < 1 ||
    token.value > 100
  ) {
    return reader.fail('DISTANCE_INVALID');
  }
  reader.next();
  return token.value;
}

/** `lookup table key [as field], … OUTPUT|OUTPUTNEW column [as name], …`. */
export function parseLookup(context: CommandContext): CommandShape {
  const reader: TokenReader = context.reader;
  const table = context.name();
  const keys: { column: Name; field: Name | undefined }[] = [];
  do {
    const column = context.name();
    keys.push({ column, field: reader.takeWord('as') ? context.name() : undefined });
  } while (reader.takeSymbol(','));
  const keepExisting = reader.isWord('outputnew');
  if (!reader.takeWord('output', 'outputnew')) {
    reader.fail('LOOKUP_OUTPUT');
  }
  const outputs: { column: Name; alias: Name | undefined }[] = [];
  do {
    const column = context.name();
    outputs.push({ column, alias: reader.takeWord('as') ? context.name() : undefined });
  } while (reader.takeSymbol(','));
  return { kind: 'lookup', table, keys, outputs, keepExisting };
}
