import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type Clock,
  describeError,
  isAbortError,
  isAppError,
  type Logger,
  silentLogger,
  systemClock,
} from '#base';
import { SectionBuilder } from '#logs/batch';
import type { LogStore } from '#logs/store';
import { controlPlaneGroup, type DemoCluster, planCluster } from './cluster.ts';
import { ContainerLog } from './container-log.ts';
import { criLines } from './formats.ts';
import { IncidentSchedule } from './incidents.ts';
import { type ContainerSource, loadFactor, planSources, type StreamSource } from './sources.ts';

/** Events of a control-plane stream. */
export interface DemoEvent {
  readonly timestampMs: number;
  readonly message: string;
}

/** What one control-plane stream said. */
export interface DemoSection {
  readonly group: string;
  readonly stream: string;
  readonly events: readonly DemoEvent[];
}

/** Takes the control plane's events, all streams of a step at once; the containers' go to files. */
export type DemoAppend = (sections: readonly DemoSection[]) => Promise<void>;

export interface DemoOptions {
  /** Gets `var/log/pods` and `var/log/containers`; kept between runs. */
  readonly dir: string;
  /** Where control-plane events go, and where demo groups are marked. */
  readonly store?: Pick<LogStore, 'append' | 'group' | 'createGroup' | 'updateGroup'>;
  /** Instead of the store. */
  readonly append?: DemoAppend;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Same seed, same cluster and same events. Default `demo`. */
  readonly seed?: string;
  /** Default `demo`. */
  readonly clusterName?: string;
  /** Events of this much time before now are made at once. Default one hour. */
  readonly backfillMs?: number;
  /** Events per second, about; a stack trace is one. Default 120. */
  readonly eventsPerSecond?: number;
  readonly signal: AbortSignal;
}

export interface Demo extends AsyncDisposable {
  readonly cluster: DemoCluster;
  /** What the agent must tail. */
  readonly containerPaths: readonly string[];
  /** Groups marked with the tag. */
  readonly groups: readonly string[];
  /** Resolves once the past is written. */
  readonly backfilled: Promise<void>;
}

/** Marks groups that hold made-up events. */
export const demoTag: Readonly<Record<string, string>> = { 'nunchi:demo': 'true' };

const defaultBackfillMs = 3_600_000;
const defaultEventsPerSecond = 120;
/** Time made in one go while filling: a few hundred events per source, then others get their turn. */
const backfillStepMs = 30_000;
/**
 * The newest part of the past comes first, from the pods that run now; the rest follows beside the
 * live events, from the pods before the last rollout. So the last minutes are there within a second.
 */
const recentMs = 300_000;
const liveStepMs = 200;
const maintainEveryMs = 10_000;
const fullStoreRetryMs = 2000;
/** A machine that slept does not get all it slept through. */
const maxCatchUpMs = 60_000;
/** A container that died is started again after this. */
const restartDelayMs = 11_000;

/**
 * Starts the demo. Resolves when the log files exist (so an agent that starts next finds them at
 * once); the past is filled in the background, a few seconds of work, then events come live.
 * Disposing, or the signal, stops it.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const log = (options.log ?? silentLogger).child('demo');
  const clusterName = options.clusterName ?? 'demo';
  const seed = options.seed ?? 'demo';
  const cluster = planCluster(clusterName, seed);
  const groups = [
    controlPlaneGroup(clusterName),
    `/aws/containerinsights/${clusterName}/application`,
    `/aws/containerinsights/${clusterName}/dataplane`,
  ];
  if (options.store !== undefined) await markGroups(options.store, groups);
  const clock = options.clock ?? systemClock;
  mkdirSync(options.dir, { recursive: true });
  const state = new DemoState(join(options.dir, 'demo.json'));
  const nowMs = clock.nowMs();
  const fromMs = Math.max(
    nowMs - (options.backfillMs ?? defaultBackfillMs),
    Math.min(nowMs, state.doneMs()),
  );
  const turnMs = Math.max(fromMs, nowMs - recentMs);
  const present = new DemoWriter(options, cluster, seed, turnMs);
  const { pods } = planCluster(clusterName, `${seed}/previous`);
  const past =
    fromMs < turnMs
      ? new DemoWriter(options, { ...cluster, pods }, `${seed}/previous`, fromMs)
      : undefined;

  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const run = async (): Promise<void> => {
    try {
      await present.fill(nowMs, signal);
      state.save(nowMs);
      const filling = (past?.fill(turnMs, signal) ?? Promise.resolve()).then(filled.resolve);
      const living = present.live(signal, (doneMs) => state.save(doneMs));
      // When one fails the other must have ended before its files are closed.
      const both = [filling, living].map((part) =>
        part.catch((error: unknown) => {
          stopping.abort();
          throw error;
        }),
      );
      for (const end of await Promise.allSettled(both)) {
        if (end.status === 'rejected' && !isAbortError(end.reason)) throw end.reason;
      }
    } finally {
      state.save(present.doneMs);
      present.close();
      past?.close();
    }
  };
  const filled = Promise.withResolvers<void>();
  // Whoever does not wait for it must not be hurt by its failure.
  filled.promise.catch(() => {});
  const running = run().catch((error: unknown) => {
    filled.reject(error);
    if (!isAbortError(error)) {
      log.error('Demo stopped', { err: error, reason: describeError(error) });
    }
  });
  return {
    cluster,
    groups,
    containerPaths: [join(resolve(options.dir), 'var/log/containers/*.log')],
    backfilled: filled.promise,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function markGroups(
  store: NonNullable<DemoOptions['store']>,
  groups: readonly string[],
): Promise<void> {
  for (const name of groups) {
    const known = store.group(name);
    if (known === undefined) await store.createGroup(name, { tags: demoTag });
    else await store.updateGroup(name, { tags: { ...known.tags, ...demoTag } });
  }
}

/** A source with the time of its next event. */
interface Running<S> {
  readonly source: S;
  nextMs: number;
}

/** Makes the events of one set of pods, and of the control plane, in order of time. */
class DemoWriter {
  readonly #clock: Clock;
  readonly #append: DemoAppend;
  readonly #incidents: IncidentSchedule;
  readonly #streams: readonly Running<StreamSource>[];
  readonly #containers: readonly (Running<ContainerSource> & { readonly file: ContainerLog })[];
  readonly #rate: number;
  #doneMs: number;

  constructor(options: DemoOptions, cluster: DemoCluster, seed: string, fromMs: number) {
    this.#clock = options.clock ?? systemClock;
    this.#append = options.append ?? appendTo(options.store);
    this.#incidents = new IncidentSchedule(options.seed ?? 'demo');
    this.#doneMs = fromMs;
    const { streams, containers } = planSources(cluster, `${seed}/${fromMs}`);
    const total = [...streams, ...containers].reduce((sum, s) => sum + s.eventsPerSecond, 0);
    this.#rate = (options.eventsPerSecond ?? defaultEventsPerSecond) / total;
    this.#streams = streams.map((source) => ({ source, nextMs: fromMs }));
    this.#containers = containers.map((source) => ({
      source,
      nextMs: fromMs,
      file: new ContainerLog(options.dir, source.pod),
    }));
  }

  /** Events up to this time are written. */
  get doneMs(): number {
    return this.#doneMs;
  }

  close(): void {
    for (const { file } of this.#containers) file.close();
  }

  /** As fast as it goes, letting others work between steps. */
  async fill(untilMs: number, signal: AbortSignal): Promise<void> {
    while (this.#doneMs < untilMs) {
      signal.throwIfAborted();
      await this.#advance(Math.min(untilMs, this.#doneMs + backfillStepMs), signal);
      await new Promise<void>((done) => setImmediate(done));
    }
  }

  /** At the pace of the clock, until the signal aborts (which it throws). */
  async live(signal: AbortSignal, progress: (doneMs: number) => void): Promise<void> {
    let maintainedMs = this.#clock.nowMs();
    for (;;) {
      await this.#clock.sleep(liveStepMs, signal);
      const nowMs = this.#clock.nowMs();
      if (nowMs - this.#doneMs > maxCatchUpMs) this.#skipTo(nowMs - maxCatchUpMs);
      await this.#advance(nowMs, signal);
      if (nowMs - maintainedMs >= maintainEveryMs) {
        maintainedMs = nowMs;
        for (const { file } of this.#containers) await file.maintain(nowMs);
        progress(nowMs);
      }
    }
  }

  /** Makes all events up to a time. */
  async #advance(untilMs: number, signal: AbortSignal): Promise<void> {
    for (const running of this.#containers) this.#writeContainer(running, untilMs);
    const sections: DemoSection[] = [];
    for (const running of this.#streams) {
      const { source } = running;
      const events: DemoEvent[] = [];
      while (running.nextMs < untilMs) {
        const timeMs = running.nextMs;
        const message = source.make(timeMs, this.#incidents.at(timeMs));
        // CloudWatch shows the control plane's events with whole seconds.
        events.push({ timestampMs: Math.floor(timeMs / 1000) * 1000, message });
        running.nextMs += this.#gapMs(source, timeMs);
      }
      const { group, stream } = source;
      if (events.length > 0) sections.push({ group, stream, events });
    }
    if (sections.length > 0) await this.#appendPatiently(sections, signal);
    this.#doneMs = untilMs;
  }

  /** A full disk is no reason to end: the demo waits for room, as an agent would. */
  async #appendPatiently(sections: readonly DemoSection[], signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#append(sections);
        return;
      } catch (error) {
        if (!isAppError(error, 'STORE_FULL')) throw error;
        await this.#clock.sleep(fullStoreRetryMs, signal);
      }
    }
  }

  #writeContainer(
    running: Running<ContainerSource> & { readonly file: ContainerLog },
    untilMs: number,
  ): void {
    const { source, file } = running;
    let text = '';
    const write = (lines: string | Buffer): void => {
      if (typeof lines === 'string') text += lines;
      else {
        flush();
        file.append(lines);
      }
    };
    const flush = (): void => {
      if (text !== '') file.append(Buffer.from(text));
      text = '';
    };
    while (running.nextMs < untilMs) {
      const timeMs = running.nextMs;
      const output = source.make(timeMs, this.#incidents.at(timeMs));
      write(criLines(timeMs, output.stream, output.text));
      running.nextMs += this.#gapMs(source, timeMs);
      if (output.stream === 'stderr' && output.text.startsWith('panic: ')) {
        flush();
        file.restart();
        running.nextMs = timeMs + restartDelayMs;
        const hello = `${source.pod.app} starting, restart ${file.restarts}`;
        write(criLines(running.nextMs, 'stdout', hello));
        running.nextMs += this.#gapMs(source, running.nextMs);
      }
    }
    flush();
  }

  #gapMs(source: ContainerSource | StreamSource, timeMs: number): number {
    const load = loadFactor(timeMs, this.#incidents.at(timeMs));
    return source.random.exponential(1000 / (source.eventsPerSecond * this.#rate * load));
  }

  #skipTo(timeMs: number): void {
    for (const running of [...this.#streams, ...this.#containers]) {
      running.nextMs = Math.max(running.nextMs, timeMs);
    }
    this.#doneMs = timeMs;
  }
}

function appendTo(store: DemoOptions['store']): DemoAppend {
  return async (sections) => {
    if (store === undefined) return;
    const built = sections.map(({ group, stream, events }) => {
      const builder = new SectionBuilder(group, stream);
      for (const { timestampMs, message } of events) builder.add(timestampMs, message);
      return builder.finish();
    });
    await store.append({ sections: built });
  };
}

/** How far the events go, so that the next run goes on there. */
class DemoState {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** 0 before the first run. */
  doneMs(): number {
    try {
      const { doneMs } = JSON.parse(readFileSync(this.#path, 'utf8')) as { doneMs?: unknown };
      return typeof doneMs === 'number' ? doneMs : 0;
    } catch {
      return 0;
    }
  }

  save(doneMs: number): void {
    writeFileSync(`${this.#path}.tmp`, JSON.stringify({ doneMs }));
    renameSync(`${this.#path}.tmp`, this.#path);
  }
}
