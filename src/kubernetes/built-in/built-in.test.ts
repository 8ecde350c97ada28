import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubernetesAccess } from '#kubernetes/client';
import { emptyPrometheusConfig, type ScrapeConfig } from '#metrics/config';
import { labelsOf, labelsToRecord } from '#metrics/model';
import { relabel } from '#metrics/relabel';
import { builtInJobs, builtInNames } from './built-in.ts';

const { global } = emptyPrometheusConfig();
const inPod: KubernetesAccess = {
  server: 'https://10.96.0.1:443',
  source: 'a pod',
  clusterName: undefined,
  context: undefined,
  namespace: 'nunchi',
  tls: {
    authority: { kind: 'file', path: '/sa/ca.crt' },
    certificate: undefined,
    privateKey: undefined,
    serverName: undefined,
    insecureSkipVerify: false,
  },
  credentials: { kind: 'token-file', path: '/sa/token' },
  proxyUrl: undefined,
  impersonate: undefined,
};
const laptop: KubernetesAccess = {
  ...inPod,
  server: 'https://eks.example.com/path',
  clusterName: 'c',
  credentials: { kind: 'token', token: 't' },
};

function jobs(
  access: KubernetesAccess,
  more: { hasEksMetrics?: boolean; taken?: readonly string[] } = {},
): ReadonlyMap<string, ScrapeConfig> {
  const made = builtInJobs({
    controlPlane: { access, hasEksMetrics: more.hasEksMetrics ?? false },
    kubelet: undefined,
    hasAnnotations: true,
    taken: new Set(more.taken),
    global,
  });
  return new Map(made.map((job) => [job.jobName, job]));
}

/** Labels after a job's rules, without `__meta_`; undefined: dropped. */
function relabelled(
  job: ScrapeConfig | undefined,
  labels: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const full = Object.entries(labels).map(([name, value]): [string, string] => [
    name.startsWith('__') ? name : `__meta_kubernetes_${name}`,
    value,
  ]);
  const result = relabel(job?.relabelConfigs ?? [], labelsOf(full));
  if (result === undefined) return undefined;
  const kept = Object.entries(labelsToRecord(result));
  return Object.fromEntries(kept.filter(([name]) => !name.startsWith('__meta_')));
}

describe('built-in jobs', () => {
  it('in a pod: every job, the API server by its endpoints and with its account', () => {
    const made = jobs(inPod);
    assert.deepEqual([...made.keys()].sort(), [...builtInNames].sort());
    const api = made.get('apiserver');
    assert.equal(api?.bearerTokenFile, '/sa/token');
    assert.equal(api?.tlsConfig?.serverName, 'kubernetes');
    assert.equal(api?.kubernetesSdConfigs[0]?.role, 'endpoints');
    assert.equal(made.get('kube-proxy')?.kubernetesSdConfigs[0]?.reachablePort, 10_249);
  });

  it('by a kubeconfig: the API server under its own URL; none with a plugin', () => {
    const api = jobs(laptop).get('apiserver');
    assert.deepEqual(api?.staticConfigs[0]?.targets, ['eks.example.com:443']);
    assert.equal(api?.metricsPath, '/path/metrics');
    const plugin = { kind: 'exec' } as KubernetesAccess['credentials'];
    assert.equal(jobs({ ...laptop, credentials: plugin }).has('apiserver'), false);
  });

  it('on EKS the API server answers for scheduler and controller manager', () => {
    const made = jobs(inPod, { hasEksMetrics: true });
    assert.equal(
      made.get('kube-scheduler')?.metricsPath,
      '/apis/metrics.eks.amazonaws.com/v1/ksh/container/metrics',
    );
    assert.deepEqual(made.get('kube-controller-manager')?.staticConfigs[0]?.targets, [
      'kubernetes.default.svc:443',
    ]);
  });

  it('has no name that is taken', () => {
    assert.equal(jobs(inPod, { taken: ['coredns'] }).has('coredns'), false);
  });

  const annotated = {
    __address__: '10.0.0.1:80',
    namespace: 'shop',
    pod_name: 'p',
    pod_node_name: 'n',
    pod_ip: '10.0.0.1',
    pod_phase: 'Running',
    pod_container_port_number: '80',
    pod_annotation_prometheus_io_scrape: 'true',
  };
  for (const { what, given, wanted } of [
    { what: 'its own port', given: {}, wanted: { __address__: '10.0.0.1:80' } },
    {
      what: 'port, path, scheme and parameters',
      given: {
        pod_annotation_prometheus_io_port: '9102',
        pod_annotation_prometheus_io_path: '/m',
        pod_annotation_prometheus_io_scheme: 'https',
        pod_annotation_prometheus_io_param_a: 'b',
      },
      wanted: {
        __address__: '10.0.0.1:9102',
        __metrics_path__: '/m',
        __scheme__: 'https',
        __param_a: 'b',
      },
    },
    {
      what: 'IPv6',
      given: { pod_ip: 'fd00::1', pod_annotation_prometheus_io_port: '9102' },
      wanted: { __address__: '[fd00::1]:9102' },
    },
    { what: 'none asked for', given: { pod_annotation_prometheus_io_scrape: 'no' } },
    { what: 'ended', given: { pod_phase: 'Succeeded' } },
    { what: 'no port at all', given: { __address__: '10.0.0.1', pod_container_port_number: '' } },
  ] as const) {
    it(`annotated pod: ${what}`, () => {
      const found = relabelled(jobs(inPod).get('kubernetes-pods'), { ...annotated, ...given });
      const place = { namespace: 'shop', pod: 'p', node: 'n' };
      assert.deepEqual(found, wanted === undefined ? undefined : { ...place, ...wanted });
    });
  }

  it('annotated service: its endpoints, under the port that is asked for', () => {
    const job = jobs(inPod).get('kubernetes-service-endpoints');
    const found = relabelled(job, {
      __address__: '10.0.0.1:80',
      namespace: 'shop',
      service_name: 's',
      endpoint_ready: 'true',
      service_annotation_prometheus_io_scrape: 'true',
      service_annotation_prometheus_io_port: '9102',
    });
    assert.deepEqual(found, { __address__: '10.0.0.1:9102', namespace: 'shop', service: 's' });
  });
});
