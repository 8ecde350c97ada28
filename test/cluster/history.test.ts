import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Timeline, TimelineItem } from '#kubernetes/api';
import { awsCli, findAwsCli, skipWithout } from '../clients/aws-tool.ts';
import { eventually } from '../eventually.ts';
import { Rig } from '../faults/rig.ts';
import { Cluster, withoutCluster } from './cluster.ts';

/** Pods start, crash a few times and are measured in this time on a busy machine. */
const arrivalMs = 150_000;
const namespace = `history-${process.pid}`;
const clusterName = 'lab';
/** Where the kubelet of the node listens. */
const kubelet = '10.244.0.1:10250';
/** What the busy pod keeps in a variable: what a bare shell has may all be in the page cache. */
const heldBytes = 4_000_000;
const fromMs = Date.now() - 60_000;
const awsPath = findAwsCli();

const deployment = (name: string, shell: string, more: object = {}): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'main',
            image: 'localhost/busybox:1',
            imagePullPolicy: 'Never',
            command: ['sh', '-c', shell],
            ...more,
          },
        ],
      },
    },
  },
});

const scrape = (folder: string, path: string): object => ({
  job_name: path,
  metrics_path: path,
  scheme: 'https',
  scrape_interval: '5s',
  tls_config: {
    insecure_skip_verify: true,
    cert_file: join(folder, 'pki', 'admin.crt'),
    key_file: join(folder, 'pki', 'admin.key'),
  },
  static_configs: [{ targets: [kubelet], labels: { node: 'node-1' } }],
  relabel_configs: [
    { target_label: 'job', replacement: 'kubelet' },
    { source_labels: ['__metrics_path__'], target_label: 'metrics_path' },
  ],
});

type Fields = Readonly<Record<string, string>>;

describe('history and performance of a real cluster', {
  skip: withoutCluster(),
  timeout: 900_000,
}, () => {
  let cluster: Cluster;
  let rig: Rig;

  before(
    async () => {
      cluster = await Cluster.up();
      rig = await Rig.open({
        serverConfig: {
          server: { clusterName },
          kubernetes: {
            enabled: 'on',
            kubeconfig: join(cluster.folder, 'admin.kubeconfig'),
            stateMetrics: { enabled: false },
            containerInsights: { interval: '15s', enhanced: true },
          },
          metrics: {
            prometheus: {
              scrape_configs: ['/metrics/cadvisor', '/metrics/resource'].map((path) =>
                scrape(cluster.folder, path),
              ),
            },
          },
        },
      });
      await rig.startServer();
      await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      await apply(deployment('crash', 'sleep 1; exit 3'));
      await apply(deployment('web', 'sleep 100000'));
      await apply(
        deployment(
          'busy',
          `x=$(head -c ${heldBytes} /dev/zero | tr '\\0' x); while :; do :; done`,
          {
            resources: {
              requests: { cpu: '50m', memory: '8Mi' },
              limits: { cpu: '100m', memory: '64Mi' },
            },
          },
        ),
      );
    },
    { timeout: 300_000 },
  );
  after(
    async () => {
      await cluster?.kubectl('delete', 'namespace', namespace, '--wait=false').catch(() => {});
      await rig?.[Symbol.asyncDispose]();
      await cluster?.[Symbol.asyncDispose]();
    },
    { timeout: 240_000 },
  );

  /** The API server may be away for some seconds. */
  const patiently = async <T>(act: () => Promise<T>): Promise<T> => {
    let problem: unknown;
    const { value } = await eventually(
      async () => {
        try {
          return { value: await act() };
        } catch (error) {
          problem = error;
          return undefined;
        }
      },
      60_000,
      () => String(problem),
    );
    return value;
  };
  const apply = (...objects: readonly unknown[]): Promise<void> =>
    patiently(() => cluster.apply(...objects));
  const kubectl = (...args: readonly string[]): Promise<string> =>
    patiently(() => cluster.kubectl(...args, '-n', namespace));

  const timeline = async (more: Fields): Promise<TimelineItem[]> => {
    const items: TimelineItem[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const query = new URLSearchParams({
        from: `${fromMs}`,
        to: `${Date.now() + 60_000}`,
        namespace,
        limit: '50',
        ...more,
      });
      if (cursor !== '') query.set('cursor', cursor);
      const answer = await fetch(`${rig.url}/nunchi/kubernetes/timeline?${query}`);
      assert.equal(answer.status, 200);
      const page = (await answer.json()) as Timeline;
      items.push(...page.items);
      cursor = page.next;
    }
    return items;
  };
  /** Waits for items that are enough; oldest first. */
  const items = async (
    more: Fields,
    isEnough: (found: readonly TimelineItem[]) => boolean,
  ): Promise<TimelineItem[]> => {
    let found: TimelineItem[] = [];
    await eventually(
      async () => {
        found = (await timeline(more)).reverse();
        return isEnough(found) ? true : undefined;
      },
      arrivalMs,
      () => `${JSON.stringify(more)}: ${JSON.stringify(found)}\n${rig.server.log.slice(-3000)}`,
    );
    return found;
  };
  const aws = async <T>(operation: string, body: object): Promise<T> => {
    const answer = await fetch(rig.url, {
      method: 'POST',
      headers: {
        'x-amz-target': `Logs_20140328.${operation}`,
        'content-type': 'application/x-amz-json-1.1',
      },
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, operation);
    return (await answer.json()) as T;
  };
  const insights = async (logGroupName: string, queryString: string): Promise<Fields[]> => {
    const { queryId } = await aws<{ queryId: string }>('StartQuery', {
      logGroupName,
      queryString,
      startTime: Math.floor(fromMs / 1000),
      endTime: Math.floor(Date.now() / 1000) + 60,
    });
    type Result = { status: string; results: { field: string; value: string }[][] };
    return eventually(
      async () => {
        const { status, results } = await aws<Result>('GetQueryResults', { queryId });
        assert.notEqual(status, 'Failed');
        if (status !== 'Complete') return undefined;
        return results.map((row) => Object.fromEntries(row.map((one) => [one.field, one.value])));
      },
      120_000,
      () => `${queryString} to end`,
    );
  };

  it('restarts of a crashing pod are told with exit code and count, each once', async () => {
    const restarts = await items(
      { kind: 'Deployment', name: 'crash', types: 'restart' },
      (found) => found.length >= 2,
    );
    for (const { severity, message, relation, after: is } of restarts) {
      assert.equal(severity, 'warning');
      assert.match(message, /was restarted: Error, exit code 3$/);
      assert.equal(relation, 'owned');
      assert.equal(is?.['exitCode'], 3);
    }
    const counts = restarts.map(({ after: is }) => is?.['restarts']);
    assert.deepEqual(counts, [...new Set(counts)], 'none is told twice');
  });

  it('a repeated event has one record for each time, through a kill -9 of the server', async () => {
    const events = { kind: 'Deployment', name: 'crash', types: 'BackOff' };
    await items(events, (found) => found.length >= 1);
    await rig.server.kill();
    await rig.startServer();
    await items(events, (found) => found.length >= 3);
    const group = `/nunchi/${clusterName}/events`;
    const sums = await insights(
      group,
      `filter involvedObject.namespace = "${namespace}" | stats sum(occurrences) as total, max(count) as last, count(*) as records, count_distinct(count) as counts by metadata.uid`,
    );
    assert.ok(sums.length > 5, `${sums.length} events`);
    for (const { total, last, records, counts } of sums) {
      assert.equal(total, last, 'what records stand for is what has happened');
      assert.equal(records, counts, 'no count is stored twice');
    }
    const ids = await insights(
      `/nunchi/${clusterName}/changes`,
      'stats count(*) as records by id | filter records > 1',
    );
    assert.deepEqual(ids, []);
  });

  it('a rollout has the image before and after, and who made it', async () => {
    await kubectl('set', 'image', 'deployment/web', 'main=localhost/busybox:1.0');
    const [rollout] = await items(
      { kind: 'Deployment', name: 'web', types: 'rollout' },
      (found) => found.length >= 1,
    );
    assert.deepEqual(rollout?.before?.['images'], { main: 'localhost/busybox:1' });
    assert.deepEqual(rollout.after?.['images'], { main: 'localhost/busybox:1.0' });
    assert.match(rollout.by?.manager ?? '', /^kubectl/);
    assert.equal(rollout.by?.actor, 'client');
    await kubectl('scale', 'deployment/web', '--replicas=2');
    const [scaling] = await items(
      { kind: 'Deployment', name: 'web', types: 'scaling' },
      (found) => found.length >= 1,
    );
    assert.deepEqual([scaling?.before, scaling?.after], [{ replicas: 1 }, { replicas: 2 }]);
  });

  it('the time line of a pod has what owns it', async () => {
    const found = await items({ kind: 'Deployment', name: 'busy' }, (all) =>
      all.some(({ type, object }) => type === 'Started' && object.kind === 'Pod'),
    );
    const pod = found.find(({ object }) => object.kind === 'Pod')?.object.name ?? '';
    const own = await items({ kind: 'Pod', name: pod }, (all) => all.length > 0);
    assert.ok(own.some(({ relation }) => relation === 'self'));
    assert.ok(own.some(({ relation, object }) => relation === 'owner' && object.name === 'busy'));
  });

  it('lists have the pods as they are', async () => {
    const list = async (
      path: string,
      more: Fields,
    ): Promise<{ items: Record<string, unknown>[] }> => {
      const query = new URLSearchParams({ namespace, ...more });
      const answer = await fetch(`${rig.url}/nunchi/kubernetes/objects/${path}?${query}`);
      assert.equal(answer.status, 200);
      return (await answer.json()) as { items: Record<string, unknown>[] };
    };
    await eventually(
      async () => {
        const { items: pods } = await list('pods', {
          workload: 'busy',
          workloadKind: 'Deployment',
        });
        const [busy] = pods;
        const cpuCores = Number(busy?.['cpuCores']);
        return busy?.['status'] === 'Running' && cpuCores > 0.01 && cpuCores < 0.5
          ? true
          : undefined;
      },
      arrivalMs,
      () => `the usage of a pod\n${rig.server.log.slice(-3000)}`,
    );
    const { items: workloads } = await list('workloads', { sort: 'restarts', limit: '1' });
    assert.equal(workloads[0]?.['name'], 'crash');
    const answer = await fetch(
      `${rig.url}/nunchi/kubernetes/objects/yaml?kind=deploy&namespace=${namespace}&name=busy`,
    );
    const { yaml } = (await answer.json()) as { yaml: string };
    assert.match(yaml, /^kind: Deployment$/m);
  });

  it('is an add-on for the aws CLI', { skip: skipWithout('aws', awsPath) }, async () => {
    const cli = awsCli(awsPath!, { url: rig.url, home: rig.path('home') });
    const name = 'amazon-cloudwatch-observability';
    const eks = async (what: string): Promise<unknown> =>
      cli.json('eks', what, '--cluster-name', clusterName, '--addon-name', name);
    const list = ['eks', 'list-addons', '--cluster-name', clusterName];
    assert.deepEqual(await cli.json(...list), { addons: [name] });
    await eks('delete-addon');
    assert.deepEqual(await cli.json(...list), { addons: [] });
    const wait = (what: string): Promise<unknown> =>
      cli.run('eks', 'wait', what, '--cluster-name', clusterName, '--addon-name', name);
    assert.partialDeepStrictEqual(await wait('addon-deleted'), { code: 0 });
    assert.partialDeepStrictEqual(await eks('create-addon'), { addon: { status: 'CREATING' } });
    assert.partialDeepStrictEqual(await wait('addon-active'), { code: 0 });
    assert.partialDeepStrictEqual(await eks('describe-addon'), {
      addon: { addonName: name, clusterName, status: 'ACTIVE', health: { issues: [] } },
    });
  });

  it('performance log events have what the pod uses', async () => {
    const group = `/aws/containerinsights/${clusterName}/performance`;
    let row: Fields = {};
    await eventually(
      async () => {
        const streams = await aws<{ logStreams: { logStreamName: string }[] }>(
          'DescribeLogStreams',
          { logGroupName: group },
        ).catch(() => ({ logStreams: [] }));
        if (streams.logStreams.length === 0) return undefined;
        assert.deepEqual(
          streams.logStreams.map(({ logStreamName }) => logStreamName),
          ['node-1'],
        );
        // The first events of a container have no rate yet.
        const rows = await insights(
          group,
          `filter Type = "Pod" and Namespace = "${namespace}" and PodName = "busy" and pod_memory_working_set > ${heldBytes}
             and pod_cpu_usage_total > 10
           | sort @timestamp desc | limit 1
           | fields pod_cpu_usage_total, pod_cpu_limit, pod_cpu_utilization, pod_cpu_utilization_over_pod_limit, pod_cpu_reserved_capacity, pod_memory_working_set, pod_memory_utilization_over_pod_limit, kubernetes.pod_name, NodeName`,
        );
        row = rows[0] ?? {};
        return rows.length > 0 ? true : undefined;
      },
      arrivalMs,
      () => `performance events\n${rig.server.log.slice(-3000)}`,
    );
    const value = (name: string): number => Number(row[name]);
    const [node] = await insights(
      group,
      'filter Type = "Node" | sort @timestamp desc | limit 1 | fields node_cpu_limit, node_memory_limit, node_number_of_running_pods',
    );
    const nodeCpu = Number(node?.['node_cpu_limit']);
    // It takes all that it may.
    assert.ok(
      value('pod_cpu_usage_total') > 10 && value('pod_cpu_usage_total') < 200,
      JSON.stringify(row),
    );
    assert.equal(value('pod_cpu_limit'), 100);
    assert.ok(
      Math.abs(value('pod_cpu_utilization') - (value('pod_cpu_usage_total') / nodeCpu) * 100) <
        0.01,
    );
    assert.ok(
      Math.abs(value('pod_cpu_utilization_over_pod_limit') - value('pod_cpu_usage_total')) < 0.01,
    );
    assert.ok(Math.abs(value('pod_cpu_reserved_capacity') - (50 / nodeCpu) * 100) < 0.01);
    assert.ok(
      value('pod_memory_working_set') > heldBytes && value('pod_memory_working_set') < 64 * 2 ** 20,
      JSON.stringify(row),
    );
    assert.match(row['kubernetes.pod_name'] ?? '', /^busy-/);
    assert.ok(Number(node?.['node_number_of_running_pods']) >= 1);
    // The same as metrics, by way of the Embedded Metric Format.
    await eventually(
      async () => {
        const query = `ContainerInsights_pod_cpu_utilization_count{Namespace="${namespace}",PodName="busy",FullPodName=""}`;
        const answer = await fetch(`${rig.url}/api/v1/query?query=${encodeURIComponent(query)}`);
        const { data } = (await answer.json()) as { data: { result: unknown[] } };
        return data.result.length === 1 ? true : undefined;
      },
      60_000,
      () => 'series of Container Insights',
    );
  });
});
