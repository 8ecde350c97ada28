import type { LabelMatcher } from '#metrics/model';
import type { LabelSet } from './labels.ts';

/** One alert as it is known. Times are Unix ms. */
export interface Alert {
  readonly fingerprint: string;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAtMs: number;
  /** In the future while it fires. */
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  readonly generatorUrl: string;
  /** `endsAtMs` was not given: it is the time of the last news plus resolve_timeout. */
  readonly isTimeout: boolean;
}

export const isResolved = (alert: Alert, nowMs: number): boolean => alert.endsAtMs <= nowMs;

/** What somebody sends; times that are absent are filled in. */
export interface PostedAlert {
  readonly labels: LabelSet;
  readonly annotations?: LabelSet;
  readonly startsAtMs?: number | undefined;
  readonly endsAtMs?: number | undefined;
  readonly generatorUrl?: string;
}

export type SilenceState = 'active' | 'pending' | 'expired';

/** Times are Unix ms; `endsAtMs` is exclusive. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly LabelMatcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
}

/** What a receiver's messages of one group know of each other, such as a thread's id. Small. */
export type Recall = Readonly<Record<string, string>>;

/** What a receiver was told last about a group. Alerts are fingerprints. */
export interface LogEntry {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly timestampMs: number;
  readonly expiresAtMs: number;
  readonly recall?: Recall;
}

/** What an alert of a notification looks like: `resolved` is decided once, when the group is flushed. */
export interface NotifiedAlert {
  readonly alert: Alert;
  readonly status: 'firing' | 'resolved';
}

/** All that a message can be made of. */
export interface Notification {
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
  readonly alerts: readonly NotifiedAlert[];
  readonly externalUrl: string;
  readonly nowMs: number;
}
