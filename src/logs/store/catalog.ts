import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { AppError } from '#base';

/** Facts about one stream inside one segment. */
export interface StreamFacts {
  readonly name: string;
  readonly events: number;
  readonly messageBytes: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lastIngestionMs: number;
}

export interface SegmentRow {
  readonly id: number;
  readonly groupId: number;
  readonly diskBytes: number;
  readonly events: number;
  readonly messageBytes: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly minSequence: number;
  readonly maxSequence: number;
  readonly blocks: number;
  /** JSON pointers of the fields file's columns; empty: there is none; undefined: not looked at. */
  readonly fields: readonly string[] | undefined;
}

export interface GroupRow {
  readonly id: number;
  readonly name: string;
  readonly createdMs: number;
  readonly retentionDays: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly class: string;
  readonly deletionProtection: boolean;
  readonly kmsKeyId: string | undefined;
}

export interface StreamRow {
  readonly groupId: number;
  readonly name: string;
  readonly createdMs: number;
  readonly lastIngestionMs: number | undefined;
}

/** Events of a deleted group or stream (`stream` undefined: all of the group) below a sequence. */
export interface Tombstone {
  readonly group: string;
  readonly stream: string | undefined;
  readonly belowSequence: number;
}

/** Inclusive ranges of batch numbers, as [first, last, first, last…]. */
export type NumberRanges = readonly number[];

const schemaVersion = 2;
/** SQLITE_BUSY, https://sqlite.org/rescode.html#busy */
const sqliteBusy = 5;

const schema = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE log_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL,
    retention_days INTEGER, tags TEXT NOT NULL, class TEXT NOT NULL,
    deletion_protection INTEGER NOT NULL, kms_key_id TEXT);
  CREATE TABLE log_streams (
    group_id INTEGER NOT NULL REFERENCES log_groups(id) ON DELETE CASCADE, name TEXT NOT NULL,
    created_ms INTEGER NOT NULL, last_ingestion_ms INTEGER,
    PRIMARY KEY (group_id, name)) WITHOUT ROWID;
  CREATE TABLE segments (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL REFERENCES log_groups(id) ON DELETE CASCADE,
    disk_bytes INTEGER NOT NULL, events INTEGER NOT NULL, message_bytes INTEGER NOT NULL,
    min_ms INTEGER NOT NULL, max_ms INTEGER NOT NULL,
    min_sequence INTEGER NOT NULL, max_sequence INTEGER NOT NULL, blocks INTEGER NOT NULL,
    fields TEXT);
  CREATE INDEX segments_by_group ON segments(group_id);
  CREATE TABLE segment_streams (
    segment_id INTEGER NOT NULL REFERENCES segments(id) ON DELETE CASCADE, name TEXT NOT NULL,
    events INTEGER NOT NULL, message_bytes INTEGER NOT NULL,
    first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, last_ingestion_ms INTEGER NOT NULL,
    PRIMARY KEY (segment_id, name)) WITHOUT ROWID;
  CREATE INDEX segment_streams_by_name ON segment_streams(name);
  CREATE TABLE tombstones (
    id INTEGER PRIMARY KEY, log_group TEXT NOT NULL, log_stream TEXT, below_sequence INTEGER NOT NULL);
  CREATE TABLE sources (id TEXT PRIMARY KEY, ranges TEXT NOT NULL, seen_ms INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE damaged (path TEXT PRIMARY KEY, reason TEXT NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
`;

/** From the version that is the key to the next. */
const migrations: Readonly<Record<number, string>> = {
  1: 'ALTER TABLE segments ADD COLUMN fields TEXT',
};

/** What the store knows beside the events, in SQLite: changed in one durable transaction each. */
export class Catalog {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws {AppError} CATALOG_UNREADABLE, STORE_LOCKED */
  constructor(path: string) {
    try {
      this.#db = new DatabaseSync(path);
      this.#db.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096',
      );
      // Takes the lock: two processes in one folder would destroy each other's work.
      this.#db.exec('BEGIN IMMEDIATE; COMMIT');
      const found = this.#db.prepare('PRAGMA user_version').get() as { user_version: number };
      if (found.user_version === 0) {
        this.#db.exec(`BEGIN; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT`);
      }
      for (let version = found.user_version; version > 0 && version < schemaVersion; version++) {
        const next = `${migrations[version]}; PRAGMA user_version = ${version + 1}`;
        this.#db.exec(`BEGIN; ${next}; COMMIT`);
      }
      if (found.user_version > schemaVersion) {
        throw new AppError(
          'CATALOG_UNREADABLE',
          `The log catalog "${path}" has version ${found.user_version}; this program knows ${schemaVersion}`,
          { hint: 'Start the version of the program that wrote it, or a newer one' },
        );
      }
    } catch (error) {
      if (error instanceof AppError) throw error;
      if ((error as { errcode?: number }).errcode === sqliteBusy) {
        throw new AppError('STORE_LOCKED', `Another process uses the log store "${path}"`, {
          hint: 'Stop it, or give this one a data directory of its own',
          cause: error,
        });
      }
      throw new AppError('CATALOG_UNREADABLE', `Cannot open the log catalog "${path}"`, {
        hint: 'If the file is damaged, move it away together with the segments folder',
        cause: error,
      });
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  /** All or nothing; durable when it returns. */
  transaction<T>(body: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = body();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  number(key: string): number {
    const row = this.#prepare('SELECT value FROM meta WHERE key = ?').get(key);
    return row === undefined ? 0 : Number(row['value']);
  }

  setNumber(key: string, value: number): void {
    this.#prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, value);
  }

  groups(): GroupRow[] {
    return this.#prepare('SELECT * FROM log_groups')
      .all()
      .map((row) => ({
        id: Number(row['id']),
        name: String(row['name']),
        createdMs: Number(row['created_ms']),
        retentionDays: row['retention_days'] === null ? undefined : Number(row['retention_days']),
        tags: JSON.parse(String(row['tags'])) as Record<string, string>,
        class: String(row['class']),
        deletionProtection: row['deletion_protection'] === 1,
        kmsKeyId: row['kms_key_id'] === null ? undefined : String(row['kms_key_id']),
      }));
  }

  insertGroup(group: Omit<GroupRow, 'id'>): number {
    const result = this.#prepare(
      'INSERT INTO log_groups (name, created_ms, retention_days, tags, class, deletion_protection, kms_key_id) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(
      group.name,
      group.createdMs,
      group.retentionDays ?? null,
      JSON.stringify(group.tags),
      group.class,
      group.deletionProtection ? 1 : 0,
      group.kmsKeyId ?? null,
    );
    return Number(result.lastInsertRowid);
  }

  updateGroup(
    id: number,
    change: Pick<GroupRow, 'retentionDays' | 'tags' | 'deletionProtection'>,
  ): void {
    this.#prepare(
      'UPDATE log_groups SET retention_days = ?, tags = ?, deletion_protection = ? WHERE id = ?',
    ).run(
      change.retentionDays ?? null,
      JSON.stringify(change.tags),
      change.deletionProtection ? 1 : 0,
      id,
    );
  }

  deleteGroup(id: number): void {
    this.#prepare('DELETE FROM log_groups WHERE id = ?').run(id);
  }

  streams(): StreamRow[] {
    return this.#prepare('SELECT * FROM log_streams')
      .all()
      .map((row) => ({
        groupId: Number(row['group_id']),
        name: String(row['name']),
        createdMs: Number(row['created_ms']),
        lastIngestionMs:
          row['last_ingestion_ms'] === null ? undefined : Number(row['last_ingestion_ms']),
      }));
  }

  putStream(stream: StreamRow): void {
    this.#prepare('INSERT OR REPLACE INTO log_streams VALUES (?, ?, ?, ?)').run(
      stream.groupId,
      stream.name,
      stream.createdMs,
      stream.lastIngestionMs ?? null,
    );
  }

  deleteStream(groupId: number, name: string): void {
    this.#prepare('DELETE FROM log_streams WHERE group_id = ? AND name = ?').run(groupId, name);
    this.#prepare(
      'DELETE FROM segment_streams WHERE name = ? AND segment_id IN (SELECT id FROM segments WHERE group_id = ?)',
    ).run(name, groupId);
  }

  segments(): SegmentRow[] {
    return this.#prepare('SELECT * FROM segments ORDER BY id')
      .all()
      .map((row) => ({
        id: Number(row['id']),
        groupId: Number(row['group_id']),
        diskBytes: Number(row['disk_bytes']),
        events: Number(row['events']),
        messageBytes: Number(row['message_bytes']),
        minMs: Number(row['min_ms']),
        maxMs: Number(row['max_ms']),
        minSequence: Number(row['min_sequence']),
        maxSequence: Number(row['max_sequence']),
        blocks: Number(row['blocks']),
        fields:
          row['fields'] === null ? undefined : (JSON.parse(String(row['fields'])) as string[]),
      }));
  }

  insertSegment(segment: SegmentRow, streams: readonly StreamFacts[]): void {
    this.#prepare('INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      segment.id,
      segment.groupId,
      segment.diskBytes,
      segment.events,
      segment.messageBytes,
      segment.minMs,
      segment.maxMs,
      segment.minSequence,
      segment.maxSequence,
      segment.blocks,
      segment.fields === undefined ? null : JSON.stringify(segment.fields),
    );
    const insert = this.#prepare('INSERT INTO segment_streams VALUES (?, ?, ?, ?, ?, ?, ?)');
    for (const s of streams) {
      insert.run(
        segment.id,
        s.name,
        s.events,
        s.messageBytes,
        s.firstMs,
        s.lastMs,
        s.lastIngestionMs,
      );
    }
  }

  setFields(id: number, fields: readonly string[] | undefined, diskBytes: number): void {
    this.#prepare('UPDATE segments SET fields = ?, disk_bytes = ? WHERE id = ?').run(
      fields === undefined ? null : JSON.stringify(fields),
      diskBytes,
      id,
    );
  }

  deleteSegment(id: number): void {
    this.#prepare('DELETE FROM segments WHERE id = ?').run(id);
  }

  /** Facts of all streams of a group, or of those named, over its segments. */
  streamFacts(groupId: number, names?: readonly string[]): StreamFacts[] {
    const read = `SELECT name, sum(events) AS events, sum(message_bytes) AS message_bytes,
      min(first_ms) AS first_ms, max(last_ms) AS last_ms, max(last_ingestion_ms) AS last_ingestion_ms
      FROM segment_streams WHERE segment_id IN (SELECT id FROM segments WHERE group_id = ?)`;
    const rows =
      names === undefined
        ? this.#prepare(`${read} GROUP BY name`).all(groupId)
        : names.flatMap((name) =>
            this.#prepare(`${read} AND name = ? GROUP BY name`).all(groupId, name),
          );
    return rows.map(streamFacts);
  }

  segmentStreams(segmentId: number): StreamFacts[] {
    return this.#prepare('SELECT * FROM segment_streams WHERE segment_id = ?')
      .all(segmentId)
      .map(streamFacts);
  }

  /** Segments of a group that hold a stream, exactly named or by prefix. */
  segmentsWithStreams(groupId: number, names: readonly string[]): Set<number> {
    const found = new Set<number>();
    const read = this.#prepare(
      'SELECT segment_id FROM segment_streams WHERE name = ? AND segment_id IN (SELECT id FROM segments WHERE group_id = ?)',
    );
    for (const name of names) {
      for (const row of read.all(name, groupId)) found.add(Number(row['segment_id']));
    }
    return found;
  }

  tombstones(): Tombstone[] {
    return this.#prepare('SELECT * FROM tombstones')
      .all()
      .map((row) => ({
        group: String(row['log_group']),
        stream: row['log_stream'] === null ? undefined : String(row['log_stream']),
        belowSequence: Number(row['below_sequence']),
      }));
  }

  insertTombstone(tombstone: Tombstone): void {
    this.#prepare(
      'INSERT INTO tombstones (log_group, log_stream, below_sequence) VALUES (?, ?, ?)',
    ).run(tombstone.group, tombstone.stream ?? null, tombstone.belowSequence);
  }

  deleteTombstone(tombstone: Tombstone): void {
    this.#prepare(
      'DELETE FROM tombstones WHERE log_group = ? AND log_stream IS ? AND below_sequence = ?',
    ).run(tombstone.group, tombstone.stream ?? null, tombstone.belowSequence);
  }

  sources(): { id: string; ranges: NumberRanges; seenMs: number }[] {
    return this.#prepare('SELECT * FROM sources')
      .all()
      .map((row) => ({
        id: String(row['id']),
        ranges: JSON.parse(String(row['ranges'])) as number[],
        seenMs: Number(row['seen_ms']),
      }));
  }

  putSource(id: string, ranges: NumberRanges, seenMs: number): void {
    this.#prepare('INSERT OR REPLACE INTO sources VALUES (?, ?, ?)').run(
      id,
      JSON.stringify(ranges),
      seenMs,
    );
  }

  deleteSource(id: string): void {
    this.#prepare('DELETE FROM sources WHERE id = ?').run(id);
  }

  damaged(): { path: string; reason: string }[] {
    return this.#prepare('SELECT path, reason FROM damaged ORDER BY at_ms')
      .all()
      .map((row) => ({ path: String(row['path']), reason: String(row['reason']) }));
  }

  insertDamaged(path: string, reason: string, atMs: number): void {
    this.#prepare('INSERT OR REPLACE INTO damaged VALUES (?, ?, ?)').run(path, reason, atMs);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function streamFacts(row: Record<string, unknown>): StreamFacts {
  return {
    name: String(row['name']),
    events: Number(row['events']),
    messageBytes: Number(row['message_bytes']),
    firstMs: Number(row['first_ms']),
    lastMs: Number(row['last_ms']),
    lastIngestionMs: Number(row['last_ingestion_ms']),
  };
}
