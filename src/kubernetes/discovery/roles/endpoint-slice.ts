import type { Service } from 'kubernetes-types/core/v1.d.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts';
import { addObject, hostPort, type LabelSet, namespaceLabel, sanitize, set } from '../labels.ts';
import { PodsBehind } from './behind.ts';
import { addNamespace, addNode, type Build } from './contract.ts';
import { addService } from './service.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

/** As endpoints, of one of their slices. */
export const buildEndpointSlice: Build<EndpointSlice> = (slice, neighbours) => {
  const { metadata, addressType } = slice;
  const labels: LabelSet = { [namespaceLabel]: metadata?.namespace ?? '' };
  set(labels, 'endpointslice_address_type', addressType);
  addObject(labels, 'endpointslice', metadata);
  const service = addService(labels, neighbours, metadata?.namespace, serviceOf(slice));
  addNamespace(labels, neighbours, metadata?.namespace);
  // The other slice has the same pods under their other addresses.
  if (isSecondary(service, addressType)) return { targets: [], labels };
  const pods = new PodsBehind(neighbours);
  const targets: LabelSet[] = [];
  for (const endpoint of slice.endpoints ?? []) {
    for (const port of slice.ports ?? []) {
      for (const address of endpoint.addresses ?? []) {
        const number = port.port ?? undefined;
        const __address__ = number === undefined ? address : hostPort(address, number);
        const target: LabelSet = { __address__ };
        addEndpoint(target, endpoint, port);
        const { targetRef, nodeName } = endpoint;
        addNode(target, neighbours, targetRef?.kind === 'Node' ? targetRef.name : nodeName);
        pods.add(target, targetRef, { number });
        targets.push(target);
      }
    }
  }
  targets.push(...pods.rest());
  return { targets, labels };
};

export function serviceOf({ metadata }: EndpointSlice): string | undefined {
  return metadata?.labels?.[serviceNameLabel];
}

function addEndpoint(to: LabelSet, endpoint: Endpoint, port: EndpointPort): void {
  set(to, 'endpointslice_port_name', port.name);
  set(to, 'endpointslice_port_protocol', port.protocol);
  set(to, 'endpointslice_port', port.port);
  set(to, 'endpointslice_port_app_protocol', port.appProtocol);
  const { conditions, targetRef } = endpoint;
  set(to, 'endpointslice_endpoint_conditions_ready', conditions?.ready);
  set(to, 'endpointslice_endpoint_conditions_serving', conditions?.serving);
  set(to, 'endpointslice_endpoint_conditions_terminating', conditions?.terminating);
  set(to, 'endpointslice_endpoint_hostname', endpoint.hostname);
  set(to, 'endpointslice_address_target_kind', targetRef?.kind);
  set(to, 'endpointslice_address_target_name', targetRef?.name);
  set(to, 'endpointslice_endpoint_node_name', endpoint.nodeName);
  set(to, 'endpointslice_endpoint_zone', endpoint.zone);
  for (const [key, value] of Object.entries(endpoint.deprecatedTopology ?? {})) {
    set(to, `endpointslice_endpoint_topology_${sanitize(key)}`, value);
    set(to, `endpointslice_endpoint_topology_present_${sanitize(key)}`, true);
  }
}

/** A service with two families of addresses: the first one counts. */
function isSecondary(service: Service | undefined, addressType: string): boolean {
  const { ipFamilyPolicy, ipFamilies } = service?.spec ?? {};
  if (ipFamilyPolicy !== 'PreferDualStack' && ipFamilyPolicy !== 'RequireDualStack') return false;
  const first = ipFamilies?.[0];
  return first !== undefined && first !== addressType;
}
