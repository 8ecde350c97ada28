import type { Endpoints, Service } from 'kubernetes-types/core/v1.d.ts';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts';
import type { Ingress, NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts';
import type { Family, Resource } from '../contract.ts';
import {
  created,
  deletionTimestamp,
  gauge,
  info,
  labelFamilies,
  nameOf,
  namespaceAndName,
  namespaceOf,
  resourceVersion,
  uidOf,
  unixSeconds,
} from './common.ts';

const textOf = (value: boolean | number | string | undefined | null): string =>
  value === undefined || value === null ? '' : String(value);

export const services: Resource<Service> = {
  name: 'services',
  identity: ['namespace', 'service', 'uid'],
  identify: (service) => [namespaceOf(service), nameOf(service), uidOf(service)],
  families: (allowed) => [
    info('kube_service_info', 'Addresses of the service.', ({ spec }) => [
      'cluster_ip',
      spec?.clusterIP ?? '',
      'external_name',
      spec?.externalName ?? '',
      'load_balancer_ip',
      spec?.loadBalancerIP ?? '',
      'external_traffic_policy',
      spec?.externalTrafficPolicy ?? '',
    ]),
    created('kube_service'),
    info('kube_service_spec_type', 'The type of the service.', ({ spec }) => [
      'type',
      spec?.type ?? '',
    ]),
    ...labelFamilies<Service>('kube_service', allowed),
    {
      name: 'kube_service_spec_external_ip',
      help: 'External addresses of the service.',
      emit: ({ spec }, add) => {
        for (const ip of spec?.externalIPs ?? []) add(1, ['external_ip', ip]);
      },
    },
    {
      name: 'kube_service_status_load_balancer_ingress',
      help: 'Where the load balancer of the service is reached.',
      emit: ({ status }, add) => {
        for (const { ip = '', hostname = '' } of status?.loadBalancer?.ingress ?? [])
          add(1, ['ip', ip, 'hostname', hostname]);
      },
    },
    deletionTimestamp('kube_service'),
  ],
};

const endpointAddress: Family<Endpoints> = {
  name: 'kube_endpoint_address',
  help: 'Addresses behind the endpoints, for each port.',
  emit: ({ subsets }, add) => {
    for (const { ports, addresses, notReadyAddresses } of subsets ?? []) {
      for (const { protocol, port, name } of ports ?? []) {
        const portLabels = [
          'port_protocol',
          protocol ?? '',
          'port_number',
          String(port),
          'port_name',
          name ?? '',
        ];
        for (const { ip } of addresses ?? []) add(1, [...portLabels, 'ip', ip, 'ready', 'true']);
        for (const { ip } of notReadyAddresses ?? [])
          add(1, [...portLabels, 'ip', ip, 'ready', 'false']);
      }
    }
  },
};

export const endpoints: Resource<Endpoints> = {
  name: 'endpoints',
  identity: ['namespace', 'endpoint'],
  identify: namespaceAndName,
  families: (allowed) => [
    info('kube_endpoint_info', 'The endpoints are there.', () => []),
    created('kube_endpoint'),
    ...labelFamilies<Endpoints>('kube_endpoint', allowed),
    endpointAddress,
    {
      name: 'kube_endpoint_ports',
      help: 'Ports of the endpoints.',
      emit: ({ subsets }, add) => {
        for (const { ports } of subsets ?? []) {
          for (const { name = '', protocol = '', port } of ports ?? []) {
            add(1, ['port_name', name, 'port_protocol', protocol, 'port_number', String(port)]);
          }
        }
      },
    },
  ],
};

const sliceEndpoints: Family<EndpointSlice> = {
  name: 'kube_endpointslice_endpoints',
  help: 'Addresses of the slice, with their state and place.',
  emit: (slice, add) => {
    for (const { addresses, conditions, hostname, targetRef, nodeName, zone } of slice.endpoints ??
      []) {
      const labels = [
        'ready',
        textOf(conditions?.ready),
        'serving',
        textOf(conditions?.serving),
        'hostname',
        hostname ?? '',
        'terminating',
        textOf(conditions?.terminating),
        'targetref_kind',
        targetRef?.kind ?? '',
        'targetref_name',
        targetRef?.name ?? '',
        'targetref_namespace',
        targetRef?.namespace ?? '',
        'endpoint_nodename',
        nodeName ?? '',
        'endpoint_zone',
        zone ?? '',
      ];
      for (const address of addresses ?? []) add(1, [...labels, 'address', address]);
    }
  },
};

export const endpointSlices: Resource<EndpointSlice> = {
  name: 'endpointslices',
  identity: ['endpointslice', 'namespace'],
  identify: (slice) => [nameOf(slice), namespaceOf(slice)],
  families: (allowed) => [
    info('kube_endpointslice_info', 'The kind of addresses in the slice.', ({ addressType }) => [
      'addresstype',
      addressType,
    ]),
    created('kube_endpointslice'),
    {
      name: 'kube_endpointslice_endpoints_hints',
      help: 'Zones that an address is meant for.',
      emit: (slice, add) => {
        for (const { addresses, hints } of slice.endpoints ?? []) {
          const address = addresses?.[0];
          if (address === undefined) continue;
          for (const { name } of hints?.forZones ?? [])
            add(1, ['address', address, 'for_zone', name]);
        }
      },
    },
    sliceEndpoints,
    {
      name: 'kube_endpointslice_ports',
      help: 'Ports of the slice.',
      emit: ({ ports }, add) => {
        for (const { name, protocol, port } of ports ?? []) {
          add(1, [
            'port_name',
            name ?? '',
            'port_protocol',
            protocol ?? '',
            'port_number',
            textOf(port),
          ]);
        }
      },
    },
    ...labelFamilies<EndpointSlice>('kube_endpointslice', allowed),
  ],
};

const ingressPaths: Family<Ingress> = {
  name: 'kube_ingress_path',
  help: 'Paths of the ingress and what stands behind them.',
  emit: ({ spec }, add) => {
    for (const { host = '', http } of spec?.rules ?? []) {
      for (const { path = '', pathType = '', backend } of http?.paths ?? []) {
        const where = ['host', host, 'path', path, 'path_type', pathType];
        const { service, resource } = backend;
        if (service !== undefined) {
          const port = String(service.port?.number ?? 0);
          add(1, [...where, 'service_name', service.name, 'service_port', port]);
        } else if (resource !== undefined) {
          const { apiGroup = '', kind, name } = resource;
          add(1, [
            ...where,
            'resource_api_group',
            apiGroup,
            'resource_kind',
            kind,
            'resource_name',
            name,
          ]);
        }
      }
    }
  },
};

export const ingresses: Resource<Ingress> = {
  name: 'ingresses',
  identity: ['namespace', 'ingress'],
  identify: namespaceAndName,
  families: (allowed) => [
    info('kube_ingress_info', 'The class of the ingress.', ({ metadata, spec }) => [
      'ingressclass',
      metadata?.annotations?.['kubernetes.io/ingress.class'] ??
        spec?.ingressClassName ??
        '_default',
    ]),
    ...labelFamilies<Ingress>('kube_ingress', allowed),
    created('kube_ingress'),
    resourceVersion('kube_ingress'),
    ingressPaths,
    {
      name: 'kube_ingress_tls',
      help: 'Hosts of the ingress that have a certificate.',
      emit: ({ spec }, add) => {
        for (const { hosts, secretName = '' } of spec?.tls ?? []) {
          for (const host of hosts ?? []) add(1, ['tls_host', host, 'secret', secretName]);
        }
      },
    },
  ],
};

export const networkPolicies: Resource<NetworkPolicy> = {
  name: 'networkpolicies',
  identity: ['namespace', 'networkpolicy'],
  identify: namespaceAndName,
  families: (allowed) => [
    gauge('kube_networkpolicy_created', 'When the object was made, Unix seconds.', ({ metadata }) =>
      unixSeconds(metadata?.creationTimestamp),
    ),
    ...labelFamilies<NetworkPolicy>('kube_networkpolicy', allowed),
    gauge(
      'kube_networkpolicy_spec_ingress_rules',
      'Rules of the policy for what comes in.',
      ({ spec }) => spec?.ingress?.length ?? 0,
    ),
    gauge(
      'kube_networkpolicy_spec_egress_rules',
      'Rules of the policy for what goes out.',
      ({ spec }) => spec?.egress?.length ?? 0,
    ),
  ],
};
