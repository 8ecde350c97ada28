import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import { parseFilterPattern } from '#logs/filter-pattern';
import { encodePointer } from '#logs/insights';
import type { LogEvent, LogStore, TailRequest } from '#logs/store';
import { filterPattern, name } from './schemas.ts';
import type { WireTailMessage } from './wire.ts';

/** What comes within this time travels together: far below what an eye sees as late. */
const batchMs = 200;
const heartbeatMs = 15_000;
/** A browser that has not taken this much is behind: events are then counted, not sent. */
const maxUnsentBytes = 8 * 1024 * 1024;
/** Per batch; a burst beyond it is counted as dropped, nobody reads 10,000 lines a blink. */
const maxBatchEvents = 10_000;
/** Per message: a browser takes one apart between two frames. */
const maxMessageEvents = 1000;

const subscribe = z.object({
  type: z.literal('subscribe'),
  groups: z.array(name).min(1).max(50),
  streams: z.array(name).max(100).optional(),
  streamPrefixes: z.array(name).max(100).optional(),
  filterPattern,
});

export interface TailDeps {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** The part of a WebSocket that is used here. */
export interface TailConnection {
  readonly bufferedAmount: number;
  send(text: string): void;
  onMessage(listener: (text: string) => void): void;
  onClose(listener: () => void): void;
}

/** `GET /nunchi/logs/tail`, a live socket: see {@link WireTailMessage}. */
export function registerTail(app: FastifyInstance, deps: TailDeps): void {
  app.get('/nunchi/logs/tail', { websocket: true, config: { access: 'viewer' } }, (socket) => {
    serveTail(
      {
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
        send: (text) => {
          if (socket.readyState === socket.OPEN) socket.send(text);
        },
        onMessage: (listener) => socket.on('message', (data) => listener(String(data))),
        onClose: (listener) => socket.once('close', listener),
      },
      deps,
    );
  });
}

/** Serves one listener until it goes. A new subscription replaces the one before. */
export function serveTail(connection: TailConnection, deps: TailDeps): void {
  const { metrics } = deps;
  const listeners = metrics.gauge('nunchi_logs_tail_listeners', 'Live tails that are open');
  const dropped = metrics.counter(
    'nunchi_logs_tail_dropped_events_total',
    'Events not sent to a live tail because its client was too slow',
  );
  listeners.add(1);
  let current: AbortController | undefined;
  const send = (message: WireTailMessage): void => connection.send(JSON.stringify(message));
  const heartbeat = setInterval(
    () => send({ type: 'heartbeat', nowMs: deps.clock.nowMs() }),
    heartbeatMs,
  );
  connection.onClose(() => {
    clearInterval(heartbeat);
    current?.abort();
    listeners.add(-1);
  });
  connection.onMessage((text) => {
    let request: TailRequest;
    let explain: string | undefined;
    try {
      ({ request, explain } = tailRequest(text));
    } catch (error) {
      send({ type: 'error', code: 'SUBSCRIPTION_INVALID', message: describeError(error) });
      return;
    }
    current?.abort();
    const controller = new AbortController();
    current = controller;
    // Listening begins with the call: nothing is missed after "subscribed" was sent.
    const batches = deps.store.tail(request, controller.signal);
    send({ type: 'subscribed', explain });
    void (async () => {
      try {
        for await (const batch of batches) {
          const isSlow = connection.bufferedAmount > maxUnsentBytes;
          const events = isSlow ? [] : batch.events.slice(0, maxBatchEvents);
          const lost = batch.dropped + batch.events.length - events.length;
          if (lost > 0) dropped.add(lost);
          send(eventsMessage(events.slice(0, maxMessageEvents), lost));
          for (let at = maxMessageEvents; at < events.length; at += maxMessageEvents) {
            send(eventsMessage(events.slice(at, at + maxMessageEvents), 0));
          }
          await deps.clock.sleep(batchMs, controller.signal);
        }
      } catch (error) {
        if (controller.signal.aborted) return;
        deps.logger.warn('A live tail ended', { err: error });
        send({ type: 'error', code: 'TAIL_FAILED', message: describeError(error) });
      }
    })();
  });
}

/** @throws when the text is no subscription or its pattern does not parse */
function tailRequest(text: string): {
  readonly request: TailRequest;
  readonly explain: string | undefined;
} {
  const parsed = subscribe.parse(JSON.parse(text));
  const { groups, streams, streamPrefixes } = parsed;
  const pattern =
    parsed.filterPattern === undefined || parsed.filterPattern.trim() === ''
      ? undefined
      : parseFilterPattern(parsed.filterPattern);
  const request = {
    groups,
    ...(streams === undefined || streams.length === 0 ? {} : { streams }),
    ...(streamPrefixes === undefined || streamPrefixes.length === 0 ? {} : { streamPrefixes }),
    ...(pattern === undefined ? {} : { accept: pattern.matches }),
  };
  return { request, explain: pattern?.explain() };
}

function eventsMessage(events: readonly LogEvent[], dropped: number): WireTailMessage {
  const groups: string[] = [];
  const indexes = new Map<string, number>();
  return {
    type: 'events',
    groups,
    dropped,
    events: events.map((event) => {
      let index = indexes.get(event.group);
      if (index === undefined) {
        index = groups.push(event.group) - 1;
        indexes.set(event.group, index);
      }
      return [event.timestampMs, index, event.stream, event.message, encodePointer(event)] as const;
    }),
  };
}
