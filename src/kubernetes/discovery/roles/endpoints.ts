import type { EndpointAddress, EndpointPort, Endpoints } from 'kubernetes-types/core/v1.d.ts';
import { addObject, hostPort, type LabelSet, namespaceLabel, set } from '../labels.ts';
import { PodsBehind } from './behind.ts';
import { addNamespace, addNode, type Build } from './contract.ts';
import { addService } from './service.ts';

/** An address with a port, and the other ports of the pods behind them. */
export const buildEndpoints: Build<Endpoints> = ({ metadata, subsets }, neighbours) => {
  const labels: LabelSet = { [namespaceLabel]: metadata?.namespace ?? '' };
  addService(labels, neighbours, metadata?.namespace, metadata?.name);
  addObject(labels, 'endpoints', metadata);
  addNamespace(labels, neighbours, metadata?.namespace);
  const pods = new PodsBehind(neighbours);
  const targets: LabelSet[] = [];
  const add = (address: EndpointAddress, port: EndpointPort, isReady: boolean): void => {
    const target: LabelSet = { __address__: hostPort(address.ip, port.port) };
    set(target, 'endpoint_port_name', port.name);
    set(target, 'endpoint_port_protocol', port.protocol);
    set(target, 'endpoint_ready', isReady);
    const { targetRef, nodeName } = address;
    set(target, 'endpoint_address_target_kind', targetRef?.kind);
    set(target, 'endpoint_address_target_name', targetRef?.name);
    set(target, 'endpoint_node_name', nodeName);
    set(target, 'endpoint_hostname', address.hostname);
    addNode(
      target,
      neighbours,
      nodeName ?? (targetRef?.kind === 'Node' ? targetRef.name : undefined),
    );
    pods.add(target, targetRef, { number: port.port, protocol: port.protocol });
    targets.push(target);
  };
  for (const { ports = [], addresses = [], notReadyAddresses = [] } of subsets ?? []) {
    for (const port of ports) {
      for (const address of addresses) add(address, port, true);
      for (const address of notReadyAddresses) add(address, port, false);
    }
  }
  targets.push(...pods.rest());
  return { targets, labels };
};
