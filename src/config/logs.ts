import type { Config, LogReceiveConfig, LogStoreConfig } from './contract.ts';
import {
  duration,
  type Field,
  flag,
  integer,
  listenAddress,
  optional,
  section,
  size,
  text,
} from './fields.ts';

const store: Field<LogStoreConfig> = section<LogStoreConfig>('How logs are kept.', {
  retentionDays: optional(
    integer({
      default: '30',
      min: 1,
      max: 36_500,
      doc: 'Days that a new log group keeps its events, unless it is made with a retention of its own; without it for ever. Groups that are there already keep what they have.',
    }),
  ),
  maxDiskBytes: optional(
    size({
      default: '10GiB',
      min: '64MiB',
      doc: 'Total size; beyond it the oldest events go first. Without it the disk is the limit.',
    }),
  ),
  minFreeDiskBytes: size({
    default: '512MiB',
    doc: 'New events are refused (senders retry) while the disk has less room than this.',
  }),
  segment: section<LogStoreConfig['segment']>('The files that queries read.', {
    freshSizeBytes: size({
      default: '64MiB',
      min: '1MiB',
      doc: 'New events kept in memory before they become a segment.',
    }),
    maxFreshAgeMs: duration({
      default: '10m',
      min: '1s',
      doc: 'How long new events stay in memory before they become a segment.',
    }),
  }),
  query: section<LogStoreConfig['query']>('Bounds of queries.', {
    memoryLimitBytes: size({
      default: '1GiB',
      min: '64MiB',
      doc: 'Memory of the query engine; beyond it sorting and grouping use the disk.',
    }),
    threads: integer({ default: '0', min: 0, max: 1024, doc: 'Threads; 0: one per CPU.' }),
    maxConcurrent: integer({
      default: '4',
      min: 1,
      max: 256,
      doc: 'Queries that run at once; others wait.',
    }),
    timeoutMs: duration({ default: '60m', min: '1s', doc: 'Longest run of a query.' }),
  }),
});

const receive: Field<LogReceiveConfig> = section<LogReceiveConfig>(
  'Ways in for log shippers other than the agent.',
  {
    forward: section<LogReceiveConfig['forward']>('Fluentd and Fluent Bit forward protocol.', {
      enabled: flag({ default: 'false', doc: 'Whether to listen.' }),
      listen: listenAddress({ default: '127.0.0.1:24224', doc: 'Where to listen.' }),
      sharedKey: optional(text({ default: '', doc: 'Key that senders must know.' })),
    }),
    syslog: section<LogReceiveConfig['syslog']>('Syslog over TCP and UDP, RFC 5424 and RFC 3164.', {
      enabled: flag({ default: 'false', doc: 'Whether to listen.' }),
      listen: listenAddress({ default: '127.0.0.1:5514', doc: 'Where to listen.' }),
    }),
    otlp: section<LogReceiveConfig['otlp']>('OpenTelemetry logs over HTTP, `/v1/logs`.', {
      enabled: flag({ default: 'true', doc: 'Whether to answer.' }),
    }),
    loki: section<LogReceiveConfig['loki']>('Loki push, `/loki/api/v1/push`.', {
      enabled: flag({ default: 'true', doc: 'Whether to answer.' }),
    }),
    http: section<LogReceiveConfig['http']>('Lines of JSON or text over HTTP.', {
      enabled: flag({ default: 'true', doc: 'Whether to answer.' }),
    }),
  },
);

export const logs: Field<Config['logs']> = section<Config['logs']>('Logs.', { store, receive });
