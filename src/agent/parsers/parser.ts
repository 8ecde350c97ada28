import type { Clock } from '#base';
import type { EventTime, ParsedText, RecordMap, RecordValue, TextParser } from '../contract.ts';
import { textOf } from '../records/accessor.ts';
import { parseJsonRecord } from '../records/json-parse.ts';
import type { Regex } from '../regex/compile.ts';
import type { FieldDecoder } from './decode.ts';
import { parseLogfmt, parseLtsv } from './pairs.ts';
import type { TimeFormat } from './time-format.ts';
import { castValue, type ValueType } from './types.ts';

/** A `[PARSER]` section, checked. */
export interface ParserSpec {
  readonly name: string;
  readonly format: 'json' | 'regex' | 'ltsv' | 'logfmt';
  /** For `regex`. */
  readonly regex?: Regex;
  readonly timeKey: string;
  readonly timeFormat?: TimeFormat;
  readonly timeKeep: boolean;
  readonly types: ReadonlyMap<string, ValueType>;
  /** Regex: captures that are empty give no key. */
  readonly skipEmptyValues: boolean;
  readonly noBareKeys: boolean;
  readonly decoders: readonly FieldDecoder[];
  /** Called with each time that does not fit, where `Time_Strict` is on. */
  readonly onBadTime?: (text: string) => void;
}

export function createParser(spec: ParserSpec, clock: Pick<Clock, 'nowMs'>): TextParser {
  const read = readers[spec.format];
  return {
    name: spec.name,
    parse: (text) => {
      const record = read(text, spec);
      if (record === undefined) return undefined;
      for (const decoder of spec.decoders) decoder(record);
      const time = takeTime(record, spec, clock);
      return time === undefined ? { record } : ({ record, time } satisfies ParsedText);
    },
  };
}

type Reader = (text: string, spec: ParserSpec) => RecordMap | undefined;

const readers: Readonly<Record<ParserSpec['format'], Reader>> = {
  // The values have types of their own: `types` are for text.
  json: (text) => parseJsonRecord(text),
  regex: (text, spec) => {
    const match = spec.regex?.exec(text);
    if (spec.regex === undefined || match === undefined) return undefined;
    const record: RecordMap = new Map();
    for (const [name, indexes] of spec.regex.names) {
      let value = match[indexes[0]!];
      // A name may stand on several groups; the last that took part counts.
      for (const index of indexes) value = match[index] ?? value;
      if (value === undefined) continue;
      if (value === '' && spec.skipEmptyValues) continue;
      record.set(name, cast(spec, name, value));
    }
    return record;
  },
  ltsv: (text, spec) => castPairs(parseLtsv(text), spec),
  logfmt: (text, spec) => castPairs(parseLogfmt(text, spec.noBareKeys), spec),
};

function castPairs(record: RecordMap | undefined, spec: ParserSpec): RecordMap | undefined {
  if (record === undefined) return undefined;
  for (const key of spec.types.keys()) {
    const value = record.get(key);
    if (typeof value === 'string') record.set(key, cast(spec, key, value));
  }
  return record;
}

function cast(spec: ParserSpec, key: string, value: string): RecordValue {
  const type = spec.types.get(key);
  return type === undefined ? value : castValue(value, type);
}

function takeTime(
  record: RecordMap,
  spec: ParserSpec,
  clock: Pick<Clock, 'nowMs'>,
): EventTime | undefined {
  if (spec.timeFormat === undefined) return undefined;
  const value = record.get(spec.timeKey);
  if (value === undefined) return undefined;
  const text = textOf(value);
  const time = spec.timeFormat.parse(text, clock.nowMs());
  if (time === undefined) {
    spec.onBadTime?.(text);
    return undefined;
  }
  if (!spec.timeKeep) record.delete(spec.timeKey);
  return time;
}
