import type { RelabelRule } from '#metrics/relabel';
import { type DiscoveryConfig, discoveryFields, withAddresses } from './discovery-fields.ts';
import {
  anything,
  choice,
  count,
  decimal,
  duration,
  type Field,
  flag,
  httpUrl,
  list,
  optional,
  record,
  relabelRules,
  secret,
  section,
  size,
  text,
} from './fields.ts';
import {
  checkHttpClient,
  type HttpClientConfig,
  headerProblem,
  httpClientFields,
} from './http-fields.ts';
import type { Secret } from './secret.ts';

export interface Sigv4Config {
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: Secret | undefined;
  readonly profile: string;
  readonly roleArn: string;
  readonly externalId: string;
  readonly useFipsStsEndpoint: boolean;
  readonly serviceName: string;
}

export interface RemoteWriteConfig extends HttpClientConfig {
  readonly url: string;
  readonly remoteTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly writeRelabelConfigs: readonly RelabelRule[];
  readonly name: string;
  readonly sendExemplars: boolean;
  readonly sendNativeHistograms: boolean;
  readonly roundRobinDns: boolean;
  readonly protobufMessage: 'prometheus.WriteRequest' | 'io.prometheus.write.v2.Request';
  readonly queueConfig: {
    readonly capacity: number;
    readonly minShards: number;
    readonly maxShards: number;
    readonly maxSamplesPerSend: number;
    readonly batchSendDeadlineMs: number;
    readonly minBackoffMs: number;
    readonly maxBackoffMs: number;
    /** `retry_on_http_429` */
    readonly retryOnHttp_429: boolean;
    readonly sampleAgeLimitMs: number;
  };
  readonly metadataConfig: {
    readonly send: boolean;
    readonly sendIntervalMs: number;
    readonly maxSamplesPerSend: number;
  };
  readonly sigv4: Sigv4Config | undefined;
  readonly azuread: unknown;
  readonly googleIam: unknown;
}

export interface RemoteReadConfig extends HttpClientConfig {
  readonly url: string;
  readonly remoteTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly name: string;
  readonly readRecent: boolean;
  readonly requiredMatchers: Readonly<Record<string, string>>;
  readonly filterExternalLabels: boolean;
  /** Bytes. */
  readonly chunkedReadLimit: number;
}

export interface AlertmanagerConfig extends DiscoveryConfig, HttpClientConfig {
  readonly scheme: 'http' | 'https';
  readonly pathPrefix: string;
  readonly timeoutMs: number;
  readonly apiVersion: 'v2';
  readonly relabelConfigs: readonly RelabelRule[];
  readonly alertRelabelConfigs: readonly RelabelRule[];
  readonly sigv4: Sigv4Config | undefined;
}

export interface AlertingConfig {
  readonly alertRelabelConfigs: readonly RelabelRule[];
  readonly alertmanagers: readonly AlertmanagerConfig[];
}

export interface StorageConfig {
  readonly tsdb: {
    readonly outOfOrderTimeWindowMs: number;
    readonly retention: {
      readonly timeMs: number | undefined;
      readonly sizeBytes: number | undefined;
      /** Of the file system that the store is on; counts instead of a size. 0: not used. */
      readonly percentage: number;
    };
  };
  readonly exemplars: { readonly maxExemplars: number };
}

export interface OtlpConfig {
  readonly promoteAllResourceAttributes: boolean;
  readonly promoteResourceAttributes: readonly string[];
  readonly ignoreResourceAttributes: readonly string[];
  readonly translationStrategy:
    | 'UnderscoreEscapingWithSuffixes'
    | 'UnderscoreEscapingWithoutSuffixes'
    | 'NoUTF8EscapingWithSuffixes'
    | 'NoTranslation';
  readonly keepIdentifyingResourceAttributes: boolean;
  readonly convertHistogramsToNhcb: boolean;
  readonly promoteScopeMetadata: boolean;
  readonly labelNameUnderscoreSanitization: boolean;
  readonly labelNamePreserveMultipleUnderscores: boolean;
}

export interface RuntimeConfig {
  readonly gogc: number;
}

export const sigv4: Field<Sigv4Config> = section<Sigv4Config>({
  region: text(),
  accessKey: text(),
  secretKey: secret,
  profile: text(),
  roleArn: text(),
  externalId: text(),
  useFipsStsEndpoint: flag(false),
  serviceName: text(),
});

export const remoteWrite: Field<RemoteWriteConfig> = section<RemoteWriteConfig>(
  {
    url: httpUrl,
    remoteTimeoutMs: duration(30_000),
    headers: record(text(), headerProblem),
    writeRelabelConfigs: relabelRules,
    name: text(),
    sendExemplars: flag(false),
    sendNativeHistograms: flag(false),
    roundRobinDns: flag(false),
    protobufMessage: choice(
      ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'],
      'prometheus.WriteRequest',
    ),
    queueConfig: section<RemoteWriteConfig['queueConfig']>({
      capacity: count(10_000),
      minShards: count(1),
      maxShards: count(50),
      maxSamplesPerSend: count(2000),
      batchSendDeadlineMs: duration(5000),
      minBackoffMs: duration(30),
      maxBackoffMs: duration(5000),
      retryOnHttp_429: flag(false),
      sampleAgeLimitMs: duration(0),
    }),
    metadataConfig: section<RemoteWriteConfig['metadataConfig']>({
      send: flag(true),
      sendIntervalMs: duration(60_000),
      maxSamplesPerSend: count(2000),
    }),
    sigv4: optional(sigv4),
    azuread: anything,
    googleIam: anything,
    ...httpClientFields(false),
  },
  (value) => {
    if (value.url === '') return 'url for remote_write is empty';
    const ways = [
      value.sigv4,
      value.azuread,
      value.googleIam,
      value.basicAuth,
      value.authorization,
      value.oauth2,
    ];
    if (ways.filter((way) => way !== undefined).length > 1) {
      return 'at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured';
    }
    return checkHttpClient(value);
  },
);

export const remoteRead: Field<RemoteReadConfig> = section<RemoteReadConfig>(
  {
    url: httpUrl,
    remoteTimeoutMs: duration(60_000),
    headers: record(text(), headerProblem),
    name: text(),
    readRecent: flag(false),
    requiredMatchers: record(text()),
    filterExternalLabels: flag(true),
    chunkedReadLimit: count(5e7),
    ...httpClientFields(true),
  },
  (value) => (value.url === '' ? 'url for remote_read is empty' : checkHttpClient(value)),
);

const alertmanager = withAddresses(
  section<AlertmanagerConfig>(
    {
      scheme: choice(['http', 'https'], 'http'),
      pathPrefix: text('/'),
      timeoutMs: duration(10_000),
      apiVersion: choice(['v2'], 'v2'),
      relabelConfigs: relabelRules,
      alertRelabelConfigs: relabelRules,
      sigv4: optional(sigv4),
      ...discoveryFields,
      ...httpClientFields(true),
    },
    checkHttpClient,
  ),
);

export const alerting: Field<AlertingConfig> = section<AlertingConfig>({
  alertRelabelConfigs: relabelRules,
  alertmanagers: list(alertmanager),
});

export const storage: Field<StorageConfig> = section<StorageConfig>({
  tsdb: section<StorageConfig['tsdb']>({
    outOfOrderTimeWindowMs: duration(0),
    retention: section<StorageConfig['tsdb']['retention']>(
      { timeMs: optional(duration(0)), sizeBytes: optional(size(0)), percentage: decimal(0) },
      ({ percentage }) =>
        percentage < 0 || percentage > 100
          ? `percentage must be between 0 and 100, not ${percentage}`
          : undefined,
    ),
  }),
  exemplars: section<StorageConfig['exemplars']>({ maxExemplars: count(100_000) }),
});

export const otlp: Field<OtlpConfig> = section<OtlpConfig>(
  {
    promoteAllResourceAttributes: flag(false),
    promoteResourceAttributes: list(text()),
    ignoreResourceAttributes: list(text()),
    translationStrategy: choice(
      [
        'UnderscoreEscapingWithSuffixes',
        'UnderscoreEscapingWithoutSuffixes',
        'NoUTF8EscapingWithSuffixes',
        'NoTranslation',
      ],
      'UnderscoreEscapingWithSuffixes',
    ),
    keepIdentifyingResourceAttributes: flag(false),
    convertHistogramsToNhcb: flag(false),
    promoteScopeMetadata: flag(false),
    labelNameUnderscoreSanitization: flag(true),
    labelNamePreserveMultipleUnderscores: flag(true),
  },
  (value) => {
    if (value.promoteAllResourceAttributes && value.promoteResourceAttributes.length > 0) {
      return "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously";
    }
    return undefined;
  },
);

export const runtime: Field<RuntimeConfig> = section<RuntimeConfig>({ gogc: count(75) });
