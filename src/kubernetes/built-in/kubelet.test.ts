import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubernetesAccess } from '#kubernetes/client';
import { emptyPrometheusConfig } from '#metrics/config';
import { labelsToRecord } from '#metrics/model';
import { buildTargets } from '#metrics/scrape';
import { builtInJobs } from './built-in.ts';
import { proxyPrefix } from './kubelet.ts';

const access: KubernetesAccess = {
  server: 'https://api.example.com/k8s/clusters/c1',
  source: 'test',
  clusterName: 'c1',
  context: undefined,
  namespace: 'default',
  tls: {
    authority: undefined,
    certificate: undefined,
    privateKey: undefined,
    insecureSkipVerify: false,
    serverName: undefined,
  },
  credentials: { kind: 'none' },
  proxyUrl: undefined,
  impersonate: undefined,
};

const jobsOf = (left: readonly string[], taken: readonly string[] = []) =>
  builtInJobs({
    controlPlane: undefined,
    kubelet: { access, left: new Set(left) },
    hasAnnotations: false,
    taken: new Set(taken),
    global: emptyPrometheusConfig().global,
  });

const node = (name: string) => ({
  __address__: '10.0.0.7:10250',
  __meta_kubernetes_node_name: name,
});

describe('kubelet jobs', () => {
  it('ask through the API server, under the labels that agents give', () => {
    const found = jobsOf([]).flatMap((job) =>
      buildTargets(job, { source: 's', labels: {}, targets: [node('n1.x')] }).map((built) =>
        built.kind === 'target'
          ? [built.target.url, { ...labelsToRecord(built.target.labels) }]
          : built,
      ),
    );
    assert.equal(proxyPrefix(access), 'https://api.example.com:443/k8s/clusters/c1');
    const path = (end: string): string =>
      `https://api.example.com:443/k8s/clusters/c1/api/v1/nodes/n1.x/proxy${end}`;
    assert.deepEqual(
      found,
      ['/metrics', '/metrics/cadvisor', '/metrics/resource', '/metrics/probes'].map((end) => [
        path(end),
        { instance: '10.0.0.7:10250', job: 'kubelet', metrics_path: end, node: 'n1.x' },
      ]),
    );
  });

  it('leave nodes to their agents', () => {
    const [job] = jobsOf(['n1.x', 'n2']);
    assert.ok(job !== undefined);
    const targets = ['n1.x', 'n1yx', 'n2', 'n22'].map(node);
    assert.deepEqual(
      buildTargets(job, { source: 's', labels: {}, targets }).map(({ kind }) => kind),
      ['dropped', 'target', 'dropped', 'target'],
    );
  });

  for (const job of [
    'serviceMonitor/monitoring/kps-kube-prometheus-stack-kubelet/0',
    'kubernetes-nodes-cadvisor',
    'kubernetes-nodes',
  ]) {
    it(`are none beside ${job}`, () => assert.deepEqual(jobsOf([], [job]), []));
  }
});
