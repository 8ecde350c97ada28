import { type Labels, labelMatcher, labelValue } from '#metrics/model';
import type { ControlPlaneMeasure, Statistics } from './contract.ts';
import type { SeriesReader, Told } from './series-reader.ts';

/** How a metric of the control plane is made of an API server's series. */
export interface ControlPlaneMetric {
  readonly name: string;
  readonly unit: 'Seconds' | 'Count' | 'Bytes';
  /**
   * `counter`: growth over the interval; `histogram`: the same of its count and sum; `gauge`: of several
   * servers the sum; `shared`: what all of them tell of the one storage.
   */
  readonly kind: 'counter' | 'histogram' | 'gauge' | 'shared';
  /** Labels that are dimensions; over all others it is summed. */
  readonly by: readonly string[];
}

const metric = (
  kind: ControlPlaneMetric['kind'],
  unit: ControlPlaneMetric['unit'],
  by: readonly string[],
  ...names: readonly string[]
): readonly ControlPlaneMetric[] => names.map((name) => ({ name, unit, kind, by }));

/** The 5xx among them are a metric of their own. */
const requests = 'apiserver_request_total';

/** Source: metrics reference of enhanced observability in CloudWatch's user guide. */
export const controlPlaneMetrics: readonly ControlPlaneMetric[] = [
  ...metric('shared', 'Count', ['resource'], 'apiserver_storage_objects'),
  ...metric(
    'shared',
    'Bytes',
    ['endpoint'],
    'apiserver_storage_size_bytes',
    'apiserver_storage_db_total_size_in_bytes',
    'etcd_db_total_size_in_bytes',
  ),
  ...metric('gauge', 'Count', ['resource'], 'apiserver_longrunning_requests'),
  ...metric(
    'gauge',
    'Count',
    ['request_kind'],
    'apiserver_current_inflight_requests',
    'apiserver_current_inqueue_requests',
  ),
  ...metric(
    'gauge',
    'Count',
    ['priority_level'],
    'apiserver_flowcontrol_request_concurrency_limit',
  ),
  ...metric('gauge', 'Count', ['group'], 'apiserver_requested_deprecated_apis'),
  ...metric('counter', 'Count', ['reason'], 'apiserver_flowcontrol_rejected_requests_total'),
  ...metric('counter', 'Count', ['code', 'verb'], requests),
  ...metric('counter', 'Count', ['code', 'method'], 'rest_client_requests_total'),
  ...metric(
    'histogram',
    'Seconds',
    ['verb'],
    'apiserver_request_duration_seconds',
    'rest_client_request_duration_seconds',
  ),
  ...metric('histogram', 'Seconds', ['resource'], 'apiserver_storage_list_duration_seconds'),
  ...metric(
    'histogram',
    'Seconds',
    ['name'],
    'apiserver_admission_webhook_admission_duration_seconds',
  ),
  ...metric(
    'histogram',
    'Seconds',
    ['operation'],
    'apiserver_admission_controller_admission_duration_seconds',
    'apiserver_admission_step_admission_duration_seconds',
    'etcd_request_duration_seconds',
  ),
];

export const serverErrors: string = `${requests}_5xx`;

/** Jobs of API servers: aggregated ones and clients have series of the same names. */
const ofApiServers = labelMatcher(
  'job',
  '=~',
  'apiserver|apiservers|kube-apiserver|kubernetes-apiservers?',
);

/**
 * What API servers have told over the reader's interval, as they are scraped.
 * @throws what the store throws; what the signal aborts with
 */
export async function readControlPlane(
  reader: SeriesReader,
): Promise<readonly ControlPlaneMeasure[]> {
  const found = new Map<string, Mutable>();
  const put =
    ({ name, by }: Pick<ControlPlaneMetric, 'name' | 'by'>, merge: Merge): Told =>
    (labels, value) => {
      const own = dimensionsOf(labels, by);
      const key = JSON.stringify(own);
      const measure = found.get(key) ?? { labels: own, values: {} };
      found.set(key, measure);
      measure.values[name] = merge(measure.values[name], value);
    };
  for (const one of controlPlaneMetrics) {
    const { name, kind, by } = one;
    if (kind === 'counter') await reader.increase(name, put(one, add), ofApiServers);
    else if (kind === 'gauge') await reader.gauge(name, put(one, add), ofApiServers);
    else if (kind === 'shared') {
      const told = put(one, largest);
      // Below 0: it could not be counted.
      const counted: Told = (labels, value) => {
        if (value >= 0) told(labels, value);
      };
      await reader.gauge(name, counted, ofApiServers);
    } else {
      await reader.increase(`${name}_count`, put(one, addTo('Count')), ofApiServers);
      await reader.increase(`${name}_sum`, put(one, addTo('Sum')), ofApiServers);
    }
    if (name === requests) {
      const failed = put({ name: serverErrors, by }, add);
      await reader.increase(name, failed, ofApiServers, labelMatcher('code', '=~', '5.*'));
    }
  }
  return [...found.values()].filter(({ values }) => hasSomething(values));
}

type Value = number | Statistics | undefined;
type Merge = (before: Value, value: number) => number | Statistics;

interface Mutable {
  readonly labels: Record<string, string>;
  readonly values: Record<string, number | Statistics>;
}

const add: Merge = (before, value) => (typeof before === 'number' ? before : 0) + value;
const largest: Merge = (before, value) => Math.max(typeof before === 'number' ? before : 0, value);
const addTo =
  (part: keyof Statistics): Merge =>
  (before, value) => {
    const { Count, Sum } = typeof before === 'object' ? before : { Count: 0, Sum: 0 };
    return part === 'Count' ? { Count: Count + value, Sum } : { Count, Sum: Sum + value };
  };

/** A distribution of nothing is left out: it has no average. */
function hasSomething(values: Record<string, number | Statistics>): boolean {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object' && value.Count <= 0) delete values[name];
  }
  return Object.keys(values).length > 0;
}

function dimensionsOf(labels: Labels, by: readonly string[]): Record<string, string> {
  const own: Record<string, string> = {};
  for (const name of by) {
    // Scraping has an `endpoint` of its own.
    const value = labelValue(labels, `exported_${name}`) || labelValue(labels, name);
    if (value !== '') own[name] = value;
  }
  return own;
}
