import type { ObjectName } from '../objects/wire.ts';

/** Something that happened in the cluster: a mark on charts, an entry of a time line. */
export interface TimelineItem {
  /** Names the log event that it was made of: `/nunchi/logs/…` and `@ptr` take it. */
  id: string;
  /** Unix ms. */
  time: number;
  source: 'event' | 'change';
  /** Reason of an event (`BackOff`), kind of a change (`rollout`). */
  type: string;
  severity: 'info' | 'warning' | 'error';
  message: string;
  object: { kind: string; namespace?: string | undefined; name: string; uid?: string | undefined };
  owners: ObjectName[];
  workload: ObjectName;
  /** To the object that was asked for: itself, what it owns, what owns it. */
  relation?: 'self' | 'owned' | 'owner' | undefined;
  /** How often; of an event up to then. */
  count: number;
  before?: Record<string, unknown> | undefined;
  after?: Record<string, unknown> | undefined;
  by?: { manager?: string | undefined; actor: string; name?: string | undefined } | undefined;
}

export interface Timeline {
  /** Newest first. */
  items: TimelineItem[];
  /** `cursor` of older ones; absent: there are none. */
  next?: string | undefined;
  warnings: string[];
}
