import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { AppError, type Clock } from '#base';
import type { Collection, StateStore } from '#state';
import type { LookupRequest, LookupRow, LookupTableInfo, LookupTables } from './contract.ts';
import { parseCsvTable } from './csv.ts';

/** CloudWatch's bounds. */
export const maxLookupTables = 100;
export const maxLookupTableBytes: number = 10 * 1024 * 1024;
const maxNameLength = 256;
/** A saved object has a bound of its own: a table is saved in pieces of this many characters. */
const pieceChars = 4 * 1024 * 1024;
/** CSV text kept in memory between queries, in characters. */
const maxCachedChars = 32 * 1024 * 1024;

interface SavedTable extends LookupTableInfo {
  /** Which of two places holds the text: an update writes to the other one. */
  readonly slot: 0 | 1;
  readonly pieces: number;
}

export interface LookupTablesOptions {
  readonly state: Pick<StateStore, 'collection'>;
  readonly clock: Clock;
}

/** Reads what tables there are; their text is read when it is asked for. */
export async function openLookupTables(options: LookupTablesOptions): Promise<LookupTables> {
  const tables = options.state.collection<SavedTable>('lookup-tables');
  const saved = await tables.list();
  return new SavedLookupTables(options, tables, new Map(saved.map(({ id, value }) => [id, value])));
}

class SavedLookupTables implements LookupTables {
  readonly #clock: Clock;
  readonly #tables: Collection<SavedTable>;
  readonly #pieces: Collection<string>;
  readonly #known: Map<string, SavedTable>;
  /** By name, the text read last at the end. */
  readonly #cache = new Map<string, { readonly updatedMs: number; readonly csv: string }>();
  /** Changes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    { state, clock }: LookupTablesOptions,
    tables: Collection<SavedTable>,
    known: Map<string, SavedTable>,
  ) {
    this.#clock = clock;
    this.#tables = tables;
    this.#pieces = state.collection<string>('lookup-table-pieces');
    this.#known = known;
  }

  list(): readonly LookupTableInfo[] {
    return [...this.#known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): LookupTableInfo | undefined {
    return this.#known.get(name);
  }

  create(table: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly csv: string;
  }): Promise<LookupTableInfo> {
    const { name, description, csv } = table;
    return this.#inTurn(async () => {
      if (name.length > maxNameLength || !/^[A-Za-z0-9_]+$/.test(name)) {
        throw new AppError('LOOKUP_TABLE_INVALID', `"${name}" cannot name a lookup table`, {
          hint: `A name has 1 to ${maxNameLength} letters, digits and underscores`,
        });
      }
      if (this.#known.has(name)) {
        throw new AppError('LOOKUP_TABLE_EXISTS', `Lookup table ${name} already exists`);
      }
      if (this.#known.size >= maxLookupTables) {
        throw new AppError('LOOKUP_TABLE_LIMIT', `There are ${maxLookupTables} tables already`);
      }
      const nowMs = this.#clock.nowMs();
      return this.#save({ name, description, createdMs: nowMs, updatedMs: nowMs, slot: 0 }, csv);
    });
  }

  update(
    name: string,
    change: { readonly description?: string | undefined; readonly csv?: string | undefined },
  ): Promise<LookupTableInfo> {
    return this.#inTurn(async () => {
      const table = this.#mustHave(name);
      const { description = table.description, csv } = change;
      // Two updates in one millisecond are two versions for whoever has kept the first.
      const updatedMs = Math.max(this.#clock.nowMs(), table.updatedMs + 1);
      if (csv !== undefined) {
        const slot = table.slot === 0 ? 1 : 0;
        return this.#save({ ...table, description, updatedMs, slot }, csv);
      }
      const changed = { ...table, description };
      await this.#tables.put(name, changed);
      this.#known.set(name, changed);
      return changed;
    });
  }

  delete(name: string): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!this.#known.has(name)) return false;
      await this.#tables.delete(name);
      this.#known.delete(name);
      this.#cache.delete(name);
      await this.#deletePieces(name);
      return true;
    });
  }

  async csv(name: string): Promise<string> {
    const { updatedMs, slot, pieces } = this.#mustHave(name);
    const cached = this.#cache.get(name);
    if (cached?.updatedMs === updatedMs) {
      this.#keep(name, cached);
      return cached.csv;
    }
    const parts: string[] = [];
    for (let piece = 0; piece < pieces; piece++) {
      const saved = await this.#pieces.get(pieceId(name, slot, piece));
      if (saved === undefined) throw new AppError('LOOKUP_TABLE_NOT_FOUND', `${name} was changed`);
      parts.push(saved.value);
    }
    const packed = Buffer.from(parts.join(''), 'base64');
    const csv = await promisify(gunzip)(packed, { maxOutputLength: maxLookupTableBytes });
    const text = csv.toString('utf8');
    if (this.#known.get(name)?.updatedMs === updatedMs) this.#keep(name, { updatedMs, csv: text });
    return text;
  }

  async rows({ table, keys, outputs }: LookupRequest): Promise<readonly LookupRow[]> {
    const { columns, rows } = parseCsvTable(await this.csv(table));
    const placeOf = (name: string): number => {
      const place = columns.indexOf(name);
      if (place !== -1) return place;
      throw new AppError('QUERY_MALFORMED', `Lookup table ${table} has no column ${name} any more`);
    };
    const keyPlaces = keys.map(placeOf);
    const places = [...keyPlaces, ...outputs.map(placeOf)];
    const found = new Map<string, LookupRow>();
    for (const row of rows) {
      const key = keyPlaces.map((place) => row[place]);
      if (key.some((one) => one === null)) continue;
      const id = key.length === 1 ? key[0]! : JSON.stringify(key);
      if (!found.has(id))
        found.set(
          id,
          places.map((place) => row[place]!),
        );
    }
    return [...found.values()];
  }

  #mustHave(name: string): SavedTable {
    const table = this.#known.get(name);
    if (table !== undefined) return table;
    throw new AppError('LOOKUP_TABLE_NOT_FOUND', `Lookup table ${name} does not exist`);
  }

  /** The text first: a table never points at text that is not there. */
  async #save(
    table: Pick<SavedTable, 'name' | 'description' | 'createdMs' | 'updatedMs' | 'slot'>,
    csv: string,
  ): Promise<LookupTableInfo> {
    const bytes = Buffer.from(csv);
    if (bytes.length > maxLookupTableBytes) {
      throw new AppError('LOOKUP_TABLE_INVALID', `The table has ${bytes.length} bytes`, {
        hint: `A table has at most ${maxLookupTableBytes} bytes`,
      });
    }
    const { columns, rows } = parseCsvTable(csv);
    const packed = (await promisify(gzip)(bytes, { level: 1 })).toString('base64');
    const pieces = Math.ceil(packed.length / pieceChars);
    for (let piece = 0; piece < pieces; piece++) {
      const text = packed.slice(piece * pieceChars, (piece + 1) * pieceChars);
      await this.#pieces.put(pieceId(table.name, table.slot, piece), text);
    }
    const { name, description, createdMs, updatedMs, slot } = table;
    const about = { name, description, createdMs, updatedMs, slot, pieces };
    const saved = { ...about, columns, records: rows.length, sizeBytes: bytes.length };
    await this.#tables.put(name, saved);
    this.#known.set(name, saved);
    this.#cache.delete(name);
    return saved;
  }

  async #deletePieces(name: string): Promise<void> {
    const most = Math.ceil((maxLookupTableBytes * 2) / pieceChars);
    for (const slot of [0, 1] as const) {
      for (let piece = 0; piece < most; piece++) {
        if (!(await this.#pieces.delete(pieceId(name, slot, piece)))) break;
      }
    }
  }

  #keep(name: string, text: { readonly updatedMs: number; readonly csv: string }): void {
    this.#cache.delete(name);
    this.#cache.set(name, text);
    let chars = 0;
    for (const [other, { csv }] of [...this.#cache].reverse()) {
      chars += csv.length;
      if (chars > maxCachedChars && other !== name) this.#cache.delete(other);
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

const pieceId = (name: string, slot: number, piece: number): string => `${name}:${slot}:${piece}`;
