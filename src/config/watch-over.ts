import type { MaintenanceConfig, NewErrorsConfig, WatchSection } from './contract.ts';
import {
  choice,
  cron,
  duration,
  type Field,
  flag,
  integer,
  list,
  moment,
  optional,
  raw,
  section,
  text,
  timeZone,
} from './fields.ts';

const maintenance: Field<MaintenanceConfig> = section<MaintenanceConfig>('', {
  name: text({ default: '', doc: 'What it is called where people read of it.' }),
  comment: text({ default: '', doc: 'Why.' }),
  matchers: list(
    text({
      default: '',
      pattern:
        /^\s*(?:alertname|severity|cluster|namespace|pod|container|node|owner_kind|owner_name)\s*(?:=~|!~|!=|=)/,
      allowed:
        'LABEL="TEXT", !=, =~ or !~, with a label of incidents: alertname, severity, cluster, namespace, pod, container, node, owner_kind, owner_name',
      doc: '',
    }),
    {
      doc: 'Conditions on the labels of incidents as silences have them, all of which must hold: `namespace="shop"`, `node=~"pool-b-.*"`. Without them it concerns everything.',
    },
  ),
  startMs: optional(
    moment({
      default: '',
      doc: 'Once: when it begins.',
    }),
  ),
  endMs: optional(moment({ default: '', doc: 'Once: when it ends.' })),
  schedule: optional(
    cron({
      default: '',
      doc: 'Again and again: when it begins, in the words of cron: `0 2 * * SAT`.',
    }),
  ),
  lastsMs: optional(
    duration({ default: '', doc: 'How long it lasts each time, 1m to 31d.', min: '1m' }),
  ),
  timeZone: timeZone({ default: 'UTC', doc: 'Of `schedule`.' }),
});

const newErrors: Field<NewErrorsConfig> = section<NewErrorsConfig>(
  'Incidents of errors in the logs of containers that are of a kind their workload has not written before. Kinds are those of the Patterns tab of Insights.',
  {
    enabled: flag({ default: 'true', doc: 'Whether logs are looked at.', reloadable: true }),
    learnMs: duration({
      default: '1d',
      doc: 'So long after the first line of a workload all kinds that it writes are taken for known.',
      reloadable: true,
    }),
    threshold: integer({
      default: '5',
      min: 1,
      max: 1_000_000,
      doc: 'So many lines of one kind `within` are an incident.',
      reloadable: true,
    }),
    withinMs: duration({ default: '5m', min: '1s', doc: 'See `threshold`.', reloadable: true }),
    quietMs: duration({
      default: '15m',
      min: '1s',
      doc: 'It is over when no line of the kind came for so long.',
      reloadable: true,
    }),
    maxWorkloads: integer({
      default: '2000',
      min: 1,
      max: 100_000,
      doc: 'Workloads whose kinds are remembered, some 4 KiB each; those that wrote no error for the longest time are forgotten first.',
      reloadable: true,
    }),
  },
);

export const watchOver: Field<WatchSection> = section<WatchSection>(
  'The watch over the cluster: incidents, and who is told of them. The job of kwatch.',
  {
    enabled: flag({
      default: 'true',
      doc: 'Whether what goes wrong in the watched cluster becomes incidents. Without providers they are shown, are alerts, and nobody is told directly.',
    }),
    language: choice(['en', 'ko'], {
      default: 'en',
      doc: 'Of the sentences of incidents in messages and alerts; a provider may have another by a key `language` of its own. Pages show them in the language of the console.',
      reloadable: true,
    }),
    kwatchConfig: optional(
      text({
        default: '',
        doc: 'A config.yaml of kwatch, taken as it is; followed when it changes. Where neither this nor the keys below are set, the file that the environment variable CONFIG_FILE names.',
        reloadable: true,
      }),
    ),
    kwatch: raw({
      doc: 'The keys of a config.yaml of kwatch, in place of a file of their own.',
      reloadable: true,
    }),
    kwatchConfigMap: optional(
      text({
        default: '',
        pattern: /^[a-z0-9.-]+\/[a-z0-9.-]+$/,
        allowed: 'NAMESPACE/NAME',
        doc: 'A ConfigMap that holds a config.yaml of kwatch, such as `kwatch/kwatch`; read from the API server and followed.',
      }),
    ),
    maintenance: list(maintenance, {
      doc: 'Times in which something is worked on: incidents of it are noted and nobody is told; what is still wrong when it ends is told then. More of them are made on the page of incidents.',
      reloadable: true,
    }),
    newErrors,
  },
);
