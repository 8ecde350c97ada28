import type { Labels } from '#alerting/expressions';
import type { DataSources } from '#dashboards/data-sources';

/** Who made an object: an empty text is the UI, which may change it. */
export type Provenance = '' | 'api' | 'file';

export const noDataStates = ['NoData', 'Alerting', 'OK', 'KeepLast'] as const;
export type NoDataState = (typeof noDataStates)[number];

export const execErrStates = ['Error', 'Alerting', 'OK', 'KeepLast'] as const;
export type ExecErrState = (typeof execErrStates)[number];

/** One query or expression of a rule. */
export interface RuleQuery {
  readonly refId: string;
  readonly queryType: string;
  /** Seconds back from the time of the evaluation. */
  readonly relativeTimeRange: { readonly from: number; readonly to: number };
  /** `__expr__` for expressions. */
  readonly datasourceUid: string;
  readonly model: Readonly<Record<string, unknown>>;
}

/** Where alerts of a rule go past the notification policies. Durations in ms. */
export interface NotificationSettings {
  readonly receiver: string;
  readonly groupBy?: readonly string[];
  readonly groupWaitMs?: number;
  readonly groupIntervalMs?: number;
  readonly repeatIntervalMs?: number;
  readonly muteTimeIntervals?: readonly string[];
  readonly activeTimeIntervals?: readonly string[];
}

/** A rule whose result becomes a series instead of alerts. */
export interface RecordSettings {
  /** Name of the series. */
  readonly metric: string;
  /** RefId of the result. */
  readonly from: string;
}

/** What people say about a rule. */
export interface RuleDefinition {
  /** 1 to 40 of letters, digits, `-` and `_`. */
  readonly uid: string;
  readonly title: string;
  /** RefId of what decides. */
  readonly condition: string;
  readonly data: readonly RuleQuery[];
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly noDataState: NoDataState;
  readonly execErrState: ExecErrState;
  readonly labels: Labels;
  /** `__dashboardUid__` and `__panelId__` link a panel. */
  readonly annotations: Labels;
  readonly isPaused: boolean;
  /** Evaluations without a series after which its alert is resolved; undefined: 2. */
  readonly missingSeriesEvals?: number;
  readonly notificationSettings?: NotificationSettings;
  readonly record?: RecordSettings;
}

/** A rule as it is kept. */
export interface AlertRule extends RuleDefinition {
  readonly id: number;
  /** One more with each change. */
  readonly version: number;
  readonly updatedMs: number;
  readonly updatedBy: string;
  readonly provenance: Provenance;
}

/** Rules that are evaluated one after the other, at one interval. */
export interface RuleGroup {
  readonly folderUid: string;
  readonly title: string;
  readonly intervalMs: number;
  readonly rules: readonly AlertRule[];
}

/** A rule with where it stands. */
export interface PlacedRule {
  readonly rule: AlertRule;
  readonly group: RuleGroup;
}

export const instanceStates = [
  'Normal',
  'Pending',
  'Alerting',
  'Recovering',
  'NoData',
  'Error',
] as const;
export type InstanceState = (typeof instanceStates)[number];

/** Why a state is what it is, where the result alone does not tell; several are joined by a comma. */
export type StateReason =
  | ''
  | 'NoData'
  | 'Error'
  | 'NoData, KeepLast'
  | 'Error, KeepLast'
  | 'MissingSeries'
  | 'Updated'
  | 'Paused'
  | 'RuleDeleted';

/** Numbers that an instance was decided by, by refId. */
export type InstanceValues = Readonly<Record<string, number | null>>;

/** One alert of a rule over its life: a label set of the condition. Times are Unix ms. */
export interface AlertInstance {
  readonly ruleUid: string;
  /** Labels of the result, which make it this instance. */
  readonly resultLabels: Labels;
  /** Labels of the alert: those of the result and the rule, and what is added. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: InstanceState;
  readonly reason: StateReason;
  readonly values: InstanceValues;
  /** `[ var='B' labels={pod=x} value=3 ], …` */
  readonly valueString: string;
  readonly error: string;
  /** Since when it is in its state. */
  readonly startsAtMs: number;
  /** Since when receivers are told that it fires; kept until they are told of the end. */
  readonly firingSinceMs: number | undefined;
  /** Until when receivers may take it for firing; the end, once it is resolved. */
  readonly endsAtMs: number;
  readonly lastEvaluationMs: number;
  /** Its end, of which receivers are not told yet. */
  readonly resolvedAtMs: number | undefined;
  /** Evaluations in a row in which its series was not there. */
  readonly missedEvaluations: number;
}

export type RuleHealth = 'unknown' | 'ok' | 'error' | 'nodata';

/** How a rule fared the last time. */
export interface RuleStatus {
  readonly health: RuleHealth;
  readonly lastError: string;
  readonly lastEvaluationMs: number | undefined;
  readonly evaluationSeconds: number;
}

/** A change of an instance's state, for the history. */
export interface Transition {
  readonly atMs: number;
  readonly previousState: InstanceState;
  readonly previousReason: StateReason;
  readonly instance: AlertInstance;
  readonly rule: AlertRule;
  readonly group: Pick<RuleGroup, 'folderUid' | 'title'>;
}

/** Who answers queries of rules. */
export type QuerySource = Pick<DataSources, 'query'>;

/** Folders that rules stand in. */
export interface RuleFolders {
  get(uid: string): { readonly uid: string; readonly title: string } | undefined;
  /** The folder of this title at the top, made if there is none. */
  ensure(title: string): Promise<string>;
}

/** What is told to the engine that groups and routes. */
export interface InstanceAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly generatorUrl: string;
}

export interface InstanceAlertSink {
  /** Resolves when they are kept. @returns what was wrong with those that were not taken */
  put(alerts: readonly InstanceAlert[]): Promise<readonly string[]>;
}

/** Where results of recording rules go. */
export interface SampleSink {
  write(
    samples: readonly { readonly labels: Labels; readonly value: number }[],
    atMs: number,
  ): Promise<void>;
}
