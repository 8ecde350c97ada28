import { backoffMs, type Clock } from '#base';
import type { KubernetesClient } from './client.ts';
import type { KubernetesObject, ResourceType, Selection } from './contract.ts';
import { errorOfStatus, isKubernetesError, type KubernetesError } from './errors.ts';

/** Times of a reflector; tests have shorter ones. */
export interface ReflectorTimes {
  /** A watch is asked to end between this and twice this, so that servers share the load. */
  readonly watchSeconds: number;
  /** A watch that has had bookmarks, which come each minute, is dead without any for so long. */
  readonly idleMs: number;
  /** How long after the end it was asked for a watch is given up. */
  readonly graceMs: number;
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
  /** What is forbidden or not served: somebody has to change that first. */
  readonly slowBackoff: { readonly baseMs: number; readonly maxMs: number };
}

export const reflectorTimes: ReflectorTimes = {
  watchSeconds: 300,
  idleMs: 180_000,
  graceMs: 30_000,
  backoff: { baseMs: 800, maxMs: 30_000 },
  slowBackoff: { baseMs: 20_000, maxMs: 300_000 },
};

/** A watch that ends sooner, without an event, is a server in trouble. */
const shortWatchMs = 1000;

/** What a reflector tells; calls come one after another. */
export interface ReflectorSink<T> {
  /** A list begins: what is not in it is gone when it ends. */
  listStarted(): void;
  listed(object: T): void;
  listEnded(): void;
  /** The list is worthless: what was listed since its start is to be forgotten. */
  listFailed(): void;
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
  /** The watch is open or has brought a sign of life. */
  alive(): void;
  failed(error: unknown): void;
}

/**
 * Mirrors one collection: lists it, watches it from there, goes on where a watch was cut, lists anew
 * when the server no longer knows the place. Never gives up.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #client: KubernetesClient;
  readonly #selection: Selection;
  readonly #resolve: (signal: AbortSignal) => Promise<ResourceType>;
  readonly #sink: ReflectorSink<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #times: ReflectorTimes;
  /** Where a watch goes on; undefined: a list is due. */
  #version: string | undefined;
  /** The newest version that was seen: lists may not be older. */
  #newest = '0';
  #attempt = 0;
  #slowAttempt = 0;
  #wake: (() => void) | undefined;
  lists = 0;
  watches = 0;

  constructor(given: {
    readonly client: KubernetesClient;
    readonly selection: Selection;
    readonly resolve: (signal: AbortSignal) => Promise<ResourceType>;
    readonly sink: ReflectorSink<T>;
    readonly clock: Clock;
    readonly random?: (() => number) | undefined;
    readonly times?: ReflectorTimes | undefined;
  }) {
    this.#client = given.client;
    this.#selection = given.selection;
    this.#resolve = given.resolve;
    this.#sink = given.sink;
    this.#clock = given.clock;
    this.#random = given.random ?? Math.random;
    this.#times = given.times ?? reflectorTimes;
  }

  /** Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const type = await this.#resolve(signal);
        if (this.#version === undefined) await this.#list(type, signal);
        await this.#watch(type, signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, signal);
      }
    }
  }

  /** Ends a wait between tries. */
  retryNow(): void {
    this.#slowAttempt = 0;
    this.#attempt = 0;
    this.#wake?.();
  }

  async #list(type: ResourceType, signal: AbortSignal): Promise<void> {
    this.lists++;
    this.#sink.listStarted();
    let isWhole = false;
    try {
      const { resourceVersion } = await this.#client.listEach<T>(
        type,
        { ...this.#selection, resourceVersion: this.#newest, signal },
        (object) => this.#sink.listed(object),
      );
      isWhole = true;
      this.#version = resourceVersion;
      this.#newest = resourceVersion;
    } finally {
      if (isWhole) this.#sink.listEnded();
      else this.#sink.listFailed();
    }
  }

  async #watch(type: ResourceType, signal: AbortSignal): Promise<void> {
    this.watches++;
    const { watchSeconds } = this.#times;
    const timeoutSeconds = Math.round(watchSeconds * (1 + this.#random()));
    const startMs = this.#clock.monotonicMs();
    const watchdog = new Watchdog(signal, timeoutSeconds * 1000 + this.#times.graceMs);
    let events = 0;
    try {
      const options = { ...this.#selection, timeoutSeconds, signal: watchdog.signal };
      const resourceVersion = this.#version ?? '';
      for await (const event of this.#client.watch<T>(type, { ...options, resourceVersion })) {
        events++;
        if (event.type === 'ERROR') {
          throw errorOfStatus({ method: 'WATCH', url: type.resource }, event.object);
        }
        this.#attempt = 0;
        this.#slowAttempt = 0;
        this.#sink.alive();
        // From a server with bookmarks silence means that it is gone.
        if (event.type === 'BOOKMARK') watchdog.expectWithin(this.#times.idleMs);
        else this.#sink.changed(event.type, event.object);
        watchdog.seen();
        const version = event.object.metadata?.resourceVersion;
        if (version !== undefined && version !== '') {
          this.#version = version;
          this.#newest = version;
        }
      }
    } catch (error) {
      throw watchdog.reason ?? error;
    } finally {
      watchdog.end();
    }
    if (signal.aborted) return;
    const tookMs = this.#clock.monotonicMs() - startMs;
    if (events === 0 && tookMs < shortWatchMs) {
      throw new Error('the API server ended a watch as soon as it began');
    }
    this.#attempt = 0;
    this.#sink.alive();
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const known = isKubernetesError(error) ? error : undefined;
    if (known?.isExpired === true || isTooLarge(known)) {
      // The first list after it may come from a cache; one that is refused must not.
      if (this.#version === undefined) this.#newest = '';
      this.#version = undefined;
      // Rare, and no trouble of anyone's: at once, but not again and again.
      if (this.#attempt++ === 0) return;
    } else this.#sink.failed(error);
    const isSlow = known !== undefined && [401, 403, 404, 405].includes(known.status);
    // What was allowed again may have changed meanwhile.
    if (isSlow) this.#version = undefined;
    const { backoff, slowBackoff } = this.#times;
    const waitMs = isSlow
      ? backoffMs(this.#slowAttempt++, slowBackoff, this.#random)
      : backoffMs(this.#attempt++, backoff, this.#random);
    await this.#wait(Math.max(waitMs, known?.retryAfterMs ?? 0), signal);
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    const waking = new AbortController();
    const onAbort = (): void => waking.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#wake = onAbort;
    try {
      await this.#clock.sleep(ms, waking.signal);
    } catch {
      // Woken early.
    } finally {
      this.#wake = undefined;
      signal.removeEventListener('abort', onAbort);
    }
  }
}

/** The server's cache has not come as far as what we have seen from another server. */
const isTooLarge = (error: KubernetesError | undefined): boolean =>
  error?.causes.includes('ResourceVersionTooLarge') === true;

/** Ends a watch that nothing is heard of any more. */
class Watchdog {
  readonly #ending = new AbortController();
  readonly #outer: AbortSignal;
  readonly #onAbort = (): void => this.#ending.abort(this.#outer.reason);
  readonly #deadlineTimer: NodeJS.Timeout;
  #idleTimer: NodeJS.Timeout | undefined;
  /** Why it bit; undefined: it did not. */
  reason: Error | undefined;

  constructor(outer: AbortSignal, limitMs: number) {
    this.#outer = outer;
    outer.addEventListener('abort', this.#onAbort, { once: true });
    if (outer.aborted) this.#onAbort();
    this.#deadlineTimer = setTimeout(
      () => this.#bite('the API server did not end a watch at its time'),
      limitMs,
    );
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  expectWithin(idleMs: number): void {
    this.#idleTimer ??= setTimeout(
      () => this.#bite(`nothing was heard from a watch for ${idleMs / 1000} s`),
      idleMs,
    );
  }

  seen(): void {
    this.#idleTimer?.refresh();
  }

  end(): void {
    clearTimeout(this.#deadlineTimer);
    clearTimeout(this.#idleTimer);
    this.#outer.removeEventListener('abort', this.#onAbort);
  }

  #bite(why: string): void {
    this.reason = new Error(why);
    this.#ending.abort(this.reason);
  }
}
