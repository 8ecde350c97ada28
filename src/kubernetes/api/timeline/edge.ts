import { type ZodType, z } from 'zod';
import { AppError } from '#base';
import { changesLogGroup } from '#kubernetes/changes';
import { eventsLogGroup } from '#kubernetes/events';
import { encodePointer } from '#logs/insights';
import type { EventPosition, LogStore } from '#logs/store';
import { apiRoute, type Edge } from '#server';
import type { KubernetesView } from '../edge.ts';
import type { ObjectName } from '../objects/wire.ts';
import { type ItemFilter, textsOf, timelineItem } from './items.ts';
import type { Timeline, TimelineItem } from './wire.ts';

const maxItems = 1000;
const defaultItems = 200;
/** One answer looks through so many records; the page after it goes on there. */
const maxScannedEvents = 200_000;
const maxNameChars = 253;

const filterText = z.string().min(1).max(maxNameChars).optional();
const objectName = z.object({ kind: z.string(), name: z.string() });
const anyRecord = z.record(z.string(), z.unknown());

const item: ZodType<TimelineItem> = z.object({
  id: z.string().describe('Names the log event that it was made of, as `@ptr`'),
  time: z.number().int().describe('Unix ms'),
  source: z.enum(['event', 'change']),
  type: z.string().describe('Reason of an event, kind of a change'),
  severity: z.enum(['info', 'warning', 'error']),
  message: z.string(),
  object: z.object({
    kind: z.string(),
    namespace: z.string().optional(),
    name: z.string(),
    uid: z.string().optional(),
  }),
  owners: z.array(objectName),
  workload: objectName,
  relation: z
    .enum(['self', 'owned', 'owner'])
    .optional()
    .describe('To the object that was asked for'),
  count: z.number().int(),
  before: anyRecord.optional(),
  after: anyRecord.optional(),
  by: z
    .object({
      manager: z.string().optional(),
      actor: z.string(),
      name: z.string().optional(),
    })
    .optional(),
});

const timeline: ZodType<Timeline> = z.object({
  items: z.array(item).describe('Newest first'),
  next: z.string().optional().describe('`cursor` of older ones'),
  warnings: z.array(z.string()),
});

const listOf = <T extends string>(values: readonly [T, ...T[]]): ZodType<T[]> =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values))) as unknown as ZodType<T[]>;

export interface TimelineEdgeDeps {
  readonly store: LogStore;
}

/** `GET /nunchi/kubernetes/timeline`: events and changes, for marks on charts and for time lines. */
export function timelineEdge(view: KubernetesView, { store }: TimelineEdgeDeps): Edge {
  return {
    name: 'kubernetes/timeline',
    register: (app) =>
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/kubernetes/timeline',
          tag: 'kubernetes',
          summary:
            'Events and changes of the cluster, a namespace, or an object with what it owns and what owns it',
          query: z.object({
            from: z.coerce.number().int().min(0).describe('Unix ms, inclusive'),
            to: z.coerce.number().int().min(0).describe('Unix ms, inclusive'),
            cluster: filterText.describe('Name of the cluster; absent: the one that is watched'),
            namespace: filterText,
            kind: filterText.describe('As objects say it: `Deployment`'),
            name: filterText,
            sources: listOf(['event', 'change'])
              .optional()
              .describe('`event`, `change`, or both with a comma; absent: both'),
            severity: z.enum(['info', 'warning', 'error']).default('info').describe('At least'),
            types: z.string().max(1024).optional().describe('Reasons and kinds, with commas'),
            limit: z.coerce.number().int().min(1).max(maxItems).default(defaultItems),
            cursor: z.string().max(64).optional().describe('`next` of the page before'),
          }),
          response: timeline,
        },
        async ({ query, signal }) => {
          const { from, to, limit, namespace, kind, name } = query;
          if (from > to) throw new AppError('INVALID_REQUEST', 'query.from: it is after `to`');
          const filter: ItemFilter = {
            kind,
            namespace,
            name,
            owners: ownersOf(view, { kind, namespace, name }),
            sources: new Set(query.sources ?? ['event', 'change']),
            minSeverity: query.severity,
            types: query.types === undefined ? undefined : new Set(query.types.split(',')),
          };
          const clusterName = query.cluster ?? view.clusterName() ?? 'local';
          const range = { from, to, limit, cursor: query.cursor };
          return await readTimeline(store, clusterName, filter, range, signal);
        },
      ),
  };
}

function ownersOf(
  { cluster }: KubernetesView,
  { kind, namespace, name }: Pick<ItemFilter, 'kind' | 'namespace' | 'name'>,
): readonly ObjectName[] {
  if (cluster === undefined || kind === undefined || name === undefined) return [];
  return cluster.ownersByName({ kind, namespace, name });
}

async function readTimeline(
  store: LogStore,
  clusterName: string,
  filter: ItemFilter,
  range: {
    readonly from: number;
    readonly to: number;
    readonly limit: number;
    readonly cursor: string | undefined;
  },
  signal: AbortSignal,
): Promise<Timeline> {
  const wanted = [
    ...(filter.sources.has('event') ? [eventsLogGroup(clusterName)] : []),
    ...(filter.sources.has('change') ? [changesLogGroup(clusterName)] : []),
  ];
  const groups = wanted.filter((group) => store.group(group) !== undefined);
  const warnings = wanted
    .filter((group) => !groups.includes(group))
    .map((group) => `Nothing was recorded in ${group} yet`);
  if (groups.length === 0) return { items: [], warnings };
  const after = range.cursor === undefined ? undefined : readCursor(range.cursor);
  const { namespace } = filter;
  const texts = textsOf(filter);
  const contains = [
    ...(namespace === undefined ? [] : [JSON.stringify(namespace)]),
    // Of several texts any one will do, which the store cannot look for.
    ...(texts?.length === 1 ? texts : []),
  ];
  // Most records are of other objects: they are told by their text, without being read.
  const mayFit = (message: string): boolean =>
    texts === undefined || texts.some((text) => message.includes(text));
  const page = await store.readEvents(
    {
      groups,
      fromMs: range.from,
      toMs: range.to,
      direction: 'backward',
      maxEvents: range.limit,
      maxScannedEvents,
      accept: (message) => mayFit(message) && timelineItem(message, filter) !== undefined,
      ...(contains.length === 0 ? {} : { contains }),
      ...(after === undefined ? {} : { after }),
    },
    signal,
  );
  const items = page.events.flatMap((event): TimelineItem[] => {
    const found = timelineItem(event.message, filter);
    if (found === undefined) return [];
    return [{ id: encodePointer(event), time: event.timestampMs, ...found }];
  });
  const { next } = page;
  return {
    items,
    next: next === undefined ? undefined : `${next.timestampMs}:${next.sequence}`,
    warnings,
  };
}

function readCursor(text: string): EventPosition {
  const [, time, sequence] = /^(\d{1,16}):(\d{1,16})$/.exec(text) ?? [];
  if (time === undefined || sequence === undefined) {
    throw new AppError('CURSOR_INVALID', 'The cursor is not one of a page of the time line');
  }
  return { timestampMs: Number(time), sequence: Number(sequence) };
}
