import type { Labels } from '#metrics/model';

/** What a rule file says. Durations in milliseconds. */
export interface RuleConfig {
  /** Exactly one of `record` and `alert`. */
  readonly record: string | undefined;
  readonly alert: string | undefined;
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** Templates where the rule is an alert. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroupConfig {
  readonly name: string;
  readonly file: string;
  /** Undefined: the global evaluation interval. */
  readonly intervalMs: number | undefined;
  /** 0: no limit. */
  readonly limit: number;
  /** Undefined: the global offset. */
  readonly queryOffsetMs: number | undefined;
  /** Added to the labels of each rule that lacks them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly RuleConfig[];
}

export type AlertState = 'inactive' | 'pending' | 'firing';

/** One element of an alerting rule's result, over its life. Times are Unix ms. */
export interface Alert {
  readonly state: AlertState;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly value: number;
  readonly activeAtMs: number;
  readonly firedAtMs: number | undefined;
  readonly resolvedAtMs: number | undefined;
  readonly lastSentMs: number | undefined;
  /** Until when a receiver may take it for firing. */
  readonly validUntilMs: number;
  readonly keepFiringSinceMs: number | undefined;
}

export type RuleHealth = 'unknown' | 'ok' | 'err';

/** Where firing and resolved alerts go. */
export interface AlertSink {
  send(alerts: readonly OutgoingAlert[]): void;
}

export interface OutgoingAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  /** In the future while it fires. */
  readonly endsAtMs: number;
  readonly generatorUrl: string;
}
