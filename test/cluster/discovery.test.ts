import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { freePort, Rig } from '../faults/rig.ts';
import { accountKubeconfig, type Rule, removeAccount } from './account.ts';
import { Cluster, podOf, withoutCluster } from './cluster.ts';
import { holdsCustomResources, serveMonitors } from './monitoring-api.ts';

/** A chart is applied, a pod started: the server hears of it within seconds; the machine may be busy. */
const soonMs = 90_000;
// Of its own: a namespace that was deleted may take minutes to go.
const namespace = `discovery-${process.pid}`;
const crds = new URL('../../deploy/helm/nunchi/crds', import.meta.url).pathname;

const roles = ['node', 'pod', 'service', 'endpoints', 'endpointslice', 'ingress'] as const;
const read = ['get', 'list', 'watch'];
/** Everything but Probes. */
const rules: readonly Rule[] = [
  {
    apiGroups: [''],
    resources: ['pods', 'services', 'endpoints', 'nodes', 'namespaces', 'secrets', 'configmaps'],
    verbs: read,
  },
  { apiGroups: [''], resources: ['events'], verbs: [...read, 'create'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  { apiGroups: ['networking.k8s.io', 'extensions'], resources: ['ingresses'], verbs: read },
  {
    apiGroups: ['apiextensions.k8s.io'],
    resources: ['customresourcedefinitions'],
    verbs: read,
  },
  {
    apiGroups: ['monitoring.coreos.com'],
    resources: ['podmonitors', 'servicemonitors', 'scrapeconfigs', 'prometheusrules'],
    verbs: read,
  },
  { nonResourceURLs: ['/metrics'], verbs: ['get'] },
];

interface Target {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
}

interface Targets {
  readonly activeTargets: readonly Target[];
  readonly droppedTargets: readonly Pick<Target, 'discoveredLabels' | 'scrapePool'>[];
}

interface Monitor {
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly reason?: string;
}

async function ask<T>(url: string, path: string): Promise<T> {
  const response = await fetch(`${url}${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

const targetsOf = async (url: string): Promise<Targets> =>
  (await ask<{ data: Targets }>(url, '/api/v1/targets')).data;

/** Serves `/metrics` as text, by way of a folder's index; with a user where one is given. */
const exporter = (port: number, sample: string, user = ''): string =>
  [
    'mkdir -p /data/www/metrics',
    `echo '${sample}' > /data/www/metrics/metrics.txt`,
    `printf 'I:metrics.txt\\n${user === '' ? '' : `/:${user}\\n`}' > /data/httpd.conf`,
    `exec httpd -f -p ${port} -h /data/www -c /data/httpd.conf`,
  ].join('; ');

const monitor = (kind: string, name: string, spec: unknown, at = namespace): object => ({
  apiVersion: `monitoring.coreos.com/${kind === 'ScrapeConfig' ? 'v1alpha1' : 'v1'}`,
  kind,
  metadata: { namespace: at, name },
  spec,
});

/** A pod with a named port. */
function exporterPod(given: {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly sample: string;
  readonly user?: string;
}): object {
  const { name, labels, annotations, port, sample, user } = given;
  const pod = podOf({
    name,
    namespace,
    labels,
    ...(annotations === undefined ? {} : { annotations }),
    shell: exporter(port, sample, user),
  });
  const spec = pod['spec'] as { containers: object[] };
  const containers = [{ ...spec.containers[0], ports: [{ name: 'metrics', containerPort: port }] }];
  return { ...pod, spec: { ...spec, containers } };
}

/** False, or why there is no Prometheus to compare with. */
function withoutPrometheus(): string | false {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-prometheus-'));
  const file = join(folder, 'prometheus.json');
  writeFileSync(file, JSON.stringify(comparedConfig(undefined)));
  try {
    execFileSync('promtool', ['check', 'config', file], { stdio: 'pipe' });
    return false;
  } catch (error) {
    // Debian builds it without.
    return String((error as { stderr?: unknown }).stderr).includes(
      'kubernetes_sd_configs not found',
    )
      ? 'the installed reference is built without Kubernetes discovery'
      : 'prometheus and promtool are not installed';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('discovery in a Kubernetes cluster', { skip: withoutCluster(), timeout: 600_000 }, () => {
  let cluster: Cluster;
  let rig: Rig;
  let kubeconfig: string;
  let served: AsyncDisposable | undefined;

  const pool = (name: string): Promise<readonly Target[]> =>
    targetsOf(rig.url).then(({ activeTargets }) =>
      activeTargets.filter(({ scrapePool }) => scrapePool === name),
    );
  const log = (): string => rig.server.log.slice(-4000);
  const upIn = (name: string): Promise<Target> =>
    eventually(async () => (await pool(name)).find(({ health }) => health === 'up'), soonMs, log);
  const value = async (query: string): Promise<string | undefined> => {
    const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
    const { data } = await ask<{ data: { result: { value: [number, string] }[] } }>(rig.url, path);
    return data.result[0]?.value[1];
  };
  const monitors = (): Promise<{
    objects: Monitor[];
    collections: { kind: string; state: string }[];
  }> => ask(rig.url, '/nunchi/kubernetes/monitors');
  const stateOf = (name: string, state: string): Promise<Monitor> =>
    eventually(
      async () =>
        (await monitors()).objects.find((one) => one.name === name && one.state === state),
      soonMs,
      log,
    );

  const ready = (): Promise<boolean> =>
    eventually(
      async () => ((await fetch(`${rig.url}/-/ready`)).ok ? true : undefined),
      soonMs,
      log,
    );

  /** Definitions appear while the server runs; what follows needs them. */
  const pickUpDefinitions = async (): Promise<void> => {
    await eventually(
      async () =>
        (await monitors()).collections.every(({ state }) => state === 'absent') ? true : undefined,
      soonMs,
      log,
    );
    await cluster.kubectl('apply', '-f', crds);
    const wanted = {
      PodMonitor: 'synced',
      ServiceMonitor: 'synced',
      Probe: 'forbidden',
      ScrapeConfig: 'synced',
      PrometheusRule: 'synced',
    };
    await eventually(
      async () => {
        const { collections } = await monitors();
        const states = Object.fromEntries(collections.map(({ kind, state }) => [kind, state]));
        return JSON.stringify(states) === JSON.stringify(wanted) ? true : undefined;
      },
      soonMs,
      log,
    );
    if (await holdsCustomResources(cluster)) return;
    await cluster.kubectl('delete', '-f', crds);
    served = await serveMonitors(cluster, namespace);
    await rig.server.stop();
    rig.server.start();
    await ready();
  };

  before(async () => {
    cluster = await Cluster.up();
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const text = await accountKubeconfig(cluster, { namespace, name: 'nunchi', rules });
    rig = await Rig.open({
      serverEnv: (folder) => ({ KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder }),
      serverConfig: { metrics: { prometheus: { global: { scrape_interval: '1s' } } } },
    });
    kubeconfig = join(rig.folder, 'kubeconfig');
    writeFileSync(kubeconfig, text);
    rig.server.start();
    await ready();
    await pickUpDefinitions();
    await cluster.apply(
      exporterPod({
        name: 'aws-node-x',
        labels: { 'k8s-app': 'aws-node' },
        port: 61_678,
        sample: 'awscni_assigned_ip_addresses 3',
      }),
      exporterPod({
        name: 'guarded',
        labels: { app: 'guarded' },
        annotations: { 'prometheus.io/scrape': 'true' },
        port: 8080,
        sample: 'guarded_total 7',
        user: 'scraper:secret',
      }),
      exporterPod({
        name: 'annotated',
        labels: { app: 'annotated' },
        annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8081' },
        port: 8081,
        sample: 'annotated_total 9',
      }),
    );
  });

  after(async () => {
    await rig?.[Symbol.asyncDispose]();
    await served?.[Symbol.asyncDispose]();
    if (cluster === undefined) return;
    await cluster.kubectl('delete', 'ns', namespace, '--ignore-not-found', '--wait=false');
    await removeAccount(cluster, namespace, 'nunchi');
    await cluster.kubectl('delete', '-f', crds, '--ignore-not-found', '--wait=false');
    await cluster[Symbol.asyncDispose]();
  });

  it('a PodMonitor is scraped, and no longer when it is deleted', async () => {
    const name = `podMonitor/${namespace}/aws-cni-metrics/0`;
    await cluster.apply(
      monitor('PodMonitor', 'aws-cni-metrics', {
        jobLabel: 'k8s-app',
        namespaceSelector: { matchNames: [namespace] },
        podMetricsEndpoints: [{ interval: '1s', path: '/metrics', port: 'metrics' }],
        selector: { matchLabels: { 'k8s-app': 'aws-node' } },
      }),
    );
    const target = await upIn(name);
    assert.deepEqual(target.labels, {
      container: 'main',
      endpoint: 'metrics',
      instance: target.labels['instance'],
      job: 'aws-node',
      namespace,
      pod: 'aws-node-x',
    });
    assert.match(target.labels['instance'] ?? '', /^10\.244\.\d+\.\d+:61678$/);
    await eventually(
      async () => ((await value('awscni_assigned_ip_addresses')) === '3' ? true : undefined),
      soonMs,
      log,
    );
    await cluster.kubectl('delete', 'podmonitor', '-n', namespace, 'aws-cni-metrics');
    await eventually(async () => ((await pool(name)).length === 0 ? true : undefined), soonMs, log);
  });

  it('a ServiceMonitor follows the secret of its basic auth', async () => {
    const secret = (password: string): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'scraper' },
      stringData: { user: 'scraper', password },
    });
    await cluster.apply(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace, name: 'guarded', labels: { app: 'guarded' } },
        spec: {
          selector: { app: 'guarded' },
          ports: [{ name: 'http', port: 80, targetPort: 'metrics' }],
        },
      },
      monitor('ServiceMonitor', 'guarded', {
        selector: { matchLabels: { app: 'guarded' } },
        endpoints: [
          {
            port: 'http',
            interval: '1s',
            basicAuth: {
              username: { name: 'scraper', key: 'user' },
              password: { name: 'scraper', key: 'password' },
            },
          },
        ],
      }),
    );
    // The secret is not there: the reason is shown, in the cluster too.
    const rejected = await stateOf('guarded', 'rejected');
    assert.match(rejected.reason ?? '', /secret discovery-\d+\/scraper does not exist/);
    await eventually(async () => {
      const { items } = await cluster.get<{ items: { reason: string; message: string }[] }>(
        ...['events', '-n', namespace, '--field-selector', 'reason=InvalidConfiguration'],
      );
      return items.find(({ message }) => message.includes('scraper does not exist'));
    }, soonMs);
    await cluster.apply(secret('wrong'));
    const name = `serviceMonitor/${namespace}/guarded/0`;
    await eventually(
      async () => (await pool(name)).find(({ lastError }) => lastError.includes('401')),
      soonMs,
      log,
    );
    await cluster.apply(secret('secret'));
    const target = await upIn(name);
    assert.equal(target.labels['service'], 'guarded');
    assert.equal(target.labels['job'], 'guarded');
    assert.equal(target.labels['pod'], 'guarded');
  });

  it('annotated pods are scraped, unless another job does', async () => {
    const mine = async (): Promise<readonly Target[]> =>
      (await pool('kubernetes-pods')).filter(({ labels }) => labels['namespace'] === namespace);
    await eventually(async () => (await mine()).find(({ health }) => health === 'up'), soonMs, log);
    await upIn(`serviceMonitor/${namespace}/guarded/0`);
    const all = await mine();
    assert.deepEqual(
      all.map(({ labels }) => labels['pod']),
      ['annotated'],
    );
  });

  it('the API server is scraped', async () => {
    const target = await upIn('apiserver');
    assert.equal(target.labels['job'], 'apiserver');
  });

  it('a PrometheusRule is evaluated; a wrong one is left out and says why', async () => {
    const rule = (name: string, expr: string): object =>
      monitor('PrometheusRule', name, {
        groups: [
          { name: `${name}-group`, interval: '1s', rules: [{ record: `${name}:sum`, expr }] },
        ],
      });
    await cluster.apply(rule('good', 'sum(annotated_total) * 2'), rule('bad', 'sum('));
    await eventually(
      async () => ((await value('good:sum')) === '18' ? true : undefined),
      soonMs,
      log,
    );
    const { data } = await ask<{ data: { groups: { name: string; file: string }[] } }>(
      rig.url,
      '/api/v1/rules',
    );
    const group = data.groups.find(({ name }) => name === 'good-group');
    assert.equal(group?.file, `prometheusRule/${namespace}/good`);
    const bad = await stateOf('bad', 'rejected');
    assert.match(bad.reason ?? '', /group "bad-group", rule 1/);
  });

  it('what the account may not read is said, and the rest works', async () => {
    const probes = await eventually(
      async () =>
        (await monitors()).collections.find(
          ({ kind, state }) => kind === 'Probe' && state === 'forbidden',
        ),
      soonMs,
      log,
    );
    assert.equal(probes.kind, 'Probe');
    const { degraded } = await ask<{ degraded: { message: string }[] }>(
      rig.url,
      '/nunchi/kubernetes/status',
    );
    assert.ok(
      degraded.some(({ message }) => message.includes('probes.monitoring.coreos.com')),
      JSON.stringify(degraded),
    );
  });

  it('finds the targets and labels that the reference finds', {
    skip: withoutCluster() || withoutPrometheus(),
  }, async () => {
    await cluster.apply(...comparedObjects());
    const config = join(rig.folder, 'prometheus.json');
    writeFileSync(config, JSON.stringify(comparedConfig(kubeconfig)));
    const port = await freePort();
    const data = join(rig.folder, 'prometheus');
    mkdirSync(data);
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    await using other = await Rig.open({
      serverEnv: (folder) => ({ HOME: folder }),
      serverConfig: { metrics: { prometheusConfig: config }, kubernetes: { enabled: 'off' } },
    });
    other.server.start();
    try {
      let difference: unknown;
      await eventually(
        async () => {
          const [theirs, ours] = await Promise.all(
            [`http://127.0.0.1:${port}`, other.url].map(async (url) => found(await targetsOf(url))),
          );
          difference = differenceOf(theirs!, ours!);
          return difference === undefined && theirs!.size > 15 ? true : undefined;
        },
        soonMs,
        () => `${JSON.stringify(difference, undefined, 1)}\n${other.server.log.slice(-3000)}`,
      );
    } finally {
      await ended(prometheus);
    }
  });
});

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
}

/** One job for each role, and one for each way of choosing; nothing is scraped. */
function comparedConfig(kubeconfigFile: string | undefined): object {
  const job = (name: string, entry: object): object => ({
    job_name: name,
    kubernetes_sd_configs: [
      { kubeconfig_file: kubeconfigFile, namespaces: { names: [namespace] }, ...entry },
    ],
    relabel_configs: [{ action: 'drop', regex: '.*' }],
  });
  const web = { label: 'app=compared' };
  return {
    scrape_configs: [
      ...roles.map((role) => job(role, { role })),
      job('pod-selected', { role: 'pod', selectors: [{ role: 'pod', ...web }] }),
      job('pod-with-node', { role: 'pod', attach_metadata: { node: true } }),
      job('endpoints-with-node', { role: 'endpoints', attach_metadata: { node: true } }),
      job('by-field', {
        role: 'service',
        selectors: [{ role: 'service', field: 'metadata.name=compared' }],
      }),
    ],
  };
}

function comparedObjects(): object[] {
  const labels = { app: 'compared', 'app.kubernetes.io/name': 'compared' };
  const shell = 'sleep 100000';
  const pod = podOf({
    name: 'compared',
    namespace,
    labels,
    annotations: { 'a.b/c': 'd e' },
    shell,
  });
  const spec = pod['spec'] as { containers: object[] };
  const two = {
    ...pod,
    spec: {
      ...spec,
      containers: [
        {
          ...spec.containers[0],
          ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 9090 }],
        },
        { ...spec.containers[0], name: 'side' },
      ],
    },
  };
  const metadata = (name: string): object => ({ namespace, name, labels });
  const path = { path: '/x', pathType: 'Prefix' };
  const backend = { service: { name: 'compared', port: { number: 80 } } };
  return [
    two,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('compared'),
      spec: {
        selector: { app: 'compared' },
        ports: [{ name: 'http', port: 80, targetPort: 'http' }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('elsewhere'),
      spec: { type: 'ExternalName', externalName: 'example.com', ports: [{ port: 443 }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: metadata('compared'),
      spec: {
        tls: [{ hosts: ['*.example.com'] }],
        rules: [
          { host: 'a.example.com', http: { paths: [{ ...path, backend }] } },
          { host: 'b.example.org', http: { paths: [{ ...path, backend }] } },
        ],
      },
    },
  ];
}

/** Labels that differ by version or on purpose, with what they stand for. */
const leftOut: readonly RegExp[] = [
  // Of targets since Prometheus 3.
  /^__(scrape_native_histograms|convert_classic_histograms_to_nhcb|always_scrape_classic_histograms)__$/,
  // Annotations that repeat their object are not kept.
  /_kubectl_kubernetes_io_last_applied_configuration$/,
  /_control_plane_alpha_kubernetes_io_leader$/,
];

/** Targets by their labels. */
const found = ({ droppedTargets }: Targets): ReadonlySet<string> =>
  new Set(
    droppedTargets.map(({ discoveredLabels }) =>
      JSON.stringify(
        Object.entries(discoveredLabels)
          .filter(([name]) => !leftOut.some((pattern) => pattern.test(name)))
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    ),
  );

function differenceOf(theirs: ReadonlySet<string>, ours: ReadonlySet<string>): object | undefined {
  const missing = theirs.difference(ours);
  const surplus = ours.difference(theirs);
  if (missing.size + surplus.size === 0) return undefined;
  return { missing: [...missing].slice(0, 2), surplus: [...surplus].slice(0, 2) };
}
