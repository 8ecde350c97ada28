import { type Labels, labelValue } from '#metrics/model';
import type { ClusterView } from './cluster-view.ts';
import { instanceIdOf } from './names.ts';

/** Finds the node and the container that a series of an exporter tells of. */
export class Places {
  /** Names of nodes by their own names, instances, addresses, and addresses of their pods. */
  readonly #nodes = new Map<string, string>();
  /** Address and node by `namespace/pod`. */
  readonly #pods = new Map<string, { readonly ip: string | undefined; readonly node: string }>();

  constructor({ nodes }: ClusterView) {
    for (const { name, pods } of nodes) {
      for (const { pod, namespace, fullName } of pods) {
        const ip = pod.status?.podIP;
        this.#pods.set(`${namespace}/${fullName}`, { ip, node: name });
        if (ip) this.#nodes.set(ip, name);
      }
    }
    // After the pods: those on a node's network have its address.
    for (const { node, name, ip } of nodes) {
      for (const key of [ip, instanceIdOf(node), name]) {
        if (key) this.#nodes.set(key, name);
      }
    }
  }

  /** By what exporters say of themselves first, by what scraping says of them then. */
  nodeOf(labels: Labels): string | undefined {
    for (const name of ['instance_id', 'node', 'Hostname']) {
      const found = this.#nodes.get(labelValue(labels, name));
      if (found !== undefined) return found;
    }
    const host = hostOf(labels);
    return (
      this.#nodes.get(host) ??
      this.#pods.get(`${labelValue(labels, 'namespace')}/${labelValue(labels, 'pod')}`)?.node
    );
  }

  /**
   * The container that a device is given to, as `namespace/pod/container`. Scraping puts the exporter's
   * own pod where the exporter names none: that is not meant.
   */
  userOf(labels: Labels): string | undefined {
    const exported = labelValue(labels, 'exported_pod');
    if (exported !== '') {
      const namespace = labelValue(labels, 'exported_namespace');
      return `${namespace}/${exported}/${labelValue(labels, 'exported_container')}`;
    }
    const key = `${labelValue(labels, 'namespace')}/${labelValue(labels, 'pod')}`;
    const pod = this.#pods.get(key);
    if (pod === undefined || pod.ip === hostOf(labels)) return undefined;
    return `${key}/${labelValue(labels, 'container')}`;
  }
}

const hostOf = (labels: Labels): string => {
  const instance = labelValue(labels, 'instance');
  return instance.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
};
