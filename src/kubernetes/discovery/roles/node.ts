import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { addObject, hostPort, type LabelSet, prefix, sanitize, set } from '../labels.ts';
import type { Build } from './contract.ts';

/** The first of these that a node has is its address. */
const addressTypes = [
  'InternalIP',
  'InternalDNS',
  'ExternalIP',
  'ExternalDNS',
  'LegacyHostIP',
  'Hostname',
];

/** A node is its kubelet. */
export const buildNode: Build<Node> = ({ metadata, spec, status }) => {
  const addresses = new Map<string, string>();
  for (const { type, address } of status?.addresses ?? []) {
    if (!addresses.has(type)) addresses.set(type, address);
  }
  const type = addressTypes.find((one) => addresses.has(one));
  if (type === undefined) return undefined;
  const labels: LabelSet = {};
  set(labels, 'node_provider_id', spec?.providerID);
  for (const condition of status?.conditions ?? []) {
    const name = sanitize(condition.type.toLowerCase());
    set(labels, `node_condition_${name}`, condition.status.toLowerCase());
  }
  addObject(labels, 'node', metadata);
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0;
  const target: LabelSet = {
    __address__: hostPort(addresses.get(type) ?? '', port),
    instance: metadata?.name ?? '',
  };
  for (const [kind, address] of addresses) {
    target[sanitize(`${prefix}node_address_${kind}`)] = address;
  }
  return { targets: [target], labels };
};
