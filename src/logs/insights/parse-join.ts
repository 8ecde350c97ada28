import type { Name } from './ast.ts';
import type { CommandContext, CommandShape } from './parser.ts';
import type { TokenReader } from './token-reader.ts';

/** `join type=inner|left left=NAME right=NAME where a.k = b.k [and …] (SOURCE 'group' | …)`. */
export function parseJoin(context: CommandContext): CommandShape {
  const reader: TokenReader = context.reader;
  let type: 'inner' | 'left' = 'inner';
  const sides: { left?: Name; right?: Name } = {};
  while (!reader.isWord('where')) {
    const option = reader.token;
    if (!reader.takeWord('type', 'left', 'right')) {
      reader.fail('JOIN_SYNTAX');
    }
    const name = option.text.toLowerCase();
    reader.expectSymbol('=', `after ${name}`);
    if (name === 'type') {
      const value = reader.token;
      if (!reader.takeWord('inner', 'left')) reader.fail('JOIN_TYPE');
      type = value.text.toLowerCase() === 'left' ? 'left' : 'inner';
    } else {
      sides[name as 'left' | 'right'] = context.name();
    }
  }
  const { left, right } = sides;
  if (left === undefined || right === undefined) {
    return reader.fail('JOIN_NAMES');
  }
  reader.next();
  const on: (readonly [Name, Name])[] = [];
  do {
    const one = context.name();
    if (!reader.takeSymbol('==')) reader.expectSymbol('=', 'between the keys of join');
    on.push([one, context.name()]);
  } while (reader.takeWord('and'));
  reader.expectSymbol('(', 'before the other side of join');
  const query = context.query();
  reader.expectSymbol(')', 'after the other side of join');
  return { kind: 'join', type, left, right, on, query };
}
