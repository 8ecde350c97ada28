import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type AwsCli, awsCli, findAwsCli, skipWithout } from '../clients/aws-tool.ts';
import { eventually } from '../eventually.ts';
import { freePort, type Program, Rig } from '../faults/rig.ts';
import { Cluster, podOf, withoutCluster } from './cluster.ts';

const clusterName = 'myeks';
const group = `/aws/eks/${clusterName}/cluster`;
/** Its own for each run: one that is being deleted may stay for a while. */
const namespace = `nunchi-control-plane-${Date.now().toString(36)}`;
const arrivalMs = 120_000;
const allTypes = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];
const granted = 'level=info msg="access granted" client="127.0.0.1:57586" method=POST';

const path = findAwsCli();
const skipped = withoutCluster() || skipWithout('aws', path);

describe('control-plane logs of a real cluster', { skip: skipped, timeout: 600_000 }, () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let cluster: Cluster;
  let rig: Rig;
  let agent: Program;
  let aws: AwsCli;

  const eks = async (method: string, what: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${rig.url}/clusters/${clusterName}${what}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text);
  };
  /** Turns types on or off and waits until the agent obeys. */
  const turn = async (enabled: boolean, types: readonly string[]): Promise<void> => {
    const logging = { clusterLogging: [{ types, enabled }] };
    const { update } = (await eks('POST', '/update-config', { logging })) as {
      update: { id: string };
    };
    await eventually(
      async () => {
        const found = await eks('GET', `/updates/${update.id}`);
        const { status } = (found as { update: { status: string } }).update;
        return status === 'Successful' ? true : undefined;
      },
      arrivalMs,
      () => agent.log,
    );
  };
  const messages = async (condition: string): Promise<string[]> => {
    if (!(await rig.groups()).includes(group)) return [];
    const rows: string[] = [];
    for await (const row of rig.rows(`fields @message | filter ${condition}`, [group])) {
      rows.push(String(row['@message']));
    }
    return rows;
  };
  const arrives = (condition: string): Promise<string[]> =>
    eventually(
      async () => {
        const found = await messages(condition);
        return found.length > 0 ? found : undefined;
      },
      arrivalMs,
      () => `No event where ${condition}. ${agent.log}`,
    );
  /** A request of which the audit log tells. */
  const request = async (name: string): Promise<void> => {
    await cluster.kubectl(
      'get',
      'configmaps',
      '-n',
      namespace,
      `--field-selector=metadata.name=${name}`,
    );
  };
  const audited = (name: string): string => `requestURI like "metadata.name%3D${name}&"`;

  before(
    async () => {
      cluster = await Cluster.up();
      cleanups.push(() => cluster[Symbol.asyncDispose]());
      rig = await Rig.open({ serverConfig: { server: { clusterName } } });
      cleanups.push(() => rig[Symbol.asyncDispose]());
      await rig.startServer();
      await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      cleanups.push(() => cluster.kubectl('delete', 'namespace', namespace, '--wait=false'));
      const shell = `i=0; while sleep 1; do i=$((i+1)); echo "time=\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\" ${granted.replaceAll('"', '\\"')} n=$i"; done`;
      cluster.addStaticPod(
        podOf({ name: 'aws-iam-authenticator', namespace: 'kube-system', shell }),
      );
      const controllerManager = startControllerManager(cluster, rig.path('logs'));
      cleanups.push(controllerManager.stop);
      const logs = join(cluster.folder, 'logs');
      const config = rig.config('agent.yaml', {
        server: { clusterName },
        agent: {
          id: 'node-1',
          server: { url: rig.url },
          inputs: { discover: false, journald: 'off', kmsg: 'off' },
          metrics: { enabled: false },
          kubernetes: 'off',
          controlPlane: {
            api: [join(logs, 'kube-apiserver.log')],
            audit: [join(logs, 'kube-apiserver-audit.log')],
            controllerManager: [controllerManager.log],
            scheduler: [join(logs, 'kube-scheduler.log')],
          },
        },
      });
      agent = rig.program({ args: ['agent', '--config', config, '--data-dir', rig.path('agent')] });
      agent.start();
      aws = awsCli(path!, { url: rig.url, home: rig.path('home') });
    },
    { timeout: 240_000 },
  );
  after(
    async () => {
      for (const cleanup of cleanups.reverse()) await cleanup();
    },
    { timeout: 120_000 },
  );

  it('sends nothing before it is switched on, then all five by the aws CLI', async () => {
    await request('before');
    const logging = JSON.stringify({ clusterLogging: [{ types: allTypes, enabled: true }] });
    assert.deepEqual(await rig.groups(), []);
    const update = ['eks', 'update-cluster-config', '--name', clusterName, '--logging', logging];
    await aws.json(...update);
    await request('after');
    await arrives(audited('after'));
    assert.deepEqual(await messages(audited('before')), []);
    await arrives('@logStream like /^authenticator-/');
    assert.ok(
      (await messages('@message like "access granted"')).every((m) => m.startsWith('time=')),
    );
  });

  it('shows in `aws logs tail` that a Deployment was scaled down', async () => {
    // Two would divide the work between them: whose log tells of a pod would be luck.
    using _paused = pause(cluster, 'kube-controller-manager');
    const create = ['create', 'deployment', 'web', '-n', namespace, '--image=localhost/busybox:1'];
    await cluster.kubectl(...create);
    await cluster.kubectl('scale', 'deployment', 'web', '-n', namespace, '--replicas=3');
    await eventually(async () => {
      const { items } = await cluster.get<{ items: unknown[] }>('pods', '-n', namespace);
      return items.length >= 3 ? true : undefined;
    }, arrivalMs);
    const tail = aws.start(
      ...['logs', 'tail', group, '--follow', '--since', '1m'],
      ...['--log-stream-name-prefix', 'kube-controller-manager'],
    );
    try {
      await cluster.kubectl('scale', 'deployment', 'web', '-n', namespace, '--replicas=1');
      const line =
        /^\S+T\S+ kube-controller-manager-[0-9a-f]{32} I\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ replica_set\.go:\d+\] "?Too many replicas.*nunchi-control-plane-\w+\/web-.*need=?\D*1\b.*$/m;
      await eventually(
        () => (line.test(tail.output()) ? true : undefined),
        arrivalMs,
        () => tail.output(),
      );
    } finally {
      await tail.stop();
    }
  });

  it('answers the query for user agents of the audit log', async () => {
    await request('user-agent');
    await arrives(audited('user-agent'));
    const query = `fields userAgent, requestURI, @timestamp, @message
      | filter @logStream ~= "kube-apiserver-audit"
      | stats count(userAgent) as count by userAgent
      | sort count desc`;
    const rows: Record<string, unknown>[] = [];
    for await (const row of rig.rows(query, [group])) rows.push(row);
    const counts = rows.map((row) => Number(row['count']));
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => b - a),
    );
    assert.ok(rows.some((row) => /^kubectl\/v/.test(String(row['userAgent']))));
  });

  it('stops and goes on by the switch, without a loss or a double', async () => {
    for (const round of [1, 2, 3]) {
      await turn(false, ['audit']);
      await request(`off-${round}`);
      // Who cannot know when the other spoke takes it for earlier: by less than this takes.
      await turn(false, ['scheduler']);
      await turn(true, ['scheduler']);
      await turn(true, ['audit']);
      // Just after the answer, whether the agent has heard of it or not.
      await request(`on-${round}`);
      await arrives(audited(`on-${round}`));
      // The others were not touched.
      await arrives('@logStream like /^kube-controller-manager-/');
    }
    assert.deepEqual(await messages('requestURI like /metadata.name%3Doff-/'), []);
    const twice = await messages(
      'auditID like /./ | stats count(*) as n by auditID, stage | filter n > 1',
    );
    assert.deepEqual(twice, []);
  });

  it('loses nothing while the agent is away', async () => {
    await agent.kill();
    await request('away');
    agent.start();
    const found = await arrives(audited('away'));
    assert.equal(found.length, 1);
  });

  it('takes the audit log of a real API server by its webhook', async () => {
    const { url, stop } = await startApiServer(cluster, rig);
    cleanups.push(stop);
    const cloud = (what: string): Promise<Response> =>
      fetch(`${rig.url}/clusters/webhooked${what}`);
    // The cluster is known once its API server has called.
    const ask = (name: string): Promise<string> =>
      cluster.kubectl(
        '--server',
        url,
        'get',
        '--raw',
        `/api/v1/namespaces/${namespace}/secrets/${name}`,
      );
    await eventually(
      async () => {
        await ask('unwanted').catch(() => {});
        return (await cloud('')).status === 200 ? true : undefined;
      },
      arrivalMs,
      () => rig.server.log,
    );
    const logging = { clusterLogging: [{ types: ['audit'], enabled: true }] };
    const switched = await fetch(`${rig.url}/clusters/webhooked/update-config`, {
      method: 'POST',
      body: JSON.stringify({ logging }),
    });
    assert.equal(switched.status, 200);
    await assert.rejects(ask('wanted'));
    const query = 'fields @message, @logStream | filter objectRef.name = "wanted"';
    const rows = await eventually(async () => {
      const found: Record<string, unknown>[] = [];
      for await (const row of rig.rows(query, ['/aws/eks/webhooked/cluster'])) found.push(row);
      return found.length > 0 ? found : undefined;
    }, arrivalMs);
    assert.equal(rows.length, 1);
    assert.match(String(rows[0]?.['@logStream']), /^kube-apiserver-audit-[0-9a-f]{32}$/);
    const event = JSON.parse(String(rows[0]?.['@message'])) as Record<string, unknown>;
    assert.equal(event['kind'], 'Event');
    assert.equal(event['apiVersion'], 'audit.k8s.io/v1');
    assert.equal((event['responseStatus'] as { code: number }).code, 404);
  });

  it('deletes the group when all is off, and it stays away', async () => {
    await turn(false, allTypes);
    await aws.json('logs', 'delete-log-group', '--log-group-name', group);
    await request('gone');
    await turn(true, ['scheduler']);
    await turn(false, ['scheduler']);
    await request('gone-again');
    assert.deepEqual(await messages(audited('gone')), []);
    assert.deepEqual(await messages(audited('gone-again')), []);
  });
});

/** Writes what EKS exports: the cluster's own is less talkative. */
function startControllerManager(
  { folder }: Cluster,
  logFolder: string,
): { readonly log: string; stop(): Promise<void> } {
  const log = join(logFolder, 'kube-controller-manager.log');
  const fd = openSync(log, 'a');
  const { program, args } = commandOf(folder, 'kube-controller-manager', /^--bind-address/);
  const child: ChildProcess = spawn(
    program,
    [
      ...args,
      ...['--controllers=replicaset,deployment,serviceaccount-token'],
      ...['--port=0', '--secure-port=0', '--v=2'],
    ],
    { stdio: ['ignore', fd, fd] },
  );
  closeSync(fd);
  const ended = once(child, 'exit');
  return {
    log,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A second API server over the same data, with the webhook as its audit backend. */
async function startApiServer(
  { folder }: Cluster,
  rig: Rig,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const webhook = rig.config('audit-webhook.yaml', {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'nunchi',
        cluster: { server: `${rig.url}/nunchi/kubernetes/audit/webhooked` },
      },
    ],
    users: [{ name: 'audit', user: {} }],
    contexts: [{ name: 'nunchi', context: { cluster: 'nunchi', user: 'audit' } }],
    'current-context': 'nunchi',
  });
  const own = /^--(audit-log|secure-port|bind-address|endpoint-reconciler)/;
  const { program, args } = commandOf(folder, 'kube-apiserver', own);
  const fd = openSync(join(rig.path('logs'), 'kube-apiserver-2.log'), 'a');
  const child = spawn(
    program,
    [
      ...args,
      ...['--secure-port', String(port), '--bind-address', '127.0.0.1'],
      ...['--endpoint-reconciler-type', 'none', '--audit-webhook-config-file', webhook],
      ...['--audit-webhook-batch-max-wait', '1s'],
    ],
    { stdio: ['ignore', fd, fd] },
  );
  closeSync(fd);
  const ended = once(child, 'exit');
  return {
    url: `https://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Stops a program of the cluster where it is, until disposed of. */
function pause({ folder }: Cluster, name: string): Disposable {
  const pid = pidOf(folder, name);
  process.kill(pid, 'SIGSTOP');
  return { [Symbol.dispose]: () => void process.kill(pid, 'SIGCONT') };
}

const pidOf = (folder: string, name: string): number =>
  Number(readFileSync(join(folder, `${name}.pid`), 'utf8').trim());

/** How a program of the cluster was started, without some of its flags (`--flag value`). */
function commandOf(
  folder: string,
  name: string,
  without: RegExp,
): { readonly program: string; readonly args: readonly string[] } {
  const parts = readFileSync(`/proc/${pidOf(folder, name)}/cmdline`, 'utf8').split('\0');
  const [program = '', ...args] = parts.filter((part) => part !== '');
  const kept = args.filter((part, i) => !without.test(part) && !without.test(args[i - 1] ?? ''));
  return { program, args: kept };
}
