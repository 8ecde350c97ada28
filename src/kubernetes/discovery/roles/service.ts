import type { Service } from 'kubernetes-types/core/v1.d.ts';
import { addObject, hostPort, type LabelSet, namespaceLabel, set } from '../labels.ts';
import { addNamespace, type Build, type Neighbours } from './contract.ts';

/** A port of a service, under its name in the cluster's DNS. */
export const buildService: Build<Service> = (service, neighbours) => {
  const { metadata, spec } = service;
  const labels: LabelSet = { [namespaceLabel]: metadata?.namespace ?? '' };
  addObject(labels, 'service', metadata);
  addNamespace(labels, neighbours, metadata?.namespace);
  const targets = (spec?.ports ?? []).map((port) => {
    const host = `${metadata?.name ?? ''}.${metadata?.namespace ?? ''}.svc`;
    const target: LabelSet = { __address__: hostPort(host, port.port) };
    set(target, 'service_port_name', port.name);
    set(target, 'service_port_number', port.port);
    set(target, 'service_port_protocol', port.protocol);
    set(target, 'service_type', spec?.type);
    if (spec?.type === 'ExternalName') set(target, 'service_external_name', spec.externalName);
    else set(target, 'service_cluster_ip', spec?.clusterIP);
    if (spec?.type === 'LoadBalancer') set(target, 'service_loadbalancer_ip', balancerIps(service));
    return target;
  });
  return { targets, labels };
};

function balancerIps({ spec, status }: Service): string | undefined {
  const ips = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip || []);
  return ips.length > 0 ? ips.join(',') : spec?.loadBalancerIP;
}

/** Name, labels and annotations of the service that endpoints belong to. */
export function addService(
  to: LabelSet,
  { services }: Neighbours,
  namespace: string | undefined,
  name: string | undefined,
): Service | undefined {
  const service = name === undefined ? undefined : services?.get(namespace, name);
  if (service !== undefined) addObject(to, 'service', service.metadata);
  return service;
}
