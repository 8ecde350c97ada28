import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type EdgeFixture, openEdge } from './edge.fixture.ts';

let edge: EdgeFixture;
before(async () => {
  edge = await openEdge();
});
after(() => edge[Symbol.asyncDispose]());

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
    const reply = await edge.post(Buffer.alloc(17 * 1024 * 1024, 32), {
      'x-amz-target': 'Logs_20140328.DescribeLogGroups',
      'content-type': 'application/x-amz-json-1.1',
    });
    assert.equal(reply.status, 413);
    assert.equal(reply.json['__type'], 'RequestEntityTooLargeException');
  });
  it('names what it does not know', async () => {
    await edge.fails('CreateDelivery', {}, 'UnknownOperationException');
    const reply = await edge.post('{}', { 'x-amz-target': 'DynamoDB_20120810.ListTables' });
    assert.equal(reply.json['__type'], 'UnknownOperationException');
    const json = await edge.post('not json', { 'x-amz-target': 'Logs_20140328.StartQuery' });
    assert.equal(json.json['__type'], 'SerializationException');
  });
  it('has empty lists for what does not exist', async () => {
    assert.deepEqual(await edge.ok('DescribeResourcePolicies'), { resourcePolicies: [] });
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
