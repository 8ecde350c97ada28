import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { freePort, type Program, Rig, withoutUnshare } from '../faults/rig.ts';
import { Cluster, withoutCluster } from './cluster.ts';
import {
  adapterRules,
  autoscalerRights,
  busyDeployment,
  metricsAccount,
  namespace,
  registration,
} from './metrics-workload.ts';

/** The cluster starts pods, they are measured twice, and that is stored: on a busy machine. */
const arrivalMs = 240_000;
/** The node's own address, where pods and the API server reach this machine. */
const nodeIp = '10.244.0.1';

interface NodeMetrics {
  readonly metadata: { readonly name: string };
  readonly timestamp: string;
  readonly window: string;
  readonly usage: { readonly cpu: string; readonly memory: string };
}

interface PodMetrics {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly containers: readonly {
    readonly name: string;
    readonly usage: { readonly cpu: string; readonly memory: string };
  }[];
}

const cores = (text: string): number => {
  const [, number = '', unit = ''] = /^(\d+)([num]?)$/.exec(text) ?? [];
  return Number(number) * ({ n: 1e-9, u: 1e-6, m: 1e-3 }[unit] ?? 1);
};
const bytes = (text: string): number => {
  const [, number = '', unit = ''] = /^(\d+)(Ki|Mi|Gi)?$/.exec(text) ?? [];
  return Number(number) * ({ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[unit] ?? 1);
};

const kubeletPaths = ['/metrics', '/metrics/cadvisor', '/metrics/probes', '/metrics/resource'];

const skipped = withoutCluster() || withoutUnshare();

describe('metrics.k8s.io in a real cluster', { skip: skipped, timeout: 900_000 }, () => {
  let cluster: Cluster;
  let rig: Rig;
  let agent: Program;
  /** Whoever serves the API in this cluster besides. */
  let formerApi: unknown;
  const root = '/apis/metrics.k8s.io/v1beta1';
  const custom = `/apis/custom.metrics.k8s.io/v1beta1/namespaces/${namespace}/pods/*/working_set`;
  const busy = `/namespaces/${namespace}/pods`;

  before(
    async () => {
      cluster = await Cluster.up();
      const port = await freePort();
      rig = await Rig.open({
        serverConfig: {
          kubernetes: {
            enabled: 'on',
            kubeconfig: join(cluster.folder, 'admin.kubeconfig'),
            stateMetrics: { enabled: false },
            metricsApi: {
              enabled: 'on',
              listen: `0.0.0.0:${port}`,
              service: `${namespace}/nunchi`,
              adapter: adapterRules,
            },
          },
        },
      });
      formerApi = await formerService(cluster);
      await cluster.apply(...registration(nodeIp, port));
      await cluster.apply(busyDeployment('busy', 1));
      const { token, ca } = await metricsAccount(cluster);
      const account = rig.path('run', 'secrets', 'kubernetes.io', 'serviceaccount');
      writeFileSync(join(account, 'token'), token);
      writeFileSync(join(account, 'ca.crt'), ca);
      await rig.startServer();
      agent = rig.program({
        args: [
          'agent',
          ...['--config', rig.config('agent.yaml', agentConfig(rig.url))],
          ...['--data-dir', rig.path('agent')],
        ],
        env: {
          KUBERNETES_SERVICE_HOST: '10.96.0.1',
          KUBERNETES_SERVICE_PORT: '443',
          HOST_IP: nodeIp,
          NODE_NAME: 'node-1',
        },
        mounts: [{ source: rig.path('run'), target: '/run' }],
      });
    },
    { timeout: 300_000 },
  );
  after(
    async () => {
      // An API that nobody serves any more keeps namespaces from being deleted.
      await cluster
        ?.kubectl('delete', 'apiservice,clusterrole,clusterrolebinding', '-l', `test=${namespace}`)
        .catch(() => {});
      if (formerApi !== undefined) await cluster.apply(formerApi);
      await cluster?.kubectl('delete', 'namespace', namespace, '--wait=false').catch(() => {});
      await rig?.[Symbol.asyncDispose]();
      await cluster?.[Symbol.asyncDispose]();
    },
    { timeout: 240_000 },
  );

  const logs = (): string => `${rig.server.log.slice(-4000)}\n${agent.log.slice(-4000)}`;
  /** Asks until a program says something that fits. */
  const says = (wanted: RegExp, ...args: readonly string[]): Promise<string> => {
    let said = '';
    return eventually(
      async () => {
        said = await cluster.kubectl(...args).catch(String);
        return wanted.test(said) ? said : undefined;
      },
      arrivalMs,
      () => `kubectl ${args.join(' ')}: ${said}\n${logs()}`,
    );
  };
  const kubeletTargets = async (): Promise<readonly unknown[]> => {
    const answer = await fetch(`${rig.url}/api/v1/targets?state=active`);
    const { data } = (await answer.json()) as {
      data: { activeTargets: { labels: Record<string, string> }[] };
    };
    return data.activeTargets.filter(({ labels }) => labels['job'] === 'kubelet');
  };
  const query = async (text: string): Promise<readonly { metric: Record<string, string> }[]> => {
    const answer = await fetch(`${rig.url}/api/v1/query?query=${encodeURIComponent(text)}`);
    return ((await answer.json()) as { data: { result: { metric: Record<string, string> }[] } })
      .data.result;
  };

  it('the server asks kubelets through the API server while there is no agent', async () => {
    await says(/^node-1\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/m, 'top', 'node');
    assert.deepEqual((await kubeletTargets()).length, 4);
    const up = await query('up{job="kubelet"} == 1');
    assert.deepEqual(up.map(({ metric }) => metric['metrics_path']).sort(), kubeletPaths);
    for (const { metric } of up) {
      assert.equal(metric['instance'], `${nodeIp}:10250`);
      assert.equal(metric['node'], 'node-1');
    }
  });

  it('it leaves them to an agent that comes', async () => {
    agent.start();
    await eventually(
      async () => ((await kubeletTargets()).length === 0 ? true : undefined),
      arrivalMs,
      logs,
    );
  });

  it('kubectl top tells of nodes, pods and containers', async () => {
    await says(/^node-1\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/m, 'top', 'node');
    const top = await says(
      new RegExp(`^${namespace}\\s+busy-\\S+\\s+main\\s+\\d+m\\s+\\d+Mi`, 'm'),
      ...['top', 'pod', '-A', '--containers', '--sort-by=cpu'],
    );
    const used = [...top.matchAll(/\s(\d+)m\s/g)].map(([, millicores]) => Number(millicores));
    assert.deepEqual(
      used,
      used.toSorted((a, b) => b - a),
    );
    await says(/^busy-\S+\s+\d+m/m, 'top', 'pod', '-n', namespace, '-l', 'app=busy');
    assert.match(
      await cluster.kubectl('get', 'podmetrics', '-n', namespace),
      /^NAME\s+CPU\s+MEMORY\s+WINDOW\s*\nbusy-\S+\s+\d+[num]?\s+\d+\S*\s+\d+\S*s/,
    );
  });

  it('its values are those of the kubelet', async () => {
    const raw = async <T>(path: string): Promise<T> =>
      JSON.parse(await cluster.kubectl('get', '--raw', path)) as T;
    interface Measured {
      readonly cpu?: { readonly usageNanoCores?: number };
      readonly memory?: { readonly workingSetBytes?: number };
    }
    interface Summary {
      readonly node: Measured;
      readonly pods: readonly {
        readonly podRef: { readonly name: string; readonly namespace: string };
        readonly containers?: readonly (Measured & { readonly name: string })[];
      }[];
    }
    // Both are means over some seconds, of windows that are not the same: close, not equal.
    const isNear = (a: number, b: number, floor: number): boolean =>
      Math.abs(a - b) <= Math.max(floor, 0.35 * Math.max(a, b));
    let seen = '';
    await eventually(
      async () => {
        const summary = await raw<Summary>('/api/v1/nodes/node-1/proxy/stats/summary');
        const node = await raw<NodeMetrics>(`${root}/nodes/node-1`);
        const { items } = await raw<{ items: readonly PodMetrics[] }>(root + busy);
        const pod = items[0];
        const kubelets = summary.pods.find(({ podRef }) => podRef.name === pod?.metadata.name);
        const container = kubelets?.containers?.find(({ name }) => name === 'main');
        const pairs = [
          [bytes(node.usage.memory), summary.node.memory?.workingSetBytes ?? 0, 64 * 2 ** 20],
          [
            bytes(pod?.containers[0]?.usage.memory ?? '0'),
            container?.memory?.workingSetBytes ?? 0,
            2 ** 20,
          ],
          [
            cores(pod?.containers[0]?.usage.cpu ?? '0'),
            (container?.cpu?.usageNanoCores ?? 0) / 1e9,
            0.05,
          ],
        ] as const;
        seen = JSON.stringify({ pairs, node, pod });
        return pairs.every(([a, b, floor]) => b > 0 && isNear(a, b, floor)) ? true : undefined;
      },
      arrivalMs,
      () => `${seen}\n${logs()}`,
    );
  });

  it('a user without rights is told so', async () => {
    for (const [what, where] of [
      ['nodes', 'at the cluster scope'],
      ['pods', `in the namespace "${namespace}"`],
    ]) {
      const resource = `${what}.metrics.k8s.io`;
      const refused = await cluster
        .kubectl('get', resource, '-n', namespace, '--as', 'nobody')
        .then(() => '', String);
      assert.match(
        refused,
        new RegExp(
          `Error from server \\(Forbidden\\): ${resource} is forbidden: User "nobody" cannot list resource "${what}" in API group "metrics.k8s.io" ${where}`,
        ),
      );
    }
    assert.match(
      await cluster.kubectl('get', 'podmetrics', 'nothing', '-n', namespace).then(() => '', String),
      /Error from server \(NotFound\): podmetrics.metrics.k8s.io "[^"]*nothing" not found/,
    );
  });

  it("each series is there once, by the kubelet's names", async () => {
    const here = `metrics_path="/metrics/cadvisor",namespace="${namespace}"`;
    // Some kubelets do not know the containers of their runtime: cgroups tell of those.
    const found = await eventually(
      async () => {
        const series = await query(`container_cpu_usage_seconds_total{${here},container="main"}`);
        return series.length > 0 ? series : undefined;
      },
      arrivalMs,
      logs,
    );
    const [cpu, ...more] = found;
    assert.deepEqual(more, []);
    assert.partialDeepStrictEqual(cpu?.metric, {
      instance: `${nodeIp}:10250`,
      job: 'kubelet',
      node: 'node-1',
      cpu: 'total',
    });
    for (const name of ['memory_working_set_bytes', 'network_receive_bytes_total']) {
      assert.notDeepEqual(await query(`container_${name}{${here},pod!=""}`), [], name);
    }
    assert.deepEqual(
      await query(
        'count by (__name__, id, pod, container, interface, device, failure_type, scope) ({metrics_path="/metrics/cadvisor",id!=""}) > 1',
      ),
      [],
    );
    const up = await query('up{job="kubelet"} == 1');
    assert.deepEqual(up.map(({ metric }) => metric['metrics_path']).sort(), kubeletPaths);
    assert.notDeepEqual(await query('kubelet_running_pods{job="kubelet",node="node-1"} > 0'), []);
  });

  it('an autoscaler scales a busy deployment up, and a calm one down', async () => {
    await cluster.apply({
      apiVersion: 'autoscaling/v2beta2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'busy', namespace },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'busy' },
        minReplicas: 1,
        maxReplicas: 2,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '50m' } },
          },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
      },
    });
    const replicas = ['get', 'hpa/busy', '-n', namespace, '-o'];
    const state = 'jsonpath={.status.desiredReplicas} {.status.currentReplicas}';
    await says(/^2 2$/, ...replicas, state);
    // The pods look for this file.
    await cluster.apply(busyDeployment('busy', undefined, true));
    await says(/^1 1$/, ...replicas, state);
    assert.doesNotMatch(
      await cluster.kubectl(...replicas, 'yaml'),
      /reason: FailedGetResourceMetric/,
    );
    await cluster.kubectl('delete', 'hpa/busy', '-n', namespace);
  });

  it('an autoscaler scales by a metric of a rule', async () => {
    // What there is of metrics is looked up once a minute.
    await says(/"pods\/working_set"/, 'get', '--raw', '/apis/custom.metrics.k8s.io/v1beta2');
    await cluster.apply(...autoscalerRights(), {
      apiVersion: 'autoscaling/v2beta2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'ruled', namespace },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'busy' },
        minReplicas: 1,
        maxReplicas: 2,
        metrics: [
          {
            type: 'Pods',
            pods: {
              metric: { name: 'working_set' },
              target: { type: 'AverageValue', averageValue: '1k' },
            },
          },
          {
            type: 'External',
            external: { metric: { name: 'cores' }, target: { type: 'Value', value: '1000' } },
          },
        ],
      },
    });
    const asked = ['get', 'hpa/ruled', '-n', namespace, '-o'];
    await says(/^2 2$/, ...asked, 'jsonpath={.status.desiredReplicas} {.status.currentReplicas}');
    await says(
      /"currentMetrics":\[\{"type":"Pods",.*"current":.*\{"type":"External",.*"current":/,
      ...['get', '--raw'],
      `/apis/autoscaling/v2beta2/namespaces/${namespace}/horizontalpodautoscalers/ruled`,
    );
    const refused = await cluster
      .kubectl('get', '--raw', custom, '--as', 'nobody')
      .then(() => '', String);
    assert.match(refused, /User "nobody" cannot get resource "pods\/working_set"/);
    const missing = await cluster
      .kubectl('get', '--raw', custom.replace('working_set', 'nothing'))
      .then(() => '', String);
    assert.match(missing, /the server could not find the metric nothing for pods/);
  });
});

async function formerService(cluster: Cluster): Promise<unknown> {
  const name = 'v1beta1.metrics.k8s.io';
  const found = await cluster
    .get<{ metadata: { labels?: Record<string, string> }; spec: unknown }>('apiservice', name)
    .catch(() => undefined);
  const { labels } = found?.metadata ?? {};
  if (found === undefined || labels?.['test'] !== undefined) return undefined;
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels },
    spec: found.spec,
  };
}

const agentConfig = (url: string): unknown => ({
  agent: {
    server: { url },
    inputs: { discover: false, journald: 'off', kmsg: 'off', containers: [] },
    metrics: { interval: '5s' },
    kubelet: { interval: '5s' },
    kubernetes: 'off',
  },
});
