import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { findAwsCli, skipWithout } from './aws-tool.ts';
import { eksGroup, eksStreams } from './eks-logs.ts';
import { type EksServer, startEksServer } from './eks-server.ts';

const path = findAwsCli();

describe('the aws CLI: groups, streams, events', { skip: skipWithout('aws', path) }, () => {
  let eks: EksServer;
  let nowMs: number;
  const logs = (...args: string[]): Promise<unknown> => eks.logs(...args);
  const fails = (args: readonly string[], stderr: RegExp): Promise<void> => eks.fails(args, stderr);

  before(async () => {
    eks = await startEksServer(path!);
    ({ nowMs } = eks);
  });
  after(() => eks?.[Symbol.asyncDispose]());

  it('describes groups and streams', async () => {
    const { logGroups } = (await logs('describe-log-groups')) as {
      logGroups: Record<string, unknown>[];
    };
    const found = logGroups.find((group) => group['logGroupName'] === eksGroup);
    assert.equal(
      found?.['arn'],
      `arn:aws:logs:ap-northeast-2:123456789012:log-group:${eksGroup}:*`.replace(
        '123456789012',
        String(found?.['arn']).split(':')[4]!,
      ),
    );
    const reply = (await logs(
      'describe-log-streams',
      '--log-group-name',
      eksGroup,
      '--order-by',
      'LastEventTime',
      '--descending',
    )) as { logStreams: Record<string, unknown>[] };
    assert.equal(reply.logStreams.length, eksStreams.length);
    assert.equal(reply.logStreams[0]?.['lastEventTimestamp'], nowMs);
  });

  it('pages through a list by itself', async () => {
    const reply = (await logs(
      'describe-log-streams',
      '--log-group-name',
      eksGroup,
      '--page-size',
      '1',
      '--query',
      'logStreams[].logStreamName',
    )) as string[];
    assert.deepEqual(reply, eksStreams.map(({ name }) => name).sort());
  });

  it('sets and removes retention, tags and deletion', async () => {
    const group = ['--log-group-name', 'cli/short'];
    await logs('create-log-group', ...group);
    await logs('put-retention-policy', ...group, '--retention-in-days', '7');
    const [described] = (await logs(
      'describe-log-groups',
      '--log-group-name-prefix',
      'cli/short',
      '--query',
      'logGroups[]',
    )) as { retentionInDays?: number; arn: string }[];
    assert.equal(described?.retentionInDays, 7);
    await logs('delete-retention-policy', ...group);
    const arn = described.arn.replace(/:\*$/, '');
    await logs('tag-resource', '--resource-arn', arn, '--tags', 'a=1,b=2');
    await logs('untag-resource', '--resource-arn', arn, '--tag-keys', 'a');
    assert.deepEqual(await logs('list-tags-for-resource', '--resource-arn', arn), {
      tags: { b: '2' },
    });
    assert.deepEqual(await logs('list-tags-log-group', '--log-group-name', eksGroup), {
      tags: { team: 'platform' },
    });
    await logs('create-log-stream', ...group, '--log-stream-name', 's');
    await logs('delete-log-stream', ...group, '--log-stream-name', 's');
    await logs('delete-log-group', ...group);
    await fails(['delete-log-group', ...group], /ResourceNotFoundException/);
  });

  it('gets events of a stream, forward with tokens', async () => {
    const [{ name, messages }] = eksStreams as [(typeof eksStreams)[number]];
    const stream = ['--log-group-name', eksGroup, '--log-stream-name', name, '--start-from-head'];
    const first = (await logs('get-log-events', ...stream, '--limit', '3')) as {
      events: { message: string }[];
      nextForwardToken: string;
    };
    const second = (await logs(
      'get-log-events',
      ...stream,
      '--next-token',
      first.nextForwardToken,
    )) as typeof first;
    assert.deepEqual(
      [...first.events, ...second.events].map(({ message }) => message),
      messages,
    );
    const end = (await logs(
      'get-log-events',
      ...stream,
      '--next-token',
      second.nextForwardToken,
    )) as typeof first;
    assert.equal(end.nextForwardToken, second.nextForwardToken);
    assert.deepEqual(end.events, []);
  });

  it('filters events by pattern and stream', async () => {
    const filter = async (...args: string[]): Promise<unknown> =>
      logs(
        'filter-log-events',
        '--log-group-name',
        eksGroup,
        '--query',
        'events[].message',
        ...args,
      );
    const [audits, , controllers] = eksStreams;
    assert.deepEqual(
      await filter('--filter-pattern', '{ $.verb = "create" && $.responseStatus.code >= 400 }'),
      [audits!.messages[3]],
    );
    assert.deepEqual(await filter('--filter-pattern', '"Too many replicas"'), [
      controllers!.messages[0],
    ]);
    assert.deepEqual(await filter('--log-stream-names', controllers!.name), controllers!.messages);
    assert.equal(((await filter('--page-size', '2')) as unknown[]).length, 8);
  });

  describe('logs tail', () => {
    const controllers = eksStreams[2]!;
    const prefix = ['--log-stream-name-prefix', 'kube-controller-manager'];
    const tail = async (...args: string[]): Promise<string[]> => {
      const { code, stdout, stderr } = await eks.aws.run('logs', 'tail', eksGroup, ...args);
      assert.equal(code, 0, stderr);
      return stdout.trimEnd().split('\n');
    };
    const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

    it('prints the detailed format', async () => {
      const lines = await tail('--since', '10m', ...prefix);
      assert.deepEqual(
        lines,
        controllers.messages.map(
          (message, i) =>
            `${iso(nowMs - 1000 + i * 1000)}.000000+00:00 ${controllers.name} ${message}`,
        ),
      );
    });
    it('prints the short format', async () => {
      const lines = await tail(
        '--since',
        '1h',
        '--format',
        'short',
        '--filter-pattern',
        'reflector',
      );
      assert.deepEqual(lines, [`${iso(nowMs)} ${controllers.messages[1]}`]);
    });
    it('prints the json format', async () => {
      const lines = await tail(
        '--since',
        iso(nowMs - 600_000),
        '--format',
        'json',
        '--filter-pattern',
        '{ $.responseStatus.code = 403 }',
      );
      assert.match(lines[0]!, /kube-apiserver-audit-/);
      const document = JSON.parse(lines.slice(1).join('\n')) as { verb: string };
      assert.equal(document.verb, 'create');
    });
    it('follows: each new line once', async () => {
      const follow = eks.aws.start(
        ...['logs', 'tail', eksGroup, '--follow', '--since', '10m', '--format', 'short', ...prefix],
      );
      try {
        await eventually(() => follow.output().includes('Too many replicas') || undefined);
        for (const message of ['first new line', 'second new line']) {
          await logs(
            ...['put-log-events', '--log-group-name', eksGroup],
            ...['--log-stream-name', controllers.name],
            ...['--log-events', `timestamp=${Date.now()},message=${message}`],
          );
        }
        await eventually(() => follow.output().includes('second new line') || undefined);
      } finally {
        await follow.stop();
      }
      const lines = follow.output().trimEnd().split('\n');
      for (const text of [
        'Too many replicas',
        'reflector.go',
        'first new line',
        'second new line',
      ]) {
        assert.equal(lines.filter((line) => line.includes(text)).length, 1, follow.output());
      }
    });
  });

  it('learns who it is', async () => {
    const { Arn, Account } = (await eks.aws.json('sts', 'get-caller-identity')) as Record<
      string,
      string
    >;
    assert.match(Account!, /^\d{12}$/);
    assert.ok(Arn!.startsWith(`arn:aws:iam::${Account}:user/`));
  });
});
