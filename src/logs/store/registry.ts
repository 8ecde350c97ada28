import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#base';
import type { Catalog, SegmentRow, StreamFacts } from './catalog.ts';
import type { LogGroup, LogStore, LogStream } from './contract.ts';
import type { Generation } from './fresh.ts';
import {
  type GroupState,
  newGroupState,
  newStreamState,
  type SegmentState,
  type StreamState,
  toLogGroup,
  toLogStream,
} from './state.ts';

type CreateOptions = NonNullable<Parameters<LogStore['createGroup']>[1]>;
type GroupChange = Parameters<LogStore['updateGroup']>[1];
type StreamOptions = NonNullable<Parameters<LogStore['streams']>[1]>;

/** Groups, streams and segments in memory, as the catalog has them and newer. */
export class Registry {
  readonly #catalog: Catalog;
  readonly #segmentDirectory: string;
  readonly #newGroupDays: number | undefined;
  readonly #groups = new Map<string, GroupState>();
  /** Group names whose events below a sequence are deleted but may still be in the log. */
  readonly #deletedBelow = new Map<string, number>();

  /** @param newGroupDays retention of groups made without one; undefined: for ever */
  constructor(catalog: Catalog, segmentDirectory: string, newGroupDays: number | undefined) {
    this.#catalog = catalog;
    this.#segmentDirectory = segmentDirectory;
    this.#newGroupDays = newGroupDays;
  }

  /** Reads everything from the catalog. */
  load(): void {
    const byId = new Map<number, GroupState>();
    for (const row of this.#catalog.groups()) {
      const group = newGroupState(row);
      byId.set(row.id, group);
      this.#groups.set(row.name, group);
    }
    for (const row of this.#catalog.streams()) {
      const stream = newStreamState(row.name, row.createdMs);
      stream.lastIngestionMs = row.lastIngestionMs;
      stream.dirty = false;
      byId.get(row.groupId)?.streams.set(row.name, stream);
    }
    for (const row of this.#catalog.segments()) {
      const group = byId.get(row.groupId);
      if (group !== undefined) this.addSegment(group, row);
    }
    for (const group of byId.values()) this.#loadFacts(group);
    for (const tombstone of this.#catalog.tombstones()) {
      if (tombstone.stream === undefined) {
        this.#deletedBelow.set(tombstone.group, tombstone.belowSequence);
      } else {
        this.#groups.get(tombstone.group)?.hidden.set(tombstone.stream, tombstone.belowSequence);
      }
    }
  }

  #loadFacts(group: GroupState): void {
    for (const facts of this.#catalog.streamFacts(group.id)) {
      const stream = group.streams.get(facts.name);
      if (stream === undefined) continue;
      stream.events = facts.events;
      stream.messageBytes = facts.messageBytes;
      stream.firstMs = facts.firstMs;
      stream.lastMs = facts.lastMs;
      stream.lastIngestionMs = Math.max(stream.lastIngestionMs ?? 0, facts.lastIngestionMs);
      group.events += facts.events;
      group.messageBytes += facts.messageBytes;
    }
    for (const stream of group.streams.values()) {
      if (stream.lastIngestionMs === undefined) continue;
      group.lastIngestionMs = Math.max(group.lastIngestionMs ?? 0, stream.lastIngestionMs);
    }
  }

  addSegment(group: GroupState, row: SegmentRow): SegmentState {
    const base = join(this.#segmentDirectory, String(row.id).padStart(10, '0'));
    const segment: SegmentState = {
      ...row,
      path: `${base}.parquet`,
      filterPath: `${base}.filter`,
      fieldsPath: `${base}.fields`,
      users: 0,
      retired: false,
    };
    group.segments.set(row.id, segment);
    return segment;
  }

  /** Takes a segment from new scans; its files go with its last user. */
  retireSegment(group: GroupState, segment: SegmentState): void {
    group.segments.delete(segment.id);
    segment.retired = true;
    if (segment.users === 0) removeFiles(segment);
  }

  releaseSegment(segment: SegmentState): void {
    segment.users -= 1;
    if (segment.retired && segment.users === 0) removeFiles(segment);
  }

  all(): IterableIterator<GroupState> {
    return this.#groups.values();
  }

  find(name: string): GroupState | undefined {
    return this.#groups.get(name);
  }

  /** @throws {AppError} LOG_GROUP_NOT_FOUND */
  must(name: string): GroupState {
    const group = this.#groups.get(name);
    if (group === undefined) {
      throw new AppError('LOG_GROUP_NOT_FOUND', `There is no log group "${name}"`, {
        details: { group: name },
      });
    }
    return group;
  }

  /** The group of an append, made when missing. */
  ensureGroup(name: string, nowMs: number): GroupState {
    return this.#groups.get(name) ?? this.#insert(name, nowMs, {});
  }

  ensureStream(group: GroupState, name: string, nowMs: number): StreamState {
    let stream = group.streams.get(name);
    if (stream === undefined) {
      stream = newStreamState(name, nowMs);
      group.streams.set(name, stream);
    }
    return stream;
  }

  /** True for an event of a group or stream that was deleted after the event got its sequence. */
  isDeleted(group: string, stream: string, sequence: number): boolean {
    if (sequence < (this.#deletedBelow.get(group) ?? 0)) return true;
    return sequence < (this.#groups.get(group)?.hidden.get(stream) ?? 0);
  }

  create(name: string, nowMs: number, options: CreateOptions): void {
    if (this.#groups.has(name)) {
      throw new AppError('LOG_GROUP_EXISTS', `The log group "${name}" exists already`, {
        details: { group: name },
      });
    }
    this.#insert(name, nowMs, options);
  }

  #insert(name: string, nowMs: number, options: CreateOptions): GroupState {
    const row = {
      name,
      createdMs: nowMs,
      retentionDays: options.retentionDays ?? this.#newGroupDays,
      tags: options.tags ?? {},
      class: options.class ?? 'STANDARD',
      deletionProtection: options.deletionProtection ?? false,
      kmsKeyId: options.kmsKeyId,
    };
    const group = newGroupState({ id: this.#catalog.insertGroup(row), ...row });
    this.#groups.set(name, group);
    return group;
  }

  update(name: string, change: GroupChange): void {
    const group = this.must(name);
    const retentionDays =
      change.retentionDays === undefined
        ? group.retentionDays
        : (change.retentionDays ?? undefined);
    const tags = change.tags ?? group.tags;
    const deletionProtection = change.deletionProtection ?? group.deletionProtection;
    this.#catalog.updateGroup(group.id, { retentionDays, tags, deletionProtection });
    Object.assign(group, { retentionDays, tags, deletionProtection });
  }

  /** Deletes everything below `nextSequence`. */
  delete(name: string, nextSequence: number): void {
    const group = this.must(name);
    this.#catalog.transaction(() => {
      this.#catalog.deleteGroup(group.id);
      this.#catalog.insertTombstone({
        group: name,
        stream: undefined,
        belowSequence: nextSequence,
      });
    });
    this.#deletedBelow.set(name, nextSequence);
    this.#groups.delete(name);
    for (const segment of [...group.segments.values()]) this.retireSegment(group, segment);
  }

  createStream(groupName: string, name: string, nowMs: number): void {
    const group = this.must(groupName);
    if (group.streams.has(name)) {
      throw new AppError('LOG_STREAM_EXISTS', `The log stream "${name}" exists already`, {
        details: { group: groupName, stream: name },
      });
    }
    const stream = newStreamState(name, nowMs);
    this.#catalog.putStream({
      groupId: group.id,
      name,
      createdMs: nowMs,
      lastIngestionMs: undefined,
    });
    stream.dirty = false;
    group.streams.set(name, stream);
  }

  deleteStream(groupName: string, name: string, nextSequence: number): void {
    const group = this.must(groupName);
    const stream = group.streams.get(name);
    if (stream === undefined) {
      throw new AppError('LOG_STREAM_NOT_FOUND', `There is no log stream "${name}"`, {
        details: { group: groupName, stream: name },
      });
    }
    this.#catalog.transaction(() => {
      this.#catalog.deleteStream(group.id, name);
      this.#catalog.insertTombstone({
        group: groupName,
        stream: name,
        belowSequence: nextSequence,
      });
    });
    group.hidden.set(name, nextSequence);
    group.streams.delete(name);
    group.events -= stream.events;
    group.messageBytes -= stream.messageBytes;
  }

  /** Takes the events of dropped segments from the facts of their streams. */
  subtract(
    group: GroupState,
    dropped: readonly StreamFacts[],
    generations: readonly Generation[],
  ): void {
    const names = new Set<string>();
    for (const facts of dropped) {
      const stream = group.streams.get(facts.name);
      if (stream === undefined) continue;
      names.add(facts.name);
      stream.events -= facts.events;
      stream.messageBytes -= facts.messageBytes;
      group.events -= facts.events;
      group.messageBytes -= facts.messageBytes;
    }
    const left = new Map(
      this.#catalog.streamFacts(group.id, [...names]).map((facts) => [facts.name, facts]),
    );
    for (const name of names) {
      const stream = group.streams.get(name)!;
      let firstMs = left.get(name)?.firstMs ?? Number.POSITIVE_INFINITY;
      let lastMs = left.get(name)?.lastMs ?? Number.NEGATIVE_INFINITY;
      for (const generation of generations) {
        const rows = generation.groups.get(group.name)?.streams.get(name);
        for (const piece of rows?.pieces ?? []) {
          for (let row = 0; row < piece.rows; row++) {
            firstMs = Math.min(firstMs, piece.timesMs[row]!);
            lastMs = Math.max(lastMs, piece.timesMs[row]!);
          }
        }
      }
      stream.firstMs = stream.events > 0 ? firstMs : undefined;
      stream.lastMs = stream.events > 0 ? lastMs : undefined;
    }
  }

  /** Pods come and go: a stream whose events have all expired would otherwise stay for ever. */
  forgetEmptyStreams(group: GroupState, beforeMs: number): void {
    const empty = [...group.streams.values()].filter(
      (stream) =>
        stream.events === 0 && Math.max(stream.createdMs, stream.lastIngestionMs ?? 0) < beforeMs,
    );
    if (empty.length === 0) return;
    this.#catalog.transaction(() => {
      for (const stream of empty) this.#catalog.deleteStream(group.id, stream.name);
    });
    for (const stream of empty) group.streams.delete(stream.name);
  }

  /** Writes new streams and changed ingestion times; inside the caller's transaction. */
  saveStreams(group: GroupState): void {
    for (const stream of group.streams.values()) {
      if (!stream.dirty) continue;
      this.#catalog.putStream({
        groupId: group.id,
        name: stream.name,
        createdMs: stream.createdMs,
        lastIngestionMs: stream.lastIngestionMs,
      });
      stream.dirty = false;
    }
  }

  /** Forgets deletions that no unsealed frame can contradict any more. */
  forgetDeletedGroups(belowSequence: number): void {
    for (const [group, below] of this.#deletedBelow) {
      if (below > belowSequence) continue;
      this.#catalog.deleteTombstone({ group, stream: undefined, belowSequence: below });
      this.#deletedBelow.delete(group);
    }
  }

  list(filter: { readonly prefix?: string; readonly contains?: string } = {}): LogGroup[] {
    const { prefix, contains } = filter;
    return [...this.#groups.values()]
      .filter(
        ({ name }) =>
          (prefix === undefined || name.startsWith(prefix)) &&
          (contains === undefined || name.includes(contains)),
      )
      .sort((a, b) => compareText(a.name, b.name))
      .map(toLogGroup);
  }

  group(name: string): LogGroup | undefined {
    const group = this.#groups.get(name);
    return group && toLogGroup(group);
  }

  stream(groupName: string, name: string): LogStream | undefined {
    const group = this.#groups.get(groupName);
    const stream = group?.streams.get(name);
    return group && stream && toLogStream(group, stream);
  }

  listStreams(groupName: string, options: StreamOptions = {}): LogStream[] {
    const group = this.must(groupName);
    const { prefix, orderBy = 'name', descending = false, after, limit } = options;
    const sign = descending ? -1 : 1;
    // A stream without events comes before all others.
    const last = (stream: { lastMs?: number | undefined }): number =>
      stream.lastMs ?? Number.NEGATIVE_INFINITY;
    const compare = (
      a: { readonly name: string; lastMs?: number | undefined },
      b: { readonly name: string; lastMs?: number | undefined },
    ): number => {
      const byTime =
        orderBy === 'lastEvent' && last(a) !== last(b) ? (last(a) < last(b) ? -1 : 1) : 0;
      return sign * (byTime !== 0 ? byTime : compareText(a.name, b.name));
    };
    const start = after && { name: after.name, lastMs: after.lastEventMs };
    const found = [...group.streams.values()].filter(
      (stream) =>
        (prefix === undefined || stream.name.startsWith(prefix)) &&
        (start === undefined || compare(stream, start) > 0),
    );
    found.sort(compare);
    return found.slice(0, limit).map((stream) => toLogStream(group, stream));
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function removeFiles(segment: SegmentState): void {
  rmSync(segment.path, { force: true });
  rmSync(segment.filterPath, { force: true });
  rmSync(segment.fieldsPath, { force: true });
}
