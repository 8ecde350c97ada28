import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { builtinRuleGroups } from './builtin.ts';

const run = promisify(execFile);
const main = join(import.meta.dirname, '../../main.ts');
const tests = globSync(join(import.meta.dirname, 'testdata/*.test.yaml')).sort();

/** Recorded series that dashboards of kube-prometheus read (Windows left out). */
const demanded = [
  'namespace_workload_pod:kube_pod_owner:relabel',
  'node_namespace_pod:kube_pod_info:',
  ...['sum_rate5m', 'sum_irate'].map(
    (each) => `node_namespace_pod_container:container_cpu_usage_seconds_total:${each}`,
  ),
  ...['working_set_bytes', 'rss', 'cache', 'swap'].map(
    (each) => `node_namespace_pod_container:container_memory_${each}`,
  ),
  ...['cpu', 'memory'].flatMap((resource) =>
    ['requests', 'limits'].flatMap((kind) => [
      `cluster:namespace:pod_${resource}:active:kube_pod_container_resource_${kind}`,
      `namespace_${resource}:kube_pod_container_resource_${kind}:sum`,
    ]),
  ),
  'cluster:node_cpu:ratio_rate5m',
  'node:node_cpu_utilization:ratio_rate5m',
  ':node_memory_MemAvailable_bytes:sum',
  'instance:node_num_cpu:sum',
  'instance:node_cpu_utilisation:rate5m',
  'instance:node_load1_per_cpu:ratio',
  'instance:node_memory_utilisation:ratio',
  'instance:node_vmstat_pgmajfault:rate5m',
  'instance_device:node_disk_io_time_seconds:rate5m',
  'instance_device:node_disk_io_time_weighted_seconds:rate5m',
  ...['receive', 'transmit'].flatMap((direction) =>
    ['bytes', 'drop'].flatMap((what) =>
      ['excluding_lo', 'physical'].map(
        (which) => `instance:node_network_${direction}_${what}_${which}:rate5m`,
      ),
    ),
  ),
  'code_resource:apiserver_request_total:rate5m',
  'apiserver_request:availability30d',
  'cluster_quantile:apiserver_request_sli_duration_seconds:histogram_quantile',
  ...['5m', '30m', '1h', '2h', '6h', '1d', '3d'].map(
    (window) => `apiserver_request:burnrate${window}`,
  ),
];

describe('rules that come with the program', () => {
  const groups = builtinRuleGroups({ isKubernetes: true, disabledGroups: [] });
  const records = new Set(groups.flatMap(({ rules }) => rules.map(({ record }) => record)));

  for (const file of tests) {
    it(`nunchi test-rules ${file.split('/').at(-1)}`, async () => {
      // The program as people run it; what does not hold stands in its output.
      const { stdout } = await run(process.execPath, [main, 'test-rules', file]).catch(
        (error: { stdout?: string }) => assert.fail(error.stdout ?? String(error)),
      );
      assert.match(stdout, /passed: [1-9]/);
    });
  }

  it('all that dashboards read is recorded', () => {
    assert.deepEqual(
      demanded.filter((name) => !records.has(name)),
      [],
    );
  });

  it('every rule has a test', () => {
    const text = tests.map((file) => readFileSync(file, 'utf8')).join('\n');
    assert.deepEqual(
      [...records].filter((name) => name !== undefined && !text.includes(name)),
      [],
    );
  });

  it('without a cluster only those over node-exporter are there', () => {
    const names = builtinRuleGroups({ isKubernetes: false, disabledGroups: ['node.cluster'] }).map(
      ({ name }) => name,
    );
    assert.deepEqual(names, ['node.exporter']);
  });
});
