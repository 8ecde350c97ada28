import type { MatchCardinality, VectorMatching } from './ast.ts';
import { parseGrouping } from './parse-grouping.ts';
import { isNumberAhead, parseNumber } from './parse-number.ts';
import type { TokenReader } from './reader.ts';

/** What stands between an operator and its right side: `bool on (a) group_left (b) fill (0)`. */
export function parseMatching(reader: TokenReader): {
  readonly isBool: boolean;
  readonly matching: VectorMatching;
} {
  const isBool = reader.accept('bool') !== undefined;
  const by = reader.accept('on') ?? reader.accept('ignoring');
  const labels = by === undefined ? [] : parseGrouping(reader);
  let card: MatchCardinality = 'one-to-one';
  let include: readonly string[] = [];
  if (by !== undefined) {
    const group = reader.accept('group_left') ?? reader.accept('group_right');
    if (group !== undefined) {
      card = group.value === 'group_left' ? 'many-to-one' : 'one-to-many';
      if (reader.isAt('(')) include = parseGrouping(reader);
    }
  }
  const fills = parseFills(reader);
  return { isBool, matching: { card, labels, isOn: by?.value === 'on', include, ...fills } };
}

function parseFills(reader: TokenReader): Pick<VectorMatching, 'fillLeft' | 'fillRight'> {
  if (reader.accept('fill') !== undefined) {
    const value = parseFillValue(reader);
    return { fillLeft: value, fillRight: value };
  }
  let fillLeft: number | undefined;
  let fillRight: number | undefined;
  for (let count = 0; count < 2; count++) {
    if (fillLeft === undefined && reader.accept('fill_left') !== undefined) {
      fillLeft = parseFillValue(reader);
    } else if (fillRight === undefined && reader.accept('fill_right') !== undefined) {
      fillRight = parseFillValue(reader);
    }
  }
  return { fillLeft, fillRight };
}

function parseFillValue(reader: TokenReader): number {
  reader.expect('(');
  const sign = reader.accept('-') ?? reader.accept('+');
  if (!isNumberAhead(reader)) reader.unexpected();
  const { value } = parseNumber(reader);
  reader.expect(')');
  return sign?.value === '-' ? -value : value;
}
