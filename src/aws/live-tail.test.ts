import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, it } from 'node:test';
import { type EdgeFixture, nowMs, openEdge } from './edge.fixture.ts';

let edge: EdgeFixture;
before(async () => {
  edge = await openEdge();
  await edge.call('CreateLogGroup', { logGroupName: 'g' });
  await edge.call('CreateLogStream', { logGroupName: 'g', logStreamName: 's' });
});
after(() => edge[Symbol.asyncDispose]());

const groupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:g';

interface Message {
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

/** Reads frames as a client does, by their lengths. */
async function* messages(body: AsyncIterable<Buffer>): AsyncGenerator<Message> {
  let buffered = Buffer.alloc(0);
  for await (const chunk of body) {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 12 && buffered.length >= buffered.readUInt32BE(0)) {
      const total = buffered.readUInt32BE(0);
      const headerEnd = 12 + buffered.readUInt32BE(4);
      const headers = buffered.subarray(12, headerEnd).toString('latin1');
      const payload = buffered.subarray(headerEnd, total - 4).toString('utf8');
      buffered = buffered.subarray(total);
      const type = /(initial-response|sessionStart|sessionUpdate|Session\w+Exception)/.exec(
        headers,
      );
      yield { type: type?.[1] ?? headers, payload: JSON.parse(payload) };
    }
  }
}

async function open(
  input: object,
): Promise<{ next: () => Promise<Message>; close: () => void; end: () => Promise<boolean> }> {
  const { promise, resolve, reject } = Promise.withResolvers<AsyncIterable<Buffer>>();
  const call = request(
    edge.server.url,
    { method: 'POST', headers: { 'x-amz-target': 'Logs_20140328.StartLiveTail' } },
    (reply) => {
      assert.equal(reply.headers['content-type'], 'application/vnd.amazon.eventstream');
      assert.ok(reply.headers['x-amzn-requestid']);
      resolve(reply);
    },
  );
  call.on('error', reject);
  call.end(JSON.stringify(input));
  const stream = messages(await promise);
  return {
    next: async () => {
      const { value, done } = await stream.next();
      assert.ok(!done, 'The stream has ended');
      return value;
    },
    end: async () => (await stream.next()).done === true,
    close: () => call.destroy(),
  };
}

/** Moves the clock until the reply is there: a session counts seconds of the server's clock. */
async function ticking<T>(promise: Promise<T>): Promise<T> {
  let isDone = false;
  const settled = promise.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await edge.clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return settled;
}

const put = (...texts: string[]): Promise<unknown> =>
  edge.call('PutLogEvents', {
    logGroupName: 'g',
    logStreamName: 's',
    logEvents: texts.map((message) => ({ timestamp: nowMs, message })),
  });

const results = (message: Message): Record<string, unknown>[] =>
  message.payload['sessionResults'] as Record<string, unknown>[];

async function nextResults(next: () => Promise<Message>): Promise<Message> {
  for (;;) {
    const message = await ticking(next());
    assert.equal(message.type, 'sessionUpdate');
    if (results(message).length > 0) return message;
  }
}

it('StartLiveTail sends start, then matching events once a second', async () => {
  const { next, close } = await open({
    logGroupIdentifiers: [groupArn],
    logEventFilterPattern: 'ERROR',
  });
  assert.deepEqual(await next(), { type: 'initial-response', payload: {} });
  const start = await next();
  assert.equal(start.type, 'sessionStart');
  assert.deepEqual(start.payload['logGroupIdentifiers'], [groupArn]);
  assert.equal(start.payload['logEventFilterPattern'], 'ERROR');
  // The first update shows that the session listens.
  await ticking(next());
  await put('fine', 'an ERROR');
  const update = await nextResults(next);
  assert.deepEqual(update.payload['sessionMetadata'], { sampled: false });
  const [event, ...others] = results(update);
  assert.equal(others.length, 0);
  assert.equal(event!['message'], 'an ERROR');
  assert.equal(event!['logStreamName'], 's');
  assert.equal(event!['logGroupIdentifier'], groupArn);
  assert.equal(event!['timestamp'], nowMs);
  close();
});

it('StartLiveTail samples beyond 500 events a second', async () => {
  const { next, close } = await open({ logGroupIdentifiers: [groupArn], logStreamNames: ['s'] });
  await next();
  await next();
  await ticking(next());
  await put(...Array.from({ length: 700 }, (_, i) => `line ${i}`));
  const update = await nextResults(next);
  assert.equal(results(update).length, 500);
  assert.deepEqual(update.payload['sessionMetadata'], { sampled: true });
  close();
});

it('StartLiveTail keeps its updates below what clients take', async () => {
  const { next, close } = await open({ logGroupIdentifiers: ['g'] });
  await next();
  await next();
  await ticking(next());
  const huge = '\u0001'.repeat(1_000_000);
  for (let i = 0; i < 5; i++) await put(huge);
  const update = await nextResults(next);
  assert.equal(results(update).length, 2);
  assert.deepEqual(update.payload['sessionMetadata'], { sampled: true });
  close();
});

it('StartLiveTail ends after three hours with SessionTimeoutException', async () => {
  const { next, end } = await open({ logGroupIdentifiers: ['g'] });
  await next();
  await next();
  // The session's time counts from its first wait on.
  await ticking(next());
  edge.clock.skip(3 * 3_600_000);
  let message = await ticking(next());
  while (message.type === 'sessionUpdate') message = await ticking(next());
  assert.equal(message.type, 'SessionTimeoutException');
  assert.equal(await end(), true);
});

it('a server that stops ends its sessions', async () => {
  const other = await openEdge();
  const main = edge;
  edge = other;
  try {
    await edge.call('CreateLogGroup', { logGroupName: 'g' });
    const { next, end } = await open({ logGroupIdentifiers: ['g'] });
    await next();
    await next();
    const [isOver] = await Promise.all([end(), other[Symbol.asyncDispose]()]);
    assert.equal(isOver, true);
  } finally {
    edge = main;
  }
});

it('StartLiveTail refuses what does not fit together', async () => {
  const f = async (input: object, code: string): Promise<void> => {
    const reply = await edge.call('StartLiveTail', input);
    assert.equal(reply.json['__type'], code, reply.text);
  };
  await f({ logGroupIdentifiers: [`${groupArn}:*`] }, 'InvalidParameterException');
  await f({ logGroupIdentifiers: [] }, 'InvalidParameterException');
  await f({ logGroupIdentifiers: ['none'] }, 'ResourceNotFoundException');
  await f(
    { logGroupIdentifiers: ['g'], logStreamNames: ['s'], logStreamNamePrefixes: ['s'] },
    'InvalidParameterException',
  );
  await f({ logGroupIdentifiers: ['g', 'g'], logStreamNames: ['s'] }, 'InvalidParameterException');
});
