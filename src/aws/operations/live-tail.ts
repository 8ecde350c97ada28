import { randomUUID } from 'node:crypto';
import { describeError, isAbortError } from '#base';
import type { LogEvent, TailRequest } from '#logs/store';
import { groupArn, groupOfIdentifier } from '../arn.ts';
import { AwsError, invalid } from '../errors.ts';
import { encodeEvent, encodeException } from '../event-stream.ts';
import { compilePattern } from '../filter.ts';
import { type CallContext, type Operation, operation, StreamReply } from '../operation.ts';
import { list, required } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { mustHaveGroup } from './groups.ts';

/** One update a second, of at most 500 events; more are sampled. Source: API reference. */
const updateMs = 1000;
const maxEventsPerUpdate = 500;
/** Clients refuse messages over 16 MiB, and JSON makes up to six bytes of a character. */
const maxCharsPerUpdate = 2 * 1024 * 1024;
const maxSessionMs = 3 * 3_600_000;
/** AWS allows 15 sessions an account; here each costs a listener on the store and a connection. */
const maxSessions = 100;

/** Sessions open in this process, per store: the bound is one of memory. */
const openSessions = new WeakMap<object, { count: number }>();

const startLiveTail: Operation = operation(
  'StartLiveTail',
  'read',
  {
    logGroupIdentifiers: required(list(shapes.logGroupIdentifier, { min: 1, max: 10 })),
    logStreamNames: list(shapes.logStreamName, { min: 1, max: 100 }),
    logStreamNamePrefixes: list(shapes.logStreamName, { min: 1, max: 100 }),
    logEventFilterPattern: shapes.filterPattern,
  },
  (input, context) => {
    const { logGroupIdentifiers, logStreamNames, logStreamNamePrefixes } = input;
    if (logStreamNames !== undefined && logStreamNamePrefixes !== undefined) {
      throw invalid('logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.');
    }
    if (
      (logStreamNames !== undefined || logStreamNamePrefixes !== undefined) &&
      logGroupIdentifiers.length > 1
    ) {
      throw invalid(
        'logStreamNames and logStreamNamePrefixes can be specified with one log group only.',
      );
    }
    const groups = logGroupIdentifiers.map(groupOfIdentifier);
    for (const name of groups) mustHaveGroup(context, name);
    const pattern = compilePattern(input.logEventFilterPattern);
    const sessions = openSessions.get(context.store) ?? { count: 0 };
    openSessions.set(context.store, sessions);
    if (sessions.count >= maxSessions) {
      throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
    }
    const request: TailRequest = {
      groups,
      ...(logStreamNames && { streams: logStreamNames }),
      ...(logStreamNamePrefixes && { streamPrefixes: logStreamNamePrefixes }),
      ...(pattern && { accept: pattern.matches }),
    };
    const start = {
      requestId: context.requestId,
      sessionId: randomUUID(),
      logGroupIdentifiers,
      logStreamNames: logStreamNames ?? [],
      logStreamNamePrefixes: logStreamNamePrefixes ?? [],
      logEventFilterPattern: input.logEventFilterPattern ?? '',
    };
    return new StreamReply(
      'application/vnd.amazon.eventstream',
      session(request, start, sessions, context),
    );
  },
);

/** What came in since the last update. */
interface Pending {
  events: LogEvent[];
  chars: number;
  isSampled: boolean;
}

async function* session(
  request: TailRequest,
  start: object,
  sessions: { count: number },
  context: CallContext,
): AsyncGenerator<Uint8Array> {
  const { clock, store, scope, signal, metrics, logger } = context;
  const gauge = metrics.gauge('nunchi_aws_live_tail_sessions', 'Open StartLiveTail sessions.');
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const pending: Pending = { events: [], chars: 0, isSampled: false };
  let failure: unknown;
  gauge.set(++sessions.count);
  try {
    // The clients insist that this one comes first, before any event.
    yield encodeEvent('initial-response', {});
    yield encodeEvent('sessionStart', start);
    collect(store.tail(request, either), pending).catch((error: unknown) => {
      if (!isAbortError(error)) failure = error;
    });
    const endMs = clock.monotonicMs() + maxSessionMs;
    while (clock.monotonicMs() < endMs) {
      await clock.sleep(updateMs, either);
      if (failure !== undefined) {
        logger.warn('Live tail session failed', { err: failure });
        yield encodeException('SessionStreamingException', describeError(failure));
        return;
      }
      const { events, isSampled } = pending;
      pending.events = [];
      pending.chars = 0;
      pending.isSampled = false;
      yield encodeEvent('sessionUpdate', {
        sessionMetadata: { sampled: isSampled },
        sessionResults: events.map((event) => ({
          logStreamName: event.stream,
          logGroupIdentifier: groupArn(scope, event.group),
          message: event.message,
          timestamp: event.timestampMs,
          ingestionTime: event.ingestionMs,
        })),
      });
    }
    yield encodeException('SessionTimeoutException', 'The session has timed out after 3 hours.');
  } catch (error) {
    if (!isAbortError(error)) throw error;
  } finally {
    over.abort();
    gauge.set(--sessions.count);
  }
}

async function collect(
  batches: ReturnType<CallContext['store']['tail']>,
  pending: Pending,
): Promise<void> {
  for await (const { events, dropped } of batches) {
    if (dropped > 0) pending.isSampled = true;
    for (const event of events) {
      const chars = pending.chars + event.message.length;
      const isFull = pending.events.length >= maxEventsPerUpdate || chars > maxCharsPerUpdate;
      if (isFull && pending.events.length > 0) {
        pending.isSampled = true;
        continue;
      }
      pending.events.push(event);
      pending.chars = chars;
    }
  }
}

export const liveTailOperations: readonly Operation[] = [startLiveTail];
