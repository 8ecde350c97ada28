import { awsFilter } from '../filters/aws.ts';
import { grepFilter } from '../filters/grep.ts';
import { kubernetesFilter } from '../filters/kubernetes/filter.ts';
import { modifyFilter } from '../filters/modify.ts';
import { multilineFilter } from '../filters/multiline.ts';
import { nestFilter } from '../filters/nest.ts';
import { parserFilter } from '../filters/parser.ts';
import { recordModifierFilter } from '../filters/record-modifier.ts';
import { rewriteTagFilter } from '../filters/rewrite-tag.ts';
import { expectFilter, stdoutFilter, typeConverterFilter } from '../filters/small.ts';
import { throttleFilter } from '../filters/throttle.ts';
import { execInput } from '../inputs/exec.ts';
import { forwardInput } from '../inputs/forward.ts';
import { httpInput } from '../inputs/http.ts';
import { kmsgInput } from '../inputs/kmsg.ts';
import { dummyInput, stdinInput } from '../inputs/small.ts';
import { syslogInput } from '../inputs/syslog.ts';
import { systemdInput } from '../inputs/systemd.ts';
import { tailInput } from '../inputs/tail.ts';
import { tcpInput } from '../inputs/tcp.ts';
import { cloudwatchLogsOutput, cloudwatchOutput } from '../outputs/cloudwatch/output.ts';
import { forwardOutput } from '../outputs/forward.ts';
import { httpOutput } from '../outputs/http.ts';
import { counterOutput, fileOutput, nullOutput, stdoutOutput } from '../outputs/local.ts';
import { lokiOutput } from '../outputs/loki.ts';
import { opentelemetryOutput } from '../outputs/opentelemetry.ts';
import type { FilterPlugin, InputPlugin, OutputPlugin, Plugin } from './plugin.ts';
import { type OptionTable, option } from './settings.ts';

function byName<P extends Plugin<unknown>>(plugins: readonly P[]): ReadonlyMap<string, P> {
  return new Map(plugins.map((plugin) => [plugin.name, plugin]));
}

export const inputPlugins: ReadonlyMap<string, InputPlugin> = byName([
  dummyInput,
  execInput,
  forwardInput,
  httpInput,
  kmsgInput,
  stdinInput,
  syslogInput,
  systemdInput,
  tailInput,
  tcpInput,
]);

export const filterPlugins: ReadonlyMap<string, FilterPlugin> = byName([
  awsFilter,
  expectFilter,
  grepFilter,
  kubernetesFilter,
  modifyFilter,
  multilineFilter,
  nestFilter,
  parserFilter,
  recordModifierFilter,
  rewriteTagFilter,
  stdoutFilter,
  throttleFilter,
  typeConverterFilter,
]);

export const outputPlugins: ReadonlyMap<string, OutputPlugin> = byName([
  cloudwatchLogsOutput,
  cloudwatchOutput,
  counterOutput,
  fileOutput,
  forwardOutput,
  httpOutput,
  lokiOutput,
  nullOutput,
  opentelemetryOutput,
  stdoutOutput,
]);

/** Plugins that Fluent Bit has and this agent has not: named as such, not as typing mistakes. */
export const unsupportedPlugins: Readonly<
  Record<'input' | 'filter' | 'output' | 'processor', ReadonlySet<string>>
> = {
  input: new Set(
    'blob collectd cpu disk docker docker_events ebpf elasticsearch event_test event_type exec_wasi fluentbit_metrics gpu_metrics head health kafka kubernetes_events mem mqtt netif nginx_metrics node_exporter_metrics opentelemetry podman_metrics process_exporter_metrics proc prometheus_remote_write prometheus_scrape prometheus_textfile random serial splunk statsd thermal udp unix_socket windows_exporter_metrics winevtlog winlog winstat'.split(
      ' ',
    ),
  ),
  processor: new Set(
    'checklist content_modifier cumulative_to_delta geoip2 labels lua metrics_selector opentelemetry_envelope sampling sql sysinfo tda wasm'.split(
      ' ',
    ),
  ),
  filter: new Set(
    'checklist ecs geoip2 log_to_metrics lua nightfall sampling sysinfo tensorflow wasm'.split(' '),
  ),
  output: new Set(
    'azure azure_blob azure_kusto azure_logs_ingestion bigquery chronicle datadog es exit firehose flowcounter gelf influxdb kafka kafka-rest kinesis kinesis_firehose kinesis_streams logdna nats nrlogs opensearch oracle_log_analytics pgsql plot prometheus_exporter prometheus_remote_write retry s3 skywalking slack splunk stackdriver syslog td tcp udp vivo_exporter websocket zig_demo'.split(
      ' ',
    ),
  ),
};

const network: OptionTable = {
  host: option.text,
  port: option.integer,
  tls: option.bool,
};

/** Options that every plugin of a kind has. */
export const commonOptions: Readonly<
  Record<'input' | 'filter' | 'output' | 'processor', OptionTable>
> = {
  input: {
    name: option.text,
    alias: option.text,
    tag: option.text,
    log_level: option.text,
    log_suppress_interval: option.time,
    mem_buf_limit: option.size,
    'storage.type': option.text,
    'storage.pause_on_chunks_overlimit': option.bool,
    routable: option.bool,
    threaded: option.bool,
    'thread.ring_buffer.capacity': option.integer,
    'thread.ring_buffer.window': option.integer,
    listen: option.text,
    ...network,
  },
  processor: {
    name: option.text,
    alias: option.text,
    log_level: option.text,
  },
  filter: {
    name: option.text,
    alias: option.text,
    match: option.text,
    match_regex: option.text,
    log_level: option.text,
    log_suppress_interval: option.time,
  },
  output: {
    name: option.text,
    alias: option.text,
    match: option.text,
    match_regex: option.text,
    log_level: option.text,
    log_suppress_interval: option.time,
    retry_limit: option.text,
    workers: option.integer,
    'storage.total_limit_size': option.text,
    ...network,
  },
};
