import assert from 'node:assert/strict';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chart, withoutHelm } from '../deploy/helm-tool.ts';
import { eventually } from '../eventually.ts';
import { Cluster, podOf, withoutCluster } from './cluster.ts';
import { buildImage } from './image.ts';

const namespace = `nunchi-chart-${process.pid}`;
const work = `nunchi-chart-work-${process.pid}`;
const release = 'nunchi';
const clusterName = 'by-helm';
const group = `/aws/containerinsights/${clusterName}/application`;
const password = 'correct horse battery';
const serverUid = 10_001;

const startMs = 150_000;
const arrivalMs = 120_000;

/** Counts without end, some twenty a second with much text: the kubelet rotates its log at 1 MiB. */
const counting = [
  `text=$(printf '%02000d' 0)`,
  'n=0; while true; do n=$((n+1)); echo "count $n $text"; sleep 0.05; done',
].join('; ');

/** A server and an agent as people install them: image, chart, service accounts, RBAC, probes. */
describe('the chart in a Kubernetes cluster', {
  skip: withoutCluster() || withoutHelm(),
  timeout: 600_000,
}, () => {
  let cluster: Cluster;
  let folder: string;
  let address: string;
  let trouble = '';

  const helm = (...args: string[]): Promise<string> =>
    cluster.run('helm', [...args, '--namespace', namespace]);

  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const credentials = Buffer.from(`admin:${password}`).toString('base64');
    const headers = { authorization: `Basic ${credentials}`, 'content-type': 'application/json' };
    return fetch(`${address}${path}`, { ...init, headers });
  };

  const findAddress = async (): Promise<void> => {
    type Service = { readonly spec: { readonly clusterIP: string } };
    const { spec } = await cluster.get<Service>('service', release, '-n', namespace);
    address = `http://${spec.clusterIP}:7600`;
  };

  const isReady = async (): Promise<true | undefined> => {
    const response = await ask('/-/ready').catch(() => undefined);
    return response?.status === 200 ? true : undefined;
  };

  /** Numbers that the counting pod wrote, as the store has them, in order. */
  const counted = async (): Promise<number[]> => {
    const response = await ask('/nunchi/logs/export?format=json', {
      method: 'POST',
      body: JSON.stringify({
        text: 'fields @message | filter @message like /count [0-9]+ /',
        language: 'CWLI',
        groups: [group],
        fromMs: Date.now() - 3_600_000,
        toMs: Date.now() + 60_000,
      }),
    });
    const text = await response.text();
    trouble = response.ok ? '' : `${response.status} ${text}`;
    if (!response.ok) return [];
    const numbers = [...text.matchAll(/count (\d+) /g)];
    return numbers.map(([, number]) => Number(number)).sort((a, b) => a - b);
  };

  /**
   * Every number from the first to the last is there, once; and more than before. Batches that were
   * sent again may come after later ones, so that a gap is waited for; nothing may ever be there twice.
   */
  const expectWhole = async (more: number): Promise<number> => {
    let numbers: number[] = [];
    await eventually(
      async () => {
        numbers = await counted();
        const doubled = numbers.filter((number, at) => number === numbers[at - 1]);
        assert.deepEqual(doubled, [], 'stored twice');
        return numbers.length > more && numbers.length === numbers.at(-1) ? true : undefined;
      },
      arrivalMs,
      () => `${numbers.length} lines of ${numbers.at(-1)} came, wanted > ${more}. ${trouble}`,
    );
    return numbers.length;
  };

  before(async () => {
    cluster = await Cluster.up();
    folder = mkdtempSync(join(tmpdir(), 'nunchi-chart-'));
    const data = join(folder, 'data');
    mkdirSync(data);
    chownSync(data, serverUid, serverUid);
    await buildImage(cluster, 'localhost/nunchi:test', join(folder, 'image'));
    const values = {
      image: { repository: 'localhost/nunchi', tag: 'test', pullPolicy: 'Never' },
      clusterName,
      adminPassword: password,
      server: {
        storageSpec: {
          volumeClaimTemplate: {
            spec: {
              storageClassName: '',
              accessModes: ['ReadWriteOnce'],
              resources: { requests: { storage: '1Gi' } },
            },
          },
        },
      },
      agent: { stateDir: join(folder, 'agent'), rootMountPropagation: 'None' },
    };
    writeFileSync(join(folder, 'values.yaml'), JSON.stringify(values));
    await cluster.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: work } },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: namespace },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          claimRef: { namespace, name: `data-${release}-0` },
          hostPath: { path: data },
        },
      },
    );
  });

  after(async () => {
    if (cluster === undefined) return;
    await helm('uninstall', release, '--ignore-not-found').catch(() => {});
    await cluster.kubectl('delete', 'namespace', namespace, work, '--wait=false').catch(() => {});
    await cluster.kubectl('delete', 'pv', namespace, '--wait=false').catch(() => {});
    await cluster[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is installed, and all of its pods get ready', async () => {
    const values = join(folder, 'values.yaml');
    // This API server's own way of merging objects may end it (see Cluster).
    await helm('install', release, chart, '--values', values, '--server-side=false');
    await cluster.kubectl(
      ...['rollout', 'status', `statefulset/${release}`, '-n', namespace],
      `--timeout=${startMs / 1000}s`,
    );
    await cluster.kubectl(
      ...['rollout', 'status', `daemonset/${release}-agent`, '-n', namespace],
      `--timeout=${startMs / 1000}s`,
    );
    await findAddress();
    assert.equal(await isReady(), true);
    assert.equal((await fetch(`${address}/nunchi/kubernetes/status`)).status, 401);
  });

  it('sees the cluster, and nothing is forbidden', async () => {
    type Status = {
      readonly connected: boolean;
      readonly degraded: readonly { readonly resource: string; readonly reason: string }[];
    };
    let status: Status | undefined;
    await eventually(
      async () => {
        status = (await (await ask('/nunchi/kubernetes/status')).json()) as Status;
        return status.connected && status.degraded.every(({ reason }) => reason === 'absent')
          ? true
          : undefined;
      },
      arrivalMs,
      () => JSON.stringify(status),
    );
  });

  it('has every line of a pod once, while the kubelet rotates its log', async () => {
    await cluster.apply(podOf({ name: 'counter', namespace: work, shell: counting }));
    // At 2 KB a line a file holds some 500 lines.
    await expectWhole(700);
  });

  it('is known to the API server by a certificate that it made itself', async () => {
    type ApiService = {
      readonly spec: { readonly caBundle?: string };
      readonly status?: { readonly conditions?: readonly { readonly status: string }[] };
    };
    let service: ApiService | undefined;
    await eventually(
      async () => {
        service = await cluster.get<ApiService>('apiservice', 'v1beta1.metrics.k8s.io');
        return service.status?.conditions?.[0]?.status === 'True' ? true : undefined;
      },
      arrivalMs,
      () => JSON.stringify(service),
    );
    assert.ok(service?.spec.caBundle);
  });

  it('loses nothing in an upgrade and in a rollback', async () => {
    const values = join(folder, 'values.yaml');
    const before = (await counted()).length;
    await helm(
      ...['upgrade', release, chart, '--values', values, '--server-side=false'],
      ...['--set', 'server.podAnnotations.round=two,agent.podAnnotations.round=two'],
      ...['--wait', '--timeout', `${startMs / 1000}s`],
    );
    await findAddress();
    const upgraded = await expectWhole(before + 50);
    await helm(
      'rollback',
      release,
      '1',
      '--server-side=false',
      '--wait',
      '--timeout',
      `${startMs / 1000}s`,
    );
    await expectWhole(upgraded + 50);
  });

  it('recovers by itself when agent, server and API server are killed', async () => {
    const before = (await counted()).length;
    const start = cluster.stopApiServer();
    assert.equal(killPods('agent'), 1);
    assert.equal(killPods('server'), 1);
    start();
    await eventually(isReady, startMs);
    await expectWhole(before + 100);
    type Status = { readonly connected: boolean };
    await eventually(async () => {
      const status = (await (await ask('/nunchi/kubernetes/status')).json()) as Status;
      return status.connected ? true : undefined;
    }, arrivalMs);
  });

  it('leaves nothing behind but the volume', async () => {
    await helm('uninstall', release, '--wait', '--timeout', '120s');
    const kinds = [
      ...['statefulset', 'daemonset', 'pod', 'service', 'configmap', 'secret', 'serviceaccount'],
      ...['role', 'rolebinding', 'clusterrole', 'clusterrolebinding', 'apiservice', 'ingress'],
      ...['networkpolicy', 'poddisruptionbudget'],
    ];
    let left = '';
    await eventually(
      async () => {
        left = await cluster.kubectl(
          ...['get', kinds.join(','), '--all-namespaces', '--ignore-not-found', '-o', 'name'],
          ...['-l', `app.kubernetes.io/instance=${release}`],
        );
        return left.trim() === '' ? true : undefined;
      },
      arrivalMs,
      () => left,
    );
    const claims = await cluster.kubectl('get', 'pvc', '-n', namespace, '-o', 'name');
    assert.equal(claims.trim(), `persistentvolumeclaim/data-${release}-0`);
  });
});

/** As the kernel does when memory is short. @returns how many processes that were */
function killPods(role: 'server' | 'agent'): number {
  let killed = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let command = '';
    try {
      command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      continue; // Ended meanwhile.
    }
    if (!command.includes(`\0${role}\0--config=/etc/nunchi/nunchi.yaml`)) continue;
    process.kill(Number(pid), 'SIGKILL');
    killed++;
  }
  return killed;
}
