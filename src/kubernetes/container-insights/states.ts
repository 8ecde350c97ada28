import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts';
import { quantityUnits } from '#kubernetes/cluster';
import { amountOf } from './cluster-view.ts';
import type { Values } from './formulas.ts';

const flag = (value: boolean): number => Number(value);

/** 1 where a condition holds, and what the node can take. */
export function nodeConditionValues({ status }: Node): Values {
  const conditions = status?.conditions ?? [];
  const holds = (type: string): number =>
    flag(conditions.some((one) => one.type === type && one.status === 'True'));
  return {
    node_status_condition_ready: holds('Ready'),
    node_status_condition_disk_pressure: holds('DiskPressure'),
    node_status_condition_memory_pressure: holds('MemoryPressure'),
    node_status_condition_pid_pressure: holds('PIDPressure'),
    node_status_condition_network_unavailable: holds('NetworkUnavailable'),
    node_status_condition_unknown: flag(conditions.some((one) => one.status === 'Unknown')),
    node_status_capacity_pods: amountOf(status?.capacity?.['pods'], quantityUnits),
    node_status_allocatable_pods: amountOf(status?.allocatable?.['pods'], quantityUnits),
  };
}

/** Reasons for which containers wait, as metrics name them. */
const waitingReasons: Readonly<Record<string, string>> = {
  CrashLoopBackOff: 'crash_loop_back_off',
  ErrImagePull: 'image_pull_error',
  ImagePullBackOff: 'image_pull_error',
  ErrImageNeverPull: 'image_pull_error',
  InvalidImageName: 'image_pull_error',
  StartError: 'start_error',
  RunContainerError: 'start_error',
  CreateContainerError: 'create_container_error',
  CreateContainerConfigError: 'create_container_config_error',
};

/** The phase as flags, and containers by state. */
export function podStateValues({ status }: Pod): Values {
  const holds = (type: string): number =>
    flag(status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false);
  const is = (phase: string): number => flag((status?.phase ?? 'Unknown') === phase);
  const values: Values = {
    pod_status_ready: holds('Ready'),
    pod_status_scheduled: holds('PodScheduled'),
    pod_status_running: is('Running'),
    pod_status_pending: is('Pending'),
    pod_status_failed: is('Failed'),
    pod_status_unknown: is('Unknown'),
    pod_status_succeeded: is('Succeeded'),
  };
  const count = (name: string): void => {
    const key = `pod_container_status_${name}`;
    values[key] = (values[key] ?? 0) + 1;
  };
  for (const { state, lastState } of status?.containerStatuses ?? []) {
    if (state?.running !== undefined) count('running');
    if (state?.terminated !== undefined) count('terminated');
    if (state?.waiting !== undefined) {
      count('waiting');
      const reason = waitingReasons[state.waiting.reason ?? ''];
      if (reason !== undefined) count(`waiting_reason_${reason}`);
    }
    const terminated = state?.terminated ?? lastState?.terminated;
    if (terminated?.reason === 'OOMKilled') count('terminated_reason_oom_killed');
  }
  return values;
}
