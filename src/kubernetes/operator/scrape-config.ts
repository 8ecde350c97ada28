import { addCredentials, addProxy, addRedirects, addTls } from './http.ts';
import {
  addHonor,
  addLimits,
  addMetricRules,
  addTimes,
  firstRule,
  type Making,
  put,
  type Rule,
  rulesOf,
  type Section,
  scrapeClassOf,
  withNamespaceRule,
} from './job.ts';
import type { SpecReader } from './reader.ts';

/** Mechanisms of a ScrapeConfig that give targets here. */
const mechanisms: ReadonlySet<string> = new Set([
  'staticConfigs',
  'fileSDConfigs',
  'httpSDConfigs',
  'kubernetesSDConfigs',
  'dnsSDConfigs',
]);

/** The one job of a ScrapeConfig. */
export function scrapeConfigJob(making: Making): Section {
  const { spec, settings, references, namespace, name } = making;
  const scrapeClass = scrapeClassOf(making);
  refuseOthers(spec);
  const job: Section = { job_name: `scrapeConfig/${namespace}/${name}` };
  if (spec.has('honorLabels') || spec.has('honorTimestamps')) addHonor(job, spec, settings);
  put(job, 'track_timestamps_staleness', spec.flag('trackTimestampsStaleness'));
  put(job, 'metrics_path', spec.text('metricsPath'));
  put(job, 'params', spec.lists('params'));
  put(job, 'enable_compression', spec.flag('enableCompression'));
  addRedirects(job, spec);
  addTimes(job, spec, settings, { interval: 'scrapeInterval', timeout: 'scrapeTimeout' });
  put(job, 'scheme', spec.text('scheme')?.toLowerCase());
  addProxy(job, spec, references);
  addCredentials(job, spec, references, scrapeClass);
  addTls(job, spec.child('tlsConfig'), references, scrapeClass);
  addLimits(job, making, scrapeClass);
  addDiscovery(job, making);
  const rules: Rule[] = [firstRule, ...rulesOf(scrapeClass, 'relabelings')];
  const jobName = spec.text('jobName');
  if (jobName !== undefined) {
    rules.push({ target_label: 'job', action: 'replace', replacement: jobName });
  }
  rules.push(...withNamespaceRule(making, rulesOf(spec, 'relabelings')));
  job['relabel_configs'] = rules;
  addMetricRules(job, making, scrapeClass, rulesOf(spec, 'metricRelabelings'));
  put(job, 'metric_name_validation_scheme', spec.text('nameValidationScheme')?.toLowerCase());
  const escaping = spec.text('nameEscapingScheme');
  put(job, 'metric_name_escaping_scheme', escaping && escapings[escaping]);
  return job;
}

const escapings: Readonly<Record<string, string>> = {
  AllowUTF8: 'allow-utf-8',
  Underscores: 'underscores',
  Dots: 'dots',
  Values: 'values',
};

/** Targets that would silently be missing are a reason to refuse. */
function refuseOthers(spec: SpecReader): void {
  const other = spec
    .keys()
    .find((key) => key.endsWith('SDConfigs') && !mechanisms.has(key) && spec.has(key));
  if (other !== undefined) {
    throw spec.error(other, 'Nunchi does not discover targets in this way');
  }
}

function addDiscovery(job: Section, making: Making): void {
  const { spec, references } = making;
  const add = (key: string, from: string, read: (one: SpecReader) => Section): void => {
    const entries = spec.children(from).map(read);
    if (entries.length > 0) job[key] = entries;
  };
  const refresh = (to: Section, one: SpecReader): Section => {
    put(to, 'refresh_interval', one.text('refreshInterval'));
    return to;
  };
  const http = (to: Section, one: SpecReader): Section => {
    addCredentials(to, one, references);
    addTls(to, one.child('tlsConfig'), references);
    addProxy(to, one, references);
    addRedirects(to, one);
    return to;
  };
  add('static_configs', 'staticConfigs', (one) => ({
    targets: one.texts('targets'),
    labels: one.record('labels'),
  }));
  add('file_sd_configs', 'fileSDConfigs', (one) => refresh({ files: one.texts('files') }, one));
  add('http_sd_configs', 'httpSDConfigs', (one) =>
    http(refresh({ url: one.text('url') ?? '' }, one), one),
  );
  add('dns_sd_configs', 'dnsSDConfigs', (one) => {
    const entry = refresh({ names: one.texts('names') }, one);
    put(entry, 'type', one.text('type'));
    put(entry, 'port', one.number('port'));
    return entry;
  });
  add('kubernetes_sd_configs', 'kubernetesSDConfigs', (one) => http(kubernetesEntry(one), one));
}

function kubernetesEntry(one: SpecReader): Section {
  const entry: Section = { role: (one.text('role') ?? '').toLowerCase() };
  put(entry, 'api_server', one.text('apiServer'));
  const namespaces = one.child('namespaces');
  if (namespaces !== undefined) {
    entry['namespaces'] = {
      names: namespaces.texts('names'),
      own_namespace: namespaces.flag('ownNamespace') ?? false,
    };
  }
  const selectors = one.children('selectors').map((selector) => ({
    role: (selector.text('role') ?? '').toLowerCase(),
    label: selector.text('label') ?? '',
    field: selector.text('field') ?? '',
  }));
  if (selectors.length > 0) entry['selectors'] = selectors;
  const attach = one.child('attachMetadata');
  if (attach !== undefined) {
    entry['attach_metadata'] = {
      node: attach.flag('node') ?? false,
      namespace: attach.flag('namespace') ?? false,
    };
  }
  return entry;
}
