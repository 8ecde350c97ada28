import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { type Clock, type Counter, describeError, type Logger, type MetricsRegistry } from '#base';
import type { AgentEvent, Chunk, DeliveryResult } from '../contract.ts';
import type { FrameRoute } from '../spool/frames.ts';
import type { Spool, SpooledFrame } from '../spool/spool.ts';
import { ChunkMemory } from './chunk-memory.ts';
import { decodeChunks, type TaggedEvents } from './codec.ts';
import type { PipelineOutput, PipelineService } from './spec.ts';
import type { PipelineStats } from './stats.ts';

const inflate = promisify(zstdDecompress);

export interface DispatchDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly random: () => number;
}

/**
 * Text of the chunks in memory; as events it takes about eight times as much. Four frames: those being
 * sent and the next. The rest waits in the spool.
 */
const defaultMemoryBytes = 1024 * 1024;

/** Chunks of different tags an output may have under way at once; chunks of one tag go in turn. */
const maxParallel = 4;

/** Of them at most so many for chunks that were refused before: a place is left for the others. */
const maxParallelRetries = maxParallel - 1;

/** A frame whose chunks still have to go somewhere. */
interface Parcel {
  readonly frame: SpooledFrame;
  readonly source: string;
  /** Of all its chunks. */
  readonly bytes: number;
  readonly order: number;
  /** Routes that are not done. */
  open: number;
}

interface Delivery {
  readonly parcel: Parcel;
  readonly route: FrameRoute;
  /** Events before it were accepted by an earlier try. */
  fromEvent: number;
  attempts: number;
}

interface OutputQueue {
  readonly spec: PipelineOutput;
  /** In the order of frames; before them what is tried again. */
  readonly deliveries: Delivery[];
  /** Tags with a chunk under way. */
  readonly busyTags: Set<string>;
  /** By tag, what waits for its next try: it holds up its tag and nothing else. */
  readonly waiting: Map<string, { readonly delivery: Delivery; readonly cut: AbortController }>;
  readonly running: Set<Promise<void>>;
  /** Of those running, the ones tried before. */
  retrying: number;
  bytes: number;
}

/**
 * Brings chunks from the spool to their outputs: in order per tag, retried as the configuration
 * says, dropped (counted, logged) only when it says so. A frame leaves the spool when all its
 * chunks are where they had to go.
 */
export class Dispatcher {
  readonly #spool: Spool;
  readonly #service: PipelineService;
  readonly #stats: PipelineStats;
  readonly #deps: DispatchDeps;
  readonly #queues = new Map<string, OutputQueue>();
  readonly #memory: ChunkMemory<Parcel, readonly TaggedEvents[]>;
  #open = 0;
  #stopping = false;
  readonly #abort = new AbortController();
  readonly #idle: (() => void)[] = [];
  readonly #doneWaiters = new Map<number, () => void>();
  readonly #dropped: Counter;
  readonly #retried: Counter;

  constructor(
    spool: Spool,
    outputs: readonly PipelineOutput[],
    service: PipelineService,
    stats: PipelineStats,
    deps: DispatchDeps,
  ) {
    this.#spool = spool;
    this.#service = service;
    this.#stats = stats;
    this.#deps = deps;
    this.#memory = new ChunkMemory(
      service.maxMemoryBytes ?? defaultMemoryBytes,
      async ({ frame }) => {
        const { payload } = await spool.load(frame);
        return decodeChunks(await inflate(payload));
      },
    );
    for (const spec of outputs) {
      this.#queues.set(spec.output.name, {
        spec,
        deliveries: [],
        busyTags: new Set(),
        waiting: new Map(),
        running: new Set(),
        retrying: 0,
        bytes: 0,
      });
      stats.output(spec.output.name);
    }
    const { metrics } = deps;
    this.#dropped = metrics.counter(
      'nunchi_agent_events_dropped_total',
      'Events given up, by reason',
    );
    this.#retried = metrics.counter(
      'nunchi_agent_send_retries_total',
      'Attempts to send a batch that failed and are repeated',
    );
    metrics.collected(
      'nunchi_agent_chunk_memory_bytes',
      'Text of the chunks in memory; others that wait are in the spool alone',
      'gauge',
      () => [{ value: this.#memory.bytes }],
    );
    metrics.collected(
      'nunchi_agent_output_queue_bytes',
      'Bytes waiting for an output',
      'gauge',
      () =>
        [...this.#queues].map(([output, queue]) => ({ labels: { output }, value: queue.bytes })),
    );
  }

  /** Frames that an earlier run left. */
  async recover(): Promise<void> {
    const delivered = new Set<string>();
    for (const { frame, output } of this.#spool.state.deliveries()) {
      delivered.add(`${frame} ${output}`);
    }
    const frames: SpooledFrame[] = [];
    for (let i = 0; ; i++) {
      const frame = this.#spool.peek(i);
      if (frame === undefined) break;
      frames.push(frame);
    }
    for (const frame of frames) {
      let routes: readonly FrameRoute[];
      try {
        routes = (await this.#spool.load(frame)).header.routes ?? [];
      } catch (error) {
        this.#dropped.add(frame.events, { reason: 'spool_damaged' });
        this.#deps.logger.error('Gave up a chunk that cannot be read back', {
          events: frame.events,
          err: describeError(error),
        });
        routes = [];
      }
      const left = routes.filter((r) => !delivered.has(`${frame.frame} ${r.output}#${r.chunk}`));
      this.add(frame, left, undefined);
    }
  }

  /** A frame that is in the spool; `chunks` where they are still at hand. */
  add(
    frame: SpooledFrame,
    routes: readonly FrameRoute[],
    chunks: readonly TaggedEvents[] | undefined,
  ): void {
    const parcel: Parcel = {
      frame,
      source: frame.source,
      bytes: chunkBytes(routes),
      order: frame.frame,
      open: routes.length,
    };
    if (chunks !== undefined) this.#memory.offer(parcel, chunks);
    this.#open++;
    if (routes.length === 0) {
      this.#closeParcel(parcel);
      return;
    }
    for (const route of routes) {
      const queue = this.#queues.get(route.output);
      if (queue === undefined) {
        this.#dropped.add(route.events, { reason: 'output_removed' });
        this.#deps.logger.warn('Dropped a spooled chunk: its output is no longer configured', {
          output: route.output,
          tag: route.tag,
          events: route.events,
        });
        this.#finish(parcel);
        continue;
      }
      queue.deliveries.push({ parcel, route, fromEvent: 0, attempts: 0 });
      queue.bytes += route.bytes;
      this.#evict(queue);
      this.#pump(queue);
    }
  }

  /** Resolves when the frame is where it had to go. To be asked before the frame is added. */
  whenDone(frame: SpooledFrame): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#doneWaiters.set(frame.frame, resolve);
    return promise;
  }

  /** Waits until everything is delivered, retrying at once; false when the time is over first. */
  async drain(timeoutMs: number): Promise<boolean> {
    this.#stopping = true;
    for (const queue of this.#queues.values()) {
      for (const tag of [...queue.waiting.keys()]) this.#resume(queue, tag);
      this.#pump(queue);
    }
    const timeout = timeoutMs < 0 ? undefined : AbortSignal.timeout(timeoutMs);
    while (this.#open > 0 && timeout?.aborted !== true) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
        timeout?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return this.#open === 0;
  }

  /** Stops what is under way and closes the outputs. What is not delivered stays in the spool. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.#memory.close();
    for (const queue of this.#queues.values()) {
      await Promise.allSettled(queue.running);
      await queue.spec.output.close?.();
    }
  }

  #pump(queue: OutputQueue): void {
    if (this.#abort.signal.aborted) return;
    // What comes behind a chunk that was passed over must not overtake it.
    const passed = new Set<string>();
    for (let i = 0; i < queue.deliveries.length && queue.running.size < maxParallel; ) {
      const delivery = queue.deliveries[i]!;
      const { tag } = delivery.route;
      const isRetry = delivery.attempts > 0;
      if (isRetry && queue.retrying >= maxParallelRetries) passed.add(tag);
      if (queue.busyTags.has(tag) || queue.waiting.has(tag) || passed.has(tag)) {
        i++;
        continue;
      }
      queue.deliveries.splice(i, 1);
      queue.busyTags.add(tag);
      if (isRetry) queue.retrying++;
      const running = this.#deliver(queue, delivery).finally(() => {
        queue.running.delete(running);
        queue.busyTags.delete(tag);
        if (isRetry) queue.retrying--;
        this.#pump(queue);
      });
      running.catch(() => {});
      queue.running.add(running);
    }
  }

  /** One try. */
  async #deliver(queue: OutputQueue, delivery: Delivery): Promise<void> {
    const { parcel, route } = delivery;
    let events: readonly AgentEvent[] | undefined;
    try {
      const chunks = await this.#memory.take(parcel);
      events = chunks[route.chunk]?.events;
      if (events === undefined) throw new Error('The frame has no such chunk');
    } catch (error) {
      // Not read since we stop: it stays in the spool.
      if (!this.#abort.signal.aborted) {
        this.#giveUp(queue, delivery, 'spool_damaged', describeError(error));
      }
      return;
    }
    try {
      await this.#try(queue, delivery, events);
    } finally {
      this.#memory.release(parcel);
    }
  }

  async #try(queue: OutputQueue, delivery: Delivery, events: readonly AgentEvent[]): Promise<void> {
    const { parcel, route } = delivery;
    const { output, retryLimit } = queue.spec;
    const { signal } = this.#abort;
    const counts = this.#stats.output(output.name);
    let result: DeliveryResult;
    try {
      const chunk: Chunk = {
        id: parcel.frame.frame,
        tag: route.tag,
        events: delivery.fromEvent === 0 ? events : events.slice(delivery.fromEvent),
        bytes: route.bytes,
        source: { id: `${parcel.source}/${output.name}`, number: route.number },
      };
      result = await output.deliver(chunk, signal);
    } catch (error) {
      if (signal.aborted) return;
      result = { kind: 'retry', reason: describeError(error) };
    }
    if (signal.aborted && result.kind !== 'ok') return;
    if (result.kind === 'ok') {
      counts.procRecords += route.events;
      counts.procBytes += route.bytes;
      if (delivery.attempts > 0) {
        this.#deps.logger.info('Delivered a chunk after retries', {
          output: output.name,
          tag: route.tag,
          attempts: delivery.attempts,
        });
      }
      this.#done(queue, delivery);
      return;
    }
    if (result.kind === 'drop') {
      counts.errors++;
      this.#giveUp(queue, delivery, 'refused', result.reason);
      return;
    }
    delivery.fromEvent += result.fromEvent ?? 0;
    delivery.attempts++;
    if (retryLimit !== 'unlimited' && delivery.attempts > retryLimit) {
      counts.retriesFailed++;
      this.#giveUp(queue, delivery, 'retry_limit', result.reason);
      return;
    }
    counts.retries++;
    counts.retriedRecords += route.events - delivery.fromEvent;
    this.#retried.add(1);
    const { afterMs = 0, withinMs = Number.POSITIVE_INFINITY } = result;
    const waitMs = Math.max(afterMs, Math.min(withinMs, this.#retryMs(delivery.attempts)));
    this.#deps.logger.warn('Cannot deliver a chunk: it is tried again', {
      output: output.name,
      tag: route.tag,
      attempt: delivery.attempts,
      waitMs: Math.round(waitMs),
      reason: result.reason,
    });
    this.#wait(queue, delivery, waitMs);
  }

  /** Sets a chunk aside until its next try; its place is free for other tags meanwhile. */
  #wait(queue: OutputQueue, delivery: Delivery, waitMs: number): void {
    const { tag } = delivery.route;
    const cut = new AbortController();
    queue.waiting.set(tag, { delivery, cut });
    const signal = AbortSignal.any([this.#abort.signal, cut.signal]);
    this.#deps.clock.sleep(waitMs, signal).then(
      () => {
        this.#resume(queue, tag);
        this.#pump(queue);
      },
      () => {},
    );
  }

  /** Puts what waits for its next try before everything else. */
  #resume(queue: OutputQueue, tag: string): void {
    const waiting = queue.waiting.get(tag);
    if (waiting === undefined) return;
    queue.waiting.delete(tag);
    waiting.cut.abort();
    queue.deliveries.unshift(waiting.delivery);
  }

  /** Between the base and a ceiling that doubles with each try. */
  #retryMs(attempt: number): number {
    if (this.#stopping) return 1000;
    const { retryBaseMs, retryCapMs } = this.#service;
    const ceilingMs = Math.max(
      retryBaseMs,
      Math.min(retryCapMs, retryBaseMs * 2 ** Math.min(attempt, 30)),
    );
    return retryBaseMs + this.#deps.random() * (ceilingMs - retryBaseMs);
  }

  #giveUp(queue: OutputQueue, delivery: Delivery, reason: string, why: string): void {
    const { route, fromEvent } = delivery;
    const events = route.events - fromEvent;
    this.#stats.output(queue.spec.output.name).droppedRecords += events;
    this.#dropped.add(events, { reason });
    this.#deps.logger.error('Dropped a chunk', {
      output: queue.spec.output.name,
      tag: route.tag,
      events,
      reason,
      why,
    });
    this.#done(queue, delivery);
  }

  #done(queue: OutputQueue, { parcel, route }: Delivery): void {
    queue.bytes -= route.bytes;
    if (parcel.open > 1) {
      this.#spool.state.delivered(parcel.frame.frame, `${route.output}#${route.chunk}`);
    }
    this.#finish(parcel);
  }

  #finish(parcel: Parcel): void {
    parcel.open--;
    if (parcel.open === 0) this.#closeParcel(parcel);
  }

  #closeParcel(parcel: Parcel): void {
    this.#memory.forget(parcel);
    this.#doneWaiters.get(parcel.frame.frame)?.();
    this.#doneWaiters.delete(parcel.frame.frame);
    this.#spool
      .acknowledge(parcel.frame)
      .catch((error: unknown) => {
        this.#deps.logger.error('Cannot acknowledge a frame of the spool', {
          err: describeError(error),
        });
      })
      .finally(() => {
        this.#open--;
        for (const resolve of this.#idle.splice(0)) resolve();
      });
  }

  /** `storage.total_limit_size`: the oldest chunks make room, those that are under way excepted. */
  #evict(queue: OutputQueue): void {
    const limit = queue.spec.totalLimitBytes;
    if (limit === undefined) return;
    while (queue.bytes > limit && queue.deliveries.length + queue.waiting.size > 1) {
      const oldest = this.#takeOldest(queue);
      if (oldest === undefined) return;
      this.#giveUp(
        queue,
        oldest,
        'total_limit_size',
        `more than ${limit} bytes wait for the output`,
      );
    }
  }

  #takeOldest(queue: OutputQueue): Delivery | undefined {
    let oldest = queue.deliveries[0];
    for (const { delivery } of queue.waiting.values()) {
      if (oldest === undefined || delivery.parcel.frame.frame < oldest.parcel.frame.frame) {
        oldest = delivery;
      }
    }
    if (oldest === undefined) return undefined;
    const waiting = queue.waiting.get(oldest.route.tag);
    if (waiting?.delivery === oldest) this.#resume(queue, oldest.route.tag);
    queue.deliveries.shift();
    return oldest;
  }
}

/** A chunk that goes to several outputs is there once. */
function chunkBytes(routes: readonly FrameRoute[]): number {
  const bytes = new Map(routes.map((route) => [route.chunk, route.bytes]));
  return [...bytes.values()].reduce((sum, each) => sum + each, 0);
}
