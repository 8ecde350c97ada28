import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { type AwsCli, awsCli, findAwsCli, skipWithout } from './aws-tool.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';

const path = findAwsCli();
const allTypes = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];
const config = 'server: { clusterName: myeks, accountId: "123456789012" }\n';

/** As the post and the user guide have it. */
const logging = (enabled: boolean, ...types: string[]): string =>
  JSON.stringify({ clusterLogging: [{ types, enabled }] });

interface Update {
  readonly id: string;
  readonly status: string;
  readonly type: string;
  readonly params: readonly { readonly type: string; readonly value: string }[];
  readonly errors: readonly unknown[];
}

describe('the aws CLI: eks', { skip: skipWithout('aws', path) }, () => {
  let dataDir: string;
  let server: NunchiProcess;
  let aws: AwsCli;
  const eks = (...args: string[]): Promise<unknown> => aws.json('eks', ...args);
  const cluster = ['--name', 'myeks'];
  const fails = async (args: readonly string[], stderr: string): Promise<void> => {
    const result = await aws.run('eks', ...args);
    assert.equal(result.code, 254, result.stderr);
    assert.equal(result.stderr.trim(), stderr);
  };
  const switchTypes = async (text: string): Promise<Update> => {
    const args = ['update-cluster-config', ...cluster, '--logging', text];
    return ((await eks(...args)) as { update: Update }).update;
  };
  const switches = async (): Promise<unknown> =>
    eks('describe-cluster', ...cluster, '--query', 'cluster.logging.clusterLogging');
  const groups = (): Promise<unknown> =>
    aws.json('logs', 'describe-log-groups', '--query', 'logGroups[].logGroupName');

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'nunchi-eks-'));
    server = await startNunchi({ config, dataDir });
    aws = awsCli(path!, { url: server.url, home: server.folder });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('lists and describes the cluster, everything off', async () => {
    assert.deepEqual(await eks('list-clusters'), { clusters: ['myeks'] });
    const { cluster: described } = (await eks('describe-cluster', ...cluster)) as {
      cluster: Record<string, unknown>;
    };
    assert.equal(described['name'], 'myeks');
    assert.equal(described['status'], 'ACTIVE');
    assert.equal(described['arn'], 'arn:aws:eks:ap-northeast-2:123456789012:cluster/myeks');
    assert.match(String(described['createdAt']), /^\d{4}-\d\d-\d\dT/);
    assert.deepEqual(await switches(), [{ types: allTypes, enabled: false }]);
  });

  it('switches types on and off, each for itself, and makes the log group', async () => {
    const update = await switchTypes(logging(true, ...allTypes));
    const { id, ...rest } = update;
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    assert.deepEqual(
      { ...rest, createdAt: undefined },
      {
        status: 'InProgress',
        type: 'LoggingUpdate',
        params: [
          {
            type: 'ClusterLogging',
            value: `{"clusterLogging":[{"types":["api","audit","authenticator","controllerManager","scheduler"],"enabled":true}]}`,
          },
        ],
        createdAt: undefined,
        errors: [],
      },
    );
    assert.deepEqual(await switches(), [{ types: allTypes, enabled: true }]);
    assert.deepEqual(await groups(), ['/aws/eks/myeks/cluster']);
    const named = ['describe-update', ...cluster, '--update-id', id, '--query', 'update.status'];
    await eventually(async () => ((await eks(...named)) === 'Successful' ? true : undefined));
    await eks('wait', 'cluster-active', ...cluster);

    await switchTypes(logging(false, 'scheduler', 'api'));
    assert.deepEqual(await switches(), [
      { types: ['audit', 'authenticator', 'controllerManager'], enabled: true },
      { types: ['api', 'scheduler'], enabled: false },
    ]);
    const { updateIds } = (await eks('list-updates', ...cluster)) as { updateIds: string[] };
    assert.equal(updateIds.length, 2);
    assert.ok(updateIds.includes(id));
  });

  it('takes what eksctl sends: two entries, one of them empty', async () => {
    const clusterLogging = [
      { enabled: true, types: [] },
      { enabled: false, types: allTypes },
    ];
    const { status } = await switchTypes(JSON.stringify({ clusterLogging }));
    assert.equal(status, 'InProgress');
    assert.deepEqual(await switches(), [{ types: allTypes, enabled: false }]);
    // The group stays, as on AWS.
    assert.deepEqual(await groups(), ['/aws/eks/myeks/cluster']);
    const versions = (await aws.json(
      'eks',
      'list-nodegroups',
      '--cluster-name',
      'myeks',
    )) as object;
    assert.deepEqual(versions, { nodegroups: [] });
  });

  it('refuses in the words of EKS', async () => {
    const update = ['update-cluster-config', '--logging'];
    await fails(
      [...update, logging(false, 'api'), ...cluster],
      'An error occurred (InvalidParameterException) when calling the UpdateClusterConfig operation: No changes needed for the logging config provided',
    );
    await fails(
      [...update, logging(true, 'api'), '--name', 'none'],
      'An error occurred (ResourceNotFoundException) when calling the UpdateClusterConfig operation: No cluster found for name: none.',
    );
    await fails(
      [...update, logging(true, 'etcd'), ...cluster],
      "An error occurred (InvalidParameterException) when calling the UpdateClusterConfig operation: 1 validation error detected: Value 'etcd' at 'logging.clusterLogging.1.member.types.1.member' failed to satisfy constraint: Member must satisfy enum value set: [api, audit, authenticator, controllerManager, scheduler]",
    );
    await fails(
      ['describe-cluster', '--name', 'none'],
      'An error occurred (ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: none.',
    );
    await fails(
      ['describe-update', ...cluster, '--update-id', 'none'],
      'An error occurred (ResourceNotFoundException) when calling the DescribeUpdate operation: No update found for ID: none',
    );
    await fails(
      ['describe-addon', '--cluster-name', 'myeks', '--addon-name', 'vpc-cni'],
      'An error occurred (ResourceNotFoundException) when calling the DescribeAddon operation: No addon: vpc-cni found in cluster: myeks',
    );
    await fails(
      ['delete-cluster', ...cluster],
      'An error occurred (InvalidRequestException) when calling the DeleteCluster operation: DELETE /clusters/myeks is not supported here',
    );
  });

  it('keeps tags', async () => {
    const arn = ['--resource-arn', 'arn:aws:eks:ap-northeast-2:123456789012:cluster/myeks'];
    await eks('tag-resource', ...arn, '--tags', 'team=platform,stage=test');
    await eks('untag-resource', ...arn, '--tag-keys', 'stage');
    assert.deepEqual(await eks('list-tags-for-resource', ...arn), { tags: { team: 'platform' } });
  });

  it('keeps switches and updates across restarts', async () => {
    await switchTypes(logging(true, 'audit'));
    await server[Symbol.asyncDispose]();
    server = await startNunchi({ config, dataDir });
    aws = awsCli(path!, { url: server.url, home: server.folder });
    const { cluster: found } = (await eks('describe-cluster', ...cluster)) as {
      cluster: Record<string, unknown>;
    };
    assert.deepEqual(found['logging'], {
      clusterLogging: [
        { types: ['audit'], enabled: true },
        { types: ['api', 'authenticator', 'controllerManager', 'scheduler'], enabled: false },
      ],
    });
    assert.deepEqual(found['tags'], { team: 'platform' });
    const { updateIds } = (await eks('list-updates', ...cluster)) as { updateIds: string[] };
    assert.equal(updateIds.length, 4);
  });
});
