import type { Alertmanager } from '#alerting';
import type { Clock } from '#base';
import { type Reply, textTable } from '#chat';
import { changesLogGroup, parseChangeRecord } from '#kubernetes/changes';
import { eventsLogGroup, parseEventRecord } from '#kubernetes/events';
import type { LogStore } from '#logs/store';
import { explainTrouble, type Incident, type Subject } from '#watch';
import {
  ageText,
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

export interface TroubleCommandDeps {
  readonly clock: Clock;
  readonly logs: LogStore;
  readonly alertmanager: Alertmanager;
  /** Open ones. */
  readonly incidents: () => readonly Incident[];
  readonly findIncident: (id: string) => Promise<Incident | undefined>;
  readonly clusterName: string;
  /** Of the pages, for links. */
  readonly publicUrl: () => string | undefined;
}

const maxScannedEvents = 50_000;
const anyPod = { verb: 'list', group: '', resource: 'pods' } as const;

export function troubleCommands(deps: TroubleCommandDeps): Readonly<Record<string, Described>> {
  return {
    incidents: {
      usage: '[-n NAMESPACE]',
      help: 'what is wrong now',
      examples: ['incidents', 'incidents -n shop'],
      run: (words, context) => incidents(words, deps, context),
    },
    explain: {
      usage: 'INCIDENT',
      help: 'what an incident is about, what changed before it, and what to look at',
      examples: ['explain 1a2b3c4d'],
      run: (words, context) => explain(words, deps, context),
    },
    alerts: {
      usage: '[TEXT]',
      help: 'alerts that fire, and those that are silenced',
      examples: ['alerts', 'alerts shop'],
      run: (words, context) => alerts(words, deps, context),
    },
    changes: {
      usage: '[NAME] [-n NAMESPACE] [--since 24h] [--limit 30]',
      help: 'roll-outs, scalings, restarts, configuration, nodes: what changed in the cluster',
      examples: ['changes -n shop --since 2h', 'changes web'],
      run: (words, context) => changes(words, deps, context),
    },
    events: {
      usage: '[NAME] [-n NAMESPACE] [--since 1h] [--limit 30] [--all]',
      help: 'warnings of the cluster, also those that it has forgotten; --all: ordinary events too',
      examples: ['events -n shop', 'events web-7d9f --since 24h --all'],
      run: (words, context) => events(words, deps, context),
    },
  };
}

const what = ({ kind, namespace, name }: Subject): string =>
  `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;

async function incidents(
  words: readonly string[],
  deps: TroubleCommandDeps,
  { check }: Context,
): Promise<Reply> {
  const { values } = readWords(words, namespaceFlags);
  const { namespace } = values;
  await check({ ...anyPod, ...(namespace === undefined ? {} : { namespace }) });
  const open = deps
    .incidents()
    .filter(({ owner }) => namespace === undefined || owner.namespace === namespace);
  if (open.length === 0) return { text: 'Nothing is wrong that I know of.' };
  const nowMs = deps.clock.nowMs();
  const rows = open
    .slice(0, maxRows)
    .map(({ id, severity, owner, reasons, peak, startMs }) => [
      ...[id.slice(0, 8), severity, what(owner), reasons.join(', '), String(peak)],
      ageText(nowMs - startMs),
    ]);
  return {
    output: textTable(['INCIDENT', 'SEVERITY', 'WHAT', 'REASONS', 'AFFECTED', 'SINCE'], rows),
  };
}

/**
 * The incident that the beginning of an id names.
 * @throws {AppError} CHAT_COMMAND_INVALID
 */
export async function incidentOf(
  named: string,
  deps: Pick<TroubleCommandDeps, 'incidents' | 'findIncident'>,
): Promise<Incident> {
  if (!/^[0-9a-f-]{4,64}$/i.test(named)) {
    throw usageError(`"${named}" is no incident; \`incidents\` shows those that there are.`);
  }
  const found = deps.incidents().filter(({ id }) => id.startsWith(named.toLowerCase()));
  if (found.length > 1)
    throw usageError(`Several incidents begin with ${named}: write more of it.`);
  const one = found[0] ?? (await deps.findIncident(named.toLowerCase()));
  if (one !== undefined) return one;
  throw usageError(`There is no incident ${named}; \`incidents\` shows those that there are.`);
}

async function explain(
  words: readonly string[],
  deps: TroubleCommandDeps,
  { check, subject }: Context,
): Promise<Reply> {
  const [named = subject?.id] = readWords(words, {}).rest;
  if (named === undefined) throw usageError('Name an incident: explain 1a2b3c4d');
  const incident = await incidentOf(named, deps);
  const { id, owner, severity, state, cause, members, startMs, resolvedMs } = incident;
  await check({ ...anyPod, ...(owner.namespace === '' ? {} : { namespace: owner.namespace }) });
  const nowMs = deps.clock.nowMs();
  const url = deps.publicUrl();
  const changed = await changeRows(
    deps,
    {
      name: owner.name,
      namespace: owner.namespace,
      fromMs: startMs - hourMs,
      toMs: startMs + 60_000,
    },
    5,
  );
  const facts: readonly (readonly [string, string])[] = [
    ['Incident', `${id.slice(0, 8)}, ${severity}, ${state}`],
    ['What', what(owner)],
    ['Why', explainTrouble(cause)],
    ...(cause.message === '' ? [] : [['Message', cause.message.slice(0, 500)] as const]),
    ['Since', `${new Date(startMs).toISOString()} (${ageText((resolvedMs ?? nowMs) - startMs)})`],
    ...(cause.node === undefined ? [] : [['Node', cause.node] as const]),
    ...(cause.image === undefined ? [] : [['Image', cause.image] as const]),
    ...members
      .slice(0, 10)
      .map(
        ({ subject: one, troubles }) =>
          [
            'Affected',
            `${what(one)}: ${[...new Set(troubles.map(({ reason }) => reason))].join(', ')}`,
          ] as const,
      ),
    ...(members.length > 10 ? [['', `… and ${members.length - 10} more`] as const] : []),
    ...changed.map((row) => ['Before', row.join('  ')] as const),
  ];
  const link = url === undefined ? [] : [`${url}/incidents/${id}`];
  const width = Math.max(...facts.map(([name]) => name.length));
  return {
    output: [...facts.map(([name, text]) => `${name.padEnd(width)}  ${text}`), ...link].join('\n'),
  };
}

async function alerts(
  words: readonly string[],
  { alertmanager, clock }: TroubleCommandDeps,
  { check }: Context,
): Promise<Reply> {
  const wanted = readWords(words, {}).rest.join(' ').toLowerCase();
  await check(anyPod);
  const nowMs = clock.nowMs();
  const found = alertmanager
    .alerts()
    .map(({ alert }) => ({ alert, status: alertmanager.status(alert.labels) }))
    .map(({ alert, status }) => {
      const { alertname = '', severity = '', ...others } = alert.labels;
      const rest = Object.entries(others).map(([name, value]) => `${name}=${value}`);
      const state = status.silencedBy.length > 0 ? 'silenced' : status.state;
      return { alertname, severity, state, rest: rest.join(' '), startMs: alert.startsAtMs };
    })
    .filter((row) => JSON.stringify(row).toLowerCase().includes(wanted))
    .sort((a, b) => a.state.localeCompare(b.state) || b.startMs - a.startMs);
  if (found.length === 0) {
    return { text: wanted === '' ? 'No alerts fire.' : `No alerts with "${wanted}" fire.` };
  }
  const rows = found
    .slice(0, maxRows)
    .map(({ alertname, severity, state, rest, startMs }) => [
      ...[alertname, severity, state, ageText(nowMs - startMs), rest.slice(0, 200)],
    ]);
  const more = found.length > maxRows ? `\n… and ${found.length - maxRows} more` : '';
  return {
    output: `${textTable(['ALERT', 'SEVERITY', 'STATE', 'SINCE', 'LABELS'], rows)}${more}`,
  };
}

interface Window {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Newest first: when, kind of change, what, in words. */
async function changeRows(
  { logs, clusterName }: TroubleCommandDeps,
  { name, namespace, fromMs, toMs }: Window,
  limit: number,
): Promise<readonly (readonly string[])[]> {
  const group = changesLogGroup(clusterName);
  if (logs.group(group) === undefined) return [];
  const fits = (message: string): ReturnType<typeof parseChangeRecord> => {
    const record = parseChangeRecord(message);
    if (record === undefined) return undefined;
    const { object, workload } = record;
    if (namespace !== undefined && (object.namespace ?? '') !== namespace) return undefined;
    const isNamed =
      name === undefined || object.name.includes(name) || workload.name.includes(name);
    return isNamed ? record : undefined;
  };
  const { events: found } = await logs.readEvents(
    {
      ...{ groups: [group], fromMs, toMs, direction: 'backward', maxEvents: limit },
      maxScannedEvents,
      accept: (message) => fits(message) !== undefined,
    },
    AbortSignal.timeout(30_000),
  );
  return found.flatMap(({ message, timestampMs }) => {
    const record = fits(message);
    if (record === undefined) return [];
    return [[new Date(timestampMs).toISOString().slice(0, 19), record.change, record.message]];
  });
}

function windowOf(
  { rest, values }: ReturnType<typeof readWords>,
  nowMs: number,
  byDefaultMs: number,
): Window {
  const [name, ...others] = rest;
  if (others.length > 0) throw usageError(`One name at a time: what is "${others.join(' ')}"?`);
  const fromMs = nowMs - durationMs(values['since'], byDefaultMs);
  return { name: name?.split('/').at(-1), namespace: values['namespace'], fromMs, toMs: nowMs };
}

const windowFlags = { ...namespaceFlags, ...sinceFlags, '--limit': 'limit' } as const;

async function changes(
  words: readonly string[],
  deps: TroubleCommandDeps,
  { check }: Context,
): Promise<Reply> {
  const read = readWords(words, windowFlags);
  const window = windowOf(read, deps.clock.nowMs(), 24 * hourMs);
  const { namespace } = window;
  await check({ ...anyPod, ...(namespace === undefined ? {} : { namespace }) });
  const limit = countOf('--limit', read.values['limit'], 30, maxRows);
  const rows = await changeRows(deps, window, limit);
  if (rows.length === 0) return { text: 'Nothing has changed in that time that I know of.' };
  return { output: textTable(['WHEN (UTC)', 'CHANGE', 'WHAT'], rows) };
}

async function events(
  words: readonly string[],
  { logs, clock, clusterName }: TroubleCommandDeps,
  { check, signal }: Context,
): Promise<Reply> {
  const read = readWords(words, windowFlags, { '--all': 'all' });
  const { name, namespace, fromMs, toMs } = windowOf(read, clock.nowMs(), hourMs);
  const at = namespace === undefined ? {} : { namespace };
  await check({ verb: 'list', group: '', resource: 'events', ...at });
  const group = eventsLogGroup(clusterName);
  if (logs.group(group) === undefined) return { text: 'No events are stored.' };
  const fits = (message: string): ReturnType<typeof parseEventRecord> => {
    const record = parseEventRecord(message);
    if (record === undefined) return undefined;
    if (!read.given.has('all') && record.type !== 'Warning') return undefined;
    const { involvedObject: object, workload } = record;
    if (namespace !== undefined && (object.namespace ?? '') !== namespace) return undefined;
    const isNamed =
      name === undefined || object.name.includes(name) || workload.name.includes(name);
    return isNamed ? record : undefined;
  };
  const maxEvents = countOf('--limit', read.values['limit'], 30, maxRows);
  const { events: found } = await logs.readEvents(
    {
      ...{ groups: [group], fromMs, toMs, direction: 'backward', maxEvents, maxScannedEvents },
      accept: (message) => fits(message) !== undefined,
    },
    signal,
  );
  const rows = found.flatMap(({ message, timestampMs }) => {
    const record = fits(message);
    if (record === undefined) return [];
    const { reason, involvedObject: object, message: text, count } = record;
    const subject = { kind: object.kind, namespace: object.namespace ?? '', name: object.name };
    return [
      [
        ...[new Date(timestampMs).toISOString().slice(0, 19), reason, String(count)],
        ...[what(subject), text.replaceAll('\n', ' ').slice(0, 200)],
      ],
    ];
  });
  if (rows.length === 0) return { text: 'No such events are stored in that time.' };
  return { output: textTable(['WHEN (UTC)', 'REASON', 'COUNT', 'WHAT', 'MESSAGE'], rows) };
}
