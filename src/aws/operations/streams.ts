import type { LogStream } from '#logs/store';
import { groupOf, streamArn } from '../arn.ts';
import { invalid, invalidToken, streamNotFound } from '../errors.ts';
import { type CallContext, type Operation, operation } from '../operation.ts';
import { flag, required, text } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { readPageToken, sequenceToken, writePageToken } from '../tokens.ts';
import { mustHaveGroup } from './groups.ts';

export function mustHaveStream(
  context: Pick<CallContext, 'store'>,
  group: string,
  name: string,
): LogStream {
  mustHaveGroup(context, group);
  const stream = context.store.stream(group, name);
  if (stream === undefined) throw streamNotFound();
  return stream;
}

const createLogStream: Operation = operation(
  'CreateLogStream',
  'ingest',
  {
    logGroupName: required(shapes.logGroupName),
    logStreamName: required(shapes.logStreamName),
  },
  async (input, context) => {
    mustHaveGroup(context, input.logGroupName);
    await context.store.createStream(input.logGroupName, input.logStreamName);
    return undefined;
  },
);

const deleteLogStream: Operation = operation(
  'DeleteLogStream',
  'write',
  {
    logGroupName: required(shapes.logGroupName),
    logStreamName: required(shapes.logStreamName),
  },
  async (input, context) => {
    mustHaveStream(context, input.logGroupName, input.logStreamName);
    await context.store.deleteStream(input.logGroupName, input.logStreamName);
    return undefined;
  },
);

const describeLogStreams: Operation = operation(
  'DescribeLogStreams',
  'read',
  {
    ...shapes.groupReference,
    logStreamNamePrefix: shapes.logStreamName,
    orderBy: text({ values: ['LogStreamName', 'LastEventTime'] }),
    descending: flag(),
    nextToken: shapes.nextToken,
    limit: shapes.pageLimit,
  },
  (input, context) => {
    const group = groupOf(input);
    const { logStreamNamePrefix: prefix, orderBy = 'LogStreamName', descending = false } = input;
    if (orderBy === 'LastEventTime' && prefix !== undefined) {
      throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    mustHaveGroup(context, group);
    const limit = input.limit ?? 50;
    const question = ['streams', group, prefix, orderBy, descending];
    const after = input.nextToken && readAfter(readPageToken(input.nextToken, question));
    // One more than wanted tells whether there is a next page.
    const found = context.store.streams(group, {
      orderBy: orderBy === 'LastEventTime' ? 'lastEvent' : 'name',
      descending,
      limit: limit + 1,
      ...(prefix !== undefined && { prefix }),
      ...(after && { after }),
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const place = last && [
      last.name,
      ...(last.lastEventMs === undefined ? [] : [last.lastEventMs]),
    ];
    return {
      logStreams: page.map((stream) => describe(stream, context)),
      nextToken: found.length > limit && place ? writePageToken(question, place) : undefined,
    };
  },
);

function readAfter(place: readonly (string | number)[]): { name: string; lastEventMs?: number } {
  const [name, lastEventMs] = place;
  if (typeof name !== 'string') throw invalidToken();
  return typeof lastEventMs === 'number' ? { name, lastEventMs } : { name };
}

function describe(stream: LogStream, { scope }: CallContext): object {
  return {
    logStreamName: stream.name,
    creationTime: stream.createdMs,
    firstEventTimestamp: stream.firstEventMs,
    lastEventTimestamp: stream.lastEventMs,
    lastIngestionTime: stream.lastIngestionMs,
    // Nobody checks it, but agents of before 2023 read it from here before they send.
    uploadSequenceToken: sequenceToken(stream.lastIngestionMs ?? stream.createdMs),
    arn: streamArn(scope, stream.group, stream.name),
    storedBytes: 0,
  };
}

export const streamOperations: readonly Operation[] = [
  createLogStream,
  deleteLogStream,
  describeLogStreams,
];
