import { AppError } from '#base';
import { forEachEvent } from '#logs/batch';
import type {
  EventPage,
  EventPageRequest,
  LogBatch,
  LogEvent,
  LogGroup,
  LogStore,
  LogStream,
  TailBatch,
  TailRequest,
} from '#logs/store';

/** A log store in memory, for tests of the edge: plain loops over one sorted list. */
export interface MemoryLogStore extends LogStore {
  /** The next appends fail with this. */
  failWith: AppError | undefined;
}

interface MemoryGroup {
  group: LogGroup;
  streams: Map<string, number>;
}

const unused = (): never => {
  throw new Error('Not part of the fixture');
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function memoryLogStore(nowMs: () => number): MemoryLogStore {
  const groups = new Map<string, MemoryGroup>();
  let events: LogEvent[] = [];
  let sequence = 0;
  const listeners = new Set<(added: readonly LogEvent[]) => void>();

  const mustHave = (name: string): MemoryGroup => {
    const found = groups.get(name);
    if (found === undefined) throw new AppError('LOG_GROUP_NOT_FOUND', `No log group "${name}"`);
    return found;
  };

  const streamOf = (group: string, name: string): LogStream | undefined => {
    const createdMs = groups.get(group)?.streams.get(name);
    if (createdMs === undefined) return undefined;
    const own = events.filter((e) => e.group === group && e.stream === name);
    const times = own.map((e) => e.timestampMs);
    const some = own.length > 0;
    return {
      group,
      name,
      createdMs,
      firstEventMs: some ? Math.min(...times) : undefined,
      lastEventMs: some ? Math.max(...times) : undefined,
      lastIngestionMs: some ? Math.max(...own.map((e) => e.ingestionMs)) : undefined,
    };
  };

  const createGroup: LogStore['createGroup'] = async (name, options = {}) => {
    if (groups.has(name)) throw new AppError('LOG_GROUP_EXISTS', `There is "${name}"`);
    const group: LogGroup = {
      name,
      createdMs: nowMs(),
      retentionDays: options.retentionDays,
      tags: options.tags ?? {},
      class: options.class ?? 'STANDARD',
      deletionProtection: options.deletionProtection ?? false,
      kmsKeyId: options.kmsKeyId,
      storedBytes: 0,
      messageBytes: 0,
      events: 0,
      firstEventMs: undefined,
      lastEventMs: undefined,
      lastIngestionMs: undefined,
      streams: 0,
    };
    groups.set(name, { group, streams: new Map() });
  };

  const readEvents = (request: EventPageRequest): EventPage => {
    const sign = request.direction === 'forward' ? 1 : -1;
    const order = (
      a: { timestampMs: number; sequence: number },
      b: { timestampMs: number; sequence: number },
    ): number => sign * (a.timestampMs - b.timestampMs || a.sequence - b.sequence);
    const page: LogEvent[] = [];
    let scanned = 0;
    let bytes = 0;
    for (const event of events.toSorted(order)) {
      if (!request.groups.includes(event.group)) continue;
      if (request.streams !== undefined && !request.streams.includes(event.stream)) continue;
      if (!event.stream.startsWith(request.streamPrefix ?? '')) continue;
      if (event.timestampMs < request.fromMs || event.timestampMs > request.toMs) continue;
      if (request.after !== undefined && order(event, request.after) <= 0) continue;
      const length = Buffer.byteLength(event.message);
      const isFull =
        page.length >= request.maxEvents ||
        (page.length > 0 && bytes + length > (request.maxBytes ?? Number.POSITIVE_INFINITY));
      if (isFull) return { events: page, next: page.at(-1)!, scannedEvents: scanned };
      scanned++;
      if (request.contains?.some((part) => !event.message.includes(part)) !== true) {
        if (request.accept?.(event.message) !== false) {
          page.push(event);
          bytes += length;
        }
      }
      if (scanned >= (request.maxScannedEvents ?? Number.POSITIVE_INFINITY)) {
        return { events: page, next: event, scannedEvents: scanned };
      }
    }
    return { events: page, next: undefined, scannedEvents: scanned };
  };

  async function* tail(request: TailRequest, signal: AbortSignal): AsyncIterable<TailBatch> {
    const queue: LogEvent[] = [];
    let wake = (): void => {};
    const listener = (added: readonly LogEvent[]): void => {
      for (const event of added) {
        const isWanted =
          request.groups.includes(event.group) &&
          (request.streams?.includes(event.stream) ?? true) &&
          (request.streamPrefixes?.some((p) => event.stream.startsWith(p)) ?? true) &&
          (request.accept?.(event.message) ?? true);
        if (isWanted) queue.push(event);
      }
      wake();
    };
    listeners.add(listener);
    try {
      while (!signal.aborted) {
        if (queue.length > 0) yield { events: queue.splice(0), dropped: 0 };
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
          if (queue.length > 0) resolve();
        });
      }
    } finally {
      listeners.delete(listener);
    }
  }

  const store: MemoryLogStore = {
    failWith: undefined,
    append: async ({ sections }: LogBatch) => {
      if (store.failWith !== undefined) throw store.failWith;
      const added: LogEvent[] = [];
      const firstSequence = sequence + 1;
      for (const section of sections) {
        forEachEvent(section, (timestampMs, message) => {
          added.push({
            group: section.group,
            stream: section.stream,
            timestampMs,
            ingestionMs: nowMs(),
            sequence: ++sequence,
            message: message.toString('utf8'),
          });
        });
      }
      events = [...events, ...added];
      for (const listener of listeners) listener(added);
      return { firstSequence, events: added.length, duplicate: false };
    },
    storedUpTo: () => 0,
    group: (name) => groups.get(name)?.group,
    groups: ({ prefix = '', contains = '' } = {}) =>
      [...groups.values()]
        .map(({ group }) => group)
        .filter(({ name }) => name.startsWith(prefix) && name.includes(contains))
        .sort((a, b) => compare(a.name, b.name)),
    createGroup,
    deleteGroup: async (name) => {
      mustHave(name);
      groups.delete(name);
      events = events.filter((event) => event.group !== name);
    },
    updateGroup: async (name, { retentionDays, ...change }) => {
      const found = mustHave(name);
      found.group = {
        ...found.group,
        ...change,
        ...(retentionDays !== undefined && { retentionDays: retentionDays ?? undefined }),
      };
    },
    stream: streamOf,
    streams: (group, options = {}) => {
      const { prefix = '', orderBy = 'name', descending = false, after, limit } = options;
      const key = (s: { name: string; lastEventMs?: number | undefined }): string =>
        orderBy === 'name' ? s.name : `${String(s.lastEventMs ?? 0).padStart(17, '0')}${s.name}`;
      const sign = descending ? -1 : 1;
      return [...mustHave(group).streams.keys()]
        .filter((name) => name.startsWith(prefix))
        .map((name) => streamOf(group, name)!)
        .sort((a, b) => sign * compare(key(a), key(b)))
        .filter((s) => after === undefined || sign * compare(key(s), key(after)) > 0)
        .slice(0, limit);
    },
    createStream: async (group, name) => {
      const { streams } = mustHave(group);
      if (streams.has(name)) throw new AppError('LOG_STREAM_EXISTS', `There is "${name}"`);
      streams.set(name, nowMs());
    },
    deleteStream: async (group, name) => {
      mustHave(group).streams.delete(name);
      events = events.filter((event) => event.group !== group || event.stream !== name);
    },
    readEvents: async (request) => readEvents(request),
    readEvent: async ({ group, sequence: wanted }) =>
      events.find((event) => event.group === group && event.sequence === wanted),
    openScan: unused,
    tail,
    onAppend: unused,
    stats: unused,
    ingestRates: unused,
    [Symbol.asyncDispose]: async () => {},
  };
  return store;
}
