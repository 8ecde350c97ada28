import { SectionBuilder } from '#logs/batch';
import { invalid } from '../errors.ts';
import { type CallContext, type Operation, operation } from '../operation.ts';
import { isObject, map, type Problem, required, type Shape, struct, text } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { sequenceToken } from '../tokens.ts';
import { mustHaveStream } from './streams.ts';

/** Limits of one PutLogEvents call. Source: API reference of PutLogEvents. */
const maxEvents = 10_000;
const maxBatchBytes = 1_048_576;
/** Counted for each event on top of its message. */
const eventOverheadBytes = 26;
const maxSpanMs = 24 * 3_600_000;
const maxFutureMs = 2 * 3_600_000;
const maxAgeMs = 14 * 24 * 3_600_000;
const dayMs = 24 * 3_600_000;

interface InputEvent {
  readonly timestamp: number;
  readonly message: string;
}

/**
 * The list of events. Ten thousand of them come with each call, so the entries are looked at in one
 * plain loop, and the general check runs only to find the words for what is wrong.
 */
const logEvents: Shape<readonly InputEvent[]> = {
  check: (value, path, problems) => {
    if (Array.isArray(value) && value.length >= 1 && value.length <= maxEvents) {
      if (value.every(isSoundEvent)) return;
    }
    describeProblems(value, path, problems);
  },
};

const isSoundEvent = (event: unknown): boolean =>
  isObject(event) &&
  typeof event['message'] === 'string' &&
  event['message'].length > 0 &&
  Number.isSafeInteger(event['timestamp']) &&
  (event['timestamp'] as number) >= 0;

const oneEvent = struct({
  timestamp: required(shapes.timestamp),
  message: required(text({ min: 1 })),
});

function describeProblems(value: unknown, path: string, problems: Problem[]): void {
  const events = Array.isArray(value) ? value : [];
  if (!Array.isArray(value)) struct({}).check(value, path, problems);
  if (events.length < 1 || events.length > maxEvents) {
    const bound =
      events.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${maxEvents}`;
    problems.push({
      path,
      value: events.length < 1 ? "'[]'" : undefined,
      constraint: `Member must have length ${bound}`,
    });
  }
  events.forEach((event, i) => {
    oneEvent.check(event, `${path}.${i + 1}.member`, problems);
  });
}

/** Which events of a chronological list are taken, and what AWS says of the others. */
export interface Admission {
  /** First index that is taken. */
  readonly start: number;
  /** Index after the last that is taken. */
  readonly end: number;
  readonly rejected:
    | {
        readonly tooNewLogEventStartIndex?: number;
        readonly tooOldLogEventEndIndex?: number;
        readonly expiredLogEventEndIndex?: number;
      }
    | undefined;
}

/**
 * Checks the order and the span of a batch, and finds the events that are too old, expired or too
 * new: those are left out, the others are stored.
 * @throws {AwsError} InvalidParameterException when the whole batch is refused
 */
export function admit(
  events: readonly InputEvent[],
  limits: { readonly nowMs: number; readonly retentionDays: number | undefined },
): Admission {
  for (let i = 1; i < events.length; i++) {
    if (events[i]!.timestamp < events[i - 1]!.timestamp) {
      throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
    }
  }
  const firstNotBefore = (timeMs: number): number => {
    const index = events.findIndex((event) => event.timestamp >= timeMs);
    return index === -1 ? events.length : index;
  };
  const { nowMs, retentionDays } = limits;
  const tooOldEnd = firstNotBefore(nowMs - maxAgeMs);
  const expiredEnd =
    retentionDays === undefined ? 0 : firstNotBefore(nowMs - retentionDays * dayMs);
  const start = Math.max(tooOldEnd, expiredEnd);
  const end = Math.max(start, firstNotBefore(nowMs + maxFutureMs + 1));
  if (end > start && events[end - 1]!.timestamp - events[start]!.timestamp > maxSpanMs) {
    throw invalid(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
  }
  const rejected = {
    ...(end < events.length && { tooNewLogEventStartIndex: end }),
    ...(tooOldEnd > 0 && { tooOldLogEventEndIndex: tooOldEnd }),
    ...(expiredEnd > 0 && { expiredLogEventEndIndex: expiredEnd }),
  };
  return { start, end, rejected: Object.keys(rejected).length > 0 ? rejected : undefined };
}

const putLogEvents: Operation = operation(
  'PutLogEvents',
  'ingest',
  {
    logGroupName: required(shapes.logGroupName),
    logStreamName: required(shapes.logStreamName),
    logEvents: required(logEvents),
    sequenceToken: text({ min: 1 }),
    entity: struct({
      keyAttributes: map(text({ min: 1, max: 32 }), text({ min: 1, max: 512 }), { min: 2, max: 4 }),
      attributes: map(text({ min: 1, max: 256 }), text({ min: 1, max: 512 }), { min: 0, max: 10 }),
    }),
  },
  async (input, context) => {
    const { logGroupName: group, logStreamName: stream, logEvents: events } = input;
    mustHaveStream(context, group, stream);
    const { retentionDays } = context.store.group(group)!;
    const { start, end, rejected } = admit(events, {
      nowMs: context.clock.nowMs(),
      retentionDays,
    });
    const section = new SectionBuilder(group, stream);
    let rejectedBytes = 0;
    for (let i = 0; i < events.length; i++) {
      const { timestamp, message } = events[i]!;
      if (i >= start && i < end) section.add(timestamp, message);
      else rejectedBytes += Buffer.byteLength(message);
    }
    // Each message carries four bytes of length in a section, which AWS does not count.
    const bytes =
      section.messageBytes - 4 * section.count + rejectedBytes + eventOverheadBytes * events.length;
    if (bytes > maxBatchBytes) {
      throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${maxBatchBytes}`);
    }
    countRejected(context, start, end, events.length);
    if (section.count === 0) {
      return { nextSequenceToken: sequenceToken(0), rejectedLogEventsInfo: rejected };
    }
    const stored = await context.store.append({ sections: [section.finish()] });
    return {
      nextSequenceToken: sequenceToken(stored.firstSequence + stored.events),
      rejectedLogEventsInfo: rejected,
    };
  },
);

function countRejected({ metrics }: CallContext, start: number, end: number, count: number): void {
  const counter = metrics.counter(
    'nunchi_aws_rejected_events_total',
    'Events of PutLogEvents calls that were too old, expired or too new.',
  );
  if (start > 0) counter.add(start, { reason: 'too_old' });
  if (end < count) counter.add(count - end, { reason: 'too_new' });
}

export const putLogEventsOperations: readonly Operation[] = [putLogEvents];
