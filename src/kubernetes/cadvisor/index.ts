/** Which series of a kubelet's `/metrics/cadvisor` are worth keeping. */

const group = (prefix: string, ...names: readonly string[]): string =>
  `${prefix}_(?:${names.join('|')})`;

/** Names of series that are many, or that kubelets do not fill, and that hardly anybody asks for. */
const unwanted: string = [
  group('container_cpu', 'load_average_10s', 'system_seconds_total', 'user_seconds_total'),
  group(
    'container_fs',
    'io_current',
    'io_time_seconds_total',
    'io_time_weighted_seconds_total',
    'reads_merged_total',
    'sector_reads_total',
    'sector_writes_total',
    'writes_merged_total',
  ),
  group('container_memory', 'mapped_file'),
  group('container', 'file_descriptors', 'tasks_state', 'threads_max'),
  'container_spec.*',
].join('|');
/** Ends of pods' networks on the node: their pods tell of the same traffic. */
const podEnds = '(?:cali|cilium|cni|lxc|nodelocaldns|tunl).*';

const unwantedPattern = new RegExp(`^(?:${unwanted})$`);
const podEndPattern = new RegExp(`^${podEnds}$`);

/** @param pairs names and values in turn, with `__name__` */
export function isWantedSeries(pairs: readonly string[]): boolean {
  let name = '';
  let id = '';
  let pod = '';
  let scope = '';
  let device = '';
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const value = pairs[at + 1] ?? '';
    switch (pairs[at]) {
      case '__name__':
        name = value;
        break;
      case 'id':
        id = value;
        break;
      case 'pod':
        pod = value;
        break;
      case 'scope':
        scope = value;
        break;
      case 'interface':
        device = value;
        break;
    }
  }
  // A cgroup of no pod: slices, services and the sums of all pods.
  if (id !== '' && pod === '') return false;
  if (name === 'container_memory_failures_total' && scope === 'hierarchy') return false;
  if (name.startsWith('container_network_') && podEndPattern.test(device)) return false;
  return !unwantedPattern.test(name);
}

/** The same as `metric_relabel_configs` of a scrape job. */
export const dropRules: readonly Readonly<Record<string, unknown>>[] = [
  [['id', 'pod'], '.+;'],
  [['__name__', 'scope'], 'container_memory_failures_total;hierarchy'],
  [['__name__', 'interface'], `container_network_.*;${podEnds}`],
  [['__name__'], unwanted],
].map(([labels, regex]) => ({ action: 'drop', source_labels: labels, regex }));
