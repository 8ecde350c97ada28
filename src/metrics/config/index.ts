/** prometheus.yml: read, checked, typed; kept up to date; printed without its secrets. */
export type {
  DiscoveryConfig,
  DnsRecordType,
  DnsSdConfig,
  FileSdConfig,
  HttpSdConfig,
  KubernetesRole,
  KubernetesSdConfig,
  StaticConfig,
} from './discovery-fields.ts';
/** How keys are read, for other files of the family: an alertmanager.yml. */
export {
  anything,
  choice,
  count,
  decimal,
  duration,
  type Field,
  type Fields,
  flag,
  list,
  optional,
  path,
  record,
  secret,
  section,
  text,
} from './fields.ts';
export type { GlobalConfig } from './global-fields.ts';
export {
  type Authorization,
  type BasicAuth,
  checkHttpClient,
  defaultHttpClient,
  type HttpClientConfig,
  type HttpHeaderConfig,
  httpClientFields,
  type Oauth2Config,
  type ProxyConfig,
  type TlsConfig,
  type TlsVersion,
  tlsConfig,
} from './http-fields.ts';
export {
  type ConfigText,
  emptyPrometheusConfig,
  type LoadedConfig,
  loadPrometheusConfig,
  loadScrapeConfigs,
  type PrometheusConfig,
} from './load.ts';
export {
  type AlertingConfig,
  type AlertmanagerConfig,
  type OtlpConfig,
  type RemoteReadConfig,
  type RemoteWriteConfig,
  type RuntimeConfig,
  type Sigv4Config,
  type StorageConfig,
  sigv4,
} from './other-fields.ts';
export { plainRule, printConfig } from './print.ts';
export { DocumentReader } from './reader.ts';
export type { NameValidation, ScrapeConfig, ScrapeLimits } from './scrape-fields.ts';
export { configKey, Secret } from './secret.ts';
export {
  openPrometheusConfig,
  type PrometheusConfigHandle,
  type PrometheusConfigSource,
} from './source.ts';
export {
  formatBase2Bytes,
  formatPrometheusDuration,
  parsePrometheusDurationMs,
} from './units.ts';
export { resolveNode } from './yaml-nodes.ts';
