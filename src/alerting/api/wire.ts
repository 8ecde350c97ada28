/** Types of our own API of alerting, for the server and for the console. Times are Unix ms. */

export interface WireAttempt {
  readonly at: number;
  readonly durationMs: number;
  /** Absent: the receiver took it. */
  readonly error?: string | undefined;
}

export interface WireIntegration {
  /** Receiver, kind and position: `team/slack/0`. */
  readonly name: string;
  readonly kind: string;
  readonly sendResolved: boolean;
  /** Since the server started. */
  readonly lastAttempt?: WireAttempt | undefined;
}

export interface WireRouteMatcher {
  readonly name: string;
  readonly operator: string;
  readonly value: string;
}

/** A node of the tree, with what it inherits filled in. */
export interface WireRoute {
  /** Position in the tree, depth first. */
  readonly id: number;
  /** The matchers of the path. */
  readonly key: string;
  readonly receiver: string;
  readonly matchers: WireRouteMatcher[];
  /** `...` alone: by all labels. */
  readonly groupBy: string[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  readonly continue: boolean;
  readonly muteTimeIntervals: string[];
  readonly activeTimeIntervals: string[];
  readonly groups: number;
  /** Firing ones that the node itself takes. */
  readonly alerts: number;
  readonly routes: WireRoute[];
}

/** Whole numbers, both ends included unless said otherwise. */
export interface WireRange {
  readonly from: number;
  readonly to: number;
}

export interface WireInterval {
  /** Minutes of the day, the end not included. */
  readonly times: WireRange[];
  /** 0: Sunday. */
  readonly weekdays: WireRange[];
  readonly daysOfMonth: WireRange[];
  readonly months: WireRange[];
  readonly years: WireRange[];
  readonly location: string;
}

export interface WireRouting {
  /** `file`: an alertmanager.yml, not to be changed by the API. */
  readonly owner: 'file' | 'api';
  readonly file?: string | undefined;
  readonly route: WireRoute;
  readonly receivers: { readonly name: string; readonly integrations: WireIntegration[] }[];
  readonly timeIntervals: {
    readonly name: string;
    /** The present moment lies in it. */
    readonly isNow: boolean;
    readonly intervals: WireInterval[];
  }[];
  readonly now: number;
}

export interface WireExplainedIntegration extends WireIntegration {
  /** The last message about the group, and what this alert was in it. */
  readonly told?:
    | { readonly at: number; readonly as: 'firing' | 'resolved' | 'absent' }
    | undefined;
}

export interface WireExplainedRoute {
  /** Ids of the nodes from the root down. */
  readonly path: number[];
  readonly key: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Record<string, string>;
  /** In the group now. */
  readonly alerts: number;
  /** When the receiver is told next, if there is news. */
  readonly nextAt?: number | undefined;
  readonly repeatIntervalMs: number;
  readonly mutedBy: string[];
  readonly integrations: WireExplainedIntegration[];
}

export interface WireExplanation {
  readonly fingerprint: string;
  /** False: no such alert came in; this is what would become of it. */
  readonly isKnown: boolean;
  readonly silencedBy: {
    readonly id: string;
    readonly comment: string;
    readonly createdBy: string;
    readonly endsAt: number;
  }[];
  readonly inhibitedBy: {
    readonly fingerprint: string;
    readonly labels: Record<string, string>;
  }[];
  readonly routes: WireExplainedRoute[];
  readonly now: number;
}

export interface WireTemplatePreview {
  readonly results: {
    /** Empty: the text outside of definitions. */
    readonly name: string;
    readonly text?: string | undefined;
    readonly error?: string | undefined;
  }[];
}

/** Alerts by what becomes of them. */
export interface WireAlertSummary {
  readonly firing: number;
  /** Silenced or inhibited. */
  readonly suppressed: number;
}

/** An alert to show a template with. */
export interface WireSampleAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt?: number | undefined;
  readonly generatorUrl: string;
}

export interface WirePreviewRequest {
  readonly template: string;
  readonly alerts: WireSampleAlert[];
  readonly receiver: string;
}
