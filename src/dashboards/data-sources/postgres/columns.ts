import type { TableColumn } from '../tabular/column.ts';
import type { ReadRows } from './reader.ts';

/** Object ids of PostgreSQL's own types. */
const typeOfOid: Readonly<Record<number, Exclude<TableColumn['type'], 'string'>>> = {
  16: 'boolean',
  20: 'number',
  21: 'number',
  23: 'number',
  26: 'number',
  700: 'number',
  701: 'number',
  1700: 'number',
  1082: 'time',
  1114: 'time',
  1184: 'time',
};

/** Rows of texts as typed columns; types that are not known stay texts. */
export function sqlColumns({ fields, rows }: ReadRows): readonly TableColumn[] {
  return fields.map(({ name, dataTypeID }, at) => {
    const type = typeOfOid[dataTypeID] ?? 'string';
    const read = readers[type];
    return {
      name,
      type,
      values: rows.map((row) => {
        const text = row[at] ?? null;
        return text === null ? null : read(text);
      }),
    };
  });
}

const readers: Readonly<
  Record<TableColumn['type'], (text: string) => number | string | boolean | null>
> = {
  boolean: (text) => text === 't',
  number: (text) => Number(text),
  string: (text) => text,
  time: parseTime,
};

/** `2024-01-01`, `2024-01-01 00:00:00.123456`, with `+09` or `+09:30`; without a zone it is UTC. */
function parseTime(text: string): number | null {
  const match =
    /^(\d{4,6}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(\.\d+)?)?([+-]\d\d(?::?\d\d)?(?::\d\d)?)?$/.exec(
      text,
    );
  if (match === null) return null;
  const [, date, time = '00:00:00', fraction = '', zone] = match;
  const offset = zone === undefined ? 'Z' : zone.length === 3 ? `${zone}:00` : zone.slice(0, 6);
  const wholeMs = Date.parse(
    `${date!.length > 10 ? `+${date!.padStart(12, '0')}` : date}T${time}${offset}`,
  );
  return Number.isNaN(wholeMs) ? null : wholeMs + Math.floor(Number(`0${fraction}`) * 1000);
}
