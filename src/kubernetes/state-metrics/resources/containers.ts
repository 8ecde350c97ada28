import type {
  Container,
  ContainerStateTerminated,
  ContainerStatus,
  Pod,
} from 'kubernetes-types/core/v1.d.ts';
import type { Emit, Family } from '../contract.ts';
import { emitResources, truth, unixSeconds } from './common.ts';

/** Containers of a pod, or its init containers. */
interface Kind {
  readonly prefix: string;
  specs(pod: Pod): readonly Container[];
  statuses(pod: Pod): readonly ContainerStatus[];
}

const containers: Kind = {
  prefix: 'kube_pod_container',
  specs: (pod) => pod.spec?.containers ?? [],
  statuses: (pod) => pod.status?.containerStatuses ?? [],
};

const initContainers: Kind = {
  prefix: 'kube_pod_init_container',
  specs: (pod) => pod.spec?.initContainers ?? [],
  statuses: (pod) => pod.status?.initContainerStatuses ?? [],
};

const infoFamily = ({ prefix, specs, statuses }: Kind, isInit: boolean): Family<Pod> => ({
  name: `${prefix}_info`,
  help: 'What runs in the container: image and id.',
  emit: (pod, add) => {
    for (const spec of specs(pod)) {
      for (const status of statuses(pod)) {
        if (status.name !== spec.name) continue;
        const labels = [
          'container',
          spec.name,
          'image_spec',
          spec.image ?? '',
          'image',
          status.image ?? '',
          'image_id',
          status.imageID ?? '',
          'container_id',
          status.containerID ?? '',
        ];
        if (isInit) labels.push('restart_policy', spec.restartPolicy ?? '');
        add(1, labels);
      }
    }
  },
});

const resources = ({ prefix, specs }: Kind, which: 'requests' | 'limits'): Family<Pod> => ({
  name: `${prefix}_resource_${which}`,
  help:
    which === 'requests'
      ? 'What the container asks for, by resource.'
      : 'What the container may use at most, by resource.',
  emit: (pod, add) => {
    const node = pod.spec?.nodeName ?? '';
    for (const { name, resources: wanted } of specs(pod)) {
      emitResources(wanted?.[which], add, { before: ['container', name, 'node', node] });
    }
  },
});

/** One series for each container that has a status. */
const perStatus = (
  { prefix, statuses }: Kind,
  name: string,
  help: string,
  emit: (status: ContainerStatus, add: Emit) => void,
): Family<Pod> => ({
  name: `${prefix}_${name}`,
  help,
  emit: (pod, add) => {
    for (const status of statuses(pod)) emit(status, add);
  },
});

const numberOf =
  (value: (status: ContainerStatus) => number | undefined) =>
  (status: ContainerStatus, add: Emit): void => {
    const found = value(status);
    if (found !== undefined) add(found, ['container', status.name]);
  };

const reasonOf =
  (reason: (status: ContainerStatus) => { readonly reason?: string } | null | undefined) =>
  (status: ContainerStatus, add: Emit): void => {
    const found = reason(status);
    if (found !== undefined && found !== null)
      add(1, ['container', status.name, 'reason', found.reason ?? '']);
  };

const last = (status: ContainerStatus): ContainerStateTerminated | undefined =>
  status.lastState?.terminated ?? undefined;

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

function familiesOf(kind: Kind, isInit: boolean): Family<Pod>[] {
  const per = (name: string, help: string, emit: (status: ContainerStatus, add: Emit) => void) =>
    perStatus(kind, name, help, emit);
  return [
    infoFamily(kind, isInit),
    resources(kind, 'limits'),
    resources(kind, 'requests'),
    per(
      'state_started',
      'When the container was started, Unix seconds.',
      numberOf(({ state }) =>
        unixSeconds(state?.running?.startedAt ?? state?.terminated?.startedAt),
      ),
    ),
    per('status_last_terminated_reason', 'Why the container ended the last time.', reasonOf(last)),
    per(
      'status_last_terminated_exitcode',
      'Exit code of the last end of the container.',
      numberOf((status) => last(status)?.exitCode),
    ),
    per(
      'status_last_terminated_timestamp',
      'When the container ended the last time, Unix seconds.',
      numberOf((status) => unixSeconds(last(status)?.finishedAt)),
    ),
    per(
      'status_ready',
      'Whether the container is ready.',
      numberOf(({ ready }) => truth(ready)),
    ),
    {
      ...per(
        'status_restarts_total',
        'How often the container was started again.',
        numberOf(({ restartCount }) => restartCount),
      ),
      type: 'counter',
    },
    per(
      'status_running',
      'Whether the container runs.',
      numberOf(({ state }) => truth(isThere(state?.running))),
    ),
    per(
      'status_terminated',
      'Whether the container has ended.',
      numberOf(({ state }) => truth(isThere(state?.terminated))),
    ),
    per(
      'status_terminated_reason',
      'Why the container has ended.',
      reasonOf(({ state }) => state?.terminated),
    ),
    per(
      'status_waiting',
      'Whether the container waits to be started.',
      numberOf(({ state }) => truth(isThere(state?.waiting))),
    ),
    per(
      'status_waiting_reason',
      'Why the container waits.',
      reasonOf(({ state }) => state?.waiting),
    ),
  ];
}

export const containerFamilies: readonly Family<Pod>[] = familiesOf(containers, false);
export const initContainerFamilies: readonly Family<Pod>[] = familiesOf(initContainers, true);
