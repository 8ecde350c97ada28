import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  GetQueryResultsCommand,
  InvalidParameterException,
  MalformedQueryException,
  PutLogEventsCommand,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  StartLiveTailCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';

describe('the AWS SDK for JavaScript', () => {
  let server: NunchiProcess;
  let client: CloudWatchLogsClient;
  const logGroupName = '/sdk/app';
  const logStreamName = 'pod-1';
  const startMs = Date.now() - 60_000;

  const put = (...messages: string[]): Promise<unknown> =>
    client.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName,
        logEvents: messages.map((message, i) => ({ timestamp: startMs + i, message })),
      }),
    );

  before(async () => {
    server = await startNunchi();
    client = new CloudWatchLogsClient({
      endpoint: server.url,
      region: 'ap-northeast-2',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
      // Otherwise the SDK asks for the host stream-127.0.0.1.
      disableHostPrefix: true,
      maxAttempts: 1,
    });
    await client.send(new CreateLogGroupCommand({ logGroupName }));
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    await put(...Array.from({ length: 1000 }, (_, i) => `line ${i} 눈치`));
  });
  after(async () => {
    client?.destroy();
    await server?.[Symbol.asyncDispose]();
  });

  it('knows errors by their classes', async () => {
    await assert.rejects(
      client.send(new CreateLogGroupCommand({ logGroupName })),
      (error) =>
        error instanceof ResourceAlreadyExistsException &&
        error.$metadata.requestId !== undefined &&
        error.message === 'The specified log group already exists',
    );
    await assert.rejects(
      client.send(new FilterLogEventsCommand({ logGroupName: 'none' })),
      ResourceNotFoundException,
    );
    await assert.rejects(
      client.send(new FilterLogEventsCommand({ logGroupName, limit: 10_001 })),
      InvalidParameterException,
    );
  });

  it('paginates groups and events', async () => {
    for (let i = 0; i < 7; i++) {
      await client.send(new CreateLogGroupCommand({ logGroupName: `/sdk/page/${i}` }));
    }
    const names: (string | undefined)[] = [];
    const groups = paginateDescribeLogGroups(
      { client, pageSize: 3 },
      { logGroupNamePrefix: '/sdk/page/' },
    );
    for await (const page of groups)
      names.push(...(page.logGroups ?? []).map((g) => g.logGroupName));
    assert.deepEqual(
      names,
      Array.from({ length: 7 }, (_, i) => `/sdk/page/${i}`),
    );
    const ids = new Set<string | undefined>();
    const messages: (string | undefined)[] = [];
    const events = paginateFilterLogEvents({ client, pageSize: 300 }, { logGroupName });
    for await (const page of events) {
      for (const event of page.events ?? []) {
        ids.add(event.eventId);
        messages.push(event.message);
      }
    }
    assert.equal(ids.size, 1000);
    assert.deepEqual(
      messages,
      Array.from({ length: 1000 }, (_, i) => `line ${i} 눈치`),
    );
  });

  it('reads a stream backward to its beginning', async () => {
    let nextToken: string | undefined;
    let count = 0;
    for (;;) {
      const page = await client.send(
        new GetLogEventsCommand({ logGroupName, logStreamName, limit: 400, nextToken }),
      );
      count += page.events?.length ?? 0;
      if (page.nextBackwardToken === nextToken) break;
      nextToken = page.nextBackwardToken;
    }
    assert.equal(count, 1000);
  });

  it('runs queries', async () => {
    const times = {
      startTime: Math.floor(startMs / 1000) - 60,
      endTime: Math.floor(Date.now() / 1000),
    };
    const { queryId } = await client.send(
      new StartQueryCommand({
        ...times,
        logGroupIdentifiers: [logGroupName],
        queryString: 'filter @message like /9 눈치$/ | stats count(*) as n',
      }),
    );
    const reply = await client.send(new GetQueryResultsCommand({ queryId }));
    assert.equal(reply.status, 'Complete');
    assert.deepEqual(reply.results, [[{ field: 'n', value: '100' }]]);
    assert.equal(reply.statistics?.recordsScanned, 1000);
    await assert.rejects(
      client.send(new StartQueryCommand({ ...times, logGroupName, queryString: 'filter =' })),
      (error) =>
        error instanceof MalformedQueryException &&
        error.queryCompileError?.location?.startCharOffset !== undefined,
    );
  });

  it('tails live', { timeout: 200_000 }, async () => {
    const abort = new AbortController();
    const { responseStream } = await client.send(
      new StartLiveTailCommand({
        logGroupIdentifiers: [`arn:aws:logs:ap-northeast-2:123456789012:log-group:${logGroupName}`],
        logStreamNames: [logStreamName],
        logEventFilterPattern: 'live',
      }),
      { abortSignal: abort.signal },
    );
    const seen: (string | undefined)[] = [];
    let started = false;
    try {
      for await (const event of responseStream ?? []) {
        if (event.sessionStart !== undefined) {
          started = true;
          assert.equal(event.sessionStart.logEventFilterPattern, 'live');
        }
        if (event.sessionUpdate !== undefined) {
          // The first update shows that the session listens.
          if (seen.length === 0) await put('a live line', 'another one');
          const found = event.sessionUpdate.sessionResults ?? [];
          seen.push(...found.map(({ message }) => message));
        }
        if (seen.length > 0) break;
      }
    } finally {
      abort.abort();
    }
    assert.ok(started);
    assert.deepEqual([...new Set(seen)], ['a live line']);
  });
});
