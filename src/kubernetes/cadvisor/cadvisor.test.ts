import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyPrometheusConfig, loadScrapeConfigs } from '#metrics/config';
import { relabelInPlace } from '#metrics/relabel';
import { dropRules, isWantedSeries } from './index.ts';

const text = JSON.stringify({
  scrape_configs: [{ job_name: 'kubelet', metric_relabel_configs: dropRules }],
});
const rules =
  loadScrapeConfigs(text, '/test', emptyPrometheusConfig().global)[0]?.metricRelabelConfigs ?? [];

describe('isWantedSeries() and dropRules', () => {
  const f = (labels: Record<string, string>, want: boolean): void =>
    void it(`${JSON.stringify(labels)} ${want}`, () => {
      assert.equal(isWantedSeries(Object.entries(labels).flat()), want);
      assert.equal(relabelInPlace(rules, new Map(Object.entries(labels))), want);
    });
  const pod = { id: '/kubepods/a', pod: 'a' };
  f({ __name__: 'container_cpu_usage_seconds_total', ...pod }, true);
  f({ __name__: 'container_cpu_usage_seconds_total', id: '/' }, false);
  f({ __name__: 'container_cpu_usage_seconds_total', id: '/system.slice', pod: '' }, false);
  f({ __name__: 'machine_memory_bytes' }, true);
  f({ __name__: 'container_cpu_cfs_throttled_seconds_total', ...pod }, true);
  f({ __name__: 'container_cpu_system_seconds_total', ...pod }, false);
  f({ __name__: 'container_memory_swap', ...pod }, true);
  f({ __name__: 'container_memory_swap_x', ...pod }, true);
  f({ __name__: 'container_spec_memory_limit_bytes', ...pod }, false);
  f({ __name__: 'container_tasks_state', ...pod }, false);
  f({ __name__: 'container_memory_failures_total', ...pod, scope: 'hierarchy' }, false);
  f({ __name__: 'container_memory_failures_total', ...pod, scope: 'container' }, true);
  f({ __name__: 'container_network_receive_bytes_total', ...pod, interface: 'cali123' }, false);
  f({ __name__: 'container_network_receive_bytes_total', ...pod, interface: 'eth0' }, true);
});
