import type { Notification } from '../contract.ts';

/** Series of a query, for a picture. Times are Unix ms. */
export interface EvidenceSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** Where a message's evidence comes from. Each may fail: then the message goes without it. */
export interface EvidenceSources {
  readonly queryRange: (
    query: string,
    window: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
    signal: AbortSignal,
  ) => Promise<readonly EvidenceSeries[]>;
  /** What the rule of an alert compares, in PromQL; undefined: it is not known by its labels. */
  readonly expressionOf?: (labels: Readonly<Record<string, string>>) => string | undefined;
  /** The last lines of a pod, oldest first; undefined: none is kept. */
  readonly lastLines: (
    pod: {
      readonly namespace: string;
      readonly pod: string;
      readonly container?: string | undefined;
    },
    range: { readonly fromMs: number; readonly toMs: number; readonly maxLines: number },
    signal: AbortSignal,
  ) => Promise<readonly string[] | undefined>;
  /** An SVG as a PNG. */
  readonly renderPng: (
    svg: string,
    size: { readonly width: number; readonly height: number },
    signal: AbortSignal,
  ) => Promise<Buffer>;
  /**
   * Puts a picture where whoever has the URL finds it; undefined: the server has no address that others
   * reach.
   */
  readonly publish: (png: Buffer) => Promise<string | undefined>;
}

export interface MessageSettings {
  readonly isEnabled: boolean;
  readonly hasPicture: boolean;
  /** 0: none. */
  readonly maxLogLines: number;
  /** Evidence that takes longer is left out. */
  readonly timeoutMs: number;
  readonly language: 'en' | 'ko';
  readonly theme: 'light' | 'dark';
  /** Adds what was found to the bodies of webhooks, below `nunchi`. */
  readonly hasWebhookExtras: boolean;
  /** IANA name, for what shows times of its own. */
  readonly timeZone: string;
}

export interface MessageLink {
  readonly kind:
    | 'alert'
    | 'rule'
    | 'pod'
    | 'explore'
    | 'logs'
    | 'dashboard'
    | 'runbook'
    | 'silence';
  readonly url: string;
}

/** One alert as people read it. */
export interface AlertFacts {
  readonly name: string;
  readonly status: 'firing' | 'resolved';
  readonly severity: string;
  /** Annotation `summary`, or `description`, or `message`. */
  readonly summary: string;
  readonly description: string;
  readonly sinceMs: number;
  /** Of one that is over. */
  readonly endedMs: number | undefined;
  /** What the rule's expression gives now, without its comparison. */
  readonly value: number | undefined;
  /** Labels that tell it from the others of the group. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly links: readonly MessageLink[];
}

export interface MessagePicture {
  readonly png: Buffer;
  /** Absent: nobody but the server can reach it. */
  readonly url: string | undefined;
  readonly altText: string;
  readonly width: number;
  readonly height: number;
}

export interface MessageLogs {
  /** `shop/api-7c9d (main)` */
  readonly subject: string;
  /** Oldest first, secrets masked. */
  readonly lines: readonly string[];
}

/** Everything that a message can say, whatever it is written in. */
export interface AlertMessage {
  readonly notification: Notification;
  readonly status: 'firing' | 'resolved';
  /** `PodMemoryHigh · shop`. */
  readonly title: string;
  readonly titleUrl: string;
  readonly firing: number;
  readonly resolved: number;
  /** The highest of the group; '' where no alert has one. */
  readonly severity: string;
  /** `> 0.9`, of the rule's expression. */
  readonly threshold: string | undefined;
  /** Labels of all alerts. */
  readonly commonLabels: readonly (readonly [name: string, value: string])[];
  /** The first few, those that fire before those that are over. */
  readonly alerts: readonly AlertFacts[];
  /** How many more there are. */
  readonly hiddenAlerts: number;
  readonly picture: MessagePicture | undefined;
  readonly logs: MessageLogs | undefined;
  readonly links: readonly MessageLink[];
  readonly settings: MessageSettings;
}

/** Makes messages of notifications. */
export interface MessageMaker {
  readonly settings: MessageSettings;
  /** Never fails, and takes no longer than its settings say: what is not found is left out. */
  make(notification: Notification, signal: AbortSignal): Promise<AlertMessage>;
}
