import type { DashboardsConfig, DataSourcesConfig } from './contract.ts';
import {
  choice,
  duration,
  type Field,
  flag,
  httpUrl,
  integer,
  list,
  optional,
  section,
  size,
  text,
} from './fields.ts';

/** `10.0.0.0/8`, `fd00::/8`, or one address. The address itself is checked where it is used. */
const network = /^[0-9A-Fa-f.:]+(\/\d{1,3})?$/;

const dataSources: Field<DataSourcesConfig> = section<DataSourcesConfig>(
  'What dashboards, alert rules and annotations ask: limits of a query, and whom the server may ask for them.',
  {
    timeoutMs: duration({
      default: '1m',
      min: '1s',
      reloadable: true,
      doc: 'How long one query may take.',
    }),
    maxSeries: integer({
      default: '5000',
      min: 1,
      max: 1_000_000,
      reloadable: true,
      doc: 'Series that one query may answer with.',
    }),
    maxRows: integer({
      default: '100000',
      min: 1,
      max: 10_000_000,
      reloadable: true,
      doc: 'Rows that one query of a table, of logs, SQL, JSON or CSV may answer with. What is beyond is left out, and the answer says so.',
    }),
    maxPoints: integer({
      default: '5000000',
      min: 1000,
      max: 100_000_000,
      reloadable: true,
      doc: 'Values that all series of one query may have together.',
    }),
    maxAnswerBytes: size({
      default: '64MiB',
      min: '64KiB',
      reloadable: true,
      doc: 'Largest answer that is read from another server.',
    }),
    maxConcurrent: integer({
      default: '16',
      min: 1,
      max: 1000,
      reloadable: true,
      doc: 'Queries to other servers that run at once; more of them wait.',
    }),
    allowedNetworks: list(
      text({
        default: '',
        pattern: network,
        allowed: 'an address or a network such as 10.0.0.0/8',
        doc: '',
      }),
      {
        reloadable: true,
        doc: 'Networks and addresses that data sources may reach although they are closed to them otherwise: the link-local ones of cloud metadata for all, loopback and private ones for JSON and CSV over HTTP.',
      },
    ),
  },
);

const kubernetes: Field<DashboardsConfig['kubernetes']> = section<DashboardsConfig['kubernetes']>(
  "Dashboards in objects of the cluster, as Grafana's sidecar and its operator take them.",
  {
    enabled: flag({ default: 'true', doc: 'Whether they are followed.' }),
    label: text({
      default: 'grafana_dashboard',
      pattern: /^[A-Za-z0-9]([A-Za-z0-9._/-]{0,250}[A-Za-z0-9])?$/,
      allowed: 'the key of a label',
      doc: 'Label of the ConfigMaps and Secrets whose keys `*.json` are dashboards.',
    }),
    labelValue: optional(
      text({
        default: '1',
        pattern: /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/,
        allowed: 'the value of a label',
        doc: 'Value that the label must have; without it any will do.',
      }),
    ),
    folderAnnotation: text({
      default: 'grafana_folder',
      doc: 'Annotation that names the folder of their dashboards; `A/B` is a folder in a folder.',
    }),
    resources: list(
      choice(['configmaps', 'secrets', 'grafanadashboards'], { default: 'configmaps', doc: '' }),
      {
        doc: 'What is read; without it ConfigMaps, Secrets and GrafanaDashboards (`grafana.integreatly.org`).',
      },
    ),
    namespaces: list(
      text({
        default: '',
        pattern: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
        allowed: 'names of namespaces',
        doc: '',
      }),
      { doc: 'Namespaces to read; without it all that are watched.' },
    ),
  },
);

const catalogue: Field<DashboardsConfig['catalogue']> = section<DashboardsConfig['catalogue']>(
  'Where dashboards are imported from by their number.',
  {
    url: httpUrl({
      default: 'https://grafana.com',
      doc: 'Address of the catalogue; `/api/dashboards/NUMBER` is asked there, only when somebody imports.',
    }),
    timeoutMs: duration({ default: '15s', min: '1s', doc: 'How long an answer may take.' }),
  },
);

/** Dashboards: files that provide them, what they ask. */
export const dashboards: Field<DashboardsConfig> = section<DashboardsConfig>('Dashboards.', {
  shipped: flag({
    default: 'true',
    doc: 'Whether the dashboards that come with the program are there, in the folder Nunchi.',
  }),
  provisioningDir: optional(
    text({
      default: '',
      doc: "A folder as Grafana's `provisioning`: data sources in `datasources/*.yaml`, providers of dashboards in `dashboards/*.yaml`. Followed when it changes.",
    }),
  ),
  kubernetes,
  catalogue,
  maxCount: integer({
    default: '5000',
    min: 1,
    max: 100_000,
    doc: 'Dashboards that may be kept; likewise folders and library panels.',
  }),
  maxSizeBytes: size({
    default: '4MiB',
    min: '16KiB',
    doc: 'Size of one dashboard as JSON, at most 7 MiB.',
  }),
  maxVersions: integer({
    default: '20',
    min: 1,
    max: 1000,
    doc: 'Versions of each dashboard that are kept; older ones go.',
  }),
  dataSources,
});
