/** Names of sources and executors that a channel uses. */
export interface ChannelBindings {
  readonly sources: readonly string[];
  readonly executors: readonly string[];
}

export interface ChannelConfig {
  readonly alias: string;
  /** Name of a channel of Slack or Mattermost without `#`, or its id; of Discord and Teams the id. */
  readonly name: string;
  readonly bindings: ChannelBindings;
  readonly notificationsDisabled: boolean;
}

export interface SlackPlatform {
  readonly kind: 'socketSlack';
  readonly group: string;
  readonly botToken: string;
  readonly appToken: string;
  /** For tests and proxies; undefined: Slack's own. */
  readonly apiUrl: string | undefined;
  readonly channels: readonly ChannelConfig[];
}

export interface MattermostPlatform {
  readonly kind: 'mattermost';
  readonly group: string;
  readonly url: string;
  readonly token: string;
  readonly team: string;
  readonly botName: string;
  readonly channels: readonly ChannelConfig[];
}

export interface DiscordPlatform {
  readonly kind: 'discord';
  readonly group: string;
  readonly token: string;
  /** User id of the bot; undefined: as Discord says. */
  readonly botId: string | undefined;
  /** For tests and proxies; undefined: Discord's own. It names the gateway too. */
  readonly apiUrl: string | undefined;
  /** By their ids. */
  readonly channels: readonly ChannelConfig[];
}

export interface TeamsPlatform {
  readonly kind: 'teams';
  readonly group: string;
  readonly botName: string;
  readonly appId: string;
  readonly appPassword: string;
  /** Of a bot of one tenant; undefined: any tenant may ask. */
  readonly tenantId: string | undefined;
  /** Where Microsoft's service comes to; 0: one that is free. */
  readonly port: number;
  readonly messagePath: string;
  /** Says by which keys activities are signed. */
  readonly openIdMetadataUrl: string;
  readonly issuer: string;
  readonly tokenUrl: string;
  /** Of every conversation that the bot is added to. */
  readonly bindings: ChannelBindings;
  /** None: there are those that the bot is added to. */
  readonly channels: readonly ChannelConfig[];
}

export type PlatformConfig = SlackPlatform | DiscordPlatform | MattermostPlatform | TeamsPlatform;

/** Regular expressions of RE2, found anywhere in a text. */
export interface Choice {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export type EventKind =
  | 'create'
  | 'update'
  | 'delete'
  | 'error'
  | 'warning'
  | 'normal'
  | 'info'
  | 'all';

export interface EventRules {
  readonly types: readonly EventKind[];
  readonly reason: Choice;
  readonly message: Choice;
}

/** What a source listens to of one kind of object; absent parts are those of the source. */
export interface ResourceRules {
  /** `v1/pods`, `apps/v1/deployments`. */
  readonly type: string;
  readonly name: Choice;
  readonly namespaces: Choice | undefined;
  readonly event: EventRules | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly updateFields: readonly string[];
  readonly includeDiff: boolean;
}

export interface KubernetesSource {
  readonly namespaces: Choice;
  readonly event: EventRules;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly resources: readonly ResourceRules[];
  readonly recommendations: {
    readonly noLatestImageTag: boolean;
    readonly labelsSet: boolean;
    readonly backendServiceValid: boolean;
    readonly tlsSecretValid: boolean;
  };
  readonly usesAnnotationChecker: boolean;
  readonly usesNodeEventsChecker: boolean;
  /** Offered beside events; no resources: for all of them. */
  readonly commands: { readonly verbs: readonly string[]; readonly resources: readonly string[] };
  readonly extraButtons: readonly {
    readonly types: readonly string[];
    readonly displayName: string;
    /** Go template. */
    readonly commandTemplate: string;
  }[];
}

/** Alerts of a Prometheus. */
export interface PrometheusSource {
  /** Undefined: alerts of Nunchi itself. */
  readonly url: string | undefined;
  /** Those that were active before the start are not told. */
  readonly ignoreOldAlerts: boolean;
  /** `firing`, `pending`, `inactive`. */
  readonly alertStates: readonly string[];
}

export interface WebhookSink {
  readonly kind: 'webhook';
  readonly group: string;
  readonly url: string;
  readonly sources: readonly string[];
}

export interface PagerDutySink {
  readonly kind: 'pagerDuty';
  readonly group: string;
  readonly integrationKey: string;
  readonly apiUrl: string;
  readonly sources: readonly string[];
}

export interface ElasticsearchSink {
  readonly kind: 'elasticsearch';
  readonly group: string;
  readonly server: string;
  readonly username: string;
  readonly password: string;
  readonly awsSigning:
    | { readonly region: string; readonly roleArn: string | undefined }
    | undefined;
  readonly indices: readonly {
    readonly name: string;
    readonly shards: number;
    readonly replicas: number;
    readonly sources: readonly string[];
  }[];
  /** Of all its indices. */
  readonly sources: readonly string[];
}

/** Where events go besides chats. */
export type SinkConfig = WebhookSink | PagerDutySink | ElasticsearchSink;

export interface SourceConfig {
  readonly name: string;
  readonly displayName: string;
  readonly kubernetes: KubernetesSource | undefined;
  readonly prometheus: PrometheusSource | undefined;
  /** Others tell of it: POST /sources/v1/NAME. */
  readonly isIncoming: boolean;
}

/** Whom commands are run as; undefined: they may not be run. */
export type RbacSubject =
  | { readonly type: 'Static'; readonly prefix: string; readonly values: readonly string[] }
  /** `UserID` is ours: Botkube knows no single people. */
  | { readonly type: 'ChannelName' | 'UserID'; readonly prefix: string };

export interface RbacContext {
  readonly user: RbacSubject | undefined;
  readonly group: RbacSubject | undefined;
}

export interface ToolConfig {
  readonly enabled: boolean;
  readonly defaultNamespace: string;
  readonly rbac: RbacContext | undefined;
  /** Where helm keeps releases: `secret` or `configmap`. */
  readonly helmDriver: string;
  /** Of the builder and of what may be asked at all; empty: everything that the identity may. */
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  readonly namespaces: readonly string[];
}

export interface ExecutorConfig {
  readonly name: string;
  readonly kubectl: ToolConfig | undefined;
  readonly helm: ToolConfig | undefined;
}

export interface ActionConfig {
  readonly name: string;
  readonly displayName: string;
  readonly enabled: boolean;
  /** Go template of a command. */
  readonly command: string;
  readonly bindings: ChannelBindings;
}

export interface AliasConfig {
  readonly name: string;
  readonly command: string;
  readonly displayName: string;
}

/** Botkube's configuration as Nunchi understands it. */
export interface ChatConfig {
  readonly clusterName: string;
  /** A Secret of our namespace with more of it, under `comm_config.yaml`. */
  readonly communicationsSecret: string | undefined;
  readonly platforms: readonly PlatformConfig[];
  readonly sinks: readonly SinkConfig[];
  readonly sources: readonly SourceConfig[];
  readonly executors: readonly ExecutorConfig[];
  readonly aliases: readonly AliasConfig[];
  readonly actions: readonly ActionConfig[];
  /** All of it as it was written, over what the chart ships, without secrets. */
  readonly written: Readonly<Record<string, unknown>>;
  /** What cannot be used, each with its key. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}
