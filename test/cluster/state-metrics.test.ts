import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { Rig } from '../faults/rig.ts';
import { Cluster, withoutCluster } from './cluster.ts';

/** Pods start and end in this time on a busy machine, and a sample is taken. */
const arrivalMs = 120_000;
const namespace = 'state-metrics-test';

const deployment = (replicas: number): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace, labels: { team: 'red' } },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'main',
            image: 'localhost/busybox:1',
            imagePullPolicy: 'Never',
            command: ['sh', '-c', 'sleep 100000'],
            resources: { requests: { cpu: '15m', memory: '8Mi' } },
          },
        ],
      },
    },
  },
});

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

describe('state metrics of a real cluster', { skip: withoutCluster(), timeout: 600_000 }, () => {
  let cluster: Cluster;
  let rig: Rig;

  before(
    async () => {
      cluster = await Cluster.up();
      await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      rig = await Rig.open({
        serverConfig: {
          metrics: {
            prometheus: { global: { evaluation_interval: '5s' }, scrape_configs: [] },
            builtinRules: {
              disabledGroups: [
                ...['node.exporter', 'node.cluster', 'kubernetes.containers'],
                ...['apiserver.rates', 'apiserver.burnrate', 'apiserver.availability'],
              ],
            },
          },
          kubernetes: {
            enabled: 'on',
            kubeconfig: join(cluster.folder, 'admin.kubeconfig'),
            stateMetrics: { interval: '2s', metricLabelsAllowlist: ['deployments=[team]'] },
          },
        },
      });
      await rig.startServer();
    },
    { timeout: 240_000 },
  );
  after(
    async () => {
      await cluster?.kubectl('delete', 'namespace', namespace, '--wait=false').catch(() => {});
      await rig?.[Symbol.asyncDispose]();
      await cluster?.[Symbol.asyncDispose]();
    },
    { timeout: 240_000 },
  );

  const query = async (text: string): Promise<readonly Sample[]> => {
    const answer = await fetch(`${rig.url}/api/v1/query?query=${encodeURIComponent(text)}`);
    const { data } = (await answer.json()) as { data: { result: readonly Sample[] } };
    return data.result;
  };
  const becomes = (text: string, wanted: Readonly<Record<string, string>>, label: string) => {
    let seen = '';
    return eventually(
      async () => {
        const found = Object.fromEntries(
          (await query(text)).map(({ metric, value }) => [metric[label] ?? '', value[1]]),
        );
        seen = JSON.stringify(found);
        return seen === JSON.stringify(wanted) ? true : undefined;
      },
      arrivalMs,
      () => `${text} is ${seen}, not ${JSON.stringify(wanted)}. ${rig.server.log.slice(-2000)}`,
    );
  };
  const here = `namespace="${namespace}"`;

  it('a deployment and its pods are told of as they become', async () => {
    await cluster.apply(deployment(2));
    await becomes(`kube_deployment_spec_replicas{${here}}`, { web: '2' }, 'deployment');
    await becomes(`kube_deployment_status_replicas_available{${here}}`, { web: '2' }, 'deployment');
    await becomes(
      `count by (phase) (kube_pod_status_phase{${here}} == 1)`,
      { Running: '2' },
      'phase',
    );
    await becomes(
      `sum by (resource) (kube_pod_container_resource_requests{${here}})`,
      { cpu: '0.03', memory: '16777216' },
      'resource',
    );
    await becomes(`kube_deployment_labels{${here}}`, { red: '1' }, 'label_team');
  });

  it('rules that come with the program find the workload of each pod', async () => {
    await becomes(
      `count by (workload) (namespace_workload_pod:kube_pod_owner:relabel{${here},workload_type="deployment"})`,
      { web: '2' },
      'workload',
    );
  });

  it('a deployment that is scaled down loses its pods at once', async () => {
    await cluster.kubectl('scale', 'deployment/web', '-n', namespace, '--replicas=1');
    await becomes(`kube_deployment_spec_replicas{${here}}`, { web: '1' }, 'deployment');
    // Markers of the end: without them pods would be seen for five minutes more.
    await becomes(
      `count by (phase) (kube_pod_status_phase{${here}} == 1)`,
      { Running: '1' },
      'phase',
    );
  });

  it('what is deleted is gone', async () => {
    await cluster.kubectl('delete', 'deployment/web', '-n', namespace);
    await becomes(`kube_deployment_status_replicas{${here}}`, {}, 'deployment');
    // The cluster's own collector of garbage takes its time.
    await eventually(
      async () => {
        const { items } = await cluster.get<{ items: unknown[] }>('pods', '-n', namespace);
        return items.length === 0 ? true : undefined;
      },
      arrivalMs,
      () => 'pods of a deleted deployment are still there',
    );
    await becomes(`kube_pod_info{${here}}`, {}, 'pod');
    assert.notEqual((await query(`count_over_time(kube_pod_info{${here}}[10m])`)).length, 0);
  });

  it('others can scrape the same series', async () => {
    const answer = await fetch(`${rig.url}/nunchi/kubernetes/state-metrics`, {
      headers: { accept: 'application/openmetrics-text;version=1.0.0' },
    });
    assert.match(answer.headers.get('content-type') ?? '', /^application\/openmetrics-text/);
    const text = await answer.text();
    assert.match(text, /^kube_node_status_capacity\{node="[^"]+",resource="cpu",unit="core"\} \d/m);
    assert.match(text, /# EOF\n$/);
  });
});
