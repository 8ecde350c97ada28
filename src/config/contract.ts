import type { LogLevel } from '#base';
import type { PrometheusFeature } from './prometheus-features.ts';

/**
 * The whole configuration, parsed, with defaults filled in. Property names carry units
 * (`timeoutMs`, `maxDiskBytes`); the key in nunchi.yaml is the name without `Ms` or `Bytes`.
 */
export interface Config {
  readonly server: ServerConfig;
  readonly auth: AuthConfig;
  readonly logs: LogsConfig;
  readonly metrics: MetricsConfig;
  readonly dashboards: DashboardsConfig;
  readonly watch: WatchSection;
  readonly chat: ChatSection;
  readonly alerting: AlertingSection;
  readonly aws: AwsConfig;
  readonly kubernetes: KubernetesConfig;
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
  readonly initialAdmin: {
    readonly name: string;
    readonly password: string | undefined;
    readonly passwordFile: string | undefined;
  };
  /** `NAMESPACE:NAME`. */
  readonly agentServiceAccounts: readonly string[];
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
  readonly builtinRules: BuiltinRulesConfig;
  readonly query: MetricQueryConfig;
  readonly store: MetricStoreConfig;
}

export interface AlertingSection {
  /** An alertmanager.yml; undefined: `alertmanager`, or nobody is told. */
  readonly alertmanagerConfig: string | undefined;
  /** The keys of an alertmanager.yml, read by `#alerting`. */
  readonly alertmanager: RawSection | undefined;
  readonly messages: AlertMessagesConfig;
}

export interface AlertMessagesConfig {
  readonly enabled: boolean;
  readonly picture: boolean;
  readonly logLines: number;
  readonly timeoutMs: number;
  readonly language: 'en' | 'ko';
  readonly theme: 'light' | 'dark';
  readonly webhookExtras: boolean;
}

export interface ChatSection {
  /** Files with values of Botkube's chart. */
  readonly botkubeConfig: readonly string[];
  /** The same inline, read by `#chat`. */
  readonly botkube: RawSection | undefined;
  /** For kubectl and helm; undefined: that of the watched cluster. */
  readonly kubeconfig: string | undefined;
}

export interface WatchSection {
  readonly enabled: boolean;
  /** Of the sentences of incidents in messages and alerts. */
  readonly language: 'en' | 'ko';
  /** A config.yaml of kwatch; undefined: another key, or nobody is told. */
  readonly kwatchConfig: string | undefined;
  /** The keys of a config.yaml of kwatch, read by `#watch`. */
  readonly kwatch: RawSection | undefined;
  /** `NAMESPACE/NAME` of a ConfigMap with a config.yaml. */
  readonly kwatchConfigMap: string | undefined;
  readonly maintenance: readonly MaintenanceConfig[];
  readonly newErrors: NewErrorsConfig;
}

/** A time in which something is worked on: once from `startMs` to `endMs`, or by a schedule. */
export interface MaintenanceConfig {
  readonly name: string;
  readonly comment: string;
  /** Conditions on the labels of incidents; none: all of them. */
  readonly matchers: readonly string[];
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  /** Cron: when it begins, in `timeZone`. */
  readonly schedule: string | undefined;
  readonly lastsMs: number | undefined;
  readonly timeZone: string;
}

/** Errors in logs of a kind that a workload has not written before. */
export interface NewErrorsConfig {
  readonly enabled: boolean;
  /** So long after a workload's first line all its errors are taken for known. */
  readonly learnMs: number;
  /** So many lines of one kind within `withinMs` are told of. */
  readonly threshold: number;
  readonly withinMs: number;
  /** It is over when there was none for so long. */
  readonly quietMs: number;
  readonly maxWorkloads: number;
}

export interface DashboardsConfig {
  /** Whether those are there that come with the program. */
  readonly shipped: boolean;
  /** A folder as Grafana's `provisioning`; undefined: none. */
  readonly provisioningDir: string | undefined;
  readonly kubernetes: {
    readonly enabled: boolean;
    readonly label: string;
    /** Undefined: whatever it is. */
    readonly labelValue: string | undefined;
    readonly folderAnnotation: string;
    readonly resources: readonly DashboardResource[];
    /** Empty: those that are watched. */
    readonly namespaces: readonly string[];
  };
  readonly catalogue: {
    readonly url: string;
    readonly timeoutMs: number;
  };
  readonly maxCount: number;
  readonly maxSizeBytes: number;
  readonly maxVersions: number;
  readonly dataSources: DataSourcesConfig;
}

/** Objects of the cluster that hold dashboards. */
export type DashboardResource = 'configmaps' | 'secrets' | 'grafanadashboards';

export interface DataSourcesConfig {
  readonly timeoutMs: number;
  readonly maxSeries: number;
  readonly maxRows: number;
  readonly maxPoints: number;
  readonly maxAnswerBytes: number;
  readonly maxConcurrent: number;
  /** `10.0.0.0/8`, or single addresses. */
  readonly allowedNetworks: readonly string[];
}

export interface BuiltinRulesConfig {
  /** `auto`: where a cluster is watched. */
  readonly enabled: Tristate;
  readonly disabledGroups: readonly string[];
}

export interface MetricQueryConfig {
  readonly timeoutMs: number;
  readonly maxSamples: number;
  readonly maxConcurrency: number;
  readonly lookbackDeltaMs: number;
  readonly features: readonly PrometheusFeature[];
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

export interface ControlPlanePull {
  readonly cluster: string;
  readonly region: string | undefined;
  readonly logGroup: string | undefined;
  readonly types: readonly (
    | 'api'
    | 'audit'
    | 'authenticator'
    | 'controllerManager'
    | 'scheduler'
  )[];
  readonly sinceMs: number;
  readonly intervalMs: number;
  readonly overlapMs: number;
  readonly endpoint: string | undefined;
  readonly profile: string | undefined;
  readonly roleArn: string | undefined;
  readonly externalId: string | undefined;
}

export interface KubernetesConfig {
  /** `auto`: where a cluster is found. */
  readonly enabled: Tristate;
  /** Undefined: looked for as kubectl does. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly controlPlane: {
    /** Managed clusters whose logs are copied out of CloudWatch Logs. */
    readonly pull: readonly ControlPlanePull[];
  };
  readonly metricsApi: {
    readonly enabled: Tristate;
    /** `host:port`. */
    readonly listen: string;
    /** `NAMESPACE/NAME`. */
    readonly service: string | undefined;
    /** A configuration of prometheus-adapter; undefined: `adapter`, or none. */
    readonly adapterConfig: string | undefined;
    /** Its keys, read by `#kubernetes/resource-metrics`. */
    readonly adapter: RawSection | undefined;
  };
  readonly stateMetrics: StateMetricsConfig;
  readonly events: { readonly enabled: boolean };
  readonly changes: { readonly enabled: boolean };
  readonly containerInsights: ContainerInsightsConfig;
  readonly scrape: {
    readonly controlPlane: boolean;
    /** Kubelets of nodes without an agent. */
    readonly kubelet: boolean;
    /** `auto`: unless the Prometheus configuration reads them itself. */
    readonly annotations: Tristate;
  };
  readonly monitors: MonitorsConfig;
}

export interface ContainerInsightsConfig {
  readonly enabled: boolean;
  readonly intervalMs: number;
  /** Also what EKS sends with enhanced observability. */
  readonly enhanced: boolean;
  readonly retentionDays: number;
}

/** Selectors are sections with `matchLabels` and `matchExpressions`; undefined: everything. */
export interface MonitorsConfig {
  readonly enabled: boolean;
  /** `namespace/name` of a `Prometheus` object that says what counts, in place of the selectors. */
  readonly prometheus: string | undefined;
  readonly podMonitorSelector: RawSection | undefined;
  readonly podMonitorNamespaceSelector: RawSection | undefined;
  readonly serviceMonitorSelector: RawSection | undefined;
  readonly serviceMonitorNamespaceSelector: RawSection | undefined;
  readonly probeSelector: RawSection | undefined;
  readonly probeNamespaceSelector: RawSection | undefined;
  readonly scrapeConfigSelector: RawSection | undefined;
  readonly scrapeConfigNamespaceSelector: RawSection | undefined;
  readonly ruleSelector: RawSection | undefined;
  readonly ruleNamespaceSelector: RawSection | undefined;
}

export interface StateMetricsConfig {
  readonly enabled: boolean;
  readonly intervalMs: number;
  /** Empty: all. */
  readonly resources: readonly string[];
  /** `pods=[app,team]` */
  readonly metricLabelsAllowlist: readonly string[];
  readonly metricAnnotationsAllowlist: readonly string[];
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

export interface KubeletConfig {
  /** `auto`: in a pod that is told its node's address. */
  readonly enabled: Tristate;
  /** Undefined: `https://HOST_IP:10250`. */
  readonly url: string | undefined;
  readonly insecureTls: boolean;
  /** Undefined: the service account's. */
  readonly caFile: string | undefined;
  readonly intervalMs: number;
  readonly paths: readonly string[];
  readonly keepAll: boolean;
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
    readonly extraCollectors: readonly ('interrupts' | 'tcpstat')[];
    readonly procPath: string;
    readonly sysPath: string;
    readonly rootPath: string;
  };
  readonly kubelet: KubeletConfig;
  readonly kubernetes: Tristate;
  readonly controlPlane: {
    readonly enabled: boolean;
    /** Globs by log type; undefined: where they usually are. */
    readonly api: readonly string[] | undefined;
    readonly audit: readonly string[] | undefined;
    readonly authenticator: readonly string[] | undefined;
    readonly controllerManager: readonly string[] | undefined;
    readonly scheduler: readonly string[] | undefined;
  };
  readonly fluentBitConfig: string | undefined;
}
