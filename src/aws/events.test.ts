import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AppError } from '#base';
import { type EdgeFixture, events, listOf, nowMs, openEdge, type Reply } from './edge.fixture.ts';

let edge: EdgeFixture;
before(async () => {
  edge = await openEdge();
});
after(() => edge[Symbol.asyncDispose]());

describe('PutLogEvents', () => {
  const stream = { logGroupName: 'put', logStreamName: 's' };
  before(async () => {
    await edge.ok('CreateLogGroup', { logGroupName: 'put' });
    await edge.ok('CreateLogStream', stream);
  });
  it('stores and gives a token for old agents', async () => {
    const reply = await edge.ok('PutLogEvents', {
      ...stream,
      logEvents: events('한글', '\u0000x'),
    });
    assert.match(String(reply['nextSequenceToken']), /^\d{56}$/);
    assert.equal(reply['rejectedLogEventsInfo'], undefined);
  });
  it('stores the good part and says what it left out', async () => {
    const logEvents = [
      { timestamp: nowMs - 20 * 86_400_000, message: 'old' },
      { timestamp: nowMs, message: 'good' },
      { timestamp: nowMs + 3 * 3_600_000, message: 'new' },
    ];
    const reply = await edge.ok('PutLogEvents', { ...stream, logEvents });
    assert.deepEqual(reply['rejectedLogEventsInfo'], {
      tooNewLogEventStartIndex: 2,
      tooOldLogEventEndIndex: 1,
    });
  });
  it('refuses what AWS refuses', async () => {
    const f = (logEvents: unknown, message: string | RegExp): Promise<Reply> =>
      edge.fails('PutLogEvents', { ...stream, logEvents }, 'InvalidParameterException', message);
    await f([], /Value '\[\]' at 'logEvents'.*greater than or equal to 1$/);
    await f(
      events('a', ''),
      "1 validation error detected: Value '' at 'logEvents.2.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
    await f([{ message: 'x' }], /Value null at 'logEvents.1.member.timestamp'/);
    await f(
      Array.from({ length: 10_001 }, () => ({ timestamp: nowMs, message: 'x' })),
      /length less than or equal to 10000$/,
    );
    // 26 bytes are counted for each event.
    await f(
      events('x'.repeat(524_288), 'x'.repeat(524_288 - 51)),
      'Upload too large: 1048577 bytes exceeds limit of 1048576',
    );
    await edge.ok('PutLogEvents', {
      ...stream,
      logEvents: events('x'.repeat(524_288), 'x'.repeat(524_288 - 52)),
    });
    await edge.fails('PutLogEvents', { ...stream, logEvents: 'x' }, 'SerializationException');
  });
  it('needs group and stream', async () => {
    await edge.fails(
      'PutLogEvents',
      { logGroupName: 'none', logStreamName: 's', logEvents: events('x') },
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    );
    await edge.fails(
      'PutLogEvents',
      { logGroupName: 'put', logStreamName: 'none', logEvents: events('x') },
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
    );
  });
  it('asks to come again while the store is full', async () => {
    edge.store.failWith = new AppError('STORE_FULL', 'The disk is full');
    const reply = await edge.fails(
      'PutLogEvents',
      { ...stream, logEvents: events('x') },
      'ServiceUnavailableException',
      'The disk is full',
    );
    assert.equal(reply.status, 503);
    edge.store.failWith = undefined;
  });
});

describe('GetLogEvents', () => {
  const stream = { logGroupName: 'get', logStreamName: 's' };
  before(async () => {
    await edge.ok('CreateLogGroup', { logGroupName: 'get' });
    await edge.ok('CreateLogStream', stream);
  });
  const messages = (reply: Record<string, unknown>): unknown[] =>
    listOf(reply, 'events').map((e) => e['message']);

  it('of an empty stream gives tokens that find what comes later', async () => {
    const empty = await edge.ok('GetLogEvents', stream);
    assert.deepEqual(messages(empty), []);
    await edge.ok('PutLogEvents', { ...stream, logEvents: events('0', '1', '2', '3', '4') });
    const forward = await edge.ok('GetLogEvents', {
      ...stream,
      nextToken: empty['nextForwardToken'],
    });
    assert.deepEqual(messages(forward), ['0', '1', '2', '3', '4']);
    const backward = await edge.ok('GetLogEvents', {
      ...stream,
      nextToken: empty['nextBackwardToken'],
    });
    assert.deepEqual(messages(backward), []);
  });
  it('walks forward from the head, and repeats the token at the end', async () => {
    let reply = await edge.ok('GetLogEvents', { ...stream, limit: 2, startFromHead: true });
    const walked = [messages(reply)];
    for (;;) {
      const sent = reply['nextForwardToken'];
      reply = await edge.ok('GetLogEvents', {
        ...stream,
        limit: 2,
        startFromHead: true,
        nextToken: sent,
      });
      if (reply['nextForwardToken'] === sent) break;
      walked.push(messages(reply));
    }
    assert.deepEqual(walked, [['0', '1'], ['2', '3'], ['4']]);
    assert.deepEqual(messages(reply), []);
    // Back over the same gap: the last event is not lost.
    const back = await edge.ok('GetLogEvents', {
      ...stream,
      limit: 2,
      nextToken: reply['nextBackwardToken'],
    });
    assert.deepEqual(messages(back), ['3', '4']);
  });
  it('walks backward from the newest page, each page ascending', async () => {
    let reply = await edge.ok('GetLogEvents', { ...stream, limit: 2 });
    const walked = [messages(reply)];
    for (;;) {
      const sent = reply['nextBackwardToken'];
      reply = await edge.ok('GetLogEvents', { ...stream, limit: 2, nextToken: sent });
      if (reply['nextBackwardToken'] === sent) break;
      walked.push(messages(reply));
    }
    assert.deepEqual(walked, [['3', '4'], ['1', '2'], ['0']]);
    const forth = await edge.ok('GetLogEvents', {
      ...stream,
      limit: 2,
      nextToken: reply['nextForwardToken'],
    });
    assert.deepEqual(messages(forth), ['0', '1']);
  });
  it('takes its start inclusive and its end exclusive', async () => {
    const reply = await edge.ok('GetLogEvents', {
      ...stream,
      startTime: nowMs + 1,
      endTime: nowMs + 3,
    });
    assert.deepEqual(messages(reply), ['1', '2']);
    assert.deepEqual(
      messages(await edge.ok('GetLogEvents', { ...stream, startTime: 5, endTime: 5 })),
      [],
    );
  });
  it('ends a page at 1 MB', async () => {
    const big = { logGroupName: 'get', logStreamName: 'big' };
    await edge.ok('CreateLogStream', big);
    for (let i = 0; i < 3; i++) {
      await edge.ok('PutLogEvents', { ...big, logEvents: events('x'.repeat(500_000)) });
    }
    assert.equal(
      messages(await edge.ok('GetLogEvents', { ...big, startFromHead: true })).length,
      2,
    );
  });
  it('refuses a token of another stream', async () => {
    const { nextForwardToken } = await edge.ok('GetLogEvents', stream);
    await edge.fails(
      'GetLogEvents',
      { logGroupName: 'get', logStreamName: 'big', nextToken: nextForwardToken },
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    );
  });
});

describe('FilterLogEvents', () => {
  const logGroupName = 'filter';
  before(async () => {
    await edge.ok('CreateLogGroup', { logGroupName });
    for (const logStreamName of ['api-1', 'api-2', 'db']) {
      await edge.ok('CreateLogStream', { logGroupName, logStreamName });
      const logEvents = events(`${logStreamName} one`, `${logStreamName} ERROR two`);
      await edge.ok('PutLogEvents', { logGroupName, logStreamName, logEvents });
    }
  });
  const messages = async (input: object): Promise<unknown[]> =>
    listOf(await edge.ok('FilterLogEvents', { logGroupName, ...input }), 'events').map(
      (e) => e['message'],
    );

  it('orders by time, then by arrival, with stable and unique ids', async () => {
    const first = await edge.ok('FilterLogEvents', { logGroupName });
    assert.deepEqual(
      listOf(first, 'events').map((e) => e['message']),
      ['api-1 one', 'api-2 one', 'db one', 'api-1 ERROR two', 'api-2 ERROR two', 'db ERROR two'],
    );
    assert.deepEqual(first['searchedLogStreams'], []);
    assert.equal(first['nextToken'], undefined);
    const ids = listOf(first, 'events').map((e) => e['eventId']);
    assert.equal(new Set(ids).size, 6);
    const again = listOf(await edge.ok('FilterLogEvents', { logGroupName }), 'events');
    assert.deepEqual(
      again.map((e) => e['eventId']),
      ids,
    );
    assert.equal(again[0]?.['ingestionTime'], nowMs);
  });
  it('filters by stream, prefix, time and pattern', async () => {
    assert.deepEqual(await messages({ logStreamNames: ['db'] }), ['db one', 'db ERROR two']);
    assert.deepEqual(await messages({ logStreamNamePrefix: 'api-2' }), [
      'api-2 one',
      'api-2 ERROR two',
    ]);
    assert.equal((await messages({ endTime: nowMs })).length, 3);
    assert.equal((await messages({ startTime: nowMs + 1 })).length, 3);
    assert.deepEqual(await messages({ startTime: nowMs + 5 }), []);
    assert.deepEqual(await messages({ startTime: 9, endTime: 8 }), []);
    assert.equal((await messages({ filterPattern: 'ERROR' })).length, 3);
    assert.equal((await messages({ filterPattern: '' })).length, 6);
  });
  it('pages, with tokens bound to the question', async () => {
    const walked: unknown[] = [];
    let nextToken: unknown;
    do {
      const reply = await edge.ok('FilterLogEvents', {
        logGroupName,
        limit: 2,
        filterPattern: 'ERROR',
        nextToken,
      });
      walked.push(...listOf(reply, 'events').map((e) => e['message']));
      nextToken = reply['nextToken'];
    } while (nextToken !== undefined && walked.length < 20);
    assert.deepEqual(walked, ['api-1 ERROR two', 'api-2 ERROR two', 'db ERROR two']);
    const { nextToken: token } = await edge.ok('FilterLogEvents', { logGroupName, limit: 2 });
    await edge.fails(
      'FilterLogEvents',
      { logGroupName, filterPattern: 'other', nextToken: token },
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    );
  });
  it('refuses what does not fit together', async () => {
    await edge.fails(
      'FilterLogEvents',
      { logGroupName, logStreamNames: ['db'], logStreamNamePrefix: 'a' },
      'InvalidParameterException',
    );
    await edge.fails('FilterLogEvents', { logGroupName: 'none' }, 'ResourceNotFoundException');
    await edge.fails(
      'FilterLogEvents',
      { logGroupName, logStreamNames: ['none'] },
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
    );
    await edge.fails(
      'FilterLogEvents',
      { logGroupName, limit: 10_001 },
      'InvalidParameterException',
      "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    );
  });
});
