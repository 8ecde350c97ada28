import type {
  AgentConfig,
  AgentFileInput,
  AuthConfig,
  AwsConfig,
  Config,
  LogReceiveConfig,
  LogStoreConfig,
  MetricStoreConfig,
  MetricsConfig,
  ServerConfig,
  Tristate,
} from './contract.ts';
import {
  choice,
  duration,
  type Field,
  flag,
  httpUrl,
  integer,
  list,
  listenAddress,
  optional,
  raw,
  section,
  size,
  text,
  timeZone,
} from './fields.ts';

const server: Field<ServerConfig> = section<ServerConfig>(
  'The HTTP server and what it is known as.',
  {
    listen: listenAddress({
      default: '127.0.0.1:7600',
      doc: 'Where the server listens. Any address but loopback needs a user or a token first.',
    }),
    dataDir: text({ default: './data', doc: 'Folder for everything that is stored.' }),
    bodyLimitBytes: size({
      default: '32MiB',
      min: '64KiB',
      doc: 'Largest request body. Single routes may allow less.',
    }),
    tls: section<ServerConfig['tls']>('Serve HTTPS. Both files or none, PEM.', {
      certFile: optional(text({ default: '', doc: 'Certificate, followed by its chain.' })),
      keyFile: optional(text({ default: '', doc: 'Private key.' })),
    }),
    publicUrl: optional(
      httpUrl({
        default: 'http://localhost',
        doc: 'Address under which people reach the server, for links and for the check of browser requests.',
      }),
    ),
    allowedHosts: list(text({ default: '', doc: '' }), {
      doc: 'Host names, besides localhost and 127.0.0.1, under which a server without login answers.',
    }),
    drainTimeoutMs: duration({
      default: '10s',
      doc: 'How long requests in flight may take when the server stops.',
    }),
    accountId: text({
      default: '000000000000',
      pattern: /^\d{12}$/,
      allowed: '12 digits',
      doc: 'AWS account id in ARNs.',
    }),
    region: text({
      default: 'us-east-1',
      pattern: /^[a-z0-9-]{1,64}$/,
      allowed: 'a region such as ap-northeast-2',
      doc: 'AWS region in ARNs, where a request does not name one.',
    }),
    clusterName: optional(
      text({ default: '', doc: 'Name of the Kubernetes cluster, for log groups and labels.' }),
    ),
    timeZone: timeZone({
      default: 'local',
      reloadable: true,
      doc: 'Time zone of the web UI until a reader picks one; `local` is that of the browser.',
    }),
  },
);

const auth: Field<AuthConfig> = section<AuthConfig>(
  'Who may use the server. Users and tokens are made with `nunchi user add` and `nunchi token create`.',
  {
    allowAnonymousOnLoopback: flag({
      default: 'true',
      doc: 'Whether a server on loopback with no users and no tokens answers without login.',
    }),
    sessionLifetimeMs: duration({
      default: '7d',
      min: '1m',
      reloadable: true,
      doc: 'How long a login lasts.',
    }),
    loginAttemptsPerMinute: integer({
      default: '10',
      min: 1,
      max: 10_000,
      reloadable: true,
      doc: 'Failed logins allowed for one user and for one address before the next is refused.',
    }),
  },
);

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

const metricStore: Field<MetricStoreConfig> = section<MetricStoreConfig>('How metrics are kept.', {
  retentionMs: optional(
    duration({
      default: '15d',
      min: '2h',
      doc: 'Samples older than this are deleted, by blocks of 2 hours and more. Without it and without `retentionSize`: 15d.',
    }),
  ),
  retentionSizeBytes: optional(
    size({
      default: '10GiB',
      min: '64MiB',
      doc: 'Total size; beyond it the oldest blocks go first. What came in the last 3 hours always stays.',
    }),
  ),
  outOfOrderWindowMs: duration({
    default: '2h',
    doc: 'How much later than the newest sample an older one may come, as agents send that were cut off; 0: not at all.',
  }),
  maxSeries: integer({
    default: '2000000',
    min: 1,
    max: 100_000_000,
    doc: 'Series in memory; new ones beyond are refused, the known go on.',
  }),
  minFreeDiskBytes: size({
    default: '256MiB',
    doc: 'New samples are refused (senders retry) while the disk has less room than this.',
  }),
  cacheSizeBytes: size({
    default: '64MiB',
    min: '1MiB',
    doc: 'Memory for parts of blocks that queries read.',
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

const tristate = (options: { readonly doc: string }): Field<Tristate> =>
  choice(['auto', 'on', 'off'], { default: 'auto', ...options });

const fileInput: Field<AgentFileInput> = section<AgentFileInput>('Files to follow.', {
  paths: list(text({ default: '', doc: '' }), { doc: 'Paths or globs.' }),
  exclude: list(text({ default: '', doc: '' }), { doc: 'Paths or globs to leave out.' }),
  group: optional(text({ default: '', doc: 'Log group; without it `/nunchi/HOST/system`.' })),
  stream: optional(text({ default: '', doc: 'Log stream; without it the path, with dots.' })),
  parser: choice(['auto', 'none', 'cri', 'docker', 'json', 'syslog'], {
    default: 'auto',
    doc: 'Format of a line. `auto`: container logs are noticed, else text with the time at its head; `none`: text at the time of reading; `json`: time out of `time`, `timestamp`, `@timestamp` or `ts`.',
  }),
  multiline: list(choice(['go', 'java', 'python', 'ruby'], { default: 'java', doc: '' }), {
    doc: 'Rules that join the lines of a stack trace into one event.',
  }),
  readFromHead: flag({
    default: 'true',
    doc: 'Whether a file seen for the first time is read from its beginning.',
  }),
});

const agent: Field<AgentConfig> = section<AgentConfig>(
  'The agent that collects the logs of a machine.',
  {
    enabled: flag({
      default: 'true',
      doc: 'Whether `nunchi start` runs an agent for this machine.',
    }),
    id: optional(text({ default: '', doc: 'Name of this agent; without it the host name.' })),
    listen: optional(
      listenAddress({
        default: '127.0.0.1:7601',
        doc: 'Where the agent serves `/metrics`, `/-/healthy` and `/-/ready`, without a login; off unless set.',
      }),
    ),
    server: section<AgentConfig['server']>(
      'Where the agent sends to. Not needed under `nunchi start`.',
      {
        url: optional(httpUrl({ default: 'http://localhost', doc: 'Address of the server.' })),
        token: optional(text({ default: '', doc: 'API token with the role `agent`.' })),
        tokenFile: optional(
          text({ default: '', doc: 'File that holds the token; read again when it changes.' }),
        ),
        caFile: optional(text({ default: '', doc: 'Certificate authority of the server, PEM.' })),
      },
    ),
    spool: section<AgentConfig['spool']>('What is read and not yet acknowledged.', {
      dir: optional(
        text({ default: '', doc: 'Folder; without it `agent` in the data directory.' }),
      ),
      maxSizeBytes: size({
        default: '1GiB',
        min: '8MiB',
        doc: 'When it is full the agent stops reading and goes on where it was.',
      }),
    }),
    include: list(text({ default: '', doc: '' }), {
      doc: 'Paths or globs, added to the files that the agent finds by itself.',
    }),
    exclude: list(text({ default: '', doc: '' }), { doc: 'Paths or globs never to read.' }),
    readFromHead: flag({
      default: 'true',
      doc: 'Whether files found at the first start are read from their beginning.',
    }),
    maxFirstReadBytes: size({
      default: '256MiB',
      doc: 'Of each file found at the first start at most so much is read, from its end.',
    }),
    inputs: section<AgentConfig['inputs']>('What is read.', {
      discover: flag({
        default: 'true',
        doc: 'Whether to look for container logs and the log files of the machine.',
      }),
      containers: optional(
        list(text({ default: '', doc: '' }), {
          doc: 'Paths or globs of container logs; without it `/var/log/containers/*.log`.',
        }),
      ),
      files: list(fileInput, { doc: 'More files, each with its own settings.' }),
      journald: tristate({
        doc: 'The systemd journal, through `journalctl`; `auto`: where no syslog daemon writes its lines to files.',
      }),
      kmsg: tristate({
        doc: 'The kernel log; `auto`: where neither the journal nor a file has it.',
      }),
    }),
    metrics: section<AgentConfig['metrics']>(
      'CPU, memory, disks, network and containers of the machine.',
      {
        enabled: flag({ default: 'true', doc: 'Whether they are collected.' }),
        intervalMs: duration({
          default: '15s',
          min: '1s',
          doc: 'From one collection to the next.',
        }),
        maxSpoolSizeBytes: size({
          default: '64MiB',
          min: '1MiB',
          doc: 'What waits on the disk while the server is away; beyond it the oldest is dropped and counted.',
        }),
        procPath: text({ default: '/proc', doc: "Where the machine's procfs is." }),
        sysPath: text({ default: '/sys', doc: "Where the machine's sysfs is." }),
        rootPath: text({ default: '/', doc: "Where the machine's root file system is." }),
      },
    ),
    kubernetes: tristate({
      doc: 'Metadata of pods from the API server; `auto`: inside of a cluster.',
    }),
    fluentBitConfig: optional(
      text({
        default: '',
        doc: 'A Fluent Bit configuration file (classic or YAML) to run in place of the inputs above.',
      }),
    ),
  },
);

const aws: Field<AwsConfig> = section<AwsConfig>('The AWS APIs.', {
  verifySignatures: choice(['auto', 'always', 'never'], {
    default: 'auto',
    doc: 'Whether requests must be signed with an access key made by `nunchi access-key create`; `auto`: where the server asks for a login.',
  }),
});

/** Every key of nunchi.yaml: type, default, unit, bounds and its line in the reference. */
export const configSchema: Field<Config> = section<Config>('', {
  server,
  auth,
  logs: section<Config['logs']>('Logs.', { store, receive }),
  metrics: section<MetricsConfig>('Metrics.', {
    prometheusConfig: optional(
      text({
        default: '',
        doc: 'A prometheus.yml, taken as it is: what is scraped, rules, remote write and the rest. Followed when it changes. Without it and without `prometheus` the server scrapes itself.',
        reloadable: true,
      }),
    ),
    prometheus: raw({
      doc: 'The keys of a prometheus.yml, in place of a file of their own. Variables are replaced in `external_labels` only.',
      reloadable: true,
    }),
    store: metricStore,
  }),
  aws,
  agent,
  log: section<Config['log']>("The program's own log, on stderr.", {
    level: choice(['debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      reloadable: true,
      doc: 'What is written.',
    }),
  }),
});
