import type {
  ContainerInsightsConfig,
  ControlPlanePull,
  KubernetesConfig,
  RawSection,
  StateMetricsConfig,
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
  text,
} from './fields.ts';
import { tristate } from './tristate.ts';

const allowList = text({
  default: '',
  pattern: /^\s*[^=,[\]\s]+\s*=\s*\[[^[\]]*\]\s*(?:,\s*[^=,[\]\s]+\s*=\s*\[[^[\]]*\]\s*)*$/,
  allowed: 'a resource and keys, such as pods=[app,team]',
  doc: '',
});

const monitorSelector = (what: string): Field<RawSection | undefined> =>
  raw({
    reloadable: true,
    doc: `Labels of the ${what} that count: \`matchLabels\` and \`matchExpressions\`; all of them unless set.`,
  });

const namespaceSelector = (what: string): Field<RawSection | undefined> =>
  raw({
    reloadable: true,
    doc: `Labels of the namespaces whose ${what} count; all of them unless set.`,
  });

const pull: Field<ControlPlanePull> = section<ControlPlanePull>('A managed cluster.', {
  cluster: text({
    default: '',
    pattern: /^([0-9A-Za-z][A-Za-z0-9._-]{0,99})?$/,
    allowed: 'the name of a cluster',
    doc: 'Name of the cluster at EKS, and of the log group here. It must be given.',
  }),
  region: optional(
    text({
      default: '',
      pattern: /^[a-z0-9-]{0,64}$/,
      allowed: 'a region such as ap-northeast-2',
      doc: 'AWS region of the cluster; without it `server.region`.',
    }),
  ),
  logGroup: optional(
    text({ default: '', doc: 'Log group to read; without it `/aws/eks/CLUSTER/cluster`.' }),
  ),
  types: list(
    choice(['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'], {
      default: 'api',
      doc: '',
    }),
    { doc: 'Log types to copy; without it all.' },
  ),
  sinceMs: duration({ default: '1h', doc: 'How far back the first pull begins.' }),
  intervalMs: duration({ default: '5s', min: '1s', doc: 'From one look to the next.' }),
  overlapMs: duration({
    default: '30s',
    doc: 'How much later than its time an event may come to CloudWatch and still be copied.',
  }),
  endpoint: optional(
    httpUrl({ default: 'http://localhost', doc: 'Address of CloudWatch Logs, if not the usual.' }),
  ),
  profile: optional(text({ default: '', doc: 'Profile in the AWS configuration files.' })),
  roleArn: optional(text({ default: '', doc: 'Role to take on.' })),
  externalId: optional(text({ default: '', doc: 'External id for that role.' })),
});

export const kubernetes: Field<KubernetesConfig> = section<KubernetesConfig>(
  'The cluster that the server watches. Without a word about it, the one that kubectl would talk to, or the one that the server runs in.',
  {
    enabled: tristate({
      doc: 'Whether to watch a cluster; `auto`: where one is found, `on`: refuses to start without one.',
    }),
    kubeconfig: optional(
      text({
        default: '',
        doc: "A kubeconfig file; without it those of `$KUBECONFIG`, `~/.kube/config`, or the pod's service account.",
      }),
    ),
    context: optional(text({ default: '', doc: 'A context of it; without it the current one.' })),
    namespaces: list(
      text({
        default: '',
        pattern: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
        allowed: 'names of namespaces',
        doc: '',
      }),
      { doc: 'Namespaces to watch, each by itself: for an account that may not read all of them.' },
    ),
    controlPlane: section<KubernetesConfig['controlPlane']>(
      'Control-plane logs of managed clusters.',
      { pull: list(pull, { doc: 'Clusters whose logs are copied out of CloudWatch Logs.' }) },
    ),
    metricsApi: section<KubernetesConfig['metricsApi']>(
      'The resource metrics API, `metrics.k8s.io`, in place of metrics-server: for `kubectl top` and autoscalers.',
      {
        enabled: tristate({
          doc: 'Whether to serve it; `auto`: in a pod of the cluster, or where `service` is given.',
        }),
        listen: listenAddress({
          default: '0.0.0.0:7643',
          doc: 'Where the API server reaches it, by TLS. Nobody is let in whom the API server does not vouch for.',
        }),
        service: optional(
          text({
            default: 'nunchi/nunchi',
            pattern: /^[a-z0-9-]+\/[a-z0-9-]+$/,
            allowed: 'NAMESPACE/NAME',
            doc: 'Service in front of it, as `NAMESPACE/NAME`: APIServices that name it are told whom to trust.',
          }),
        ),
        adapterConfig: optional(
          text({
            default: '',
            doc: 'A configuration of prometheus-adapter, taken as it is: `rules` for `custom.metrics.k8s.io`, `externalRules` for `external.metrics.k8s.io`, `resourceRules` for `metrics.k8s.io`. Followed when it changes.',
          }),
        ),
        adapter: raw({ doc: 'Its keys, in place of a file of their own.' }),
      },
    ),
    stateMetrics: section<StateMetricsConfig>(
      'The series of kube-state-metrics (`kube_pod_…`, `kube_deployment_…`), made of the objects of the cluster.',
      {
        enabled: flag({
          default: 'true',
          doc: 'Whether they are made; off where a kube-state-metrics of your own is scraped.',
        }),
        intervalMs: duration({
          default: '15s',
          min: '1s',
          doc: 'From one sample of a series to the next.',
        }),
        resources: list(
          text({
            default: '',
            pattern: /^[a-z]+$/,
            allowed: 'plural names such as pods, deployments',
            doc: '',
          }),
          { doc: 'Resources to make series of; without it all.' },
        ),
        metricLabelsAllowlist: list(allowList, {
          doc: 'Keys of labels for `kube_…_labels`, as kube-state-metrics takes them: `pods=[app,team]`, `namespaces=[*]`, `*=[app.kubernetes.io/*]`.',
        }),
        metricAnnotationsAllowlist: list(allowList, {
          doc: 'Keys of annotations for `kube_…_annotations`, in the same form.',
        }),
      },
    ),
    events: section<KubernetesConfig['events']>(
      'Events of the cluster as log events, in `/nunchi/CLUSTER/events`.',
      { enabled: flag({ default: 'true', doc: 'Whether they are recorded.' }) },
    ),
    changes: section<KubernetesConfig['changes']>(
      'What changes in the cluster (rollouts, scalings, restarts, configuration, nodes), in `/nunchi/CLUSTER/changes`.',
      { enabled: flag({ default: 'true', doc: 'Whether changes are recorded.' }) },
    ),
    containerInsights: section<ContainerInsightsConfig>(
      'Performance log events of CloudWatch Container Insights, in `/aws/containerinsights/CLUSTER/performance`, made of the series of kubelets and of the objects of the cluster.',
      {
        enabled: flag({ default: 'true', doc: 'Whether they are written.' }),
        intervalMs: duration({
          default: '60s',
          min: '15s',
          doc: 'From one event about something to the next.',
        }),
        enhanced: flag({
          default: 'false',
          doc: 'Whether they are also metrics by single pod and container, and of states, as EKS sends them with enhanced observability, with events of workloads, the control plane, GPUs and other devices: many series.',
        }),
        retentionDays: integer({
          default: '7',
          min: 1,
          max: 36_500,
          doc: 'Days that the log group keeps its events, from when it is made.',
        }),
      },
    ),
    scrape: section<KubernetesConfig['scrape']>('Jobs that a cluster has by itself.', {
      controlPlane: flag({
        default: 'true',
        reloadable: true,
        doc: 'Whether to scrape the API server, CoreDNS, kube-proxy, controller manager, scheduler and etcd, as far as they can be reached and no other job does.',
      }),
      kubelet: flag({
        default: 'true',
        reloadable: true,
        doc: 'Whether to scrape the kubelets of nodes whose agent does not, through the API server. Needs `get` on `nodes/proxy`.',
      }),
      annotations: tristate({
        reloadable: true,
        doc: 'Whether pods and services with `prometheus.io/scrape` are scraped where no other job does; `auto`: unless a job of the Prometheus configuration reads these annotations.',
      }),
    }),
    monitors: section<KubernetesConfig['monitors']>(
      'PodMonitors, ServiceMonitors, Probes, ScrapeConfigs and PrometheusRules of the cluster.',
      {
        enabled: flag({
          default: 'true',
          reloadable: true,
          doc: 'Whether to follow them.',
        }),
        prometheus: optional(
          text({
            default: '',
            pattern: /^[^/\s]+\/[^/\s]+$/,
            allowed: 'namespace/name',
            reloadable: true,
            doc: 'A `Prometheus` object whose selectors, limits and classes count, in place of the selectors here.',
          }),
        ),
        podMonitorSelector: monitorSelector('PodMonitors'),
        podMonitorNamespaceSelector: namespaceSelector('PodMonitors'),
        serviceMonitorSelector: monitorSelector('ServiceMonitors'),
        serviceMonitorNamespaceSelector: namespaceSelector('ServiceMonitors'),
        probeSelector: monitorSelector('Probes'),
        probeNamespaceSelector: namespaceSelector('Probes'),
        scrapeConfigSelector: monitorSelector('ScrapeConfigs'),
        scrapeConfigNamespaceSelector: namespaceSelector('ScrapeConfigs'),
        ruleSelector: monitorSelector('PrometheusRules'),
        ruleNamespaceSelector: namespaceSelector('PrometheusRules'),
      },
    ),
  },
);
