import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { AppError } from '#base';
import { signHeaders } from '#sigv4';
import { type EdgeFixture, nowMs, openEdge, type Reply } from './edge.fixture.ts';

let edge: EdgeFixture;
before(async () => {
  edge = await openEdge();
});
after(() => edge[Symbol.asyncDispose]());

const ok = async (operation: string, input: unknown = {}): Promise<Record<string, unknown>> => {
  const reply = await edge.call(operation, input);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};

const fails = async (
  operation: string,
  input: unknown,
  code: string,
  message?: string | RegExp,
): Promise<Reply> => {
  const reply = await edge.call(operation, input);
  assert.equal(reply.json['__type'], code, reply.text);
  assert.equal(reply.headers.get('x-amzn-errortype'), code);
  if (typeof message === 'string') assert.equal(reply.json['message'], message);
  if (message instanceof RegExp) assert.match(String(reply.json['message']), message);
  return reply;
};

const events = (...messages: string[]): { timestamp: number; message: string }[] =>
  messages.map((message, i) => ({ timestamp: nowMs + i, message }));

const listOf = (reply: Record<string, unknown>, member: string): Record<string, unknown>[] =>
  reply[member] as Record<string, unknown>[];

describe('the protocol', () => {
  it('gives every reply a request id and the content type of AWS JSON', async () => {
    for (const reply of [
      await edge.call('DescribeLogGroups'),
      await edge.call('DescribeLogGroups', { limit: 0 }),
      await edge.post('{', { 'x-amz-target': 'Logs_20140328.DescribeLogGroups' }),
      await edge.call('NoSuchOperation'),
    ]) {
      assert.match(reply.headers.get('x-amzn-requestid') ?? '', /^[0-9a-f-]{36}$/);
      assert.equal(reply.headers.get('content-type'), 'application/x-amz-json-1.1');
    }
  });
  it('takes an empty body for {}', async () => {
    const reply = await edge.post('', { 'x-amz-target': 'Logs_20140328.DescribeLogGroups' });
    assert.equal(reply.status, 200, reply.text);
  });
  it('takes a compressed body, and refuses one that is not', async () => {
    const headers = {
      'x-amz-target': 'Logs_20140328.DescribeLogGroups',
      'content-encoding': 'gzip',
    };
    assert.equal((await edge.post(gzipSync('{}'), headers)).status, 200);
    const wrong = await edge.post('{}', headers);
    assert.equal(wrong.json['__type'], 'SerializationException');
    const bomb = await edge.post(gzipSync(Buffer.alloc(64 * 1024 * 1024)), headers);
    assert.equal(bomb.status, 413);
    assert.equal(bomb.json['__type'], 'RequestEntityTooLargeException');
  });
  it('refuses a body beyond the limit', async () => {
    const reply = await edge.post(Buffer.alloc(9 * 1024 * 1024, 32), {
      'x-amz-target': 'Logs_20140328.DescribeLogGroups',
      'content-type': 'application/x-amz-json-1.1',
    });
    assert.equal(reply.status, 413);
    assert.equal(reply.json['__type'], 'RequestEntityTooLargeException');
  });
  it('names what it does not know', async () => {
    await fails('CreateDelivery', {}, 'UnknownOperationException');
    const reply = await edge.post('{}', { 'x-amz-target': 'DynamoDB_20120810.ListTables' });
    assert.equal(reply.json['__type'], 'UnknownOperationException');
    const json = await edge.post('not json', { 'x-amz-target': 'Logs_20140328.StartQuery' });
    assert.equal(json.json['__type'], 'SerializationException');
  });
  it('has empty lists for what does not exist', async () => {
    assert.deepEqual(await ok('DescribeResourcePolicies'), { resourcePolicies: [] });
  });
  it('counts requests by operation and code', async () => {
    await edge.call('DescribeLogGroups');
    assert.match(edge.metrics.render(), /nunchi_aws_requests_total\{.*DescribeLogGroups.*\} \d+/);
  });
});

describe('STS', () => {
  it('says who calls', async () => {
    const reply = await edge.post('Action=GetCallerIdentity&Version=2011-06-15', {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    });
    assert.equal(reply.status, 200);
    assert.match(reply.text, /<Account>123456789012<\/Account>/);
    assert.match(reply.text, /<Arn>arn:aws:iam::123456789012:user\/local<\/Arn>/);
  });
  it('refuses other actions in XML', async () => {
    const reply = await edge.post('Action=AssumeRole%3C', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    assert.equal(reply.status, 400);
    assert.match(reply.text, /<Code>InvalidAction<\/Code>.*AssumeRole&lt;/);
  });
});

describe('log groups', () => {
  const group = '/aws/eks/myeks/cluster';
  it('are created, described and deleted', async () => {
    const reply = await edge.call('CreateLogGroup', { logGroupName: group, tags: { team: 'a' } });
    assert.deepEqual([reply.status, reply.text], [200, '']);
    await fails(
      'CreateLogGroup',
      { logGroupName: group },
      'ResourceAlreadyExistsException',
      'The specified log group already exists',
    );
    const [found] = listOf(
      await ok('DescribeLogGroups', { logGroupNamePrefix: group }),
      'logGroups',
    );
    assert.deepEqual(found, {
      logGroupName: group,
      creationTime: nowMs,
      metricFilterCount: 0,
      arn: `arn:aws:logs:us-east-1:123456789012:log-group:${group}:*`,
      storedBytes: 0,
      logGroupClass: 'STANDARD',
      logGroupArn: `arn:aws:logs:us-east-1:123456789012:log-group:${group}`,
      deletionProtectionEnabled: false,
    });
    await ok('DeleteLogGroup', { logGroupName: group });
    await fails(
      'DeleteLogGroup',
      { logGroupName: group },
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    );
  });
  it('have the region of the signature in their ARNs', async () => {
    await ok('CreateLogGroup', { logGroupName: 'regional' });
    const { authorization } = signHeaders({
      method: 'POST',
      url: new URL(edge.server.url),
      credentials: { accessKeyId: 'AKIDANY', secretAccessKey: 'any' },
      region: 'ap-northeast-2',
      service: 'logs',
      nowMs,
    });
    const reply = await edge.call(
      'DescribeLogGroups',
      { logGroupNamePrefix: 'regional' },
      { authorization: authorization!, 'x-amz-date': '20240326T120000Z' },
    );
    assert.match(reply.text, /arn:aws:logs:ap-northeast-2:123456789012:log-group:regional/);
  });
  it('are listed page by page', async () => {
    const names = Array.from({ length: 7 }, (_, i) => `paged/${i}`);
    for (const logGroupName of names) await ok('CreateLogGroup', { logGroupName });
    const walked: unknown[] = [];
    let nextToken: unknown;
    do {
      const reply = await ok('DescribeLogGroups', {
        logGroupNamePrefix: 'paged/',
        limit: 3,
        nextToken,
      });
      walked.push(...listOf(reply, 'logGroups').map((g) => g['logGroupName']));
      nextToken = reply['nextToken'];
    } while (nextToken !== undefined);
    assert.deepEqual(walked, names);
    await fails(
      'DescribeLogGroups',
      { nextToken: 'x' },
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    );
  });
  it('are found by pattern, identifier and class, and by prefix xor pattern', async () => {
    const names = async (input: object): Promise<unknown[]> =>
      listOf(await ok('DescribeLogGroups', input), 'logGroups').map((g) => g['logGroupName']);
    assert.deepEqual(await names({ logGroupNamePattern: 'ged/1' }), ['paged/1']);
    assert.deepEqual(
      await names({ logGroupIdentifiers: ['arn:aws:logs:r:1:log-group:paged/2', 'paged/3'] }),
      ['paged/2', 'paged/3'],
    );
    assert.deepEqual(await names({ logGroupClass: 'DELIVERY' }), []);
    await fails(
      'DescribeLogGroups',
      { logGroupNamePrefix: 'a', logGroupNamePattern: 'b' },
      'InvalidParameterException',
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    );
    const listed = await ok('ListLogGroups', { logGroupNamePattern: '^paged/1|ged/2' });
    assert.deepEqual(
      listOf(listed, 'logGroups').map((g) => g['logGroupName']),
      ['paged/1', 'paged/2'],
    );
  });
  it('keep the retention days that AWS knows', async () => {
    await ok('PutRetentionPolicy', { logGroupName: 'paged/0', retentionInDays: 30 });
    assert.equal(edge.store.group('paged/0')?.retentionDays, 30);
    await fails(
      'PutRetentionPolicy',
      { logGroupName: 'paged/0', retentionInDays: 2 },
      'InvalidParameterException',
      /Value '2' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: \[1, 3, 5/,
    );
    await ok('DeleteRetentionPolicy', { logGroupName: 'paged/0' });
    assert.equal(edge.store.group('paged/0')?.retentionDays, undefined);
    await fails(
      'DeleteRetentionPolicy',
      { logGroupName: 'none' },
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    );
  });
  it('refuse names that AWS reserves, and deletion where it is protected', async () => {
    await fails('CreateLogGroup', { logGroupName: 'aws/x' }, 'InvalidParameterException');
    await ok('CreateLogGroup', { logGroupName: 'kept', deletionProtectionEnabled: true });
    await fails('DeleteLogGroup', { logGroupName: 'kept' }, 'ValidationException');
    await ok('PutLogGroupDeletionProtection', {
      logGroupIdentifier: 'kept',
      deletionProtectionEnabled: false,
    });
    await ok('DeleteLogGroup', { logGroupName: 'kept' });
  });
  it('carry tags, by ARN and by name', async () => {
    const resourceArn = 'arn:aws:logs:us-east-1:123456789012:log-group:paged/0';
    await ok('TagResource', { resourceArn, tags: { a: '1', b: '2' } });
    await ok('TagLogGroup', { logGroupName: 'paged/0', tags: { c: '3' } });
    await ok('UntagResource', { resourceArn, tagKeys: ['a'] });
    await ok('UntagLogGroup', { logGroupName: 'paged/0', tags: ['b'] });
    assert.deepEqual(await ok('ListTagsForResource', { resourceArn }), { tags: { c: '3' } });
    assert.deepEqual(await ok('ListTagsLogGroup', { logGroupName: 'paged/0' }), {
      tags: { c: '3' },
    });
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`t${i}`, '']));
    await fails('TagResource', { resourceArn, tags }, 'TooManyTagsException');
    await fails(
      'ListTagsForResource',
      { resourceArn: `${resourceArn}:*` },
      'InvalidParameterException',
    );
  });
});

describe('log streams', () => {
  const logGroupName = 'streams';
  before(async () => {
    await ok('CreateLogGroup', { logGroupName });
  });
  it('are created, listed in both orders and deleted', async () => {
    for (const logStreamName of ['a', 'b', 'c']) {
      await ok('CreateLogStream', { logGroupName, logStreamName });
    }
    await fails(
      'CreateLogStream',
      { logGroupName, logStreamName: 'a' },
      'ResourceAlreadyExistsException',
      'The specified log stream already exists',
    );
    await fails(
      'CreateLogStream',
      { logGroupName: 'none', logStreamName: 'a' },
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    );
    await ok('PutLogEvents', { logGroupName, logStreamName: 'b', logEvents: events('x', 'y') });
    const order = async (input: object): Promise<unknown[]> => {
      const names: unknown[] = [];
      let nextToken: unknown;
      do {
        const reply = await ok('DescribeLogStreams', {
          logGroupName,
          limit: 2,
          nextToken,
          ...input,
        });
        names.push(...listOf(reply, 'logStreams').map((s) => s['logStreamName']));
        nextToken = reply['nextToken'];
      } while (nextToken !== undefined);
      return names;
    };
    assert.deepEqual(await order({}), ['a', 'b', 'c']);
    assert.deepEqual(await order({ descending: true }), ['c', 'b', 'a']);
    assert.deepEqual((await order({ orderBy: 'LastEventTime', descending: true }))[0], 'b');
    assert.deepEqual(await order({ logStreamNamePrefix: 'c' }), ['c']);
    const [empty, full] = listOf(await ok('DescribeLogStreams', { logGroupName }), 'logStreams');
    assert.equal(empty!['firstEventTimestamp'], undefined);
    assert.equal(full!['lastEventTimestamp'], nowMs + 1);
    assert.equal(
      full!['arn'],
      'arn:aws:logs:us-east-1:123456789012:log-group:streams:log-stream:b',
    );
    await fails(
      'DescribeLogStreams',
      { logGroupName, orderBy: 'LastEventTime', logStreamNamePrefix: 'a' },
      'InvalidParameterException',
      'Cannot order by LastEventTime with a logStreamNamePrefix.',
    );
    await ok('DeleteLogStream', { logGroupName, logStreamName: 'a' });
    await fails(
      'DeleteLogStream',
      { logGroupName, logStreamName: 'a' },
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
    );
  });
  it('want exactly one of name and identifier', async () => {
    await fails('DescribeLogStreams', {}, 'InvalidParameterException');
    await fails(
      'DescribeLogStreams',
      { logGroupName, logGroupIdentifier: logGroupName },
      'InvalidParameterException',
    );
    await fails(
      'DescribeLogStreams',
      { logGroupIdentifier: `arn:aws:logs:r:1:log-group:${logGroupName}:*` },
      'InvalidParameterException',
      "1 validation error detected: Value at 'logGroupIdentifier' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w#+=/:,.@-]*",
    );
  });
});

describe('PutLogEvents', () => {
  const stream = { logGroupName: 'put', logStreamName: 's' };
  before(async () => {
    await ok('CreateLogGroup', { logGroupName: 'put' });
    await ok('CreateLogStream', stream);
  });
  it('stores and gives a token for old agents', async () => {
    const reply = await ok('PutLogEvents', { ...stream, logEvents: events('한글', '\u0000x') });
    assert.match(String(reply['nextSequenceToken']), /^\d{56}$/);
    assert.equal(reply['rejectedLogEventsInfo'], undefined);
  });
  it('stores the good part and says what it left out', async () => {
    const logEvents = [
      { timestamp: nowMs - 20 * 86_400_000, message: 'old' },
      { timestamp: nowMs, message: 'good' },
      { timestamp: nowMs + 3 * 3_600_000, message: 'new' },
    ];
    const reply = await ok('PutLogEvents', { ...stream, logEvents });
    assert.deepEqual(reply['rejectedLogEventsInfo'], {
      tooNewLogEventStartIndex: 2,
      tooOldLogEventEndIndex: 1,
    });
  });
  it('refuses what AWS refuses', async () => {
    const f = (logEvents: unknown, message: string | RegExp): Promise<Reply> =>
      fails('PutLogEvents', { ...stream, logEvents }, 'InvalidParameterException', message);
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
    await ok('PutLogEvents', {
      ...stream,
      logEvents: events('x'.repeat(524_288), 'x'.repeat(524_288 - 52)),
    });
    await fails('PutLogEvents', { ...stream, logEvents: 'x' }, 'SerializationException');
  });
  it('needs group and stream', async () => {
    await fails(
      'PutLogEvents',
      { logGroupName: 'none', logStreamName: 's', logEvents: events('x') },
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    );
    await fails(
      'PutLogEvents',
      { logGroupName: 'put', logStreamName: 'none', logEvents: events('x') },
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
    );
  });
  it('asks to come again while the store is full', async () => {
    edge.store.failWith = new AppError('STORE_FULL', 'The disk is full');
    const reply = await fails(
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
    await ok('CreateLogGroup', { logGroupName: 'get' });
    await ok('CreateLogStream', stream);
  });
  const messages = (reply: Record<string, unknown>): unknown[] =>
    listOf(reply, 'events').map((e) => e['message']);

  it('of an empty stream gives tokens that find what comes later', async () => {
    const empty = await ok('GetLogEvents', stream);
    assert.deepEqual(messages(empty), []);
    await ok('PutLogEvents', { ...stream, logEvents: events('0', '1', '2', '3', '4') });
    const forward = await ok('GetLogEvents', { ...stream, nextToken: empty['nextForwardToken'] });
    assert.deepEqual(messages(forward), ['0', '1', '2', '3', '4']);
    const backward = await ok('GetLogEvents', { ...stream, nextToken: empty['nextBackwardToken'] });
    assert.deepEqual(messages(backward), []);
  });
  it('walks forward from the head, and repeats the token at the end', async () => {
    let reply = await ok('GetLogEvents', { ...stream, limit: 2, startFromHead: true });
    const walked = [messages(reply)];
    for (;;) {
      const sent = reply['nextForwardToken'];
      reply = await ok('GetLogEvents', {
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
    const back = await ok('GetLogEvents', {
      ...stream,
      limit: 2,
      nextToken: reply['nextBackwardToken'],
    });
    assert.deepEqual(messages(back), ['3', '4']);
  });
  it('walks backward from the newest page, each page ascending', async () => {
    let reply = await ok('GetLogEvents', { ...stream, limit: 2 });
    const walked = [messages(reply)];
    for (;;) {
      const sent = reply['nextBackwardToken'];
      reply = await ok('GetLogEvents', { ...stream, limit: 2, nextToken: sent });
      if (reply['nextBackwardToken'] === sent) break;
      walked.push(messages(reply));
    }
    assert.deepEqual(walked, [['3', '4'], ['1', '2'], ['0']]);
    const forth = await ok('GetLogEvents', {
      ...stream,
      limit: 2,
      nextToken: reply['nextForwardToken'],
    });
    assert.deepEqual(messages(forth), ['0', '1']);
  });
  it('takes its start inclusive and its end exclusive', async () => {
    const reply = await ok('GetLogEvents', { ...stream, startTime: nowMs + 1, endTime: nowMs + 3 });
    assert.deepEqual(messages(reply), ['1', '2']);
    assert.deepEqual(
      messages(await ok('GetLogEvents', { ...stream, startTime: 5, endTime: 5 })),
      [],
    );
  });
  it('ends a page at 1 MB', async () => {
    const big = { logGroupName: 'get', logStreamName: 'big' };
    await ok('CreateLogStream', big);
    for (let i = 0; i < 3; i++) {
      await ok('PutLogEvents', { ...big, logEvents: events('x'.repeat(500_000)) });
    }
    assert.equal(messages(await ok('GetLogEvents', { ...big, startFromHead: true })).length, 2);
  });
  it('refuses a token of another stream', async () => {
    const { nextForwardToken } = await ok('GetLogEvents', stream);
    await fails(
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
    await ok('CreateLogGroup', { logGroupName });
    for (const logStreamName of ['api-1', 'api-2', 'db']) {
      await ok('CreateLogStream', { logGroupName, logStreamName });
      const logEvents = events(`${logStreamName} one`, `${logStreamName} ERROR two`);
      await ok('PutLogEvents', { logGroupName, logStreamName, logEvents });
    }
  });
  const messages = async (input: object): Promise<unknown[]> =>
    listOf(await ok('FilterLogEvents', { logGroupName, ...input }), 'events').map(
      (e) => e['message'],
    );

  it('orders by time, then by arrival, with stable and unique ids', async () => {
    const first = await ok('FilterLogEvents', { logGroupName });
    assert.deepEqual(
      listOf(first, 'events').map((e) => e['message']),
      ['api-1 one', 'api-2 one', 'db one', 'api-1 ERROR two', 'api-2 ERROR two', 'db ERROR two'],
    );
    assert.deepEqual(first['searchedLogStreams'], []);
    assert.equal(first['nextToken'], undefined);
    const ids = listOf(first, 'events').map((e) => e['eventId']);
    assert.equal(new Set(ids).size, 6);
    const again = listOf(await ok('FilterLogEvents', { logGroupName }), 'events');
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
      const reply = await ok('FilterLogEvents', {
        logGroupName,
        limit: 2,
        filterPattern: 'ERROR',
        nextToken,
      });
      walked.push(...listOf(reply, 'events').map((e) => e['message']));
      nextToken = reply['nextToken'];
    } while (nextToken !== undefined && walked.length < 20);
    assert.deepEqual(walked, ['api-1 ERROR two', 'api-2 ERROR two', 'db ERROR two']);
    const { nextToken: token } = await ok('FilterLogEvents', { logGroupName, limit: 2 });
    await fails(
      'FilterLogEvents',
      { logGroupName, filterPattern: 'other', nextToken: token },
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    );
  });
  it('refuses what does not fit together', async () => {
    await fails(
      'FilterLogEvents',
      { logGroupName, logStreamNames: ['db'], logStreamNamePrefix: 'a' },
      'InvalidParameterException',
    );
    await fails('FilterLogEvents', { logGroupName: 'none' }, 'ResourceNotFoundException');
    await fails(
      'FilterLogEvents',
      { logGroupName, logStreamNames: ['none'] },
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
    );
    await fails(
      'FilterLogEvents',
      { logGroupName, limit: 10_001 },
      'InvalidParameterException',
      "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    );
  });
});

describe('query definitions', () => {
  it('are saved, replaced, listed and deleted', async () => {
    const { queryDefinitionId } = await ok('PutQueryDefinition', {
      name: 'eks/errors',
      queryString: 'fields @message',
      logGroupNames: ['a'],
    });
    await ok('PutQueryDefinition', {
      queryDefinitionId,
      name: 'eks/errors',
      queryString: 'stats count(*)',
      parameters: [{ name: 'p', defaultValue: 'x' }],
    });
    const found = await ok('DescribeQueryDefinitions', { queryDefinitionNamePrefix: 'eks/' });
    assert.deepEqual(found, {
      queryDefinitions: [
        {
          queryLanguage: 'CWLI',
          queryDefinitionId,
          name: 'eks/errors',
          queryString: 'stats count(*)',
          lastModified: nowMs,
          logGroupNames: [],
          parameters: [{ name: 'p', defaultValue: 'x' }],
        },
      ],
    });
    assert.deepEqual(await ok('DescribeQueryDefinitions', { queryDefinitionNamePrefix: 'x' }), {
      queryDefinitions: [],
    });
    assert.deepEqual(await ok('DeleteQueryDefinition', { queryDefinitionId }), { success: true });
    await fails('DeleteQueryDefinition', { queryDefinitionId }, 'ResourceNotFoundException');
    await fails(
      'PutQueryDefinition',
      { queryDefinitionId, name: 'a', queryString: 'b' },
      'ResourceNotFoundException',
    );
  });
});

describe('filters of log groups', () => {
  const logGroupName = 'filters';
  const metricTransformations = [
    { metricName: 'Errors', metricNamespace: 'App', metricValue: '1', defaultValue: 0 },
  ];
  const filter = {
    logGroupName,
    filterName: 'errors',
    filterPattern: 'ERROR',
    metricTransformations,
  };
  before(async () => {
    await ok('CreateLogGroup', { logGroupName });
  });
  it('metric filters are saved, listed and deleted', async () => {
    await ok('PutMetricFilter', filter);
    await ok('PutMetricFilter', { ...filter, filterName: 'another' });
    const reply = await edge.call('DescribeMetricFilters', { logGroupName });
    assert.match(reply.text, /"defaultValue":0\.0/);
    const found = listOf(reply.json, 'metricFilters');
    assert.deepEqual(
      found.map((f) => f['filterName']),
      ['another', 'errors'],
    );
    assert.deepEqual(found[1], { ...filter, creationTime: nowMs });
    const byMetric = await ok('DescribeMetricFilters', {
      metricName: 'Errors',
      metricNamespace: 'App',
      filterNamePrefix: 'err',
    });
    assert.equal(listOf(byMetric, 'metricFilters').length, 1);
    const [group] = listOf(
      await ok('DescribeLogGroups', { logGroupNamePrefix: logGroupName }),
      'logGroups',
    );
    assert.equal(group?.['metricFilterCount'], 2);
    await ok('DeleteMetricFilter', { logGroupName, filterName: 'another' });
    await fails(
      'DeleteMetricFilter',
      { logGroupName, filterName: 'another' },
      'ResourceNotFoundException',
    );
  });
  it('metric filters are checked', async () => {
    const f = (change: object): Promise<Reply> =>
      fails(
        'PutMetricFilter',
        { ...filter, metricTransformations: [{ ...metricTransformations[0], ...change }] },
        'InvalidParameterException',
      );
    await f({ metricValue: 'abc' });
    await f({ dimensions: { a: '$.a' } });
    await f({ defaultValue: undefined, dimensions: { a: 'plain' } });
    await f({ defaultValue: undefined, dimensions: { a: '$a', b: '$b', c: '$c', d: '$d' } });
    await f({ unit: 'Parsecs' });
    await f({ metricNamespace: 'a:b' });
    await fails(
      'PutMetricFilter',
      { ...filter, metricTransformations: [] },
      'InvalidParameterException',
    );
    await fails('DescribeMetricFilters', { metricName: 'x' }, 'InvalidParameterException');
  });
  it('filters end with their group', async () => {
    await ok('CreateLogGroup', { logGroupName: 'short' });
    await ok('PutMetricFilter', { ...filter, logGroupName: 'short' });
    await edge.store.deleteGroup('short'); // by somebody else than us
    edge.clock.jumpTo(nowMs + 1);
    await ok('CreateLogGroup', { logGroupName: 'short' });
    edge.clock.jumpTo(nowMs);
    assert.deepEqual(await ok('DescribeMetricFilters', { logGroupName: 'short' }), {
      metricFilters: [],
    });
  });
  it('patterns are tried', async () => {
    const reply = await ok('TestMetricFilter', {
      filterPattern: 'ERROR',
      logEventMessages: ['fine', 'an ERROR'],
    });
    assert.deepEqual(reply, {
      matches: [{ eventNumber: 2, eventMessage: 'an ERROR', extractedValues: {} }],
    });
  });
  it('subscription filters are kept, two a group', async () => {
    const subscription = {
      logGroupName,
      filterPattern: '',
      destinationArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s',
    };
    await ok('PutSubscriptionFilter', { ...subscription, filterName: 'a' });
    await ok('PutSubscriptionFilter', { ...subscription, filterName: 'b' });
    await fails(
      'PutSubscriptionFilter',
      { ...subscription, filterName: 'c' },
      'LimitExceededException',
      'Resource limit exceeded.',
    );
    const found = listOf(
      await ok('DescribeSubscriptionFilters', { logGroupName }),
      'subscriptionFilters',
    );
    assert.deepEqual(found[0], {
      ...subscription,
      filterName: 'a',
      distribution: 'ByLogStream',
      creationTime: nowMs,
    });
    await ok('DeleteSubscriptionFilter', { logGroupName, filterName: 'a' });
  });
});
