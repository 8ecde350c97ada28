import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseExposition } from '#metrics/exposition';
import { objectsOf, registryOf } from './objects.fixture.ts';
import { selfMetrics } from './self.ts';
import { writeStateMetrics } from './write.ts';

/**
 * What 44 real dashboards and the rules of kube-prometheus ask for, with the labels that they match,
 * group by and show. Not here: four names of Windows containers, which kube-state-metrics no longer has.
 */
const demanded: Readonly<Record<string, string>> = {
  kube_pod_info:
    'namespace pod host_ip pod_ip node created_by_kind created_by_name uid priority_class host_network',
  kube_pod_status_phase: 'namespace pod phase uid',
  kube_pod_container_resource_requests: 'namespace pod container node resource unit uid',
  kube_pod_container_resource_limits: 'namespace pod container node resource unit uid',
  kube_node_status_allocatable: 'node resource unit',
  kube_node_status_capacity: 'node resource unit',
  kube_resourcequota: 'namespace resourcequota resource type',
  kube_node_info:
    'node kernel_version os_image container_runtime_version kubelet_version kubeproxy_version pod_cidr provider_id system_uuid internal_ip',
  kube_pod_owner: 'namespace pod owner_kind owner_name owner_is_controller',
  kube_replicaset_owner: 'namespace replicaset owner_kind owner_name owner_is_controller',
  kube_job_owner: 'namespace job_name owner_kind owner_name owner_is_controller',
  kube_pod_container_status_restarts_total: 'namespace pod container uid',
  kube_pod_container_status_running: 'namespace pod container',
  kube_pod_container_status_waiting: 'namespace pod container',
  kube_pod_container_status_terminated: 'namespace pod container',
  kube_pod_container_status_ready: 'namespace pod container',
  kube_pod_container_status_waiting_reason: 'namespace pod container reason',
  kube_pod_container_status_last_terminated_reason: 'namespace pod container reason',
  kube_pod_container_status_last_terminated_exitcode: 'namespace pod container',
  kube_pod_container_info: 'namespace pod container image image_id image_spec container_id',
  kube_pod_status_qos_class: 'namespace pod qos_class',
  kube_pod_status_reason: 'namespace pod reason',
  kube_pod_status_ready: 'namespace pod condition',
  kube_pod_status_scheduled: 'namespace pod condition',
  kube_node_status_condition: 'node condition status',
  kube_node_spec_unschedulable: 'node',
  kube_node_spec_taint: 'node key value effect',
  kube_node_role: 'node role',
  kube_namespace_status_phase: 'namespace phase',
  kube_namespace_created: 'namespace',
  kube_deployment_spec_replicas: 'namespace deployment',
  kube_deployment_metadata_generation: 'namespace deployment',
  kube_deployment_status_observed_generation: 'namespace deployment',
  kube_deployment_status_replicas_available: 'namespace deployment',
  kube_deployment_status_replicas_unavailable: 'namespace deployment',
  kube_deployment_status_replicas_updated: 'namespace deployment',
  kube_deployment_status_condition: 'namespace deployment condition status reason',
  kube_statefulset_replicas: 'namespace statefulset',
  kube_statefulset_status_replicas_ready: 'namespace statefulset',
  kube_statefulset_status_replicas_updated: 'namespace statefulset',
  kube_statefulset_status_observed_generation: 'namespace statefulset',
  kube_statefulset_metadata_generation: 'namespace statefulset',
  kube_statefulset_status_current_revision: 'namespace statefulset revision',
  kube_statefulset_status_update_revision: 'namespace statefulset revision',
  kube_daemonset_status_desired_number_scheduled: 'namespace daemonset',
  kube_daemonset_status_current_number_scheduled: 'namespace daemonset',
  kube_daemonset_status_updated_number_scheduled: 'namespace daemonset',
  kube_daemonset_status_number_available: 'namespace daemonset',
  kube_daemonset_status_number_misscheduled: 'namespace daemonset',
  kube_horizontalpodautoscaler_spec_max_replicas: 'namespace horizontalpodautoscaler',
  kube_horizontalpodautoscaler_spec_min_replicas: 'namespace horizontalpodautoscaler',
  kube_horizontalpodautoscaler_status_current_replicas: 'namespace horizontalpodautoscaler',
  kube_horizontalpodautoscaler_status_desired_replicas: 'namespace horizontalpodautoscaler',
  kube_job_failed: 'namespace job_name condition',
  kube_job_status_active: 'namespace job_name',
  kube_job_status_start_time: 'namespace job_name',
  kube_persistentvolumeclaim_info:
    'namespace persistentvolumeclaim storageclass volumename volumemode',
  kube_persistentvolumeclaim_access_mode: 'namespace persistentvolumeclaim access_mode',
  kube_persistentvolumeclaim_labels: 'namespace persistentvolumeclaim',
  kube_persistentvolume_status_phase: 'persistentvolume phase',
  kube_configmap_info: 'namespace configmap',
  kube_secret_info: 'namespace secret',
  kube_service_info: 'namespace service cluster_ip',
  kube_ingress_info: 'namespace ingress ingressclass',
  kube_endpoint_info: 'namespace endpoint',
  kube_deployment_labels: 'namespace deployment',
  kube_statefulset_labels: 'namespace statefulset',
  kube_daemonset_labels: 'namespace daemonset',
  kube_networkpolicy_labels: 'namespace networkpolicy',
  kube_hpa_labels: 'namespace horizontalpodautoscaler',
  kube_namespace_labels: 'namespace',
  kube_poddisruptionbudget_status_current_healthy: 'namespace poddisruptionbudget',
  kube_poddisruptionbudget_status_desired_healthy: 'namespace poddisruptionbudget',
  kube_state_metrics_list_total: 'result',
  kube_state_metrics_watch_total: 'result',
  kube_state_metrics_total_shards: '',
  kube_state_metrics_shard_ordinal: '',
};

describe('what dashboards ask for', () => {
  const folder = join(import.meta.dirname, 'testdata');
  const objects = globSync('*.yaml', { cwd: folder }).flatMap((file) =>
    objectsOf(join(folder, file)),
  );
  const body = [
    ...writeStateMetrics(registryOf(objects), { format: 'text', escaping: 'underscores' }),
  ].join('');
  const found = new Map<string, Set<string>>();
  for (const entry of parseExposition(Buffer.from(body), 'text')) {
    if (entry.kind !== 'sample') continue;
    const [, name = '', ...rest] = entry.pairs;
    const labels = found.get(name) ?? new Set();
    for (const [at, label] of rest.entries()) if (at % 2 === 0) labels.add(label);
    found.set(name, labels);
  }
  for (const { name, labels } of selfMetrics(
    [{ resource: 'pods', listed: 1, listsFailed: 0, watched: 1, watchesFailed: 0 }],
    '1',
  )) {
    found.set(name, new Set(labels.filter((_, at) => at % 2 === 0)));
  }

  it('77 names', () => assert.equal(Object.keys(demanded).length, 77));
  for (const [name, labels] of Object.entries(demanded)) {
    it(`${name}{${labels}}`, () => {
      const has = found.get(name);
      assert.ok(has !== undefined, 'no series');
      const missing = labels.split(' ').filter((label) => label !== '' && !has.has(label));
      assert.deepEqual(missing, []);
    });
  }
});
