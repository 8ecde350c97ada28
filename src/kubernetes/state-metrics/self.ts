/** One series that state metrics tell of themselves, as kube-state-metrics does of itself. */
export interface SelfMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Names and values in turn. */
  readonly labels: readonly string[];
  readonly value: number;
}

/** How often a resource was listed and watched, and with what success. */
export interface WatchCounts {
  readonly resource: string;
  readonly listed: number;
  readonly listsFailed: number;
  readonly watched: number;
  readonly watchesFailed: number;
}

/** The series under kube-state-metrics' own names: its dashboards and alerts read them. */
export function selfMetrics(
  watches: readonly WatchCounts[],
  version: string,
): readonly SelfMetric[] {
  const row = (
    name: 'list' | 'watch',
    resource: string,
    result: string,
    value: number,
  ): SelfMetric => ({
    name: `kube_state_metrics_${name}_total`,
    type: 'counter',
    help:
      name === 'list'
        ? 'Lists of a resource, by result.'
        : 'Watches of a resource that began, by result.',
    labels: ['resource', resource, 'result', result],
    value,
  });
  return [
    {
      name: 'kube_state_metrics_build_info',
      type: 'gauge',
      help: 'What tells of the objects.',
      labels: ['branch', '', 'goversion', '', 'revision', '', 'version', version],
      value: 1,
    },
    ...watches.flatMap(({ resource, listed, listsFailed }) => [
      row('list', resource, 'success', listed),
      row('list', resource, 'error', listsFailed),
    ]),
    ...watches.flatMap(({ resource, watched, watchesFailed }) => [
      row('watch', resource, 'success', watched),
      row('watch', resource, 'error', watchesFailed),
    ]),
    {
      name: 'kube_state_metrics_shard_ordinal',
      type: 'gauge',
      help: 'Which part of the objects is told of, from 0.',
      labels: ['shard_ordinal', '0'],
      value: 0,
    },
    {
      name: 'kube_state_metrics_total_shards',
      type: 'gauge',
      help: 'In how many parts the objects are told of.',
      labels: [],
      value: 1,
    },
  ];
}
