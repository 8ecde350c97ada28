import { addCredentials, addProxy, addRedirects, addTls } from './http.ts';
import {
  addLimits,
  addMetricRules,
  addTimes,
  copyRule,
  discoveryOf,
  firstRule,
  type Making,
  namespacesOf,
  put,
  type Rule,
  rulesOf,
  type Section,
  scrapeClassOf,
  setRule,
  withNamespaceRule,
} from './job.ts';
import type { SpecReader } from './reader.ts';
import { readSelector, selectorRules } from './selector.ts';

/** A host, or a host and a port. */
const hostPattern = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.?)(:\d{1,5})?$/i;
/** Where the definition's default has not been written into the object. */
const defaultPath = '/probe';

/** The one job of a Probe: a prober is asked about targets. */
export function probeJob(making: Making): Section {
  const { spec, settings, references, namespace, name } = making;
  const scrapeClass = scrapeClassOf(making);
  const prober = spec.child('prober');
  const url = prober?.text('url') ?? '';
  if (prober === undefined || !hostPattern.test(url)) {
    throw spec.error('prober.url', `"${url}" is neither a host nor a host with a port`);
  }
  const job: Section = {
    job_name: `probe/${namespace}/${name}`,
    honor_timestamps: !settings.overrideHonorTimestamps,
    metrics_path: prober.text('path') ?? defaultPath,
  };
  addTimes(job, spec, settings, { interval: 'interval', timeout: 'scrapeTimeout' });
  put(job, 'scheme', prober.text('scheme')?.toLowerCase());
  const params = paramsOf(spec);
  if (Object.keys(params).length > 0) job['params'] = params;
  addLimits(job, making, scrapeClass);
  addProxy(job, prober, references);
  addRedirects(job, spec);
  addTls(job, spec.child('tlsConfig'), references, scrapeClass);
  addCredentials(job, spec, references, scrapeClass);
  const rules: Rule[] = [firstRule];
  const jobName = spec.text('jobName');
  if (jobName !== undefined) rules.push(setRule('job', jobName));
  rules.push(...addTargets(job, making, url, scrapeClass));
  job['relabel_configs'] = rules;
  addMetricRules(job, making, scrapeClass, rulesOf(spec, 'metricRelabelings'));
  return job;
}

function paramsOf(spec: SpecReader): Record<string, readonly string[]> {
  const module = spec.text('module');
  const params: Record<string, readonly string[]> =
    module === undefined ? {} : { module: [module] };
  for (const param of spec.children('params')) {
    const name = param.text('name') ?? '';
    if (name !== 'module' || module === undefined) params[name] = param.texts('values');
  }
  return params;
}

function addTargets(
  job: Section,
  making: Making,
  proberUrl: string,
  scrapeClass: SpecReader | undefined,
): Rule[] {
  const targets = making.spec.child('targets');
  const fixed = targets?.child('staticConfig');
  const ingress = targets?.child('ingress');
  const end = (from: SpecReader): Rule[] => [
    ...rulesOf(scrapeClass, 'relabelings'),
    ...withNamespaceRule(making, rulesOf(from, 'relabelingConfigs')),
  ];
  if (fixed !== undefined) {
    const labels = { namespace: making.namespace, ...fixed.record('labels') };
    job['static_configs'] = [{ targets: fixed.texts('static'), labels }];
    return [
      copyRule('__address__', '__param_target'),
      copyRule('__param_target', 'instance'),
      setRule('__address__', proberUrl),
      ...end(fixed),
    ];
  }
  if (ingress === undefined) {
    throw making.spec.error('targets', 'at least one of staticConfig and ingress is needed');
  }
  job['kubernetes_sd_configs'] = [discoveryOf('ingress', namespacesOf(making, ingress), undefined)];
  return [
    ...selectorRules('ingress', readSelector(ingress.child('selector'))),
    {
      source_labels: [
        '__meta_kubernetes_ingress_scheme',
        '__address__',
        '__meta_kubernetes_ingress_path',
      ],
      separator: ';',
      regex: '(.+);(.+);(.+)',
      target_label: '__param_target',
      replacement: '${1}://${2}${3}',
      action: 'replace',
    },
    copyRule('__meta_kubernetes_namespace', 'namespace'),
    copyRule('__meta_kubernetes_ingress_name', 'ingress'),
    {
      source_labels: ['__address__'],
      separator: ';',
      regex: '(.*)',
      target_label: '__tmp_ingress_address',
      replacement: '$1',
      action: 'replace',
    },
    copyRule('__param_target', 'instance'),
    setRule('__address__', proberUrl),
    ...end(ingress),
  ];
}
