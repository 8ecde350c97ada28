import type { GroupRow, SegmentRow } from './catalog.ts';
import type { LogGroup, LogStream } from './contract.ts';

/** One sealed file and who reads it. */
export interface SegmentState extends SegmentRow {
  readonly path: string;
  readonly filterPath: string;
  readonly fieldsPath: string;
  fields: readonly string[] | undefined;
  diskBytes: number;
  users: number;
  /** Out of the catalog: its files go when the last user leaves. */
  retired: boolean;
}

export interface StreamState {
  readonly name: string;
  readonly createdMs: number;
  events: number;
  messageBytes: number;
  firstMs: number | undefined;
  lastMs: number | undefined;
  lastIngestionMs: number | undefined;
  /** Differs from its row in the catalog. */
  dirty: boolean;
}

export interface GroupState {
  readonly id: number;
  readonly name: string;
  readonly createdMs: number;
  retentionDays: number | undefined;
  tags: Readonly<Record<string, string>>;
  readonly class: string;
  deletionProtection: boolean;
  readonly kmsKeyId: string | undefined;
  readonly streams: Map<string, StreamState>;
  readonly segments: Map<number, SegmentState>;
  /** Deleted streams whose rows may still lie in segments: events below the sequence are hidden. */
  readonly hidden: Map<string, number>;
  events: number;
  messageBytes: number;
  lastIngestionMs: number | undefined;
}

export function newGroupState(row: GroupRow): GroupState {
  return {
    ...row,
    streams: new Map(),
    segments: new Map(),
    hidden: new Map(),
    events: 0,
    messageBytes: 0,
    lastIngestionMs: undefined,
  };
}

export function newStreamState(name: string, createdMs: number): StreamState {
  return {
    name,
    createdMs,
    events: 0,
    messageBytes: 0,
    firstMs: undefined,
    lastMs: undefined,
    lastIngestionMs: undefined,
    dirty: true,
  };
}

export interface NewEvents {
  readonly events: number;
  readonly messageBytes: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lastIngestionMs: number;
}

const least = (a: number | undefined, b: number): number => (a === undefined || b < a ? b : a);
const most = (a: number | undefined, b: number): number => (a === undefined || b > a ? b : a);

export function addEvents(group: GroupState, stream: StreamState, more: NewEvents): void {
  stream.events += more.events;
  stream.messageBytes += more.messageBytes;
  stream.firstMs = least(stream.firstMs, more.firstMs);
  stream.lastMs = most(stream.lastMs, more.lastMs);
  stream.lastIngestionMs = most(stream.lastIngestionMs, more.lastIngestionMs);
  stream.dirty = true;
  group.events += more.events;
  group.messageBytes += more.messageBytes;
  group.lastIngestionMs = most(group.lastIngestionMs, more.lastIngestionMs);
}

export function toLogGroup(group: GroupState): LogGroup {
  let firstEventMs: number | undefined;
  let lastEventMs: number | undefined;
  for (const stream of group.streams.values()) {
    if (stream.firstMs !== undefined) firstEventMs = least(firstEventMs, stream.firstMs);
    if (stream.lastMs !== undefined) lastEventMs = most(lastEventMs, stream.lastMs);
  }
  let storedBytes = 0;
  for (const segment of group.segments.values()) storedBytes += segment.diskBytes;
  return {
    name: group.name,
    createdMs: group.createdMs,
    retentionDays: group.retentionDays,
    tags: group.tags,
    class: group.class,
    deletionProtection: group.deletionProtection,
    kmsKeyId: group.kmsKeyId,
    storedBytes,
    messageBytes: group.messageBytes,
    events: group.events,
    firstEventMs,
    lastEventMs,
    lastIngestionMs: group.lastIngestionMs,
    streams: group.streams.size,
  };
}

export function toLogStream(group: GroupState, stream: StreamState): LogStream {
  return {
    group: group.name,
    name: stream.name,
    createdMs: stream.createdMs,
    firstEventMs: stream.firstMs,
    lastEventMs: stream.lastMs,
    lastIngestionMs: stream.lastIngestionMs,
  };
}
