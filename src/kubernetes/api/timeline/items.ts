import { type ChangeRecord, parseChangeRecord } from '#kubernetes/changes';
import { type EventRecord, parseEventRecord } from '#kubernetes/events';
import type { ObjectName } from '../objects/wire.ts';
import type { TimelineItem } from './wire.ts';

/** Whose time line it is. */
export interface Subject {
  readonly kind: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** What owns it, from the nearest to the last. */
  readonly owners: readonly ObjectName[];
}

export interface ItemFilter extends Subject {
  readonly sources: ReadonlySet<'event' | 'change'>;
  readonly minSeverity: TimelineItem['severity'];
  readonly types: ReadonlySet<string> | undefined;
}

type Item = Omit<TimelineItem, 'id' | 'time'>;

const ranks: Readonly<Record<TimelineItem['severity'], number>> = {
  info: 0,
  warning: 1,
  error: 2,
};

/** A text of each record that may be let through; undefined: there is none that all of them have. */
export function textsOf({ name, owners }: Subject): readonly string[] | undefined {
  if (name === undefined) return undefined;
  return [name, ...owners.map((one) => one.name)].map((one) => `"name":${JSON.stringify(one)}`);
}

/** The item that a log event makes; undefined: the filter does not let it through. */
export function timelineItem(message: string, filter: ItemFilter): Item | undefined {
  const item = read(message);
  if (item === undefined || !filter.sources.has(item.source)) return undefined;
  if (ranks[item.severity] < ranks[filter.minSeverity]) return undefined;
  if (filter.types !== undefined && !filter.types.has(item.type)) return undefined;
  if (filter.namespace !== undefined && namespaceOf(item) !== filter.namespace) {
    // A namespace's own events.
    const isItself = item.object.kind === 'Namespace' && item.object.name === filter.namespace;
    if (!isItself) return undefined;
  }
  if (filter.kind === undefined && filter.name === undefined) return item;
  const relation = relationOf(item, filter);
  return relation === undefined ? undefined : { ...item, relation };
}

function read(message: string): Item | undefined {
  const change = parseChangeRecord(message);
  if (change !== undefined) return itemOfChange(change);
  const event = parseEventRecord(message);
  return event === undefined ? undefined : itemOfEvent(event);
}

function itemOfEvent(record: EventRecord): Item {
  const { kind, namespace, name, uid } = record.involvedObject;
  return {
    source: 'event',
    type: record.reason,
    severity: record.type === 'Normal' ? 'info' : 'warning',
    message: record.message,
    object: { kind, namespace, name, uid },
    owners: record.owners,
    workload: record.workload,
    count: record.count,
  };
}

function itemOfChange(record: ChangeRecord): Item {
  const { change, severity, message, object, owners, workload, before, after, by, times } = record;
  return {
    source: 'change',
    type: change,
    severity,
    message,
    object,
    owners,
    workload,
    count: times ?? 1,
    before,
    after,
    by,
  };
}

const namespaceOf = ({ object }: Item): string | undefined => object.namespace;

function relationOf(item: Item, { kind, name, owners }: Subject): TimelineItem['relation'] {
  const isIt = (one: ObjectName): boolean =>
    (kind === undefined || one.kind === kind) && (name === undefined || one.name === name);
  if (isIt(item.object)) return 'self';
  if (item.owners.some(isIt)) return 'owned';
  const { object } = item;
  return owners.some((one) => one.kind === object.kind && one.name === object.name)
    ? 'owner'
    : undefined;
}
