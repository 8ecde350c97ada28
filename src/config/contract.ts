import type { LogLevel } from '#base';

/**
 * The whole configuration, parsed, with defaults filled in. Property names carry units
 * (`timeoutMs`, `maxDiskBytes`); the key in nunchi.yaml is the name without `Ms` or `Bytes`.
 */
export interface Config {
  readonly server: ServerConfig;
  readonly auth: AuthConfig;
  readonly logs: LogsConfig;
  readonly metrics: MetricsConfig;
  readonly aws: AwsConfig;
  readonly agent: AgentConfig;
  readonly log: { readonly level: LogLevel };
}

export interface ServerConfig {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly dataDir: string;
  readonly bodyLimitBytes: number;
  /** Both or none. */
  readonly tls: { readonly certFile: string | undefined; readonly keyFile: string | undefined };
  readonly publicUrl: string | undefined;
  /** Names, besides loopback's own, under which browsers may reach a server without login. */
  readonly allowedHosts: readonly string[];
  readonly drainTimeoutMs: number;
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  readonly clusterName: string | undefined;
  /** IANA name, or `local` for that of the reader's browser. */
  readonly timeZone: string;
}

export interface AuthConfig {
  readonly allowAnonymousOnLoopback: boolean;
  readonly sessionLifetimeMs: number;
  readonly loginAttemptsPerMinute: number;
}

export interface LogsConfig {
  readonly store: LogStoreConfig;
  readonly receive: LogReceiveConfig;
}

export interface LogStoreConfig {
  /** What a new group starts with; undefined: its events are kept for ever. */
  readonly retentionDays: number | undefined;
  readonly maxDiskBytes: number | undefined;
  readonly minFreeDiskBytes: number;
  readonly segment: { readonly freshSizeBytes: number; readonly maxFreshAgeMs: number };
  readonly query: {
    readonly memoryLimitBytes: number;
    /** 0: as many as the machine has. */
    readonly threads: number;
    readonly maxConcurrent: number;
    readonly timeoutMs: number;
  };
}

export interface LogReceiveConfig {
  readonly forward: {
    readonly enabled: boolean;
    readonly listen: string;
    readonly sharedKey: string | undefined;
  };
  readonly syslog: { readonly enabled: boolean; readonly listen: string };
  readonly otlp: { readonly enabled: boolean };
  readonly loki: { readonly enabled: boolean };
  readonly http: { readonly enabled: boolean };
}

/** A section that another module reads: its YAML as it stands in the file. */
export interface RawSection {
  readonly text: string;
  /** The file as the user named it, and the 1-based line of the text's first line. */
  readonly source: string;
  readonly line: number;
}

export interface MetricsConfig {
  /** A prometheus.yml; undefined: `prometheus`, or what is useful without any. */
  readonly prometheusConfig: string | undefined;
  /** The keys of a prometheus.yml, read by `#metrics/config`. */
  readonly prometheus: RawSection | undefined;
  readonly store: MetricStoreConfig;
}

export interface MetricStoreConfig {
  /** Undefined: 15 d where no size is set either, else no limit. */
  readonly retentionMs: number | undefined;
  readonly retentionSizeBytes: number | undefined;
  /** 0: samples out of order are refused. */
  readonly outOfOrderWindowMs: number;
  readonly maxSeries: number;
  readonly minFreeDiskBytes: number;
  readonly cacheSizeBytes: number;
}

export interface AwsConfig {
  /** `auto`: wherever the server asks for a login. */
  readonly verifySignatures: 'auto' | 'always' | 'never';
}

export type Tristate = 'auto' | 'on' | 'off';

export interface AgentFileInput {
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly group: string | undefined;
  readonly stream: string | undefined;
  readonly parser: 'auto' | 'none' | 'cri' | 'docker' | 'json' | 'syslog';
  readonly multiline: readonly ('go' | 'java' | 'python' | 'ruby')[];
  readonly readFromHead: boolean;
}

export interface AgentConfig {
  /** Whether `nunchi start` runs an agent for this machine. */
  readonly enabled: boolean;
  /** Undefined: the host's name. */
  readonly id: string | undefined;
  /** Where the agent serves its own metrics and health; undefined: nowhere. */
  readonly listen: string | undefined;
  readonly server: {
    /** Undefined: the server of `nunchi start`. */
    readonly url: string | undefined;
    readonly token: string | undefined;
    readonly tokenFile: string | undefined;
    readonly caFile: string | undefined;
  };
  readonly spool: {
    /** Undefined: `agent` in the data directory. */
    readonly dir: string | undefined;
    readonly maxSizeBytes: number;
  };
  /** Added to what the agent finds by itself. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly readFromHead: boolean;
  /** At most so much from the end of each file that is there at the first start. */
  readonly maxFirstReadBytes: number;
  readonly inputs: {
    /** Whether well-known log files of the machine are looked for. */
    readonly discover: boolean;
    /** Undefined: what this machine has. */
    readonly containers: readonly string[] | undefined;
    readonly files: readonly AgentFileInput[];
    readonly journald: Tristate;
    readonly kmsg: Tristate;
  };
  readonly metrics: {
    /** Whether series of the machine and its containers are collected. */
    readonly enabled: boolean;
    readonly intervalMs: number;
    readonly maxSpoolSizeBytes: number;
    readonly procPath: string;
    readonly sysPath: string;
    readonly rootPath: string;
  };
  readonly kubernetes: Tristate;
  readonly fluentBitConfig: string | undefined;
}
