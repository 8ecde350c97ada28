import type { PrometheusConfig } from '#metrics/config';

type Section = Readonly<Record<string, unknown>>;

export const podsJob = 'kubernetes-pods';
export const servicesJob = 'kubernetes-service-endpoints';

const meta = '__meta_kubernetes_';
const annotation = (word: string, name: string): string =>
  `${meta}${word}_annotation_prometheus_io_${name}`;

const copy = (from: string, to: string): Section => ({
  source_labels: [from],
  regex: '(.+)',
  target_label: to,
});

/** Scheme, path and parameters that annotations of a `pod` or `service` ask for. */
const asked = (word: string): Section[] => [
  {
    action: 'keep',
    source_labels: [annotation(word, 'scrape')],
    regex: '(?i)true',
  },
  {
    action: 'drop',
    source_labels: [`${meta}pod_phase`],
    regex: 'Pending|Succeeded|Failed',
  },
  { source_labels: [annotation(word, 'scheme')], regex: '(https?)', target_label: '__scheme__' },
  copy(annotation(word, 'path'), '__metrics_path__'),
  {
    action: 'labelmap',
    regex: `${annotation(word, 'param_')}(.+)`,
    replacement: '__param_$1',
  },
];

/** Without a port there is nothing to ask, unless an annotation names one. */
const withPort = (word: string, port: string): Section => ({
  action: 'drop',
  source_labels: [annotation(word, 'port'), port],
  regex: ';',
});

const places: readonly Section[] = [
  copy(`${meta}namespace`, 'namespace'),
  copy(`${meta}pod_name`, 'pod'),
  copy(`${meta}pod_node_name`, 'node'),
];

/**
 * Jobs for the annotations `prometheus.io/scrape`, `port`, `path`, `scheme` and `param_*` of pods and of
 * services. Their targets carry no container: one port may be asked for in a pod of several.
 */
export function annotationJobs(): Section[] {
  return [
    {
      job_name: podsJob,
      kubernetes_sd_configs: [{ role: 'pod' }],
      relabel_configs: [
        ...asked('pod'),
        withPort('pod', `${meta}pod_container_port_number`),
        {
          source_labels: [annotation('pod', 'port'), `${meta}pod_ip`],
          regex: '(\\d+);([^:]+)',
          replacement: '$2:$1',
          target_label: '__address__',
        },
        {
          source_labels: [annotation('pod', 'port'), `${meta}pod_ip`],
          regex: '(\\d+);(.*:.*)',
          replacement: '[$2]:$1',
          target_label: '__address__',
        },
        ...places,
      ],
    },
    {
      job_name: servicesJob,
      kubernetes_sd_configs: [{ role: 'endpoints' }],
      relabel_configs: [
        ...asked('service'),
        withPort('service', `${meta}endpoint_ready`),
        {
          source_labels: ['__address__', annotation('service', 'port')],
          regex: '(.+?)(?::\\d+)?;(\\d+)',
          replacement: '$1:$2',
          target_label: '__address__',
        },
        ...places,
        copy(`${meta}service_name`, 'service'),
      ],
    },
  ];
}

/** Whether a configuration reads these annotations itself. */
export function readsAnnotations({
  scrapeConfigs,
}: Pick<PrometheusConfig, 'scrapeConfigs'>): boolean {
  return scrapeConfigs.some(({ relabelConfigs }) =>
    relabelConfigs.some(({ sourceLabels }) =>
      sourceLabels.some((name) => name.includes('_annotation_prometheus_io_scrape')),
    ),
  );
}
