/** A picture of a dashboard, or of one of its panels, that is sent when its time comes. */
export interface ReportSchedule {
  readonly title: string;
  readonly dashboardUid: string;
  /** Absent: the whole dashboard. */
  readonly panelId?: number | undefined;
  /** Five fields of cron, or `@daily` and the like. */
  readonly cron: string;
  /** IANA name: of the schedule, and of the picture. */
  readonly timeZone: string;
  /** `now-24h` to `now`, as dashboards have them. */
  readonly from: string;
  readonly to: string;
  /** Values of variables; those not named have what the dashboard was saved with. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
  /** Name of a receiver whose Slack, e-mail and Discord integrations get it. */
  readonly receiver: string;
  readonly theme: 'light' | 'dark';
  /** Of the words around the picture and in it. Reports of before have none: English. */
  readonly language?: 'en' | 'ko' | undefined;
  readonly isEnabled: boolean;
}

/** How one sending went. */
export interface ReportRun {
  readonly atMs: number;
  /** Absent: it arrived. */
  readonly error?: string | undefined;
  /** When it was due; absent: somebody sent it by hand. */
  readonly dueMs?: number | undefined;
  /** Times before this one that passed while the program was away: this sending stands for them too. */
  readonly missed?: number | undefined;
  /** From drawing to the last answer. */
  readonly tookMs?: number | undefined;
}

export interface Report {
  readonly id: string;
  readonly schedule: ReportSchedule;
  readonly lastRun: ReportRun | undefined;
  /** The newest first. */
  readonly runs: readonly ReportRun[];
  /** Undefined: it is switched off, or its time never comes. */
  readonly nextMs: number | undefined;
}

/** What is kept of a report. */
export interface SavedReport {
  readonly schedule: ReportSchedule;
  readonly lastRun?: ReportRun | undefined;
  /** The newest first, no more than are worth reading. */
  readonly runs?: readonly ReportRun[] | undefined;
  /** A sending that has begun: who has it already. After a restart the others get it, they do not. */
  readonly sending?: { readonly dueMs: number; readonly done: readonly string[] } | undefined;
  /**
   * Up to here times have been dealt with: a time that passed while the program was away is made up for
   * once, no more.
   */
  readonly doneUntilMs: number;
}

/** Who has a report already; another try leaves them out. */
export interface Delivered {
  has(integration: string): boolean;
  /** Resolves when it is noted where a restart finds it. */
  add(integration: string): Promise<void>;
}

/**
 * Brings a picture to a receiver. @throws when it did not arrive, or nobody there can be sent a picture
 */
export type PictureDelivery = (
  receiver: string,
  post: {
    readonly title: string;
    readonly titleUrl: string;
    readonly text: string;
    readonly png: Buffer;
    readonly width: number;
    readonly height: number;
  },
  done: Delivered,
  signal: AbortSignal,
) => Promise<void>;
