import { AppError } from '#base';
import { RawNumber, type RecordValue } from '../contract.ts';
import { floatNumber } from '../records/json-print.ts';

/** Names that `Types` knows. */
export type ValueType = 'integer' | 'float' | 'bool' | 'string' | 'hex';

/**
 * `a:integer b:float`; a type that is none of ours leaves its key a string, as in Fluent Bit.
 * @param onUnknown called with each such item
 * @throws {AppError} PARSER_TYPES_INVALID for what is no pair
 */
export function parseTypes(
  text: string,
  onUnknown: (item: string) => void = () => {},
): ReadonlyMap<string, ValueType> {
  const types = new Map<string, ValueType>();
  for (const item of text.trim().split(/\s+/)) {
    if (item === '') continue;
    const colon = item.lastIndexOf(':');
    const type = item.slice(colon + 1).toLowerCase();
    const known = typeNames[type];
    if (colon <= 0) {
      throw new AppError('PARSER_TYPES_INVALID', `"${item}" is not KEY:TYPE`, {
        hint: 'Types are integer, float, bool, string and hex',
      });
    }
    if (known === undefined) onUnknown(item);
    types.set(item.slice(0, colon), known ?? 'string');
  }
  return types;
}

const typeNames: Readonly<Record<string, ValueType>> = {
  integer: 'integer',
  int: 'integer',
  float: 'float',
  bool: 'bool',
  boolean: 'bool',
  string: 'string',
  hex: 'hex',
};

/** Text to a value as C's strtoll, strtod and friends do: what is no number counts as 0. */
export function castValue(text: string, type: ValueType): RecordValue {
  switch (type) {
    case 'string':
      return text;
    case 'integer': {
      const digits = /^\s*([+-]?\d+)/.exec(text)?.[1];
      return digits === undefined ? 0 : integerOf(BigInt(digits));
    }
    case 'hex': {
      const digits = /^\s*(?:0[xX])?([0-9a-fA-F]+)/.exec(text)?.[1];
      return digits === undefined ? 0 : integerOf(BigInt(`0x${digits}`));
    }
    case 'float': {
      const value = Number.parseFloat(text);
      return floatNumber(Number.isFinite(value) ? value : 0);
    }
    case 'bool':
      // By their first letters, as Fluent Bit has it; `yes` and `1` stay what they are.
      return /^true/i.test(text) ? true : /^false/i.test(text) ? false : text;
  }
}

/** A number where a double holds it exactly. */
export function integerOf(value: bigint): number | RawNumber {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : new RawNumber(value.toString());
}
