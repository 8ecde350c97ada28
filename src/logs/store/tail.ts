import { type BatchSection, forEachEvent } from '#logs/batch';
import type { LogEvent, TailBatch, TailRequest } from './contract.ts';

/** What one listener may have waiting; later events are dropped and counted. */
const maxWaitingEvents = 20_000;
const maxWaitingBytes = 16 * 1024 * 1024;

interface Listener {
  readonly request: TailRequest;
  events: LogEvent[];
  bytes: number;
  dropped: number;
  wake: () => void;
}

/** Live listeners. Costs nothing per event while nobody listens to its group. */
export class TailHub {
  readonly #listeners = new Set<Listener>();
  #dropped = 0;

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Events dropped for slow listeners since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  publish(section: BatchSection, firstSequence: number, ingestionMs: number): void {
    if (this.#listeners.size === 0) return;
    const wanted = [...this.#listeners].filter(({ request }) => wants(request, section));
    if (wanted.length === 0) return;
    forEachEvent(section, (timestampMs, bytes, row) => {
      let event: LogEvent | undefined;
      for (const listener of wanted) {
        event ??= {
          group: section.group,
          stream: section.stream,
          timestampMs,
          ingestionMs,
          sequence: firstSequence + row,
          message: bytes.toString('utf8'),
        };
        if (listener.request.accept?.(event.message) === false) continue;
        if (listener.events.length >= maxWaitingEvents || listener.bytes >= maxWaitingBytes) {
          listener.dropped += 1;
          this.#dropped += 1;
        } else {
          listener.events.push(event);
          listener.bytes += bytes.length;
        }
      }
    });
    for (const listener of wanted) {
      if (listener.events.length > 0 || listener.dropped > 0) listener.wake();
    }
  }

  /** Listening begins with the call, not with the first step of the iteration. */
  listen(request: TailRequest, signal: AbortSignal): AsyncIterable<TailBatch> {
    const listener: Listener = { request, events: [], bytes: 0, dropped: 0, wake: () => {} };
    if (!signal.aborted) this.#listeners.add(listener);
    const onAbort = (): void => {
      this.#listeners.delete(listener);
      listener.wake();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const listeners = this.#listeners;
    return (async function* (): AsyncGenerator<TailBatch> {
      try {
        while (!signal.aborted && listeners.has(listener)) {
          if (listener.events.length === 0 && listener.dropped === 0) {
            await new Promise<void>((resolve) => {
              listener.wake = resolve;
            });
            continue;
          }
          const batch = { events: listener.events, dropped: listener.dropped };
          listener.events = [];
          listener.bytes = 0;
          listener.dropped = 0;
          yield batch;
        }
      } finally {
        listeners.delete(listener);
        signal.removeEventListener('abort', onAbort);
      }
    })();
  }

  /** Ends every iteration. */
  close(): void {
    const all = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of all) listener.wake();
  }
}

function wants(request: TailRequest, section: BatchSection): boolean {
  if (!request.groups.includes(section.group)) return false;
  const { streams, streamPrefixes } = request;
  if (streams === undefined && streamPrefixes === undefined) return true;
  return (
    streams?.includes(section.stream) === true ||
    streamPrefixes?.some((prefix) => section.stream.startsWith(prefix)) === true
  );
}
