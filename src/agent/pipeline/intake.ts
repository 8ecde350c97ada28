import { constants, zstdCompressSync } from 'node:zlib';
import type { Clock, Counter, Logger, MetricsRegistry } from '#base';
import type {
  AgentEvent,
  Checkpoint,
  Filter,
  FilterContext,
  InputContext,
  RecordMap,
  RecordValue,
} from '../contract.ts';
import { RawNumber } from '../contract.ts';
import type { FrameRoute } from '../spool/frames.ts';
import type { Spool } from '../spool/spool.ts';
import { encodeChunks, type TaggedEvents } from './codec.ts';
import type { Dispatcher } from './dispatch.ts';
import type { PipelineInput, PipelineSpec } from './spec.ts';
import type { PipelineStats } from './stats.ts';

export interface IntakeDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly spool: Spool;
  readonly dispatcher: Dispatcher;
  readonly stats: PipelineStats;
  /** Aborts when a shutdown's time is over: a full spool is not waited for then. */
  readonly giveUp: AbortSignal;
}

/** A frame is closed at this size even before the flush time. */
const sealBytes = 256 * 1024;

/** An event that goes round through re-emitting filters more often than this is in a loop. */
const maxPasses = 8;

const level1 = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What becomes of one emit. It goes into a frame as a whole, with its checkpoints. */
interface Gathered {
  readonly tags: Map<string, AgentEvent[]>;
  /** The input's name; empty when filters are flushed. */
  readonly input: string;
  /** It has gone to the frame: what a filter sends later goes by itself. */
  isTaken: boolean;
}

/**
 * From inputs to the spool: filters, then chunks by tag. Everything gathered since the last flush
 * goes into one frame, events of all tags and the positions they were read at: after a crash all of
 * it is there or nothing.
 */
export class Intake {
  readonly #spec: PipelineSpec;
  readonly #deps: IntakeDeps;
  #tags = new Map<string, { events: AgentEvent[]; bytes: number }>();
  #checkpoints: Checkpoint[] = [];
  #waiters: Waiter[] = [];
  #bytes = 0;
  /** Of events that came in since the last frame, whatever filters made of them. */
  #enteredBytes = 0;
  #byInput = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #sealing: Promise<void> = Promise.resolve();
  /** Bytes of an input that are in frames not delivered yet (memory storage). */
  readonly #heldBytes = new Map<string, number>();
  readonly #numbers = new Map<string, number>();
  readonly #dropped: Counter;

  constructor(spec: PipelineSpec, deps: IntakeDeps) {
    this.#spec = spec;
    this.#deps = deps;
    this.#dropped = deps.metrics.counter(
      'nunchi_agent_events_dropped_total',
      'Events given up, by reason',
    );
    for (const { filter } of spec.filters) deps.stats.filter(filter.name);
  }

  /** What an input works with. Its emits go through the filters one after the other. */
  context(
    name: string,
    item: PipelineInput,
    saved: readonly Checkpoint[],
    signal: AbortSignal,
  ): InputContext {
    let tail: Promise<void> = Promise.resolve();
    const counts = this.#deps.stats.input(name);
    const emitAll: InputContext['emitAll'] = (parts, checkpoints = []) => {
      const spooled = Promise.withResolvers<void>();
      const entered = tail.then(async () => {
        await this.#waitForMemory(name, item, signal);
        const gathered = newGathered(name);
        let enteredBytes = 0;
        for (const { tag, events } of parts) {
          counts.records += events.length;
          const bytes = eventsBytes(events);
          counts.bytes += bytes;
          enteredBytes += bytes;
          const processed = await this.#process(item, tag, events, gathered);
          if (processed.length > 0) await this.#filter(tag, processed, 0, 0, gathered);
        }
        // At once, for the frame may be closed at every pause.
        this.#take(gathered);
        this.#enteredBytes += enteredBytes;
        this.#checkpoints.push(...checkpoints);
        this.#waiters.push(spooled);
        this.#schedule();
      });
      tail = entered.catch(() => {});
      entered.catch(spooled.reject);
      return spooled.promise;
    };
    return {
      checkpoints: async () => saved,
      emit: (tag, events, checkpoints) => emitAll([{ tag, events }], checkpoints),
      emitAll,
    };
  }

  /** Filters give what they hold back, and the last frame is closed. */
  async finish(): Promise<void> {
    const processors = this.#spec.inputs.flatMap((input) => input.processors ?? []);
    for (const filter of [...processors, ...this.#spec.filters.map((item) => item.filter)]) {
      const gathered = newGathered('');
      await filter.flush?.(this.#filterContext(filter, 0, gathered));
      this.#take(gathered);
    }
    await this.#seal();
  }

  /** What an input's own processors make of its events. */
  async #process(
    { processors = [] }: PipelineInput,
    tag: string,
    start: AgentEvent[],
    into: Gathered,
  ): Promise<AgentEvent[]> {
    let events = start;
    for (const processor of processors) {
      if (events.length === 0) break;
      events = await this.#apply(processor, tag, events, this.#filterContext(processor, 0, into));
    }
    return events;
  }

  /** Counts what the filter dropped or added. */
  async #apply(
    filter: Filter,
    tag: string,
    events: AgentEvent[],
    context: FilterContext,
  ): Promise<AgentEvent[]> {
    const before = events.length;
    const applied = filter.apply(tag, events, context);
    const made = applied instanceof Promise ? await applied : applied;
    const counts = this.#deps.stats.filter(filter.name);
    if (made.length < before) counts.dropped += before - made.length;
    else counts.added += made.length - before;
    return made;
  }

  async #filter(
    tag: string,
    start: AgentEvent[],
    from: number,
    passes: number,
    into: Gathered,
  ): Promise<void> {
    let events = start;
    for (let i = from; i < this.#spec.filters.length && events.length > 0; i++) {
      const { filter, match } = this.#spec.filters[i]!;
      if (!match(tag)) continue;
      events = await this.#apply(filter, tag, events, this.#filterContext(filter, passes, into));
    }
    if (events.length === 0) return;
    addEvents(into.tags, tag, events);
  }

  #take(gathered: Gathered): void {
    gathered.isTaken = true;
    const { input } = gathered;
    for (const [tag, events] of gathered.tags) {
      const bytes = eventsBytes(events);
      let held = this.#tags.get(tag);
      if (held === undefined) {
        held = { events: [], bytes: 0 };
        this.#tags.set(tag, held);
      }
      for (const event of events) held.events.push(event);
      held.bytes += bytes;
      this.#bytes += bytes;
      if (input !== '') this.#byInput.set(input, (this.#byInput.get(input) ?? 0) + bytes);
    }
  }

  #filterContext(filter: Filter, passes: number, into: Gathered): FilterContext {
    return {
      reemit: async (tag, events) => {
        if (passes >= maxPasses) {
          this.#dropped.add(events.length, { reason: 'filter_loop' });
          this.#deps.logger.error('Dropped events that go round through filters', {
            filter: filter.name,
            tag,
            events: events.length,
          });
          return;
        }
        const gathered = newGathered(into.input);
        await this.#filter(tag, events, 0, passes + 1, gathered);
        if (into.isTaken) {
          this.#take(gathered);
          this.#schedule();
        } else for (const [to, made] of gathered.tags) addEvents(into.tags, to, made);
      },
    };
  }

  #schedule(): void {
    if (Math.max(this.#bytes, this.#enteredBytes) >= sealBytes) {
      void this.#seal();
      return;
    }
    this.#timer ??= setTimeout(() => void this.#seal(), this.#spec.service.flushMs);
  }

  #seal(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#tags.size === 0 && this.#checkpoints.length === 0 && this.#waiters.length === 0) {
      return this.#sealing;
    }
    const tags = this.#tags;
    const checkpoints = this.#checkpoints;
    const waiters = this.#waiters;
    const byInput = this.#byInput;
    this.#tags = new Map();
    this.#checkpoints = [];
    this.#waiters = [];
    this.#bytes = 0;
    this.#enteredBytes = 0;
    this.#byInput = new Map();
    const write = async (): Promise<void> => {
      try {
        await this.#write(tags, checkpoints, byInput);
        for (const waiter of waiters) waiter.resolve();
      } catch (error) {
        for (const waiter of waiters) waiter.reject(error);
      }
      // Also when nothing was to be delivered: whoever waits for memory looks again.
      for (const wake of this.#memoryWaiters.splice(0)) wake();
    };
    this.#sealing = this.#sealing.then(write);
    return this.#sealing;
  }

  async #write(
    tags: ReadonlyMap<string, { readonly events: AgentEvent[]; readonly bytes: number }>,
    checkpoints: readonly Checkpoint[],
    byInput: ReadonlyMap<string, number>,
  ): Promise<void> {
    const chunks: TaggedEvents[] = [];
    const routes: FrameRoute[] = [];
    let events = 0;
    for (const [tag, held] of tags) {
      const outputs = this.#spec.outputs.filter(({ match }) => match(tag));
      if (outputs.length === 0) {
        this.#dropped.add(held.events.length, { reason: 'no_output' });
        continue;
      }
      for (const { output } of outputs) {
        const number = (this.#numbers.get(output.name) ?? 0) + 1;
        this.#numbers.set(output.name, number);
        routes.push({
          chunk: chunks.length,
          tag,
          output: output.name,
          number,
          events: held.events.length,
          bytes: held.bytes,
        });
      }
      chunks.push({ tag, events: held.events });
      events += held.events.length;
    }
    if (events === 0 && checkpoints.length === 0) return;
    const encoded = events === 0 ? new Uint8Array(0) : encodeChunks(chunks);
    const payload = events === 0 ? encoded : zstdCompressSync(encoded, level1);
    const rawBytes = encoded.length;
    const { spool, dispatcher, giveUp } = this.#deps;
    const frame = await spool.append({ payload, events, rawBytes, checkpoints, routes }, giveUp);
    for (const [input, bytes] of byInput) {
      this.#heldBytes.set(input, (this.#heldBytes.get(input) ?? 0) + bytes);
    }
    void dispatcher.whenDone(frame).then(() => {
      for (const [input, bytes] of byInput) {
        this.#heldBytes.set(input, (this.#heldBytes.get(input) ?? 0) - bytes);
      }
      for (const wake of this.#memoryWaiters.splice(0)) wake();
    });
    dispatcher.add(frame, routes, chunks);
  }

  readonly #memoryWaiters: (() => void)[] = [];

  /** `mem_buf_limit`: an input with memory storage pauses while too much of it is undelivered. */
  async #waitForMemory(name: string, item: PipelineInput, signal: AbortSignal): Promise<void> {
    const limit = item.storage === 'memory' ? item.memBufLimitBytes : undefined;
    if (limit === undefined) return;
    let told = false;
    while ((this.#heldBytes.get(name) ?? 0) + (this.#byInput.get(name) ?? 0) >= limit) {
      if (signal.aborted) break;
      if (!told) {
        this.#deps.logger.warn('Input paused: its memory limit is reached', { input: name, limit });
      }
      told = true;
      if ((this.#byInput.get(name) ?? 0) > 0) void this.#seal();
      await new Promise<void>((resolve) => {
        this.#memoryWaiters.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    if (told) this.#deps.logger.info('Input resumed', { input: name });
  }
}

const newGathered = (input: string): Gathered => ({ tags: new Map(), input, isTaken: false });

function addEvents(
  tags: Map<string, AgentEvent[]>,
  tag: string,
  events: readonly AgentEvent[],
): void {
  const known = tags.get(tag);
  if (known === undefined) tags.set(tag, [...events]);
  else for (const event of events) known.push(event);
}

/** About what the events take as text; exact enough for limits. */
function eventsBytes(events: readonly AgentEvent[]): number {
  let bytes = 0;
  for (const { record } of events) bytes += 16 + mapBytes(record);
  return bytes;
}

function mapBytes(map: RecordMap): number {
  let bytes = 2;
  for (const [key, value] of map) bytes += key.length + 4 + valueBytes(value);
  return bytes;
}

function valueBytes(value: RecordValue): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length + 2;
  if (value instanceof Map) return mapBytes(value);
  if (value instanceof RawNumber) return value.text.length;
  if (Array.isArray(value)) {
    let bytes = 2;
    for (const item of value as readonly RecordValue[]) bytes += valueBytes(item);
    return bytes;
  }
  return 8;
}
