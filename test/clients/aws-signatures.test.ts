import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { type AwsResult, awsCli, findAwsCli, skipWithout } from './aws-tool.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';

const path = findAwsCli();

interface Key {
  readonly id: string;
  readonly secret: string;
}

describe('access keys', () => {
  let server: NunchiProcess;
  let viewer: Key;

  before(async () => {
    server = await startNunchi({ config: 'aws:\n  verifySignatures: always\n' });
    const printed = await server.command('access-key', 'create', 'ci', '--role', 'viewer');
    const value = (name: string): string => new RegExp(`${name}=(\\S+)`).exec(printed)![1]!;
    viewer = { id: value('AWS_ACCESS_KEY_ID'), secret: value('AWS_SECRET_ACCESS_KEY') };
  });
  after(() => server?.[Symbol.asyncDispose]());

  describe('with the aws CLI', { skip: skipWithout('aws', path) }, () => {
    const aws = (key: Key, ...args: string[]): Promise<AwsResult> =>
      awsCli(path!, {
        url: server.url,
        home: server.folder,
        env: {
          AWS_ACCESS_KEY_ID: key.id,
          AWS_SECRET_ACCESS_KEY: key.secret,
          // Part of what is signed.
          AWS_SESSION_TOKEN: 'token',
        },
      }).run(...args);

    it('a viewer reads and may not write', async () => {
      const read = await aws(viewer, 'logs', 'describe-log-groups');
      assert.equal(read.code, 0, read.stderr);
      const written = await aws(viewer, 'logs', 'create-log-group', '--log-group-name', 'g');
      assert.equal(written.code, 254);
      assert.match(
        written.stderr,
        /AccessDeniedException.*user\/ci is not authorized to perform: logs:CreateLogGroup/,
      );
      const who = await aws(viewer, 'sts', 'get-caller-identity');
      assert.match(who.stdout, /:user\/ci"/, who.stderr);
    });
    it('a wrong secret and an unknown key are refused', async () => {
      const wrong = await aws({ ...viewer, secret: 'x' }, 'logs', 'describe-log-groups');
      assert.match(wrong.stderr, /InvalidSignatureException/);
      const unknown = await aws({ id: 'AKIDNONE', secret: 'x' }, 'logs', 'describe-log-groups');
      assert.match(unknown.stderr, /UnrecognizedClientException/);
      const sts = await aws({ id: 'AKIDNONE', secret: 'x' }, 'sts', 'get-caller-identity');
      assert.match(sts.stderr, /InvalidClientTokenId/);
    });
  });

  it('the SDK signs as we verify', async () => {
    const client = (secretAccessKey: string): CloudWatchLogsClient =>
      new CloudWatchLogsClient({
        endpoint: server.url,
        region: 'ap-northeast-2',
        credentials: { accessKeyId: viewer.id, secretAccessKey },
        maxAttempts: 1,
      });
    using right = { client: client(viewer.secret), [Symbol.dispose]: () => right.client.destroy() };
    const { logGroups } = await right.client.send(new DescribeLogGroupsCommand({}));
    assert.ok(Array.isArray(logGroups));
    using wrong = { client: client('x'), [Symbol.dispose]: () => wrong.client.destroy() };
    await assert.rejects(wrong.client.send(new DescribeLogGroupsCommand({})), {
      name: 'InvalidSignatureException',
    });
  });
});
