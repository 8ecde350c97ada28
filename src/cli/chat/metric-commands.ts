import type { Clock } from '#base';
import { type Reply, textTable } from '#chat';
import type { UsageSnapshot } from '#kubernetes/usage';
import type { PromqlEngine } from '#metrics/promql';
import {
  type Context,
  type Described,
  durationMs,
  hourMs,
  maxRows,
  namespaceFlags,
  readWords,
  sinceFlags,
  usageError,
} from './usage.ts';

export interface MetricCommandDeps {
  readonly clock: Clock;
  readonly engine: PromqlEngine;
  readonly readUsage: (signal: AbortSignal) => Promise<UsageSnapshot>;
  readonly timeZone: () => string;
}

const maxTopRows = 40;
const maxCurves = 20;
const points = 300;

export function metricCommands(deps: MetricCommandDeps): Readonly<Record<string, Described>> {
  return {
    top: {
      usage: 'pods|nodes [NAME] [-n NAMESPACE] [--sort cpu|memory] [--containers]',
      help: 'what uses most',
      examples: ['top pods -n shop --sort memory', 'top nodes'],
      run: (words, context) => top(words, deps, context),
    },
    promql: {
      usage: 'EXPRESSION [--since 1h]',
      help: 'its values now, and a chart of them',
      examples: [
        'promql sum by (namespace) (rate(container_cpu_usage_seconds_total[5m])) --since 6h',
      ],
      run: (words, context) => promql(words, deps, context),
    },
  };
}

const cores = (value: number): string => `${Math.round(value * 1000)}m`;
const mebibytes = (value: number): string => `${Math.round(value / 2 ** 20)}Mi`;

interface Used {
  readonly names: readonly string[];
  readonly cpu: number;
  readonly memory: number;
}

async function top(
  words: readonly string[],
  deps: MetricCommandDeps,
  { check, signal }: Context,
): Promise<Reply> {
  const { rest, values, given } = readWords(
    words,
    { ...namespaceFlags, '--sort': 'sort', '--sort-by': 'sort' },
    { '--containers': 'containers', '-A': 'all', '--all-namespaces': 'all' },
  );
  const [what = 'pods', name] = rest;
  const { namespace, sort = 'cpu' } = values;
  if (sort !== 'cpu' && sort !== 'memory')
    throw usageError(`--sort is cpu or memory, not "${sort}"`);
  const isNodes = /^(nodes?|no)$/.test(what);
  if (!isNodes && !/^(pods?|po)$/.test(what))
    throw usageError(`top of "${what}": there are pods and nodes`);
  const at = isNodes || namespace === undefined ? {} : { namespace };
  await check({ verb: 'list', group: '', resource: isNodes ? 'nodes' : 'pods', ...at });
  const { nodes, pods } = await deps.readUsage(signal);
  const isWanted = (one: string): boolean => name === undefined || one.includes(name);
  const used: Used[] = isNodes
    ? [...nodes.values()]
        .filter((node) => isWanted(node.name))
        .map((node) => ({
          names: [node.name],
          cpu: node.usage.cpuCores,
          memory: node.usage.memoryBytes,
        }))
    : [...pods.values()]
        .filter((pod) => namespace === undefined || pod.namespace === namespace)
        .filter((pod) => isWanted(pod.name))
        .flatMap((pod) => {
          const parts = pod.containers.map(({ name: container, usage }) => ({
            names: [pod.namespace, pod.name, container],
            cpu: usage.cpuCores,
            memory: usage.memoryBytes,
          }));
          if (given.has('containers')) return parts;
          const sum = (key: 'cpu' | 'memory'): number =>
            parts.reduce((total, part) => total + part[key], 0);
          return [{ names: [pod.namespace, pod.name], cpu: sum('cpu'), memory: sum('memory') }];
        });
  if (used.length === 0)
    return { text: `Nothing was measured of such ${isNodes ? 'nodes' : 'pods'}.` };
  used.sort((a, b) => b[sort] - a[sort]);
  const heads = isNodes
    ? ['NODE']
    : ['NAMESPACE', 'POD', ...(given.has('containers') ? ['CONTAINER'] : [])];
  const more = used.length > maxTopRows ? `\n… and ${used.length - maxTopRows} more` : '';
  const rows = used
    .slice(0, maxTopRows)
    .map(({ names, cpu, memory }) => [...names, cores(cpu), mebibytes(memory)]);
  return { output: `${textTable([...heads, 'CPU', 'MEMORY'], rows)}${more}` };
}

async function promql(
  words: readonly string[],
  { engine, clock, timeZone }: MetricCommandDeps,
  { check, signal }: Context,
): Promise<Reply> {
  // An expression has words of its own that begin with a dash: only these are flags.
  const isOurs = (word: string): boolean => /^--since(=|$)/.test(word);
  const at = words.findIndex(isOurs);
  const since =
    at < 0 ? [] : words[at]?.includes('=') === true ? [words[at]] : words.slice(at, at + 2);
  const rest = words.filter((_, index) => at < 0 || index < at || index >= at + since.length);
  const { values } = readWords(since as string[], sinceFlags);
  const query = rest.join(' ');
  if (query === '')
    throw usageError('Write an expression, such as promql sum(rate(http_requests_total[5m]))');
  // Series tell of all namespaces.
  await check({ verb: 'list', group: '', resource: 'pods' });
  const toMs = clock.nowMs();
  const rangeMs = durationMs(values['since'], hourMs);
  const stepMs = Math.max(1000, Math.ceil(rangeMs / points / 1000) * 1000);
  const fromMs = Math.floor((toMs - rangeMs) / stepMs) * stepMs;
  const { labelsToRecord } = await import('#metrics/model');
  const named = (labels: Parameters<typeof labelsToRecord>[0]): string => {
    const { __name__: name = '', ...others } = labelsToRecord(labels);
    const inside = Object.entries(others)
      .map(([key, value]) => `${key}="${value}"`)
      .join(', ');
    return inside === '' ? name || query : `${name}{${inside}}`;
  };
  const { value } = await engine.instant(query, toMs, {}, signal);
  if (value.type === 'string') return { output: value.value };
  const output = value.type === 'scalar' ? String(value.value) : seriesTable(value.series, named);
  // A range vector has no chart: `http_requests_total[5m]`.
  if (value.type === 'matrix') return { output };
  const over = await engine.range(query, { startMs: fromMs, endMs: toMs, stepMs }, {}, signal);
  if (over.value.type !== 'matrix' || over.value.series.length === 0) return { output };
  const { renderPng, timeSeriesSvg } = await import('#picture');
  const size = { width: 800, height: 320 };
  const { series } = over.value;
  const left = series.length > maxCurves ? ` (${maxCurves} of ${series.length} series)` : '';
  const svg = timeSeriesSvg({
    ...size,
    ...{ theme: 'light', title: `${query.slice(0, 100)}${left}`, fromMs, toMs, stepMs },
    zone: timeZone(),
    series: series.slice(0, maxCurves).map(({ labels, timesMs, values: numbers }) => ({
      name: named(labels),
      timesMs,
      values: numbers,
    })),
  });
  return {
    output,
    picture: { name: 'promql.png', png: await renderPng(svg, { ...size, signal }) },
  };
}

/** Highest first: those are asked for. */
function seriesTable<L>(
  series: readonly { readonly labels: L; readonly values: ArrayLike<number> }[],
  named: (labels: L) => string,
): string {
  if (series.length === 0) return 'no data';
  const rows = series
    .map(({ labels, values }) => ({ name: named(labels), value: values[values.length - 1] }))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const more = rows.length > maxRows ? `\n… and ${rows.length - maxRows} more series` : '';
  const shown = rows
    .slice(0, maxRows)
    .map(({ name, value }) => [name, value === undefined ? 'a histogram' : String(value)]);
  return `${textTable(['SERIES', 'VALUE'], shown)}${more}`;
}
