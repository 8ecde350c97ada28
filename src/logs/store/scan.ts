import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#base';
import type { LogScan, ScanPart, SqlRows, SqlValue } from './contract.ts';
import type { EngineConnection } from './engine.ts';
import { sqlInteger, sqlText } from './sql.ts';

/** A file to scan and which of its rows are wanted. */
export interface ScanFile {
  readonly path: string;
  readonly events: number;
  readonly messageBytes: number;
  readonly minMs: number;
  readonly maxMs: number;
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
}

const columns = 'log_group, log_stream, ts_ms, ingest_ms, seq, message';

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
  readonly release: () => void;
  readonly nextId: () => number;
}

export class StoreScan implements LogScan {
  readonly parts: readonly ScanPart[];
  readonly totalEvents: number;
  readonly totalBytes: number;
  readonly #deps: ScanDeps;
  readonly #missing = new Set<string>();
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
