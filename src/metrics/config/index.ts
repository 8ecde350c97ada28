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
export type { GlobalConfig } from './global-fields.ts';
export {
  type Authorization,
  type BasicAuth,
  defaultHttpClient,
  type HttpClientConfig,
  type HttpHeaderConfig,
  type Oauth2Config,
  type ProxyConfig,
  type TlsConfig,
  type TlsVersion,
} from './http-fields.ts';
export {
  type ConfigText,
  emptyPrometheusConfig,
  type LoadedConfig,
  loadPrometheusConfig,
  type PrometheusConfig,
} from './load.ts';
export type {
  AlertingConfig,
  AlertmanagerConfig,
  OtlpConfig,
  RemoteReadConfig,
  RemoteWriteConfig,
  RuntimeConfig,
  Sigv4Config,
  StorageConfig,
} from './other-fields.ts';
export { plainRule, printConfig } from './print.ts';
export type { NameValidation, ScrapeConfig, ScrapeLimits } from './scrape-fields.ts';
export { configKey, Secret } from './secret.ts';
export {
  openPrometheusConfig,
  type PrometheusConfigHandle,
  type PrometheusConfigSource,
} from './source.ts';
export { formatPrometheusDuration, parsePrometheusDurationMs } from './units.ts';
