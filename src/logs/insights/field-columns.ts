import { type PrintOptions, type Raw, rawKey } from './duckdb.ts';
import {
  extractAll,
  fieldFromExtracted,
  hasJsonFragments,
  isJsonOnly,
  jsonPointers,
} from './duckdb-fields.ts';

/** What a store with columns for JSON fields needs to know of a statement. */
export interface FieldColumnsPlan {
  readonly columns: readonly { readonly pointer: string; readonly name: string }[];
  /** The fields as columns `name`, from a relation with messages. */
  readonly derive: (relation: string) => string;
  /** To print the statement over a relation that has these columns and no message. */
  readonly options: (relation: string) => PrintOptions;
}

/**
 * How a statement reads if the store has its fields as columns; undefined where it needs messages
 * anyway. `print` gives all SQL that will be printed with the result's options.
 */
export function planFieldColumns(
  groups: readonly string[],
  options: PrintOptions,
  print: (options: PrintOptions) => string | undefined,
): FieldColumnsPlan | undefined {
  if (groups.some(hasJsonFragments)) return undefined;
  const raws = new Map<string, Raw>();
  const fieldColumn = (raw: Raw): string | undefined => {
    if (!isJsonOnly(raw.name)) return undefined;
    const key = rawKey(raw);
    raws.set(key, raws.get(key) ?? raw);
    return `field${[...raws.keys()].indexOf(key)}`;
  };
  const printed = print({ ...options, relation: 'events', fieldColumn });
  // A text of the query with this word in it costs the shortcut, nothing else.
  if (printed === undefined || /\bmessage\b/i.test(printed)) return undefined;
  const fields = [...raws.values()].map((raw, index) => ({
    raw,
    pointers: jsonPointers(raw.path),
    name: `field${index}`,
  }));
  return {
    columns: fields.map(({ pointers, name }) => ({ pointer: pointers[0]!, name })),
    derive: (relation) => {
      const events = 'log_group, log_stream, ts_ms, ingest_ms, seq';
      if (fields.length === 0) return `(SELECT ${events} FROM ${relation})`;
      const list = extractAll(fields.map(({ pointers }) => pointers[0]!));
      const columns = fields.map(({ raw, pointers, name }, index) => {
        const extracted = fields.length === 1 ? 'found' : `found[${index + 1}]`;
        return `${fieldFromExtracted(raw.name, pointers, extracted)} AS ${name}`;
      });
      return `(SELECT ${events}, ${columns.join(', ')} FROM (SELECT *, ${list} AS found FROM ${relation}))`;
    },
    options: (relation) => ({ ...options, relation, fieldColumn }),
  };
}
