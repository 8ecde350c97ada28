import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type NunchiProcess, startNunchi } from '../clients/nunchi-process.ts';
import { eventually } from '../eventually.ts';
import { Cluster, podOf, withoutCluster } from './cluster.ts';

const namespace = 'watched';
const arrivalMs = 120_000;
const sleeping = 'sleep 2147483647';
/** A file system of its own that a volume can fill. */
const volumeFolder = '/tmp/nunchi-watched-volume';

interface Told {
  readonly atMs: number;
  readonly text: string;
  /** All texts of its blocks. */
  readonly blocks: readonly string[];
}

/** One thing that goes wrong that afternoon, and the incident that a person would call it. */
interface Mishap {
  readonly owner: string;
  readonly reasons: readonly string[];
  /** Messages of pods of it are of this one. */
  readonly isOf: (name: string) => boolean;
}

describe('the watch over a real cluster', { skip: withoutCluster(), timeout: 600_000 }, () => {
  let cluster: Cluster;
  let nunchi: NunchiProcess;
  let hook: Server;
  let config: string;
  let folder: string;
  let pods: ChildProcess;
  const told: Told[] = [];
  /** When a pod of that name first had something wrong, as another program sees it. */
  const wrongMs = new Map<string, number>();

  const start = async (dataDir: string): Promise<NunchiProcess> =>
    startNunchi({
      dataDir,
      config: JSON.stringify({
        agent: { enabled: false },
        server: { clusterName: 'myeks' },
        kubernetes: {
          enabled: 'on',
          kubeconfig: join(cluster.folder, 'admin.kubeconfig'),
          namespaces: [namespace],
          stateMetrics: { enabled: false },
        },
        watch: { kwatchConfig: config },
      }),
    });

  before(
    async () => {
      cluster = await Cluster.up();
      hook = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const body = JSON.parse(Buffer.concat(chunks).toString()) as {
          text: string;
          blocks?: { text?: { text: string }; fields?: { text: string }[] }[];
        };
        const blocks = (body.blocks ?? []).flatMap(({ text, fields = [] }) => [
          ...(text === undefined ? [] : [text.text]),
          ...fields.map((field) => field.text),
        ]);
        told.push({ atMs: Date.now(), text: body.text, blocks });
        response.end('ok');
      }).listen(0, '127.0.0.1');
      await once(hook, 'listening');
      await cluster.kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=true');
      await cluster.apply({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { watched: 'yes' } },
      });
      folder = mkdtempSync(join(tmpdir(), 'nunchi-watch-'));
      mountVolume();
      // Well before the rollout that breaks it.
      await cluster.apply(rollout(sleeping));
      config = join(folder, 'config.yaml');
      const { port } = hook.address() as AddressInfo;
      writeFileSync(
        config,
        `alert:
  slack:
    webhook: 'http://127.0.0.1:${port}/services/T/B/X'
    title: joonhan-EKS
pvcMonitor: {enabled: true, interval: 5s, threshold: 70}
notReadyMonitor: {threshold: 10}
daemonSetMonitor: {sustainedMinutes: 0}
correlation: {resolveHoldDown: 3}
namespaceSelector: watched=yes
`,
      );
      pods = followPods(cluster, wrongMs);
      nunchi = await start(join(folder, 'data'));
      await eventually(() => (told.length > 0 ? true : undefined), arrivalMs);
    },
    { timeout: 240_000 },
  );
  after(
    async () => {
      pods?.kill();
      await nunchi?.[Symbol.asyncDispose]();
      hook?.closeAllConnections();
      hook?.close();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      await cluster?.kubectl('delete', 'namespace', namespace, '--wait=true').catch(() => {});
      await cluster?.kubectl('delete', 'pv', namespace, '--wait=false').catch(() => {});
      unmountVolume();
      await cluster?.[Symbol.asyncDispose]();
    },
    { timeout: 120_000 },
  );

  const about = (name: string): readonly Told[] => told.filter(({ text }) => text.includes(name));
  const hear = (name: string, wanted: RegExp): Promise<Told> =>
    eventually(() => about(name).find(({ text }) => wanted.test(text)), arrivalMs).catch(() => {
      throw new Error(`nothing like ${wanted} about ${name}: ${JSON.stringify(told, null, 1)}`);
    });

  it('says that it began, once, and nothing else', () => {
    assert.deepEqual(
      told.map(({ text }) => text),
      [':tada: kwatch@nunchi-0.1.0 just started!'],
    );
  });

  it('tells once of an image that cannot be pulled, and that it is well again', async () => {
    const container = { name: 'nginx-pod', image: 'nginx:1.19.19', imagePullPolicy: 'Always' };
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'nginx-19', namespace },
      spec: { containers: [container], terminationGracePeriodSeconds: 0 },
    });
    const first = await hear('nginx-19', /./);
    assert.equal(first.blocks[0], 'joonhan-EKS');
    assert.ok(first.blocks.includes('*Cluster*\nmyeks'), String(first.blocks));
    assert.ok(first.blocks.includes('*Name*\nnginx-19'));
    assert.ok(first.blocks.includes('*Container*\nnginx-pod'));
    assert.ok(
      first.blocks.some((text) => /^\*Reason\*\n(ErrImagePull|ImagePullBackOff)$/.test(text)),
    );
    assert.ok(first.blocks.some((text) => /Failed to pull image "nginx:1\.19\.19"/.test(text)));
    // It is tried again, backs off, and stays the same trouble.
    await eventually(async () => {
      const pod = await cluster.kubectl('get', 'pod', 'nginx-19', '-n', namespace);
      return pod.includes('ImagePullBackOff') ? true : undefined;
    }, arrivalMs);
    assert.equal(about('nginx-19').length, 1);
    const image = '{"spec":{"containers":[{"name":"nginx-pod","image":"localhost/busybox:1"}]}}';
    await cluster.kubectl('patch', 'pod', 'nginx-19', '-n', namespace, '-p', image).catch(() => {});
    await cluster.kubectl('delete', 'pod', 'nginx-19', '-n', namespace);
    await hear('nginx-19', /^Resolved: /);
    assert.equal(about('nginx-19').length, 2);
  });

  it('calls a bad afternoon what a person would', async (context) => {
    const before = told.length;
    await cluster.kubectl(
      'rollout',
      'status',
      'deployment/broken',
      '-n',
      namespace,
      '--timeout=120s',
    );
    await cluster.apply(...afternoon());
    const mishaps: readonly Mishap[] = [
      {
        owner: 'Deployment watched/typo',
        reasons: ['ErrImagePull', 'ImagePullBackOff'],
        isOf: (name) => name.startsWith('typo-'),
      },
      {
        owner: 'Deployment watched/hungry',
        reasons: ['OOMKilled', 'Error'],
        isOf: (name) => name.startsWith('hungry-'),
      },
      {
        owner: 'StatefulSet watched/deaf',
        reasons: ['NotReady'],
        isOf: (name) => name.startsWith('deaf-'),
      },
      {
        owner: 'Deployment watched/broken',
        reasons: ['Error'],
        isOf: (name) => name.startsWith('broken-'),
      },
      {
        owner: 'Job watched/failing',
        reasons: ['BackoffLimitExceeded', 'Error'],
        isOf: (name) => name.startsWith('failing-'),
      },
      {
        owner: 'Pod watched/homeless',
        reasons: ['Unschedulable'],
        isOf: (name) => name === 'homeless',
      },
      {
        owner: 'PersistentVolumeClaim watched/ledger',
        reasons: ['VolumeUsageHigh'],
        isOf: () => false,
      },
    ];
    for (const { owner, reasons } of mishaps) {
      const first = await hear(owner, /./);
      assert.ok(
        reasons.some((reason) => first.text.startsWith(`${reason} in `)),
        first.text,
      );
    }
    const hungry = await hear('Deployment watched/hungry', /OOMKilled|Error/);
    assert.ok(
      hungry.blocks.some((text) => /more memory than its limit|for want of memory/.test(text)),
      String(hungry.blocks),
    );
    const broken = await hear('Deployment watched/broken', /Error/);
    assert.ok(
      broken.blocks.some((text) => /cannot open the order book/.test(text)),
      String(broken.blocks),
    );
    const volume = await hear('PersistentVolumeClaim watched/ledger', /VolumeUsageHigh/);
    assert.ok(
      volume.blocks.some((text) => /\b(?:7|8|9)\d(?:\.\d+)?\s?%/.test(text)),
      String(volume.blocks),
    );
    // All ten of the rollout have crashed several times by now.
    await eventually(async () => {
      const list = await cluster.get<{
        items: { status: { containerStatuses?: { restartCount: number }[] } }[];
      }>(...['pods', '-n', namespace, '-l', 'app=broken']);
      const restarted = list.items.filter(
        ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) >= 2,
      );
      return restarted.length === 10 ? true : undefined;
    }, 180_000);
    const open = await incidents();
    assert.deepEqual(
      open.map(({ owner }) => owner).sort(),
      mishaps.map(({ owner }) => owner).sort(),
    );
    const firsts = told.slice(before).filter(({ text }) => !/^(Update|Resolved): /.test(text));
    assert.equal(
      firsts.length,
      mishaps.length,
      JSON.stringify(
        firsts.map(({ text }) => text),
        null,
        1,
      ),
    );
    // Beside each first message at most one more: that ten are in trouble is worse than one.
    assert.ok(told.length - before <= 2 * mishaps.length, `${told.length - before} messages`);
    sayDelays(context, firsts, mishaps, wrongMs);
  });

  it('a restart repeats nothing, a node that falls silent is one incident, and it all ends', async () => {
    const dataDir = join(folder, 'data');
    const before = told.length;
    const openBefore = (await incidents()).map(({ id }) => id).sort();
    await nunchi[Symbol.asyncDispose]();
    nunchi = await start(dataDir);
    await eventually(async () => ((await incidents()).length > 0 ? true : undefined), arrivalMs);
    const kubelet = Number(readFileSync(join(cluster.folder, 'kubelet.pid'), 'utf8'));
    process.kill(kubelet, 'SIGSTOP');
    let silent: Told;
    try {
      silent = await hear('Node ', /^NodeNotReady in Node node-1/);
    } finally {
      process.kill(kubelet, 'SIGCONT');
    }
    assert.deepEqual(told.slice(before), [silent], 'nothing but the node');
    await hear('Node node-1', /^Resolved: Node node-1/);
    assert.deepEqual((await incidents()).map(({ id }) => id).sort(), openBefore);
    await cluster.kubectl(
      'delete',
      'deployment,statefulset,job,pod,pvc',
      '--all',
      '-n',
      namespace,
      '--wait=false',
    );
    await eventually(async () => ((await incidents()).length === 0 ? true : undefined), arrivalMs);
    const resolved = told.filter(({ text }) => text.startsWith('Resolved: '));
    assert.equal(new Set(resolved.map(({ text }) => text)).size, resolved.length);
  });

  const incidents = async (): Promise<
    readonly { readonly id: string; readonly owner: string }[]
  > => {
    const answer = await fetch(`${nunchi.url}/nunchi/incidents`);
    const { open } = (await answer.json()) as {
      open: { id: string; owner: { kind: string; namespace: string; name: string } }[];
    };
    return open.map(({ id, owner }) => ({
      id,
      owner: `${owner.kind} ${owner.namespace === '' ? '' : `${owner.namespace}/`}${owner.name}`,
    }));
  };
});

function workload(
  kind: string,
  name: string,
  replicas: number,
  shell: string,
  more: object = {},
): { readonly spec: object } {
  const pod = podOf({ name, namespace, labels: { app: name }, shell }) as unknown as {
    spec: { containers: object[] };
  };
  const [container] = pod.spec.containers;
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      template: {
        metadata: { labels: { app: name } },
        spec: { ...pod.spec, containers: [{ ...container, ...more }] },
      },
    },
  } as unknown as { readonly spec: object };
}

/** Ten pods that are replaced at once. */
function rollout(shell: string): unknown {
  const deployment = workload('Deployment', 'broken', 10, shell);
  const rollingUpdate = { maxUnavailable: '100%', maxSurge: 0 };
  return {
    ...deployment,
    spec: { ...deployment.spec, strategy: { type: 'RollingUpdate', rollingUpdate } },
  };
}

/** Eight mebibytes, most of which are written by whoever mounts the claim. */
function mountVolume(): void {
  unmountVolume();
  mkdirSync(volumeFolder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', volumeFolder]);
}

function unmountVolume(): void {
  try {
    execFileSync('umount', ['-l', volumeFolder], { stdio: 'ignore' });
    rmSync(volumeFolder, { recursive: true, force: true });
  } catch {
    // It was not mounted.
  }
}

/** A claim on a local volume, and the pod that fills it. */
function fullVolume(): readonly unknown[] {
  const size = { storage: '8Mi' };
  const common = { accessModes: ['ReadWriteOnce'], storageClassName: namespace };
  const values = [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] }];
  const writer = podOf({
    name: 'writer',
    namespace,
    shell: `dd if=/dev/zero of=/ledger/book bs=1024 count=7000; ${sleeping}`,
  }) as unknown as { spec: { containers: object[]; volumes: object[] } };
  const [container] = writer.spec.containers;
  const volumeMounts = [{ name: 'ledger', mountPath: '/ledger' }];
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: namespace },
      spec: {
        ...common,
        capacity: size,
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace, name: 'ledger' },
        local: { path: volumeFolder },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: values }] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'ledger', namespace },
      spec: { ...common, volumeName: namespace, resources: { requests: size } },
    },
    {
      ...writer,
      spec: {
        ...writer.spec,
        containers: [{ ...container, volumeMounts }],
        volumes: [{ name: 'ledger', persistentVolumeClaim: { claimName: 'ledger' } }],
      },
    },
  ];
}

/** Image typo, OOM loop, readiness that fails, a rollout that breaks ten pods, a job, no room, a full volume. */
function afternoon(): readonly unknown[] {
  const failing = podOf({
    name: 'failing',
    namespace,
    shell: 'echo no luck; exit 3',
  }) as unknown as {
    spec: object;
  };
  const homeless = podOf({ name: 'homeless', namespace, shell: sleeping }) as unknown as {
    spec: object;
  };
  return [
    workload('Deployment', 'typo', 3, sleeping, {
      image: 'localhost/busibox:1',
      imagePullPolicy: 'Always',
    }),
    workload('Deployment', 'hungry', 1, 'x=a; while true; do x="$x$x"; done', {
      resources: { limits: { memory: '24Mi' } },
    }),
    workload('StatefulSet', 'deaf', 1, sleeping, {
      readinessProbe: { exec: { command: ['false'] }, periodSeconds: 2 },
    }),
    rollout('echo cannot open the order book >&2; exit 1'),
    ...fullVolume(),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'failing', namespace },
      spec: { backoffLimit: 0, template: { spec: { ...failing.spec, restartPolicy: 'Never' } } },
    },
    {
      ...(podOf({ name: 'homeless', namespace, shell: sleeping }) as object),
      spec: { ...homeless.spec, nodeSelector: { nowhere: 'true' } },
    },
  ];
}

/** Notes when something is first wrong with a pod, by a watch of kubectl's own. */
function followPods(cluster: Cluster, wrongMs: Map<string, number>): ChildProcess {
  const child = spawn(
    join(cluster.folder, 'bin/kubectl'),
    ['get', 'pods', '-n', namespace, '-w', '-o', 'jsonpath={.metadata.name} {.status}{"\\n"}'],
    {
      env: { ...process.env, KUBECONFIG: join(cluster.folder, 'admin.kubeconfig') },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  child.on('error', () => {});
  const wrong =
    /ErrImagePull|ImagePullBackOff|CrashLoopBackOff|"reason":"(Error|OOMKilled)"|Unschedulable/;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [name = ''] = line.split(' ');
    if (wrong.test(line) && !wrongMs.has(name)) wrongMs.set(name, Date.now());
  });
  return child;
}

/** How long after the cause people were told; a reading, not a demand. */
function sayDelays(
  context: TestContext,
  firsts: readonly Told[],
  mishaps: readonly Mishap[],
  wrongMs: ReadonlyMap<string, number>,
): void {
  const delays = mishaps.flatMap(({ owner, isOf }) => {
    const causes = [...wrongMs].filter(([name]) => isOf(name)).map(([, atMs]) => atMs);
    const message = firsts.find(({ text }) => text.includes(owner));
    if (causes.length === 0 || message === undefined) return [];
    return [`${owner}: ${message.atMs - Math.min(...causes)} ms`];
  });
  context.diagnostic(`from cause to message: ${delays.join(', ')}`);
}
