import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Node, Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import type { KubernetesObject, ObjectStore } from '#kubernetes/client';
import type { Neighbours } from './roles/contract.ts';
import { buildEndpointSlice } from './roles/endpoint-slice.ts';
import { buildEndpoints } from './roles/endpoints.ts';
import { buildIngress } from './roles/ingress.ts';
import { buildNode } from './roles/node.ts';
import { buildPod } from './roles/pod.ts';
import { buildService } from './roles/service.ts';

/** A store of some objects, as far as building reads it. */
function storeOf<T extends KubernetesObject>(...objects: readonly T[]): ObjectStore<T> {
  const get = (namespace: string | undefined, name: string): T | undefined =>
    objects.find(
      ({ metadata }) => metadata?.name === name && (metadata.namespace ?? '') === (namespace ?? ''),
    );
  return {
    size: objects.length,
    get,
    values: () => objects.values(),
    byIndex: () => [],
    addIndex: () => {},
  };
}

const attach = { deployment: false, job: false, cronjob: false };
const alone: Neighbours = { attach };

/** Labels without the prefix that all of them have. */
const short = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name.replace(/^__meta_kubernetes_/, ''), value]),
  );

interface Shown {
  readonly labels: Record<string, string>;
  readonly targets: readonly Record<string, string>[];
}

function shown(group: ReturnType<typeof buildPod>): Shown {
  return { labels: short(group?.labels ?? {}), targets: (group?.targets ?? []).map(short) };
}

const pod: Pod = {
  metadata: {
    name: 'web-7f-x',
    namespace: 'shop',
    uid: 'u-1',
    labels: { app: 'web', 'app.kubernetes.io/name': 'web', empty: '' },
    annotations: { 'prometheus.io/scrape': 'true' },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Other', name: 'not-it', uid: 'u-0' },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7f', uid: 'u-2', controller: true },
    ],
  },
  spec: {
    nodeName: 'node-1',
    containers: [
      {
        name: 'web',
        image: 'web:1',
        ports: [
          { name: 'http', containerPort: 8080, protocol: 'TCP' },
          { containerPort: 9090, protocol: 'TCP' },
        ],
      },
      { name: 'side', image: 'side:2' },
    ],
    initContainers: [{ name: 'init', image: 'init:3', ports: [{ containerPort: 1 }] }],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.7',
    hostIP: '10.0.1.1',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      { name: 'web', containerID: 'containerd://c1' } as never,
      { name: 'side', containerID: 'containerd://c2' } as never,
    ],
    initContainerStatuses: [{ name: 'init', containerID: 'containerd://c3' } as never],
  },
};

const node: Node = {
  metadata: { name: 'node-1', labels: { zone: 'a' }, annotations: { 'n/a': 'x' } },
  spec: { providerID: 'aws:///a/i-1' },
  status: {
    addresses: [
      { type: 'Hostname', address: 'ip-10-0-1-1' },
      { type: 'InternalIP', address: '10.0.1.1' },
      { type: 'InternalIP', address: 'fd00::1' },
      { type: 'ExternalIP', address: '1.2.3.4' },
    ],
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'MemoryPressure', status: 'Unknown' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
  },
};

const service: Service = {
  metadata: { name: 'web', namespace: 'shop', labels: { tier: 'front' } },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.0.9',
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  },
};

const podLabels = {
  pod_ip: '10.0.0.7',
  pod_ready: 'true',
  pod_phase: 'Running',
  pod_node_name: 'node-1',
  pod_host_ip: '10.0.1.1',
  pod_uid: 'u-1',
  pod_name: 'web-7f-x',
  pod_label_app: 'web',
  pod_labelpresent_app: 'true',
  pod_label_app_kubernetes_io_name: 'web',
  pod_labelpresent_app_kubernetes_io_name: 'true',
  pod_labelpresent_empty: 'true',
  pod_annotation_prometheus_io_scrape: 'true',
  pod_annotationpresent_prometheus_io_scrape: 'true',
  pod_controller_kind: 'ReplicaSet',
  pod_controller_name: 'web-7f',
};
const nodeObject = {
  node_name: 'node-1',
  node_label_zone: 'a',
  node_labelpresent_zone: 'true',
  node_annotation_n_a: 'x',
  node_annotationpresent_n_a: 'true',
};
const serviceObject = {
  service_name: 'web',
  service_label_tier: 'front',
  service_labelpresent_tier: 'true',
};
const webContainer = {
  pod_container_name: 'web',
  pod_container_image: 'web:1',
  pod_container_init: 'false',
};
const port8080 = {
  pod_container_port_name: 'http',
  pod_container_port_number: '8080',
  pod_container_port_protocol: 'TCP',
};
const port9090 = { pod_container_port_number: '9090', pod_container_port_protocol: 'TCP' };
const initPort = {
  __address__: '10.0.0.7:1',
  pod_container_name: 'init',
  pod_container_image: 'init:3',
  pod_container_init: 'true',
  pod_container_port_number: '1',
};

describe('targets and labels of objects', () => {
  it('node: its kubelet, under the first address of the wanted kinds', () => {
    assert.deepEqual(shown(buildNode(node, alone)), {
      labels: {
        node_provider_id: 'aws:///a/i-1',
        node_condition_ready: 'true',
        node_condition_memorypressure: 'unknown',
        ...nodeObject,
      },
      targets: [
        {
          __address__: '10.0.1.1:10250',
          instance: 'node-1',
          node_address_Hostname: 'ip-10-0-1-1',
          node_address_InternalIP: '10.0.1.1',
          node_address_ExternalIP: '1.2.3.4',
        },
      ],
    });
    assert.equal(buildNode({ metadata: { name: 'n' } }, alone), undefined);
  });

  it('pod: each port, and each container without one', () => {
    assert.deepEqual(shown(buildPod(pod, alone)), {
      labels: { namespace: 'shop', ...podLabels },
      targets: [
        {
          __address__: '10.0.0.7:8080',
          ...webContainer,
          pod_container_id: 'containerd://c1',
          ...port8080,
        },
        {
          __address__: '10.0.0.7:9090',
          ...webContainer,
          pod_container_id: 'containerd://c1',
          ...port9090,
        },
        {
          __address__: '10.0.0.7',
          pod_container_name: 'side',
          pod_container_image: 'side:2',
          pod_container_init: 'false',
          pod_container_id: 'containerd://c2',
        },
        { ...initPort, pod_container_id: 'containerd://c3' },
      ],
    });
  });

  it('pod: none while it has no address; brackets around IPv6', () => {
    assert.equal(buildPod({ ...pod, status: { phase: 'Pending' } }, alone), undefined);
    const six = { ...pod, status: { ...pod.status, podIP: 'fd00::7' } };
    assert.equal(shown(buildPod(six, alone)).targets[0]?.['__address__'], '[fd00::7]:8080');
  });

  it('pod: what is attached of its node, namespace and workload', () => {
    const of = (kind: string, name: string): KubernetesObject['metadata'] => ({
      ownerReferences: [{ apiVersion: 'v1', kind, name, uid: 'u', controller: true }],
    });
    const neighbours: Neighbours = {
      nodes: storeOf(node),
      namespaces: storeOf({ metadata: { name: 'shop', labels: { team: 'a' } } }),
      replicaSets: storeOf({
        metadata: { ...of('Deployment', 'web'), name: 'web-7f', namespace: 'shop' },
      }),
      jobs: storeOf({ metadata: { ...of('CronJob', 'nightly'), name: 'j-1', namespace: 'shop' } }),
      attach: { deployment: true, job: true, cronjob: true },
    };
    assert.deepEqual(shown(buildPod(pod, neighbours)).labels, {
      namespace: 'shop',
      ...podLabels,
      ...nodeObject,
      namespace_label_team: 'a',
      namespace_labelpresent_team: 'true',
      pod_deployment_name: 'web',
    });
    const ofJob = { ...pod, metadata: { ...pod.metadata, ...of('Job', 'j-1') } };
    const labels = shown(buildPod(ofJob, neighbours)).labels;
    assert.equal(labels['pod_job_name'], 'j-1');
    assert.equal(labels['pod_cronjob_name'], 'nightly');
    // A selector of nodes leaves out the pods of the others.
    assert.equal(buildPod(pod, { nodes: storeOf(), attach }), undefined);
  });

  it('service: each port; addresses by its type', () => {
    assert.deepEqual(shown(buildService(service, alone)), {
      labels: { namespace: 'shop', ...serviceObject },
      targets: [
        {
          __address__: 'web.shop.svc:80',
          service_port_name: 'http',
          service_port_number: '80',
          service_port_protocol: 'TCP',
          service_type: 'ClusterIP',
          service_cluster_ip: '10.96.0.9',
        },
      ],
    });
    const targetOf = (spec: Service['spec'], status?: Service['status']): Record<string, string> =>
      shown(
        buildService({ ...service, spec: { ...service.spec, ...spec }, status } as Service, alone),
      ).targets[0] ?? {};
    const external = targetOf({ type: 'ExternalName', externalName: 'db.example.com' });
    assert.equal(external['service_external_name'], 'db.example.com');
    assert.equal(external['service_cluster_ip'], undefined);
    const balancer = { ingress: [{ ip: '9.9.9.9' }, { hostname: 'lb' }, { ip: '8.8.8.8' }] };
    const balanced = targetOf({ type: 'LoadBalancer' }, { loadBalancer: balancer });
    assert.equal(balanced['service_loadbalancer_ip'], '9.9.9.9,8.8.8.8');
    const asked = targetOf({ type: 'LoadBalancer', loadBalancerIP: '7.7.7.7' });
    assert.equal(asked['service_loadbalancer_ip'], '7.7.7.7');
  });

  const neighbours: Neighbours = {
    pods: storeOf(pod),
    services: storeOf(service),
    nodes: storeOf(node),
    attach,
  };

  it('endpoints: addresses, with their pods, and the other ports of these', () => {
    const group = buildEndpoints(
      {
        metadata: { name: 'web', namespace: 'shop', labels: { tier: 'front' } },
        subsets: [
          {
            ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
            addresses: [
              {
                ip: '10.0.0.7',
                nodeName: 'node-1',
                targetRef: { kind: 'Pod', namespace: 'shop', name: 'web-7f-x' },
              },
            ],
            notReadyAddresses: [{ ip: '10.0.0.8', hostname: 'h' }],
          },
        ],
      },
      neighbours,
    );
    assert.deepEqual(shown(group), {
      labels: {
        namespace: 'shop',
        ...serviceObject,
        endpoints_name: 'web',
        endpoints_label_tier: 'front',
        endpoints_labelpresent_tier: 'true',
      },
      targets: [
        {
          __address__: '10.0.0.7:8080',
          endpoint_port_name: 'http',
          endpoint_port_protocol: 'TCP',
          endpoint_ready: 'true',
          endpoint_address_target_kind: 'Pod',
          endpoint_address_target_name: 'web-7f-x',
          endpoint_node_name: 'node-1',
          ...nodeObject,
          ...podLabels,
          ...webContainer,
          ...port8080,
        },
        {
          __address__: '10.0.0.8:8080',
          endpoint_port_name: 'http',
          endpoint_port_protocol: 'TCP',
          endpoint_ready: 'false',
          endpoint_hostname: 'h',
        },
        { __address__: '10.0.0.7:9090', ...webContainer, ...port9090, ...podLabels },
        { ...initPort, ...podLabels },
      ],
    });
  });

  it('endpointslice: addresses with conditions, zone and topology', () => {
    const slice = {
      metadata: {
        name: 'web-abc',
        namespace: 'shop',
        labels: { 'kubernetes.io/service-name': 'web' },
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'http' }],
      endpoints: [
        {
          addresses: ['10.0.0.7'],
          conditions: { ready: true, serving: true, terminating: false },
          hostname: 'h',
          nodeName: 'node-1',
          zone: 'a',
          deprecatedTopology: { 'topology.kubernetes.io/region': 'r' },
          targetRef: { kind: 'Pod', namespace: 'shop', name: 'web-7f-x' },
        },
      ],
    };
    const group = shown(buildEndpointSlice(slice, neighbours));
    assert.deepEqual(group.labels, {
      namespace: 'shop',
      endpointslice_address_type: 'IPv4',
      endpointslice_name: 'web-abc',
      endpointslice_label_kubernetes_io_service_name: 'web',
      endpointslice_labelpresent_kubernetes_io_service_name: 'true',
      ...serviceObject,
    });
    assert.deepEqual(group.targets, [
      {
        __address__: '10.0.0.7:8080',
        endpointslice_port_name: 'http',
        endpointslice_port_protocol: 'TCP',
        endpointslice_port: '8080',
        endpointslice_port_app_protocol: 'http',
        endpointslice_endpoint_conditions_ready: 'true',
        endpointslice_endpoint_conditions_serving: 'true',
        endpointslice_endpoint_conditions_terminating: 'false',
        endpointslice_endpoint_hostname: 'h',
        endpointslice_address_target_kind: 'Pod',
        endpointslice_address_target_name: 'web-7f-x',
        endpointslice_endpoint_node_name: 'node-1',
        endpointslice_endpoint_zone: 'a',
        endpointslice_endpoint_topology_topology_kubernetes_io_region: 'r',
        endpointslice_endpoint_topology_present_topology_kubernetes_io_region: 'true',
        ...nodeObject,
        ...podLabels,
        ...webContainer,
        ...port8080,
      },
      { __address__: '10.0.0.7:9090', ...webContainer, ...port9090, ...podLabels },
      { ...initPort, ...podLabels },
    ]);
    const dual = storeOf({
      ...service,
      spec: { ...service.spec, ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6', 'IPv4'] },
    } as Service);
    const secondary = buildEndpointSlice(slice, { ...neighbours, services: dual });
    assert.deepEqual(secondary?.targets, []);
  });

  it('ingress: each path of each rule; https where a TLS host covers it', () => {
    const backend = { service: { name: 'web' } };
    const group = buildIngress(
      {
        metadata: { name: 'web', namespace: 'shop', labels: { tier: 'front' } },
        spec: {
          ingressClassName: 'alb',
          tls: [{ hosts: ['*.example.com'] }],
          rules: [
            {
              host: 'a.example.com',
              http: {
                paths: [
                  { path: '/x', pathType: 'Prefix', backend },
                  { pathType: 'Prefix', backend },
                ],
              },
            },
            { host: 'a.b.example.com' },
          ],
        },
      },
      alone,
    );
    const target = (host: string, scheme: string, path: string): Record<string, string> => ({
      __address__: host,
      ingress_scheme: scheme,
      ingress_host: host,
      ingress_path: path,
    });
    assert.deepEqual(shown(group), {
      labels: {
        namespace: 'shop',
        ingress_class_name: 'alb',
        ingress_name: 'web',
        ingress_label_tier: 'front',
        ingress_labelpresent_tier: 'true',
      },
      targets: [
        target('a.example.com', 'https', '/x'),
        target('a.example.com', 'https', '/'),
        target('a.b.example.com', 'http', '/'),
      ],
    });
  });
});
