import assert from 'node:assert/strict';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { type Program, Rig, withoutUnshare } from '../faults/rig.ts';
import { Cluster, podOf as podWith, withoutCluster } from './cluster.ts';
import {
  jsonLinesWritten,
  makeAccount,
  otherLines,
  proxyLines,
  removePods,
  spaces,
  startOther,
  startPods,
  writer,
  writtenLines,
} from './workload.ts';

/** The test reads what real pods wrote: all of it is there once the last pod has written. */
const arrivalMs = 120_000;
const clusterName = 'by-itself';
const hourMs = 3_600_000;
const clockShift = new URL('../faults/clock-shift.fixture.ts', import.meta.url).href;

interface Message {
  readonly log: string;
  readonly stream: string;
  readonly log_processed?: Record<string, unknown>;
  readonly kubernetes: Readonly<Record<string, unknown>>;
}

const groupOf = (cluster: string, kind = 'application'): string =>
  `/aws/containerinsights/${cluster}/${kind}`;

const data = process.env['NUNCHI_TEST_DATA'];
const skipped = withoutCluster() || withoutUnshare();
const stockSkip = data === undefined || data === '' ? 'NUNCHI_TEST_DATA is not set' : false;

describe('the agent in a Kubernetes cluster', { skip: skipped, timeout: 600_000 }, () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let cluster: Cluster;
  let rig: Rig;
  let account: string;
  let node: string;
  let clockFile: string;
  /** The wall clock of the server and of the agent, so far from the cluster's. */
  const setClock = (shiftMs: number): void => writeFileSync(clockFile, String(shiftMs));

  const rowsOf = async (text: string, group: string): Promise<Record<string, unknown>[]> => {
    if (!(await rig.groups()).includes(group)) return [];
    const rows: Record<string, unknown>[] = [];
    for await (const row of rig.rows(text, [group])) rows.push(row);
    return rows;
  };
  const find = async (
    condition: string,
    group: string = groupOf(clusterName),
  ): Promise<{ readonly stream: string; readonly message: Message }[]> =>
    (await rowsOf(`fields @message, @logStream | filter ${condition}`, group)).map((row) => ({
      stream: String(row['@logStream']),
      message: JSON.parse(String(row['@message'])) as Message,
    }));
  /** Asks until that many events are found; more is a failure too. */
  const findAll = async (
    condition: string,
    count: number,
    group?: string,
    tell: () => string = () => '',
  ): ReturnType<typeof find> => {
    let found: Awaited<ReturnType<typeof find>> = [];
    await eventually(
      async () => {
        found = await find(condition, group);
        return found.length >= count ? true : undefined;
      },
      arrivalMs,
      () => `${found.length} of ${count} events where ${condition}. ${tell()}`,
    );
    assert.equal(found.length, count, condition);
    return found;
  };
  const linesOf = (found: readonly { readonly message: Message }[]): string[] =>
    found.map(({ message: { stream, log } }) => `${stream} ${log}`).sort();
  const podOf = (
    name: string,
    namespace: string,
  ): Promise<{
    readonly metadata: { readonly uid: string };
    readonly status: {
      readonly podIP: string;
      readonly containerStatuses: readonly {
        readonly restartCount: number;
        readonly containerID: string;
        readonly imageID: string;
        readonly state: Readonly<Record<string, unknown>>;
        readonly lastState: { readonly terminated?: { readonly containerID: string } };
      }[];
    };
  }> => cluster.get('pod', name, '-n', namespace);
  /** The ids of the writer's containers, the one that ended and the one that runs. */
  const writerIds = async (): Promise<string[]> => {
    const { status } = await podOf(writer.name, spaces.app);
    return status.containerStatuses
      .flatMap(({ containerID, lastState }) => [lastState.terminated?.containerID, containerID])
      .map((id) => String(id).replace(/^.*\//, ''));
  };

  before(
    async () => {
      cluster = await Cluster.up();
      cleanups.push(() => cluster[Symbol.asyncDispose]());
      rig = await Rig.open();
      cleanups.push(() => rig[Symbol.asyncDispose]());
      await startOther(cluster);
      cleanups.push(() => removePods(cluster));
      account = rig.path('run', 'secrets', 'kubernetes.io', 'serviceaccount');
      const { token, ca } = await makeAccount(cluster);
      writeFileSync(join(account, 'token'), token);
      writeFileSync(join(account, 'ca.crt'), ca);
      await cluster.kubectl(
        ...['wait', '--for=condition=Ready', 'pod/early', '-n', spaces.other, '--timeout=60s'],
      );
      node = (await cluster.get<{ items: { metadata: { name: string } }[] }>('nodes')).items[0]!
        .metadata.name;
      clockFile = join(rig.path('clock'), 'shift');
      setClock(0);
      const started = rig.program({
        args: [
          ...['start', '--listen', `127.0.0.1:${rig.port}`],
          ...['--data-dir', rig.path('start')],
        ],
        // As a pod has it: the cluster's own address of the API server.
        env: {
          KUBERNETES_SERVICE_HOST: '10.96.0.1',
          KUBERNETES_SERVICE_PORT: '443',
          NUNCHI_CLUSTER_NAME: clusterName,
          NODE_OPTIONS: `--import ${clockShift}`,
          NUNCHI_TEST_CLOCK: clockFile,
        },
        mounts: [{ source: rig.path('run'), target: '/run' }],
      });
      started.start();
      await eventually(
        async () => ((await fetch(`${rig.url}/-/ready`)).status === 200 ? true : undefined),
        120_000,
        () => started.log,
      );
      await startPods(cluster);
      await eventually(
        async () => {
          const { status } = await podOf(writer.name, spaces.app);
          const first = status.containerStatuses?.[0];
          return first?.restartCount === 1 && first.state['running'] !== undefined
            ? true
            : undefined;
        },
        arrivalMs,
        () => 'The writer was not restarted',
      );
    },
    { timeout: 240_000 },
  );
  after(
    async () => {
      for (const cleanup of cleanups.reverse()) await cleanup();
    },
    { timeout: 120_000 },
  );

  describe('without a configuration', () => {
    it('has every line of a pod once, also after a restart of its container', async () => {
      const expected = writtenLines();
      const condition = `kubernetes.namespace_name = "${spaces.app}"`;
      const found = await findAll(condition, expected.length);
      assert.deepEqual(linesOf(found), expected);
      const byLabel = await find('kubernetes.labels.app = "writer"');
      assert.deepEqual(linesOf(byLabel), expected);
      const [first, second] = await writerIds();
      const streams = new Set(found.map(({ stream }) => stream));
      assert.equal(streams.size, 2);
      for (const id of [first, second]) {
        const file = `application.var.log.containers.${writer.name}_${spaces.app}_main-${id}.log`;
        assert.ok(
          [...streams].some((stream) => stream.endsWith(`-${file}`)),
          `${file} in ${[...streams]}`,
        );
      }
    });

    it('says of each line which container wrote it', async () => {
      const ids = await writerIds();
      const { metadata, status } = await podOf(writer.name, spaces.app);
      const found = await find('kubernetes.labels.app = "writer"');
      for (const { message } of found) {
        const { docker_id: id, container_hash: hash, ...others } = message.kubernetes;
        assert.deepEqual(others, {
          pod_name: writer.name,
          namespace_name: spaces.app,
          pod_id: metadata.uid,
          labels: writer.labels,
          host: node,
          container_name: 'main',
          container_image: 'localhost/busybox:1',
        });
        assert.ok(ids.includes(String(id)), String(id));
        // The first lines come before the kubelet has told the image's digest.
        assert.ok(hash === undefined || hash === status.containerStatuses[0]?.imageID);
      }
      const early = await findAll('kubernetes.pod_name = "early"', otherLines);
      const { status: earlyStatus } = await podOf('early', spaces.other);
      for (const { message } of early) {
        assert.equal(
          message.kubernetes['container_hash'],
          earlyStatus.containerStatuses[0]?.imageID,
        );
      }
    });

    it('counts by label, and by the fields of JSON lines', async () => {
      await findAll('kubernetes.labels.app = "parsed"', 2);
      const counted = await rowsOf(
        'filter ispresent(kubernetes.labels.app) | stats count(*) as n by kubernetes.labels.app as app | sort app asc',
        groupOf(clusterName),
      );
      assert.deepEqual(
        counted.map(({ app, n }) => [app, Number(n)]).filter(([app]) => app !== 'static'),
        [
          ['other', otherLines],
          ['parsed', 2],
          // Not `quiet`: its pod asks to be left out.
          ['writer', writtenLines().length],
        ],
      );
      const tiers = await find(
        '`kubernetes.labels.shop.io/tier` = "back" and log_processed.level = "info"',
      );
      assert.equal(tiers.length, jsonLinesWritten);
      for (const { message } of tiers) {
        assert.deepEqual(message.log_processed, JSON.parse(message.log));
      }
    });

    it('knows a static pod by its mirror', async () => {
      const [found] = await findAll('log = "from a static pod"', 1);
      const { metadata } = await podOf(`of-the-node-${node}`, 'default');
      assert.equal(found?.message.kubernetes['pod_id'], metadata.uid);
      assert.deepEqual(found?.message.kubernetes['labels'], { app: 'static' });
    });

    it('puts the data plane into its own group', async () => {
      const condition = 'kubernetes.pod_name = "kube-proxy-x2x"';
      const found = await findAll(condition, proxyLines, groupOf(clusterName, 'dataplane'));
      assert.ok(
        found.every(({ stream }) => stream.includes('-dataplane.tail.var.log.containers.')),
      );
      assert.deepEqual(await find(condition), []);
    });

    it('goes on when the clock of the node is set', async () => {
      for (const hours of [2, -1, 0]) {
        setClock(hours * hourMs);
        const name = `clock-${hours + 1}`;
        const shell = `for i in $(seq 1 20); do echo "${name} $i"; done; sleep 2147483647`;
        await cluster.apply(
          podWith({ name, namespace: spaces.other, labels: { app: name }, shell }),
        );
        const found = await findAll(`kubernetes.labels.app = "${name}"`, 20);
        assert.deepEqual(
          found.map(({ message }) => message.log).sort(),
          Array.from({ length: 20 }, (_, i) => `${name} ${i + 1}`).sort(),
        );
        let answer = '';
        await eventually(
          async () => {
            const query = encodeURIComponent(`kube_pod_info{pod="${name}"}`);
            answer = await (await fetch(`${rig.url}/api/v1/query?query=${query}`)).text();
            return answer.includes(`"node":"${node}"`) ? true : undefined;
          },
          arrivalMs,
          () => `${hours} hours: ${answer}`,
        );
      }
    });
  });

  describe('with Fluent Bit files', { skip: stockSkip }, () => {
    /** An agent by those files, which find a service account, a service and folders as in a pod. */
    const startAgent = (name: string, configFile: string): Program => {
      const folder = rig.path(name);
      const hosts = join(folder, 'hosts');
      writeFileSync(
        hosts,
        `${readFileSync('/etc/hosts', 'utf8')}\n10.96.0.1 kubernetes.default.svc\n`,
      );
      for (const part of ['var/log', 'var/fluent-bit/state', 'log']) rig.path(name, part);
      // /var/run is /run on every Linux of today.
      symlinkSync('/run', join(folder, 'var', 'run'));
      const agent = rig.program({
        args: ['agent', '-c', configFile],
        env: {
          AWS_REGION: 'ap-northeast-2',
          AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'secret',
          AWS_ENDPOINT_URL: rig.url,
          AWS_EC2_METADATA_DISABLED: 'true',
          CLUSTER_NAME: name,
          HOST_NAME: node,
          HTTP_SERVER: 'Off',
          HTTP_PORT: '0',
          READ_FROM_HEAD: 'On',
          READ_FROM_TAIL: 'On',
        },
        mounts: [
          { source: rig.path('run'), target: '/run' },
          { source: hosts, target: '/etc/hosts' },
          // A /var with the state folder of the files in it, and the real logs.
          { source: '/var/log', target: join(folder, 'log') },
          { source: join(folder, 'var'), target: '/var' },
          { source: join(folder, 'log'), target: '/var/log' },
        ],
      });
      agent.start();
      return agent;
    };

    it('runs those of the EKS add-on unchanged: all lines, metadata from the kubelet, parsers that pods wish for', async () => {
      const name = 'eks-stock';
      const agent = startAgent(name, join(data!, 'fluent-bit', 'eks-addon', 'fluent-bit.conf'));
      const group = groupOf(name);
      const tell = (): string => agent.log;
      const expected = writtenLines();
      const inApp = `kubernetes.namespace_name = "${spaces.app}"`;
      const found = await findAll(inApp, expected.length, group, tell);
      assert.deepEqual(linesOf(found), expected);
      const { metadata, status } = await podOf(writer.name, spaces.app);
      const ids = await writerIds();
      for (const { stream, message } of found) {
        const { docker_id: id, ...others } = message.kubernetes;
        assert.ok(ids.includes(String(id)), String(id));
        assert.equal(
          stream,
          `${node}-application.var.log.containers.${writer.name}_${spaces.app}_main-${id}.log`,
        );
        const own = Object.entries(others).filter(([key]) => !key.startsWith('aws_entity_'));
        assert.deepEqual(Object.fromEntries(own), {
          pod_name: writer.name,
          namespace_name: spaces.app,
          pod_id: metadata.uid,
          host: node,
          pod_ip: status.podIP,
          container_name: 'main',
          container_hash: status.containerStatuses[0]?.imageID,
          container_image: 'localhost/busybox:1',
        });
      }
      const json = await find(`${inApp} and log_processed.level = "info"`, group);
      assert.equal(json.length, jsonLinesWritten);

      const parsed = await findAll('kubernetes.pod_name = "parsed"', 2, group, tell);
      const processed = parsed.map(({ message }) => message.log_processed);
      const fields = processed.find((value) => value !== undefined);
      assert.equal(fields?.['ident'], 'sshd');
      assert.equal(fields?.['message'], 'session opened');
      assert.equal(processed.filter((value) => value !== undefined).length, 1);

      // K8S-Logging.Exclude is off in these files: the annotation is not obeyed.
      await findAll('kubernetes.pod_name = "quiet"', 1, group, tell);
      const proxy = await findAll(
        'log like /^proxy/',
        proxyLines,
        groupOf(name, 'dataplane'),
        tell,
      );
      assert.ok(proxy.every(({ stream }) => stream.startsWith(`${node}-dataplane.tail.`)));
      assert.ok(await agent.stop());
    });

    it('runs those of Container Insights, and leaves out what asks for it where they allow that', async () => {
      const name = 'insights-exclude';
      const folder = rig.path(`${name}-files`);
      cpSync(join(data!, 'fluent-bit', 'container-insights'), folder, { recursive: true });
      const path = join(folder, 'application-log.conf');
      const text = readFileSync(path, 'utf8');
      const changed = text.replace(/(K8S-Logging\.Exclude\s+)Off/, '$1On');
      assert.notEqual(changed, text);
      writeFileSync(path, changed);
      const agent = startAgent(name, join(folder, 'fluent-bit.conf'));
      const tell = (): string => agent.log;
      const group = groupOf(name);
      const inApp = `kubernetes.namespace_name = "${spaces.app}"`;
      await findAll(inApp, writtenLines().length, group, tell);
      await findAll('kubernetes.pod_name = "parsed"', 2, group, tell);
      assert.ok(await agent.stop());
      assert.deepEqual(await find('kubernetes.pod_name = "quiet"', group), []);
    });
  });
});
