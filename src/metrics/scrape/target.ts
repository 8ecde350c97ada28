import { describeError } from '#base';
import {
  formatPrometheusDuration,
  parsePrometheusDurationMs,
  type ScrapeConfig,
} from '#metrics/config';
import type { TargetGroup } from '#metrics/discovery';
import { compareText, type Labels, labelsOfMap } from '#metrics/model';
import { relabelInPlace } from '#metrics/relabel';

/** Something to scrape, as discovery and relabelling made it. */
export interface Target {
  /** Equal for targets with the same labels (`__` ones too) and URL. */
  readonly key: string;
  /** Equal for targets that give the same series. */
  readonly identity: string;
  /** Before relabelling. */
  readonly discovered: Labels;
  /** What each of its series gets: those without `__` at the start of their name. */
  readonly labels: Labels;
  readonly url: string;
  /** `__unix_socket__`: dialled instead of the URL's host. */
  readonly socketPath: string | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly hasNativeHistograms: boolean;
  readonly convertsClassicHistograms: boolean;
  readonly keepsClassicHistograms: boolean;
  /** Uid of the pod that it is a part of, where discovery says so. */
  readonly pod: string | undefined;
}

export type BuiltTarget =
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'dropped'; readonly discovered: Labels }
  | { readonly kind: 'invalid'; readonly discovered: Labels; readonly message: string };

/**
 * The targets of a group. Pure. Source: `scrape/target.go` of Prometheus 3 (`PopulateLabels`,
 * `TargetsFromGroup`).
 */
export function buildTargets(config: ScrapeConfig, group: TargetGroup): BuiltTarget[] {
  return group.targets.map((own) => buildTarget(config, group.labels, own));
}

type Pairs = Readonly<Record<string, string>>;

function startLabels(config: ScrapeConfig, shared: Pairs, own: Pairs): Map<string, string> {
  const labels = new Map<string, string>();
  for (const name in own) {
    const value = own[name];
    if (value !== undefined && value !== '') labels.set(name, value);
  }
  for (const name in shared) {
    const value = shared[name];
    if (value !== undefined && value !== '' && !Object.hasOwn(own, name)) labels.set(name, value);
  }
  withDefaults(config, labels);
  return labels;
}

/** Most dropped targets are never looked at: their labels are put together when somebody does. */
class DroppedTarget {
  readonly kind = 'dropped';
  readonly #config: ScrapeConfig;
  readonly #shared: Pairs;
  readonly #own: Pairs;

  constructor(config: ScrapeConfig, shared: Pairs, own: Pairs) {
    this.#config = config;
    this.#shared = shared;
    this.#own = own;
  }

  get discovered(): Labels {
    return labelsOfMap(startLabels(this.#config, this.#shared, this.#own));
  }
}

/** What a target has before relabelling where discovery does not say. */
export function withDefaults(config: ScrapeConfig, labels: Map<string, string>): void {
  const setIfEmpty = (name: string, value: string): void => {
    if ((labels.get(name) ?? '') === '' && value !== '') labels.set(name, value);
  };
  setIfEmpty('job', config.jobName);
  setIfEmpty('__scrape_interval__', formatPrometheusDuration(config.scrapeIntervalMs));
  setIfEmpty('__scrape_timeout__', formatPrometheusDuration(config.scrapeTimeoutMs));
  setIfEmpty('__metrics_path__', config.metricsPath);
  setIfEmpty('__scheme__', config.scheme);
  setIfEmpty('__scrape_native_histograms__', String(config.scrapeNativeHistograms));
  setIfEmpty(
    '__convert_classic_histograms_to_nhcb__',
    String(config.convertClassicHistogramsToNhcb),
  );
  setIfEmpty('__always_scrape_classic_histograms__', String(config.alwaysScrapeClassicHistograms));
  for (const [name, values] of Object.entries(config.params)) {
    if (values[0] !== undefined) setIfEmpty(`__param_${name}`, values[0]);
  }
}

function buildTarget(config: ScrapeConfig, shared: Pairs, own: Pairs): BuiltTarget {
  const labels = startLabels(config, shared, own);
  const pod = labels.get('__meta_kubernetes_pod_uid');
  if (!relabelInPlace(config.relabelConfigs, labels)) {
    return new DroppedTarget(config, shared, own);
  }
  const discovered = labelsOfMap(startLabels(config, shared, own));
  const invalid = (message: string): BuiltTarget => ({ kind: 'invalid', discovered, message });
  const address = labels.get('__address__') ?? '';
  if (address === '') return invalid('no address');
  if (address.includes('/')) return invalid(`"${address}" is not a valid hostname`);
  const interval = readDuration('interval', labels.get('__scrape_interval__') ?? '');
  if (typeof interval === 'string') return invalid(interval);
  const timeout = readDuration('timeout', labels.get('__scrape_timeout__') ?? '');
  if (typeof timeout === 'string') return invalid(timeout);
  if (timeout > interval) {
    const shown = `("${labels.get('__scrape_timeout__')}" > "${labels.get('__scrape_interval__')}")`;
    return invalid(`scrape timeout cannot be greater than scrape interval ${shown}`);
  }
  for (const name of [...labels.keys()]) if (name.startsWith('__meta_')) labels.delete(name);
  if ((labels.get('instance') ?? '') === '') labels.set('instance', address);
  const url = urlOf(config, labels);
  if (!URL.canParse(url)) return invalid(`invalid URL "${url}"`);
  const all = labelsOfMap(labels);
  const shown = labelsOfMap(new Map([...labels].filter(([name]) => !name.startsWith('__'))));
  return {
    kind: 'target',
    target: {
      key: `${all.join('\u0000')}\u0001${url}`,
      identity: `${shown.join('\u0000')}\u0001${url}`,
      discovered,
      labels: shown,
      url,
      socketPath: labels.get('__unix_socket__'),
      intervalMs: interval,
      timeoutMs: timeout,
      hasNativeHistograms: labels.get('__scrape_native_histograms__') === 'true',
      convertsClassicHistograms: labels.get('__convert_classic_histograms_to_nhcb__') === 'true',
      keepsClassicHistograms: labels.get('__always_scrape_classic_histograms__') === 'true',
      pod,
    },
  };
}

/** Milliseconds, or what is wrong. */
function readDuration(what: 'interval' | 'timeout', text: string): number | string {
  try {
    const ms = parsePrometheusDurationMs(text);
    return ms === 0 ? `scrape ${what} cannot be 0` : ms;
  } catch (error) {
    return `error parsing scrape ${what}: ${describeError(error)}`;
  }
}

function urlOf(config: ScrapeConfig, labels: ReadonlyMap<string, string>): string {
  const params = new Map<string, string[]>(
    Object.entries(config.params).map(([name, values]) => [name, [...values]]),
  );
  for (const [label, value] of labels) {
    if (!label.startsWith('__param_')) continue;
    const name = label.slice('__param_'.length);
    const values = params.get(name);
    if (values === undefined || values.length === 0) params.set(name, [value]);
    else values[0] = value;
  }
  const query = [...params]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([name, values]) =>
      values.map((value) => `${queryEscape(name)}=${queryEscape(value)}`),
    )
    .join('&');
  // A query in the path is a part of the path: queries are `params`.
  const path = (labels.get('__metrics_path__') ?? '').replaceAll('?', '%3F').replaceAll('#', '%23');
  const slash = path.startsWith('/') || path === '' ? '' : '/';
  const base = `${labels.get('__scheme__') ?? ''}://${labels.get('__address__') ?? ''}${slash}${path}`;
  return query === '' ? base : `${base}?${query}`;
}

/** As Go's url.QueryEscape. */
const queryEscape = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
