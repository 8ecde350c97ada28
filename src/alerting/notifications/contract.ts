/** Who made an object: an empty text is the UI, which may change it. */
export type Provenance = '' | 'api' | 'file';

export type Json = Readonly<Record<string, unknown>>;

/** One way to tell of a contact point. */
export interface ContactPoint {
  /** 1 to 40 of letters, digits, `-` and `_`. */
  readonly uid: string;
  /** Contact points of one name are one receiver. */
  readonly name: string;
  /** One of the integration types. */
  readonly type: string;
  /** Without its secrets. */
  readonly settings: Json;
  /** Secrets by their path in the settings (`url`, `sigv4.secret_key`), sealed. */
  readonly sealed: Readonly<Record<string, string>>;
  readonly disableResolveMessage: boolean;
  readonly provenance: Provenance;
}

/** What somebody wants a contact point to be; a secret that is `[REDACTED]` stays as it is. */
export interface ContactPointInput {
  readonly uid?: string | undefined;
  readonly name: string;
  readonly type: string;
  readonly settings: Json;
  /** Secrets that stay as they are although the settings lack them. */
  readonly secureFields?: readonly string[];
  readonly disableResolveMessage?: boolean | undefined;
}

/** A matcher as policies have it: label, operator, value. */
export type ObjectMatcher = readonly [string, string, string];

/** A node of the tree of notification policies, as it is written. Durations as text. */
export interface Policy {
  readonly receiver?: string;
  readonly group_by?: readonly string[];
  readonly object_matchers?: readonly ObjectMatcher[];
  readonly mute_time_intervals?: readonly string[];
  readonly active_time_intervals?: readonly string[];
  readonly continue?: boolean;
  readonly group_wait?: string;
  readonly group_interval?: string;
  readonly repeat_interval?: string;
  readonly routes?: readonly Policy[];
}

export interface MuteTiming {
  readonly name: string;
  /** As an alertmanager.yml has them. */
  readonly time_intervals: readonly Json[];
  readonly provenance: Provenance;
}

export interface NotificationTemplate {
  readonly name: string;
  readonly template: string;
  readonly provenance: Provenance;
}

/** All that is kept of notifications: one document, so that each change is whole. */
export interface NotificationModel {
  readonly contactPoints: readonly ContactPoint[];
  readonly policies: { readonly root: Policy; readonly provenance: Provenance };
  readonly muteTimings: readonly MuteTiming[];
  readonly templates: readonly NotificationTemplate[];
}

/** Seals secrets of contact points; see `SecretBox` of `#state`. */
export interface Sealing {
  seal(secret: string, context: string): string;
  unseal(sealed: string, context: string): string | undefined;
}

/** What stands in place of a secret wherever it is read. */
export const redacted = '[REDACTED]';
