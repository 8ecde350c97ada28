import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#base';
import type { FieldColumns, LogScan, ScanPart, SqlRows, SqlValue } from './contract.ts';
import type { EngineConnection } from './engine.ts';
import { sqlInteger, sqlText } from './sql.ts';

/** A file to scan and which of its rows are wanted. */
export interface ScanFile {
  readonly path: string;
  readonly events: number;
  readonly messageBytes: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Rows without messages but with these fields as columns. */
  readonly fieldsPath?: string;
  readonly fields?: readonly string[] | undefined;
  /** SQL for deleted streams; empty: none. */
  readonly condition: string;
  /** Conditions on `blk`, one of which must hold; absent: all blocks are wanted. */
  readonly blockConditions?: readonly string[];
}

/** Rows wanted from every file of one set. */
export interface RowCondition {
  readonly fromMs: number;
  readonly toMs: number;
  readonly streams: readonly string[] | undefined;
  readonly streamPrefix: string | undefined;
}

interface Part extends ScanPart {
  readonly path: string;
  readonly where: string;
  readonly blocks: readonly string[] | undefined;
  readonly fieldsPath: string | undefined;
  readonly fields: ReadonlySet<string> | undefined;
}

const eventColumns = 'log_group, log_stream, ts_ms, ingest_ms, seq';
const columns = `${eventColumns}, message`;

function whereOf(row: RowCondition, file: ScanFile): string {
  const terms: string[] = [];
  // A bound that the whole file keeps is left out: files then share one scan node.
  if (file.minMs < row.fromMs) terms.push(`ts_ms >= ${sqlInteger(row.fromMs)}`);
  if (file.maxMs > row.toMs) terms.push(`ts_ms <= ${sqlInteger(row.toMs)}`);
  if (row.streams !== undefined) {
    terms.push(
      row.streams.length === 1
        ? `log_stream = ${sqlText(row.streams[0]!)}`
        : `log_stream IN (${row.streams.map(sqlText).join(', ')})`,
    );
  }
  if (row.streamPrefix !== undefined && row.streamPrefix !== '') {
    terms.push(`starts_with(log_stream, ${sqlText(row.streamPrefix)})`);
  }
  if (file.condition !== '') terms.push(file.condition);
  return terms.join(' AND ');
}

export function planPart(row: RowCondition, file: ScanFile): ScanPart {
  const where = whereOf(row, file);
  const part: Part = {
    relation: relation([file.path], where, file.blockConditions ?? []),
    events: file.events,
    messageBytes: file.messageBytes,
    minMs: Math.max(file.minMs, row.fromMs),
    maxMs: Math.min(file.maxMs, row.toMs),
    path: file.path,
    where,
    blocks: file.blockConditions,
    fieldsPath: file.fieldsPath,
    fields: file.fields === undefined ? undefined : new Set(file.fields),
  };
  return part;
}

/** Blocks named in one scan node at most; what is beyond goes into another node. */
const maxNamedBlocks = 256;

function relation(paths: readonly string[], where: string, blocks: readonly string[]): string {
  const list = paths.map(sqlText).join(', ');
  const terms = where === '' ? [] : [where];
  // Joined by OR the engine skips row groups by their bounds, which it does not do for IN.
  if (blocks.length > 0) terms.push(`(${blocks.join(' OR ')})`);
  const filter = terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`;
  return `(SELECT ${columns} FROM read_parquet([${list}], hive_partitioning = false)${filter})`;
}

/** One scan node over fields files; names of columns tell what is in them. */
function fieldsNodes(parts: readonly Part[], fields: FieldColumns): string[] {
  const nodes = new Map<string, Part[]>();
  for (const part of parts) {
    const node = nodes.get(part.where);
    if (node === undefined) nodes.set(part.where, [part]);
    else node.push(part);
  }
  const wanted = fields.columns.map(
    ({ pointer, name }) => `, "${pointer.replaceAll('"', '""')}" AS ${name}`,
  );
  return [...nodes].map(([where, members]) => {
    const list = members.map((part) => sqlText(part.fieldsPath ?? '')).join(', ');
    const kinds = new Set(members.map((part) => [...(part.fields ?? [])].join()));
    // Else the first file tells what columns there are.
    const byName = kinds.size > 1 ? ', union_by_name = true' : '';
    const filter = where === '' ? '' : ` WHERE ${where}`;
    return `(SELECT ${eventColumns}${wanted.join('')} FROM read_parquet([${list}], hive_partitioning = false${byName})${filter})`;
  });
}

/** Less than this share of the bytes in fields files is not worth leaving the usual way. */
const minFieldsShare = 0.5;

/** Errors of the engine that a damaged or missing file causes. */
const damageWords =
  /parquet|zstd|decompress|magic|thrift|IO Error|No such file|corrupt|string encoding|page|footer|metadata/i;

const emptyRelation =
  "(SELECT ''::VARCHAR AS log_group, ''::VARCHAR AS log_stream, 0::BIGINT AS ts_ms, 0::BIGINT AS ingest_ms, 0::BIGINT AS seq, ''::VARCHAR AS message WHERE false)";

export interface ScanDeps {
  readonly connect: (signal: AbortSignal) => Promise<EngineConnection>;
  /** Where exports are written before they are moved to their place. */
  readonly exportDirectory: string;
  readonly emptySegment: string;
  /** Asked about a file after the engine failed; true when it is damaged and was set aside. */
  readonly onDamaged: (path: string) => Promise<boolean>;
  /** Told about a fields file that the engine could not read. */
  readonly onFieldsDamaged: (path: string) => void;
  readonly release: () => void;
  readonly nextId: () => number;
}

export class StoreScan implements LogScan {
  readonly parts: readonly ScanPart[];
  readonly totalEvents: number;
  readonly totalBytes: number;
  readonly #deps: ScanDeps;
  readonly #missing = new Set<string>();
  readonly #lostFields = new Set<string>();
  #connection: EngineConnection | undefined;
  #skippedEvents = 0;
  #disposed = false;

  constructor(
    parts: readonly ScanPart[],
    totals: { readonly events: number; readonly bytes: number },
    deps: ScanDeps,
  ) {
    this.parts = parts;
    this.totalEvents = totals.events;
    this.totalBytes = totals.bytes;
    this.#deps = deps;
  }

  get skippedEvents(): number {
    return this.#skippedEvents;
  }

  relationOf(parts: readonly ScanPart[]): string {
    const nodes = new Map<string, { where: string; paths: string[]; blocks: string[] }>();
    let full = 0;
    for (const { where, path, blocks } of parts as readonly Part[]) {
      const key = `${blocks === undefined ? 'all' : 'named'} ${where}`;
      const node = nodes.get(key);
      if (node === undefined) {
        nodes.set(key, { where, paths: [path], blocks: [...(blocks ?? [])] });
      } else if (node.blocks.length + (blocks?.length ?? 0) > maxNamedBlocks) {
        nodes.set(`${full++} ${key}`, node);
        nodes.set(key, { where, paths: [path], blocks: [...(blocks ?? [])] });
      } else {
        node.paths.push(path);
        node.blocks.push(...(blocks ?? []));
      }
    }
    if (nodes.size === 0) return emptyRelation;
    const relations = [...nodes.values()].map((node) =>
      relation(node.paths, node.where, node.blocks),
    );
    if (relations.length === 1) return relations[0]!;
    return `(${relations.map((each) => `SELECT * FROM ${each}`).join(' UNION ALL ')})`;
  }

  relationWithFields(parts: readonly ScanPart[], fields: FieldColumns): string | undefined {
    const has = (part: Part): boolean =>
      part.fields !== undefined &&
      part.fields.size > 0 &&
      !this.#lostFields.has(part.fieldsPath ?? '') &&
      fields.columns.every(({ pointer }) => part.fields?.has(pointer));
    const covered: Part[] = [];
    const rest: Part[] = [];
    let bytes = 0;
    let coveredBytes = 0;
    for (const part of parts as readonly Part[]) {
      bytes += part.messageBytes;
      if (has(part)) {
        covered.push(part);
        coveredBytes += part.messageBytes;
      } else rest.push(part);
    }
    if (covered.length === 0 || coveredBytes < bytes * minFieldsShare) return undefined;
    const relations = fieldsNodes(covered, fields);
    if (rest.length > 0) relations.push(fields.derive(this.relationOf(rest)));
    if (relations.length === 1) return relations[0]!;
    return `(${relations.map((each) => `SELECT * FROM ${each}`).join(' UNION ALL ')})`;
  }

  async *run(
    sql: string,
    options: { readonly params?: readonly SqlValue[]; readonly signal: AbortSignal },
  ): AsyncGenerator<SqlRows, void, undefined> {
    for (;;) {
      let given = 0;
      try {
        const connection = await this.#connected(options.signal);
        const rows = connection.run(
          this.#withoutMissing(sql),
          options.params ?? [],
          options.signal,
        );
        for await (const chunk of rows) {
          given += chunk.rowCount;
          yield chunk;
        }
        return;
      } catch (error) {
        // Rows that went out cannot be taken back, so only a run that gave none is tried again.
        this.#noteLostFields(sql, error);
        if (!(await this.#noteDamage(error)) || given > 0) throw error;
      }
    }
  }

  async copyToParquet(sql: string, path: string, signal: AbortSignal): Promise<void> {
    const temporary = join(this.#deps.exportDirectory, `export-${this.#deps.nextId()}.parquet`);
    try {
      const copy = `COPY (${sql}) TO ${sqlText(temporary)} (FORMAT parquet, COMPRESSION zstd)`;
      for await (const _ of this.run(copy, { signal }));
      await rename(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EXDEV') throw error;
        const { copyFile } = await import('node:fs/promises');
        await copyFile(temporary, path);
      });
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#connection?.close();
    this.#deps.release();
  }

  async #connected(signal: AbortSignal): Promise<EngineConnection> {
    if (this.#disposed) throw new AppError('STORE_CLOSED', 'The scan has been disposed of');
    this.#connection ??= await this.#deps.connect(signal);
    return this.#connection;
  }

  #withoutMissing(sql: string): string {
    let text = sql;
    for (const path of this.#missing) {
      text = text.replaceAll(sqlText(path), sqlText(this.#deps.emptySegment));
    }
    return text;
  }

  /** @throws {AppError} FIELDS_LOST when the statement may have failed on a fields file */
  #noteLostFields(sql: string, error: unknown): void {
    if (!(error instanceof AppError) || error.code !== 'QUERY_FAILED') return;
    if (!damageWords.test(error.message)) return;
    const used = (this.parts as readonly Part[]).flatMap(({ fieldsPath }) =>
      fieldsPath !== undefined && sql.includes(sqlText(fieldsPath)) ? [fieldsPath] : [],
    );
    const named = used.filter((path) => error.message.includes(path));
    const lost = named.length > 0 ? named : used;
    if (lost.length === 0) return;
    for (const path of lost) {
      this.#lostFields.add(path);
      this.#deps.onFieldsDamaged(path);
    }
    throw new AppError('FIELDS_LOST', 'Files of log fields could not be read', { cause: error });
  }

  /** True when at least one more file is known to be missing and the statement can be run again. */
  async #noteDamage(error: unknown): Promise<boolean> {
    if (!(error instanceof AppError) || error.code !== 'QUERY_FAILED') return false;
    if (!damageWords.test(error.message)) return false;
    const parts = (this.parts as readonly Part[]).filter(({ path }) => !this.#missing.has(path));
    // The engine names the file for some kinds of damage only; else every file is looked at.
    const named = parts.filter(({ path }) => error.message.includes(path));
    let found = false;
    for (const part of named.length > 0 ? named : parts) {
      if (!(await this.#deps.onDamaged(part.path))) continue;
      this.#missing.add(part.path);
      this.#skippedEvents += part.events;
      found = true;
    }
    return found;
  }
}
