import { selectorText } from '#kubernetes/cluster';
import { addCredentials, addProxy, addRedirects, addTls } from './http.ts';
import {
  addHonor,
  addLimits,
  addMetricRules,
  addTimes,
  copyPresentRule,
  copyRule,
  discoveryOf,
  firstRule,
  keepRule,
  type Making,
  namespacesOf,
  put,
  type Rule,
  rulesOf,
  runningRule,
  type Section,
  scrapeClassOf,
  setRule,
  withNamespaceRule,
} from './job.ts';
import type { SpecReader } from './reader.ts';
import { readSelector, sanitize, selectorRules } from './selector.ts';

const meta = '__meta_kubernetes_';
const times = { interval: 'interval', timeout: 'scrapeTimeout' };

/** A job for each endpoint of a PodMonitor. Source: prometheus-operator `pkg/prometheus/promcfg.go`. */
export function podMonitorJobs(making: Making): Section[] {
  const { spec, settings, references, namespace, name } = making;
  const scrapeClass = scrapeClassOf(making);
  const selector = readSelector(spec.child('selector'));
  return spec.children('podMetricsEndpoints').map((endpoint, index) => {
    const job: Section = { job_name: `podMonitor/${namespace}/${name}/${index}` };
    addHonor(job, endpoint, settings);
    job['kubernetes_sd_configs'] = [monitorDiscovery(making, 'pod', ['pod'], scrapeClass)];
    addEndpoint(job, making, endpoint, scrapeClass);
    const port = endpoint.text('port');
    const targetPort = endpoint.textOrNumber('targetPort');
    const rules: Rule[] = [firstRule];
    if (endpoint.flag('filterRunning') !== false) rules.push(runningRule);
    if (!hasRoleSelector(spec)) rules.push(...selectorRules('pod', selector));
    rules.push(...podPortRules(port, endpoint.number('portNumber'), targetPort));
    rules.push(
      copyRule(`${meta}namespace`, 'namespace'),
      copyRule(`${meta}pod_container_name`, 'container'),
      copyRule(`${meta}pod_name`, 'pod'),
      ...podTargetLabels(making),
      setRule('job', `${namespace}/${name}`),
    );
    const jobLabel = spec.text('jobLabel');
    if (jobLabel !== undefined) {
      rules.push(copyPresentRule(`${meta}pod_label_${sanitize(jobLabel)}`, 'job'));
    }
    rules.push(...endpointRule(port, targetPort), ...rulesOf(scrapeClass, 'relabelings'));
    rules.push(...withNamespaceRule(making, rulesOf(endpoint, 'relabelings')));
    job['relabel_configs'] = rules;
    addLimits(job, making, scrapeClass);
    addMetricRules(job, making, scrapeClass, rulesOf(endpoint, 'metricRelabelings'));
    addCredentials(job, endpoint, references, scrapeClass);
    return job;
  });
}

/** A job for each endpoint of a ServiceMonitor. */
export function serviceMonitorJobs(making: Making): Section[] {
  const { spec, settings, references, namespace, name } = making;
  const scrapeClass = scrapeClassOf(making);
  const selector = readSelector(spec.child('selector'));
  const own = spec.text('serviceDiscoveryRole');
  const hasSlices = own === undefined ? settings.hasEndpointSlices : own === 'EndpointSlice';
  const role = hasSlices ? 'endpointslice' : 'endpoints';
  const word = hasSlices ? 'endpointslice' : 'endpoint';
  const target = [`${meta}${word}_address_target_kind`, `${meta}${word}_address_target_name`];
  const ofKind = (kind: string, label: string): Rule => ({
    source_labels: target,
    separator: ';',
    regex: `${kind};(.*)`,
    replacement: '${1}',
    target_label: label,
  });
  return spec.children('endpoints').map((endpoint, index) => {
    if (!settings.mayReadFiles) refuseFiles(endpoint);
    const job: Section = { job_name: `serviceMonitor/${namespace}/${name}/${index}` };
    addHonor(job, endpoint, settings);
    job['kubernetes_sd_configs'] = [monitorDiscovery(making, role, [role, 'service'], scrapeClass)];
    addEndpoint(job, making, endpoint, scrapeClass);
    put(job, 'bearer_token_file', endpoint.text('bearerTokenFile'));
    addCredentials(job, endpoint, references, scrapeClass);
    const port = endpoint.text('port');
    const targetPort = endpoint.textOrNumber('targetPort');
    const rules: Rule[] = [firstRule];
    if (!hasRoleSelector(spec)) rules.push(...selectorRules('service', selector));
    if (port !== undefined) rules.push(keepRule(`${meta}${word}_port_name`, port));
    else rules.push(...podPortRules(undefined, undefined, targetPort));
    rules.push(
      ofKind('Node', 'node'),
      ofKind('Pod', 'pod'),
      copyRule(`${meta}namespace`, 'namespace'),
      copyRule(`${meta}service_name`, 'service'),
      copyRule(`${meta}pod_name`, 'pod'),
      copyRule(`${meta}pod_container_name`, 'container'),
    );
    if (endpoint.flag('filterRunning') !== false) rules.push(runningRule);
    for (const label of spec.texts('targetLabels')) {
      rules.push(copyPresentRule(`${meta}service_label_${sanitize(label)}`, sanitize(label)));
    }
    rules.push(...podTargetLabels(making), {
      source_labels: [`${meta}service_name`],
      target_label: 'job',
      replacement: '${1}',
    });
    const jobLabel = spec.text('jobLabel');
    if (jobLabel !== undefined) {
      rules.push(copyPresentRule(`${meta}service_label_${sanitize(jobLabel)}`, 'job'));
    }
    rules.push(...endpointRule(port, targetPort), ...rulesOf(scrapeClass, 'relabelings'));
    rules.push(...withNamespaceRule(making, rulesOf(endpoint, 'relabelings')));
    job['relabel_configs'] = rules;
    addLimits(job, making, scrapeClass);
    addMetricRules(job, making, scrapeClass, rulesOf(endpoint, 'metricRelabelings'));
    return job;
  });
}

const hasRoleSelector = (spec: SpecReader): boolean =>
  spec.text('selectorMechanism') === 'RoleSelector';

function monitorDiscovery(
  making: Making,
  role: string,
  selectorRoles: readonly string[],
  scrapeClass: SpecReader | undefined,
): Section {
  const { spec } = making;
  const attach = spec.child('attachMetadata') ?? scrapeClass?.child('attachMetadata');
  const discovery = discoveryOf(role, namespacesOf(making), attach);
  const label = hasRoleSelector(spec)
    ? selectorText(readSelector(spec.child('selector')))
    : undefined;
  if (label !== undefined) {
    discovery['selectors'] = selectorRoles.map((one) => ({ role: one, label }));
  }
  return discovery;
}

/** What the endpoints of both monitors have in common. */
function addEndpoint(
  job: Section,
  { settings, references }: Making,
  endpoint: SpecReader,
  scrapeClass: SpecReader | undefined,
): void {
  addTimes(job, endpoint, settings, times);
  put(job, 'metrics_path', endpoint.text('path'));
  put(job, 'params', endpoint.lists('params'));
  put(job, 'scheme', endpoint.text('scheme')?.toLowerCase());
  addRedirects(job, endpoint);
  addProxy(job, endpoint, references);
  addTls(job, endpoint.child('tlsConfig'), references, scrapeClass);
}

function podPortRules(
  port: string | undefined,
  portNumber: number | undefined,
  targetPort: string | number | undefined,
): Rule[] {
  const name = `${meta}pod_container_port_name`;
  const number = `${meta}pod_container_port_number`;
  if (port !== undefined) return [keepRule(name, port)];
  if ((portNumber ?? 0) !== 0) return [keepRule(number, portNumber ?? 0)];
  if (typeof targetPort === 'string') return [keepRule(name, targetPort)];
  return targetPort === undefined || targetPort === 0 ? [] : [keepRule(number, targetPort)];
}

function endpointRule(port: string | undefined, targetPort: string | number | undefined): Rule[] {
  const text = port ?? targetPort;
  return text === undefined ? [] : [setRule('endpoint', String(text))];
}

function podTargetLabels({ spec, settings }: Making): Rule[] {
  return [...spec.texts('podTargetLabels'), ...settings.podTargetLabels].map((label) =>
    copyPresentRule(`${meta}pod_label_${sanitize(label)}`, sanitize(label)),
  );
}

function refuseFiles(endpoint: SpecReader): void {
  const tls = endpoint.child('tlsConfig');
  const named = [
    ['bearerTokenFile', endpoint.text('bearerTokenFile')],
    ['tlsConfig.caFile', tls?.text('caFile')],
    ['tlsConfig.certFile', tls?.text('certFile')],
    ['tlsConfig.keyFile', tls?.text('keyFile')],
  ].find(([, file]) => file !== undefined);
  if (named !== undefined) {
    throw endpoint.error(named[0] ?? '', 'files of the server may not be read by ServiceMonitors');
  }
}
