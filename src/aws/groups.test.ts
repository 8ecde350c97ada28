import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { signHeaders } from '#sigv4';
import { type EdgeFixture, events, listOf, nowMs, openEdge } from './edge.fixture.ts';

let edge: EdgeFixture;
before(async () => {
  edge = await openEdge();
});
after(() => edge[Symbol.asyncDispose]());

describe('log groups', () => {
  const group = '/aws/eks/myeks/cluster';
  it('are created, described and deleted', async () => {
    const reply = await edge.call('CreateLogGroup', { logGroupName: group, tags: { team: 'a' } });
    assert.deepEqual([reply.status, reply.text], [200, '']);
    await edge.fails(
      'CreateLogGroup',
      { logGroupName: group },
      'ResourceAlreadyExistsException',
      'The specified log group already exists',
    );
    const [found] = listOf(
      await edge.ok('DescribeLogGroups', { logGroupNamePrefix: group }),
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
    await edge.ok('DeleteLogGroup', { logGroupName: group });
    await edge.fails(
      'DeleteLogGroup',
      { logGroupName: group },
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    );
  });
  it('have the region of the signature in their ARNs', async () => {
    await edge.ok('CreateLogGroup', { logGroupName: 'regional' });
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
    for (const logGroupName of names) await edge.ok('CreateLogGroup', { logGroupName });
    const walked: unknown[] = [];
    let nextToken: unknown;
    do {
      const reply = await edge.ok('DescribeLogGroups', {
        logGroupNamePrefix: 'paged/',
        limit: 3,
        nextToken,
      });
      walked.push(...listOf(reply, 'logGroups').map((g) => g['logGroupName']));
      nextToken = reply['nextToken'];
    } while (nextToken !== undefined);
    assert.deepEqual(walked, names);
    await edge.fails(
      'DescribeLogGroups',
      { nextToken: 'x' },
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    );
  });
  it('are found by pattern, identifier and class, and by prefix xor pattern', async () => {
    const names = async (input: object): Promise<unknown[]> =>
      listOf(await edge.ok('DescribeLogGroups', input), 'logGroups').map((g) => g['logGroupName']);
    assert.deepEqual(await names({ logGroupNamePattern: 'ged/1' }), ['paged/1']);
    assert.deepEqual(
      await names({ logGroupIdentifiers: ['arn:aws:logs:r:1:log-group:paged/2', 'paged/3'] }),
      ['paged/2', 'paged/3'],
    );
    assert.deepEqual(await names({ logGroupClass: 'DELIVERY' }), []);
    await edge.fails(
      'DescribeLogGroups',
      { logGroupNamePrefix: 'a', logGroupNamePattern: 'b' },
      'InvalidParameterException',
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    );
    const listed = await edge.ok('ListLogGroups', { logGroupNamePattern: '^paged/1|ged/2' });
    assert.deepEqual(
      listOf(listed, 'logGroups').map((g) => g['logGroupName']),
      ['paged/1', 'paged/2'],
    );
  });
  it('keep the retention days that AWS knows', async () => {
    await edge.ok('PutRetentionPolicy', { logGroupName: 'paged/0', retentionInDays: 30 });
    assert.equal(edge.store.group('paged/0')?.retentionDays, 30);
    await edge.fails(
      'PutRetentionPolicy',
      { logGroupName: 'paged/0', retentionInDays: 2 },
      'InvalidParameterException',
      /Value '2' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: \[1, 3, 5/,
    );
    await edge.ok('DeleteRetentionPolicy', { logGroupName: 'paged/0' });
    assert.equal(edge.store.group('paged/0')?.retentionDays, undefined);
    await edge.fails(
      'DeleteRetentionPolicy',
      { logGroupName: 'none' },
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    );
  });
  it('refuse names that AWS reserves, and deletion where it is protected', async () => {
    await edge.fails('CreateLogGroup', { logGroupName: 'aws/x' }, 'InvalidParameterException');
    await edge.ok('CreateLogGroup', { logGroupName: 'kept', deletionProtectionEnabled: true });
    await edge.fails('DeleteLogGroup', { logGroupName: 'kept' }, 'ValidationException');
    await edge.ok('PutLogGroupDeletionProtection', {
      logGroupIdentifier: 'kept',
      deletionProtectionEnabled: false,
    });
    await edge.ok('DeleteLogGroup', { logGroupName: 'kept' });
  });
  it('carry tags, by ARN and by name', async () => {
    const resourceArn = 'arn:aws:logs:us-east-1:123456789012:log-group:paged/0';
    await edge.ok('TagResource', { resourceArn, tags: { a: '1', b: '2' } });
    await edge.ok('TagLogGroup', { logGroupName: 'paged/0', tags: { c: '3' } });
    await edge.ok('UntagResource', { resourceArn, tagKeys: ['a'] });
    await edge.ok('UntagLogGroup', { logGroupName: 'paged/0', tags: ['b'] });
    assert.deepEqual(await edge.ok('ListTagsForResource', { resourceArn }), { tags: { c: '3' } });
    assert.deepEqual(await edge.ok('ListTagsLogGroup', { logGroupName: 'paged/0' }), {
      tags: { c: '3' },
    });
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`t${i}`, '']));
    await edge.fails('TagResource', { resourceArn, tags }, 'TooManyTagsException');
    await edge.fails(
      'ListTagsForResource',
      { resourceArn: `${resourceArn}:*` },
      'InvalidParameterException',
    );
  });
});

describe('log streams', () => {
  const logGroupName = 'streams';
  before(async () => {
    await edge.ok('CreateLogGroup', { logGroupName });
  });
  it('are created, listed in both orders and deleted', async () => {
    for (const logStreamName of ['a', 'b', 'c']) {
      await edge.ok('CreateLogStream', { logGroupName, logStreamName });
    }
    await edge.fails(
      'CreateLogStream',
      { logGroupName, logStreamName: 'a' },
      'ResourceAlreadyExistsException',
      'The specified log stream already exists',
    );
    await edge.fails(
      'CreateLogStream',
      { logGroupName: 'none', logStreamName: 'a' },
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    );
    await edge.ok('PutLogEvents', {
      logGroupName,
      logStreamName: 'b',
      logEvents: events('x', 'y'),
    });
    const order = async (input: object): Promise<unknown[]> => {
      const names: unknown[] = [];
      let nextToken: unknown;
      do {
        const reply = await edge.ok('DescribeLogStreams', {
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
    const [empty, full] = listOf(
      await edge.ok('DescribeLogStreams', { logGroupName }),
      'logStreams',
    );
    assert.equal(empty!['firstEventTimestamp'], undefined);
    assert.equal(full!['lastEventTimestamp'], nowMs + 1);
    assert.equal(
      full!['arn'],
      'arn:aws:logs:us-east-1:123456789012:log-group:streams:log-stream:b',
    );
    await edge.fails(
      'DescribeLogStreams',
      { logGroupName, orderBy: 'LastEventTime', logStreamNamePrefix: 'a' },
      'InvalidParameterException',
      'Cannot order by LastEventTime with a logStreamNamePrefix.',
    );
    await edge.ok('DeleteLogStream', { logGroupName, logStreamName: 'a' });
    await edge.fails(
      'DeleteLogStream',
      { logGroupName, logStreamName: 'a' },
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
    );
  });
  it('want exactly one of name and identifier', async () => {
    await edge.fails('DescribeLogStreams', {}, 'InvalidParameterException');
    await edge.fails(
      'DescribeLogStreams',
      { logGroupName, logGroupIdentifier: logGroupName },
      'InvalidParameterException',
    );
    await edge.fails(
      'DescribeLogStreams',
      { logGroupIdentifier: `arn:aws:logs:r:1:log-group:${logGroupName}:*` },
      'InvalidParameterException',
      "1 validation error detected: Value at 'logGroupIdentifier' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w#+=/:,.@-]*",
    );
  });
});
