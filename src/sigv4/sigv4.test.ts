import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalPath, canonicalQuery, parseAmzDate } from './canonical.ts';
import { presignUrl, readCredentialScope, signHeaders, verifyRequest } from './index.ts';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const nowMs = Date.parse('2015-08-30T12:36:00Z');
const findSecret = (id: string): string | undefined =>
  id === credentials.accessKeyId ? credentials.secretAccessKey : undefined;

describe('canonicalPath() escapes each segment of the wire path once more', () => {
  const f = (path: string, want: string): void =>
    void it(path, () => assert.equal(canonicalPath(path), want));
  f('/', '/');
  f('', '/');
  f('/a/b', '/a/b');
  f('/a/b/', '/a/b/');
  f('/clusters/my%20eks', '/clusters/my%2520eks');
  f('/a//b', '/a/b');
  f('/a/./b/../c', '/a/c');
});

describe('canonicalQuery() sorts by name, then value', () => {
  const f = (query: string, want: string): void =>
    void it(query, () => assert.equal(canonicalQuery(query), want));
  f('', '');
  f('b=2&a=1', 'a=1&b=2');
  f('a=2&a=1', 'a=1&a=2');
  f('flag', 'flag=');
  f('a=%20x', 'a=%20x');
  f("a=!'()*", 'a=%21%27%28%29%2A');
  f('a=%7E', 'a=~');
  f('a=%zz', 'a=%25zz');
});

describe('parseAmzDate()', () => {
  it('reads the basic form', () => assert.equal(parseAmzDate('20150830T123600Z'), nowMs));
  for (const bad of ['', '2015-08-30T12:36:00Z', '20151330T123600Z', '20150830T123600']) {
    it(`refuses "${bad}"`, () => assert.equal(parseAmzDate(bad), undefined));
  }
});

describe('signHeaders()', () => {
  it('gives the signature of the example in the AWS General Reference', () => {
    const headers = signHeaders({
      method: 'GET',
      url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      credentials,
      region: 'us-east-1',
      service: 'iam',
      nowMs,
    });
    assert.equal(
      headers['authorization'],
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-date, ' +
        'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });

  it('is verified, whatever the body, the path and the query', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array(),
        fc.webPath(),
        fc.webQueryParameters(),
        async (body, path, query) => {
          const url = new URL(`http://127.0.0.1:7600${path}?${query}`);
          const headers = signHeaders({
            method: 'POST',
            url,
            body,
            headers: { 'x-amz-target': 'Logs_20140328.PutLogEvents' },
            credentials: { ...credentials, sessionToken: 'token' },
            region: 'ap-northeast-2',
            service: 'logs',
            nowMs,
          });
          const scope = await verifyRequest(
            { method: 'POST', url: url.pathname + url.search, headers, body },
            { findSecret, nowMs: nowMs + 60_000 },
          );
          assert.deepEqual(scope, {
            accessKeyId: 'AKIDEXAMPLE',
            region: 'ap-northeast-2',
            service: 'logs',
          });
        },
      ),
    );
  });
});

describe('verifyRequest() refuses', () => {
  const body = Buffer.from('{}');
  const signed = (): Record<string, string> =>
    signHeaders({
      method: 'POST',
      url: new URL('http://127.0.0.1:7600/'),
      body,
      headers: { 'x-amz-target': 'Logs_20140328.DescribeLogGroups' },
      credentials,
      region: 'us-east-1',
      service: 'logs',
      nowMs,
    });
  const f = (
    name: string,
    code: string,
    change: {
      headers?: Record<string, string | undefined>;
      body?: Buffer;
      url?: string;
      method?: string;
      nowMs?: number;
    },
  ): void =>
    void it(name, async () => {
      const request = {
        method: change.method ?? 'POST',
        url: change.url ?? '/',
        headers: { ...signed(), ...change.headers },
        body: change.body ?? body,
      };
      await assert.rejects(verifyRequest(request, { findSecret, nowMs: change.nowMs ?? nowMs }), {
        code,
      });
    });
  f('another body', 'SIGNATURE_MISMATCH', { body: Buffer.from('{} ') });
  f('another target', 'SIGNATURE_MISMATCH', {
    headers: { 'x-amz-target': 'Logs_20140328.DeleteLogGroup' },
  });
  f('another host', 'SIGNATURE_MISMATCH', { headers: { host: 'example.com' } });
  f('another method', 'SIGNATURE_MISMATCH', { method: 'PUT' });
  f('another query', 'SIGNATURE_MISMATCH', { url: '/?a=1' });
  f('a session token that is not signed', 'SIGNATURE_MISMATCH', {
    headers: { 'x-amz-security-token': 'x' },
  });
  f('no signature', 'SIGNATURE_MISSING', { headers: { authorization: undefined } });
  f('another scheme', 'SIGNATURE_INCOMPLETE', { headers: { authorization: 'Bearer x' } });
  f('a scope with a part missing', 'SIGNATURE_INCOMPLETE', {
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/logs/aws4_request, SignedHeaders=host, Signature=00',
    },
  });
  f('no date', 'SIGNATURE_INCOMPLETE', { headers: { 'x-amz-date': undefined } });
  f('a host that is not signed', 'SIGNATURE_MISMATCH', {
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/logs/aws4_request, SignedHeaders=x-amz-date;x-amz-target, Signature=00',
    },
  });
  f('an unknown key', 'ACCESS_KEY_UNKNOWN', {
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDOTHER/20150830/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=00',
    },
  });
  f('a signature of six minutes ago', 'SIGNATURE_EXPIRED', { nowMs: nowMs + 360_000 });
  f('a signature from six minutes ahead', 'SIGNATURE_EXPIRED', { nowMs: nowMs - 360_000 });
});

describe('presignUrl()', () => {
  const url = presignUrl({
    method: 'GET',
    url: new URL('https://sts.ap-northeast-2.amazonaws.com/?Action=GetCallerIdentity'),
    headers: { 'x-k8s-aws-id': 'myeks' },
    expiresSeconds: 60,
    credentials: { ...credentials, sessionToken: 'a/b+c=' },
    region: 'ap-northeast-2',
    service: 'sts',
    nowMs,
  });
  const request = {
    method: 'GET',
    url: url.pathname + url.search,
    headers: { host: url.host, 'x-k8s-aws-id': 'myeks' },
    body: Buffer.alloc(0),
  };

  it('is verified while it lives', async () => {
    const scope = await verifyRequest(request, { findSecret, nowMs: nowMs + 59_000 });
    assert.equal(scope.service, 'sts');
    assert.deepEqual(readCredentialScope(request), scope);
  });
  it('is refused when it has expired', async () => {
    await assert.rejects(verifyRequest(request, { findSecret, nowMs: nowMs + 61_000 }), {
      code: 'SIGNATURE_EXPIRED',
    });
  });
  it('is refused for another cluster', async () => {
    const headers = { ...request.headers, 'x-k8s-aws-id': 'other' };
    await assert.rejects(verifyRequest({ ...request, headers }, { findSecret, nowMs }), {
      code: 'SIGNATURE_MISMATCH',
    });
  });
});
