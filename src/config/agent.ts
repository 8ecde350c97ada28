import type { AgentConfig, AgentFileInput } from './contract.ts';
import {
  choice,
  duration,
  type Field,
  flag,
  httpUrl,
  list,
  listenAddress,
  optional,
  section,
  size,
  text,
} from './fields.ts';
import { tristate } from './tristate.ts';

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

const controlPlaneFiles = (what: string): Field<readonly string[] | undefined> =>
  optional(
    list(text({ default: '', doc: '' }), {
      doc: `Paths or globs of ${what}; without it where kubeadm, k3s and RKE2 have it.`,
    }),
  );

export const agent: Field<AgentConfig> = section<AgentConfig>(
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
        extraCollectors: list(
          choice(['interrupts', 'tcpstat'], { default: 'interrupts', doc: '' }),
          {
            doc: 'Collectors of node_exporter that are off unless they are named: each interrupt of each CPU, connections by state.',
          },
        ),
        procPath: text({ default: '/proc', doc: "Where the machine's procfs is." }),
        sysPath: text({ default: '/sys', doc: "Where the machine's sysfs is." }),
        rootPath: text({ default: '/', doc: "Where the machine's root file system is." }),
      },
    ),
    kubelet: section<AgentConfig['kubelet']>(
      "The kubelet of the agent's node: CPU, memory, network and disks of its pods, its volumes and the kubelet itself, in the series that Prometheus scrapes of it. Needs `agent.metrics`.",
      {
        enabled: tristate({
          doc: 'Whether it is scraped; `auto`: in a pod with the variable `HOST_IP`. Without it containers are told of by their cgroups.',
        }),
        url: optional(
          httpUrl({
            default: 'https://10.0.0.1:10250',
            doc: 'Its address; without it `https://HOST_IP:10250`.',
          }),
        ),
        insecureTls: flag({
          default: 'false',
          doc: 'Whether any certificate will do: many kubelets sign their own. The agent asks its own node only.',
        }),
        caFile: optional(
          text({
            default: '',
            doc: "Certificate authority of the kubelet, PEM; without it the cluster's, as the service account has it.",
          }),
        ),
        intervalMs: duration({
          default: '15s',
          min: '1s',
          doc: 'From one scrape to the next.',
        }),
        paths: list(
          text({
            default: '',
            pattern: /^\/\S*$/,
            allowed: 'a path such as /metrics/cadvisor',
            doc: '',
          }),
          {
            doc: 'What is scraped; without it `/metrics`, `/metrics/cadvisor`, `/metrics/resource` and `/metrics/probes`.',
          },
        ),
        keepAll: flag({
          default: 'false',
          doc: 'Whether to keep also those series of `/metrics/cadvisor` that kube-prometheus-stack drops: of cgroups that belong to no pod, of limits, and some that nobody asks for.',
        }),
      },
    ),
    kubernetes: tristate({
      doc: 'Metadata of pods from the API server; `auto`: inside of a cluster.',
    }),
    controlPlane: section<AgentConfig['controlPlane']>(
      'Logs of the control plane, on its own nodes. Which of them are sent is switched per cluster, see control-plane-logs.md.',
      {
        enabled: flag({ default: 'true', doc: 'Whether to look for them.' }),
        api: controlPlaneFiles('kube-apiserver'),
        audit: controlPlaneFiles('the audit log of kube-apiserver'),
        authenticator: controlPlaneFiles('aws-iam-authenticator'),
        controllerManager: controlPlaneFiles('kube-controller-manager, cloud-controller-manager'),
        scheduler: controlPlaneFiles('kube-scheduler'),
      },
    ),
    fluentBitConfig: optional(
      text({
        default: '',
        doc: 'A Fluent Bit configuration file (classic or YAML) to run in place of the inputs above.',
      }),
    ),
  },
);
