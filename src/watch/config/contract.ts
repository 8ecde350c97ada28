import type { Severity } from '../contract.ts';
import type { PodRules } from '../detect/pods.ts';
import type { VolumeRules } from '../detect/volumes.ts';
import type { Language } from '../explain/language.ts';
import type { IncidentRules } from '../incidents/engine.ts';

/** What a provider is told by. */
export interface ProviderSettings {
  /** In kwatch's spelling: `slack`, `pagerduty`, … */
  readonly type: string;
  /** Keys of the provider that hold texts, in lower case. */
  readonly settings: Readonly<Record<string, string>>;
  /** Of `webhook`. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** One way to tell, of those under `alert`. */
export interface ProviderConfig extends ProviderSettings {
  /** An incident that none of them fits is not told; none: all are. */
  readonly routes: readonly ProviderRoute[];
  /** Texts of messages by reason, in Go's template language; those of this provider come first. */
  readonly templates: Readonly<Record<string, string>>;
  readonly retry: RetryConfig;
  /** Kind of the provider that is told in its place when this one takes nothing; undefined: none. */
  readonly fallback: string | undefined;
  /** Of its sentences; undefined: that of the watch. Ours: kwatch has English alone. */
  readonly language?: Language | undefined;
}

export interface RetryConfig {
  /** Tries before the fallback is told; without a fallback it is tried for a day. */
  readonly maxAttempts: number;
  /** Before the second try, ms; twice as long each time after that. */
  readonly delayMs: number;
  readonly maxBackoffMs: number;
}

export interface ProviderRoute {
  readonly namespaces: readonly string[];
  readonly severities: readonly string[];
  readonly reasons: readonly string[];
}

/** All given conditions of one must hold. */
export interface SilenceRule {
  readonly namespaces: readonly string[];
  readonly reasons: readonly string[];
  readonly podNamePatterns: readonly string[];
  readonly containerNames: readonly string[];
  readonly logPatterns: readonly string[];
  readonly containerMessages: readonly string[];
  readonly nodeReasons: readonly string[];
  readonly nodeMessages: readonly string[];
}

/** A config.yaml of kwatch, of any version; times in ms. */
export interface WatchConfig {
  readonly clusterName: string;
  readonly proxyUrl: string;
  /** Of the certificates of providers. */
  readonly tls: { readonly insecureSkipVerify: boolean; readonly caFile: string | undefined };
  readonly tellsStart: boolean;
  /** Lines at the end of a log; 0: all, up to a bound in bytes. */
  readonly maxRecentLogLines: number;
  readonly includeEvents: boolean;
  readonly includeLogs: boolean;
  readonly reportStartupBaseline: boolean;
  readonly namespaces: readonly string[];
  readonly namespaceSelector: string;
  readonly reasons: readonly string[];
  readonly ignoreContainerNames: readonly string[];
  readonly ignorePodNames: readonly string[];
  readonly ignoreLogPatterns: readonly string[];
  readonly ignoreContainerMessages: readonly string[];
  readonly ignoreNodeReasons: readonly string[];
  readonly ignoreNodeMessages: readonly string[];
  readonly silences: readonly SilenceRule[];
  readonly pods: PodRules;
  readonly nodes: { readonly enabled: boolean };
  readonly volumes: VolumeRules & { readonly enabled: boolean; readonly intervalMs: number };
  readonly rollouts: { readonly enabled: boolean };
  readonly jobs: { readonly enabled: boolean };
  readonly cronJobs: { readonly enabled: boolean };
  readonly daemonSets: { readonly enabled: boolean; readonly sustainedMs: number };
  readonly autoscalers: { readonly enabled: boolean; readonly sustainedMs: number };
  readonly certificates: {
    readonly enabled: boolean;
    readonly thresholdMs: number;
    readonly criticalThresholdMs: number;
  };
  readonly heartbeat: {
    readonly enabled: boolean;
    readonly intervalMs: number;
    readonly url: string;
  };
  readonly healthCheck: {
    readonly enabled: boolean;
    readonly port: number;
    /** Whether `/incidents`, `/deadletters` and `POST /test-alert` are there, for who has the token. */
    readonly diagnostics: boolean;
    readonly diagnosticsToken: string;
  };
  readonly severityByOwnerKind: Readonly<Record<string, Severity>>;
  readonly severityByReason: Readonly<Record<string, Severity>>;
  readonly runbooks: Readonly<Record<string, string>>;
  readonly dashboardUrlTemplate: string;
  readonly incidents: Omit<IncidentRules, 'maxOpen'>;
  readonly providers: readonly ProviderConfig[];
  /** Values that cannot be used, each with file, line and key. What is right is in force all the same. */
  readonly problems: readonly string[];
  /** Keys without an effect. */
  readonly warnings: readonly string[];
}
