import { labelsOf, type Series } from './metrics-history.ts';

export interface NodeHistoryOptions {
  /** Names of metrics, of which those of machines are written. */
  readonly metrics: Iterable<string>;
  readonly nodes: number;
  readonly nowMs: number;
  readonly lengthMs: number;
  readonly stepMs: number;
}

type Labels = Readonly<Record<string, string>>;

const cpus = ['0', '1', '2', '3'];
const modes = ['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user'];
const disks: readonly Labels[] = ['nvme0n1', 'nvme1n1'].map((device) => ({ device }));
const networks: readonly Labels[] = ['eth0', 'eth1', 'lo'].map((device) => ({ device }));
const mounts: readonly Labels[] = ['/', '/var/lib/containerd'].map((mountpoint, at) => ({
  device: `/dev/nvme${at}n1`,
  fstype: 'xfs',
  mountpoint,
}));

/** The labels that node_exporter gives the series of a metric, besides its own. */
function labelSetsOf(metric: string): readonly Labels[] {
  if (metric === 'node_cpu_seconds_total') {
    return cpus.flatMap((cpu) => modes.map((mode) => ({ cpu, mode })));
  }
  if (/^node_(cpu|schedstat|softnet)_/.test(metric)) return cpus.map((cpu) => ({ cpu }));
  if (metric.startsWith('node_disk_')) return disks;
  if (metric.startsWith('node_network_')) return networks;
  if (metric.startsWith('node_filesystem_')) return mounts;
  if (metric.startsWith('node_hwmon_')) return [{ chip: 'platform_coretemp_0', sensor: 'temp1' }];
  if (metric === 'node_systemd_units') return ['active', 'failed'].map((state) => ({ state }));
  return [{}];
}

/** Same input, same number: between 0 and 1. */
function partOf(text: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  return (hash >>> 0) / 2 ** 32;
}

const isCounter = (metric: string): boolean =>
  /_(total|sum|count)$/.test(metric) ||
  /^node_(netstat|vmstat|pressure|schedstat|softnet)_/.test(metric);

/** Sizes are those of a machine, so that panels show figures that people know. */
function levelOf(metric: string, part: number): number {
  if (metric === 'node_memory_MemTotal_bytes') return 32 * 2 ** 30;
  if (metric === 'node_filesystem_size_bytes') return 500 * 2 ** 30;
  if (/_bytes/.test(metric)) return (1 + part * 8) * 2 ** 30;
  return 1 + part * 50;
}

/** Machines as node_exporter sees them, made up: series of all given metrics that are of a machine. */
export function nodeSeries(options: NodeHistoryOptions): readonly Series[] {
  const { metrics, nodes, nowMs, lengthMs, stepMs } = options;
  const names = [...new Set(metrics)].filter((name) => /^(node|process)_/.test(name)).sort();
  const all: Series[] = [];
  for (let node = 1; node <= nodes; node++) {
    const own = { instance: `node-${node}:9100`, job: 'node' };
    const uname = { nodename: `node-${node}`, sysname: 'Linux', release: '6.12.0' };
    for (const name of [...names, 'node_uname_info']) {
      const sets = name === 'node_uname_info' ? [uname] : labelSetsOf(name);
      for (const labels of sets) {
        const part = partOf(`${name} ${JSON.stringify(labels)} ${node}`);
        const level = levelOf(name, part);
        const samples: Series['samples'] = [];
        for (let timeMs = nowMs - lengthMs; timeMs <= nowMs; timeMs += stepMs) {
          const wave = 1 + 0.3 * Math.sin(timeMs / 600_000 + part * 6);
          const grown = (timeMs - nowMs + lengthMs) / 1000;
          samples.push({ timeMs, value: isCounter(name) ? grown * part : level * wave });
        }
        const given = { __name__: name, ...own, ...labels };
        all.push({ labels: labelsOf(given), samples });
      }
    }
  }
  return all;
}

/** The names of metrics in the queries of a dashboard's file. */
export function metricsIn(dashboardText: string): readonly string[] {
  return [...new Set(dashboardText.match(/\b(?:node|process)_\w+/g) ?? [])];
}
