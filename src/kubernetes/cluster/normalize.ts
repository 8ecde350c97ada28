import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.d.ts';
import type { Endpoint } from 'kubernetes-types/discovery/v1.d.ts';
import type { IngressBackend } from 'kubernetes-types/networking/v1.d.ts';
import type { ResourceName } from '#kubernetes/client';

/**
 * Older versions of objects in the shape of the newest one. Items of lists do not say their version,
 * so it is told by what they have; what is new already stays as it is.
 */
export const normalizers: { readonly [N in ResourceName]?: (object: never) => unknown } = {
  endpointslices: (object: OldSlice) => {
    for (const endpoint of object.endpoints ?? []) normalizeEndpoint(endpoint);
    return object;
  },
  horizontalpodautoscalers: (object: OldAutoscaler) => normalizeAutoscaler(object),
  ingresses: (object: OldIngress) => {
    const { spec } = object;
    if (spec === undefined) return object;
    if (spec.backend !== undefined) spec.defaultBackend = normalizeBackend(spec.backend);
    delete spec.backend;
    for (const { http } of spec.rules ?? []) {
      for (const path of http?.paths ?? []) path.backend = normalizeBackend(path.backend);
    }
    return object;
  },
  customresourcedefinitions: (object: OldCrd) => {
    const { spec } = object;
    // v1beta1 may name one version only.
    if (spec !== undefined && spec.versions === undefined && spec.version !== undefined) {
      spec.versions = [{ name: spec.version, served: true, storage: true }];
    }
    return object;
  },
};

interface OldSlice {
  endpoints?: OldEndpoint[] | null;
}

interface OldEndpoint extends Omit<Endpoint, 'addresses'> {
  /** v1beta1: node and zone are in here. */
  topology?: Record<string, string>;
}

/** discovery.k8s.io/v1beta1. */
function normalizeEndpoint(endpoint: OldEndpoint): void {
  const { topology } = endpoint;
  if (topology === undefined) return;
  const { 'kubernetes.io/hostname': node, 'topology.kubernetes.io/zone': zone, ...rest } = topology;
  if (endpoint.nodeName === undefined && node !== undefined) endpoint.nodeName = node;
  if (endpoint.zone === undefined && zone !== undefined) endpoint.zone = zone;
  endpoint.deprecatedTopology = rest;
  delete endpoint.topology;
}

interface OldAutoscaler {
  metadata?: HorizontalPodAutoscaler['metadata'];
  spec?: {
    scaleTargetRef?: unknown;
    minReplicas?: number;
    maxReplicas?: number;
    metrics?: unknown;
    targetCPUUtilizationPercentage?: number;
  };
  status?: { currentCPUUtilizationPercentage?: number; currentMetrics?: unknown };
}

/** autoscaling/v1 knows one target, the CPU; v2beta2 has v2's shape. */
function normalizeAutoscaler(object: OldAutoscaler): unknown {
  const target = object.spec?.targetCPUUtilizationPercentage;
  const current = object.status?.currentCPUUtilizationPercentage;
  if (object.spec !== undefined && target !== undefined) {
    object.spec.metrics ??= [
      cpuMetric({ target: { type: 'Utilization', averageUtilization: target } }),
    ];
    delete object.spec.targetCPUUtilizationPercentage;
  }
  if (object.status !== undefined && current !== undefined) {
    object.status.currentMetrics ??= [cpuMetric({ current: { averageUtilization: current } })];
    delete object.status.currentCPUUtilizationPercentage;
  }
  return object;
}

const cpuMetric = (more: Readonly<Record<string, unknown>>): unknown => ({
  type: 'Resource',
  resource: { name: 'cpu', ...more },
});

interface OldIngress {
  spec?: {
    backend?: OldBackend;
    defaultBackend?: IngressBackend;
    rules?: { http?: { paths?: { backend: OldBackend }[] } }[];
  };
}

type OldBackend = IngressBackend & { serviceName?: string; servicePort?: string | number };

/** networking.k8s.io/v1beta1 and extensions/v1beta1. */
function normalizeBackend(backend: OldBackend): IngressBackend {
  const { serviceName, servicePort, resource } = backend;
  if (serviceName === undefined) return backend;
  const port =
    typeof servicePort === 'number' ? { number: servicePort } : { name: String(servicePort ?? '') };
  return {
    service: { name: serviceName, port },
    ...(resource === undefined ? {} : { resource }),
  };
}

interface OldCrd {
  spec?: { version?: string; versions?: { name: string; served: boolean; storage: boolean }[] };
}
