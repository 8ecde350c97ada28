import type { Clock } from '#base';
import { type Reply, textTable } from '#chat';
import type { LogStore } from '#logs/store';
import {
  type Context,
  countOf,
  type Described,
  durationMs,
  hourMs,
  maxRows,
  namespaceFlags,
  readWords,
  sinceFlags,
  usageError,
} from './usage.ts';

/** A column of an answer of Logs Insights. */
export interface LogColumn {
  readonly name: string;
  /** Unix ms of a column of times, numbers, or texts. */
  readonly kind: 'time' | 'number' | 'text';
  readonly values: readonly unknown[];
}

export interface LogCommandDeps {
  readonly clock: Clock;
  readonly logs: LogStore;
  readonly queryLogs: (
    query: {
      readonly text: string;
      readonly groups: readonly string[];
      readonly fromMs: number;
      readonly toMs: number;
    },
    signal: AbortSignal,
  ) => Promise<readonly LogColumn[]>;
  readonly timeZone: () => string;
}

const defaultLines = 50;
const maxLines = 5000;
const maxGroups = 50;
const maxCellChars = 300;

const workloadKinds =
  /^(deployments?|deploy|daemonsets?|ds|statefulsets?|sts|replicasets?|rs|jobs?|cronjobs?|cj)\/(.+)$/;

export function logCommands(deps: LogCommandDeps): Readonly<Record<string, Described>> {
  return {
    logs: {
      usage:
        'POD|deploy/NAME [-n NAMESPACE] [-c CONTAINER] [--grep TEXT] [--since 1h] [--tail 50] [-t]',
      help: 'last lines of a pod or a workload, also of pods that are gone',
      examples: ['logs web-7d9f -n shop --tail 100', 'logs deploy/web -n shop --grep timeout -t'],
      run: (words, context) => logs(words, deps, context),
    },
    query: {
      usage: 'QUERY [--group NAME|PREFIX*] [--since 1h]',
      help: 'a query of Logs Insights; with a chart where it counts over time',
      examples: [
        'query "filter @message like /error/ | stats count(*) by bin(5m)" --group /aws/eks/*',
        "query 'fields @timestamp, @message | limit 20' --since 15m",
      ],
      run: (words, context) => query(words, deps, context),
    },
  };
}

async function logs(
  words: readonly string[],
  { logs: store, clock }: LogCommandDeps,
  { check, signal }: Context,
): Promise<Reply> {
  const { rest, values, given } = readWords(
    words,
    {
      ...namespaceFlags,
      ...sinceFlags,
      ...{ '-c': 'container', '--container': 'container', '--tail': 'tail', '--grep': 'grep' },
    },
    { '-t': 'times', '--timestamps': 'times' },
  );
  const [name, ...others] = rest;
  if (name === undefined) throw usageError('Name a pod: logs POD -n NAMESPACE');
  if (others.length > 0) throw usageError(`One pod at a time: what is "${others.join(' ')}"?`);
  const { namespace = 'default', container, grep } = values;
  await check({ verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace });
  const workload = workloadKinds.exec(name)?.[2];
  const { lastPodLines } = await import('#logs/pods');
  const toMs = clock.nowMs();
  const found = await lastPodLines(
    store,
    {
      namespace,
      pod: workload ?? name.replace(/^(pods?|po)\//, ''),
      isWorkload: workload !== undefined,
      container,
      contains: grep,
      fromMs: toMs - durationMs(values['since'], 24 * hourMs),
      toMs,
      maxLines: countOf('--tail', values['tail'], defaultLines, maxLines),
    },
    signal,
  );
  if (found === undefined) {
    const what = grep === undefined ? 'No lines' : `No lines with "${grep}"`;
    return { text: `${what} of ${name} in the namespace ${namespace} are stored in that time.` };
  }
  const pods = new Set(found.lines.map(({ pod }) => pod));
  const containers = new Set(found.lines.map((line) => line.container));
  const output = found.lines.map(({ timeMs, text, pod, container: of }) =>
    [
      ...(given.has('times') ? [new Date(timeMs).toISOString()] : []),
      ...(pods.size > 1 ? [containers.size > 1 ? `${pod}/${of}` : pod] : []),
      ...(pods.size === 1 && containers.size > 1 ? [of] : []),
      text,
    ].join(' '),
  );
  return { output: output.join('\n') };
}

async function query(
  words: readonly string[],
  deps: LogCommandDeps,
  { check, signal }: Context,
): Promise<Reply> {
  const { rest, values } = readWords(words, { '--group': 'group', ...sinceFlags });
  const text = rest.join(' ');
  if (text === '')
    throw usageError('Write a query, such as query "stats count(*) by bin(5m)" --group /aws/…');
  // Logs of any pod may be among them.
  await check({ verb: 'get', group: '', resource: 'pods', subresource: 'log' });
  const groups = groupsOf(values['group'], deps.logs);
  const toMs = deps.clock.nowMs();
  const fromMs = toMs - durationMs(values['since'], hourMs);
  const columns = await deps.queryLogs({ text, groups, fromMs, toMs }, signal);
  const rowCount = columns[0]?.values.length ?? 0;
  if (rowCount === 0) return { text: 'No rows.' };
  const rows = Array.from({ length: Math.min(rowCount, maxRows) }, (_, row) =>
    columns.map(({ kind, values: cells }) => cellText(kind, cells[row])),
  );
  const more = rowCount > maxRows ? `\n… and ${rowCount - maxRows} more rows` : '';
  const output = `${textTable(
    columns.map(({ name }) => name),
    rows,
  )}${more}`;
  const picture = await chartOf(columns, text, { fromMs, toMs, zone: deps.timeZone(), signal });
  return { output, ...(picture === undefined ? {} : { picture }) };
}

/** @throws {AppError} CHAT_COMMAND_INVALID for a group that there is not */
function groupsOf(named: string | undefined, logs: LogStore): readonly string[] {
  const prefix = named?.endsWith('*') === true ? named.slice(0, -1) : undefined;
  if (named !== undefined && prefix === undefined) {
    if (logs.group(named) !== undefined) return [named];
    throw usageError(`There is no log group "${named}"${likeThat(named, logs)}.`);
  }
  const found = logs.groups(prefix === undefined ? {} : { prefix }).map(({ name }) => name);
  if (found.length === 0) throw usageError(`There is no log group ${named ?? 'yet'}.`);
  if (found.length > maxGroups) {
    throw usageError(
      `${found.length} log groups are meant; ${maxGroups} are searched at once: name some with --group PREFIX*`,
    );
  }
  return found;
}

function likeThat(named: string, logs: LogStore): string {
  const last = named.split('/').findLast((part) => part !== '') ?? named;
  const near = logs
    .groups({ contains: last })
    .slice(0, 5)
    .map(({ name }) => name);
  return near.length === 0 ? '' : `; there are ${near.join(', ')}`;
}

const cellText = (kind: LogColumn['kind'], value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (kind === 'time' && typeof value === 'number') return new Date(value).toISOString();
  return String(value).replaceAll('\n', ' ').slice(0, maxCellChars);
};

/** Numbers over time, as a picture. */
async function chartOf(
  columns: readonly LogColumn[],
  title: string,
  {
    fromMs,
    toMs,
    zone,
    signal,
  }: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly zone: string;
    readonly signal: AbortSignal;
  },
): Promise<Reply['picture']> {
  const time = columns.find(({ kind }) => kind === 'time');
  const numbers = columns.filter(({ kind }) => kind === 'number');
  const isPlain = columns.length === numbers.length + 1;
  if (time === undefined || numbers.length === 0 || !isPlain || time.values.length < 2)
    return undefined;
  const order = time.values
    .map((ms, row) => ({ ms: Number(ms), row }))
    .filter(({ ms }) => Number.isFinite(ms))
    .sort((a, b) => a.ms - b.ms);
  const timesMs = order.map(({ ms }) => ms);
  const { renderPng, timeSeriesSvg } = await import('#picture');
  const size = { width: 800, height: 320 };
  const svg = timeSeriesSvg({
    ...size,
    ...{ theme: 'light', title: title.slice(0, 120), fromMs, toMs, zone },
    series: numbers.map(({ name, values }) => ({
      name,
      timesMs,
      values: order.map(({ row }) => Number(values[row] ?? Number.NaN)),
    })),
  });
  return { name: 'query.png', png: await renderPng(svg, { ...size, signal }) };
}
