import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { presignUrl, signHeaders } from '#sigv4';
import type { AccessKey } from '#state';
import { type EdgeFixture, nowMs, openEdge, type Reply } from './edge.fixture.ts';

describe('signatures are verified', () => {
  let edge: EdgeFixture;
  let secrets: Record<AccessKey['role'], { id: string; secret: string }>;

  before(async () => {
    edge = await openEdge({ verifySignatures: 'always' });
    const make = async (role: AccessKey['role']): Promise<{ id: string; secret: string }> => {
      const { key, secret } = await edge.state.accessKeys.create({ name: `the-${role}`, role });
      return { id: key.id, secret };
    };
    secrets = {
      viewer: await make('viewer'),
      editor: await make('editor'),
      admin: await make('admin'),
    };
  });
  after(() => edge[Symbol.asyncDispose]());

  const post = (
    body: string,
    headers: Record<string, string>,
    credentials: { id: string; secret: string },
    service = 'logs',
  ): Promise<Reply> =>
    edge.post(
      body,
      signHeaders({
        method: 'POST',
        url: new URL(edge.server.url),
        headers,
        body,
        credentials: { accessKeyId: credentials.id, secretAccessKey: credentials.secret },
        region: 'ap-northeast-2',
        service,
        nowMs,
      }),
    );
  const call = (
    operation: string,
    input: object,
    credentials: { id: string; secret: string },
  ): Promise<Reply> =>
    post(JSON.stringify(input), { 'x-amz-target': `Logs_20140328.${operation}` }, credentials);

  it('an editor writes, a viewer reads', async () => {
    const created = await call('CreateLogGroup', { logGroupName: 'g' }, secrets.editor);
    assert.equal(created.status, 200, created.text);
    const read = await call('DescribeLogGroups', {}, secrets.viewer);
    assert.match(read.text, /arn:aws:logs:ap-northeast-2:123456789012:log-group:g/);
    const written = await call('DeleteLogGroup', { logGroupName: 'g' }, secrets.viewer);
    assert.deepEqual(written.json, {
      __type: 'AccessDeniedException',
      message:
        'User: arn:aws:iam::123456789012:user/the-viewer is not authorized to perform: logs:DeleteLogGroup',
    });
  });
  it('a wrong secret, an unknown key and no signature are told apart', async () => {
    const wrong = await call('DescribeLogGroups', {}, { ...secrets.viewer, secret: 'x' });
    assert.equal(wrong.json['__type'], 'InvalidSignatureException');
    assert.equal(wrong.status, 400);
    const unknown = await call('DescribeLogGroups', {}, { id: 'AKIDNONE', secret: 'x' });
    assert.equal(unknown.json['__type'], 'UnrecognizedClientException');
    const none = await edge.call('DescribeLogGroups');
    assert.equal(none.json['__type'], 'MissingAuthenticationTokenException');
    assert.ok(none.headers.get('x-amzn-requestid'));
  });
  it('an old signature is refused', async () => {
    edge.clock.jumpTo(nowMs + 10 * 60_000);
    const old = await call('DescribeLogGroups', {}, secrets.viewer);
    edge.clock.jumpTo(nowMs);
    assert.match(String(old.json['message']), /^Signature expired: 20240326T120000Z/);
  });
  it('STS names the key and its owner', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const reply = await post(body, headers, secrets.viewer, 'sts');
    assert.match(reply.text, /user\/the-viewer/);
    assert.ok(reply.text.includes(`<UserId>${secrets.viewer.id}</UserId>`));
    const refused = await edge.post(body, headers);
    assert.equal(refused.status, 400);
    assert.match(refused.text, /<Code>MissingAuthenticationToken<\/Code>/);
  });
  it('STS answers a presigned URL', async () => {
    const get = async (change: (url: URL) => URL = (url) => url) => {
      const url = presignUrl({
        method: 'GET',
        url: new URL(`${edge.server.url}/?Action=GetCallerIdentity&Version=2011-06-15`),
        headers: { 'x-k8s-aws-id': 'prod' },
        credentials: {
          accessKeyId: secrets.viewer.id,
          secretAccessKey: secrets.viewer.secret,
        },
        region: 'ap-northeast-2',
        service: 'sts',
        expiresSeconds: 60,
        nowMs,
      });
      const reply = await fetch(change(url), { headers: { 'x-k8s-aws-id': 'prod' } });
      return { status: reply.status, text: await reply.text(), headers: reply.headers };
    };
    const found = await get();
    assert.equal(found.status, 200, found.text);
    assert.ok(found.text.includes(`<UserId>${secrets.viewer.id}</UserId>`));
    assert.ok(found.headers.get('x-amzn-requestid'));
    const set = (name: string, value: string) => (url: URL) => {
      url.searchParams.set(name, value);
      return url;
    };
    const forged = await get(set('X-Amz-Signature', '0'.repeat(64)));
    assert.equal(forged.status, 400);
    assert.match(forged.text, /<Code>SignatureDoesNotMatch<\/Code>|<Code>InvalidSignature/);
    const longer = await get(set('X-Amz-Expires', '3600'));
    assert.equal(longer.status, 400);
    edge.clock.jumpTo(nowMs + 61_000);
    const old = await get();
    edge.clock.jumpTo(nowMs);
    assert.equal(old.status, 400);
    assert.match(old.text, /expired/);
    const page = await fetch(`${edge.server.url}/?Action=GetCallerIdentity`);
    assert.notEqual(page.headers.get('content-type'), 'text/xml');
    assert.equal(page.headers.get('x-amzn-requestid'), null);
  });
});

describe('signatures are not looked at', () => {
  it('where the server lets everybody in', async () => {
    await using edge = await openEdge({ verifySignatures: 'auto' });
    assert.equal((await edge.call('CreateLogGroup', { logGroupName: 'g' })).status, 200);
    await edge.state.users.add({ name: 'one', password: 'correct horse battery', role: 'admin' });
    const refused = await edge.call('DescribeLogGroups');
    assert.equal(refused.json['__type'], 'MissingAuthenticationTokenException');
  });
  it('where it is configured so', async () => {
    await using edge = await openEdge({ verifySignatures: 'never' });
    await edge.state.users.add({ name: 'one', password: 'correct horse battery', role: 'admin' });
    assert.equal((await edge.call('DescribeLogGroups')).status, 200);
  });
});
