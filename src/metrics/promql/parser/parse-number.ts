import type { NumberLiteral } from './ast.ts';
import { parseDurationText } from './duration-text.ts';
import type { TokenReader } from './reader.ts';
import { numberValue } from './scan-number.ts';

/** A number, or a duration as its seconds. */
export function parseNumber(reader: TokenReader): NumberLiteral {
  const token = reader.take();
  const span = { start: token.start, end: token.end };
  if (token.kind === 'number') {
    const value = numberValue(token.text);
    if (value === undefined) {
      const reason = /^\d+$/.test(token.text) ? 'value out of range' : 'invalid syntax';
      reader.fail(
        token,
        `error parsing number: strconv.ParseFloat: parsing ${JSON.stringify(token.text)}: ${reason}`,
      );
    }
    return { kind: 'number', value, isDuration: false, span };
  }
  const durationMs = parseDurationText(token.text);
  if (typeof durationMs !== 'number') reader.fail(token, durationMs.error);
  return { kind: 'number', value: durationMs / 1000, isDuration: true, span };
}

export const isNumberAhead = (reader: TokenReader): boolean =>
  reader.peek().kind === 'number' || reader.peek().kind === 'duration';
