import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { NamedOwner } from '#kubernetes/owner-names';
import { type ContainerName, dottedPath } from '../container/names.ts';

/** Names in a store and on AWS: at most 512 characters, none of `:` and `*`. */
const maxNameChars = 512;

/** Where the kubelet links the logs of the node's containers. */
const containerFolder = '/var/log/containers';
const podFolder = '/var/log/pods';

const textPaths: readonly string[] = [
  '/var/log/*.log',
  '/var/log/syslog',
  '/var/log/messages',
  '/var/log/secure',
];

/** Globs of what this machine has, where the options name none. */
export function discover(): {
  readonly containers: readonly string[];
  readonly files: readonly string[];
  /** A kubelet has been here. */
  readonly isNode: boolean;
} {
  const containers = existsSync(containerFolder)
    ? [`${containerFolder}/*.log`]
    : existsSync(podFolder)
      ? [`${podFolder}/*/*/*.log`]
      : // Both may still come: the kubelet makes them when it starts.
        [`${containerFolder}/*.log`];
  return { containers, files: textPaths, isNode: existsSync(containerFolder) };
}

/**
 * True when system messages reach files by themselves (rsyslog): then the journal holds the same
 * lines again and is left alone unless asked for.
 */
export function hasSyslogFiles(): boolean {
  return existsSync('/var/log/syslog') || existsSync('/var/log/messages');
}

export interface Place {
  readonly group: string;
  readonly stream: string;
}

const dataplaneContainers: ReadonlySet<string> = new Set(['aws-node', 'kube-proxy']);

/** Group and stream of a container's log, by the names of Container Insights. */
export function containerPlace(
  path: string,
  name: ContainerName | undefined,
  node: { readonly host: string; readonly cluster: string },
): Place {
  const isDataplane = name !== undefined && dataplaneContainers.has(name.container);
  const kind = isDataplane ? 'dataplane' : 'application';
  const tag = isDataplane ? 'dataplane.tail' : 'application';
  const file =
    name === undefined
      ? dottedPath(path)
      : name.id === undefined
        ? `var.log.containers.${name.pod}_${name.namespace}_${name.container}-${name.podUid}.log`
        : `var.log.containers.${basename(path)}`;
  return {
    group: `/aws/containerinsights/${node.cluster}/${kind}`,
    stream: storeName(`${node.host}-${tag}.${file}`),
  };
}

/** Group and stream of a plain log of the node. */
export function filePlace(path: string, host: string): Place {
  const stream = path.startsWith('/var/log/') ? dottedPath(path.slice(9)) : dottedPath(path);
  return { group: systemGroup(host), stream: storeName(stream) };
}

export const systemGroup = (host: string): string => `/nunchi/${host}/system`;

/** Makes a text fit for a stream name. */
export function storeName(text: string): string {
  const clean = text.replace(/[:*]/g, '_').slice(0, maxNameChars);
  return clean === '' ? 'unknown' : clean;
}

/** What the API server adds to a container's name. */
export interface PodFacts {
  readonly podUid: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly node: string | undefined;
  readonly owner: NamedOwner | undefined;
  readonly image: string | undefined;
  readonly imageId: string | undefined;
}

/** Labels are in every record of the pod: more than this is cut off. */
const maxLabelChars = 8192;

/**
 * The `kubernetes` object of a container's records, keys in Fluent Bit's order, then the owner as
 * performance log events have it; as JSON text.
 */
export function kubernetesObject(name: ContainerName, host: string, facts?: PodFacts): string {
  const owner = facts?.owner;
  return JSON.stringify({
    pod_name: name.pod,
    namespace_name: name.namespace,
    pod_id: facts?.podUid ?? name.podUid,
    labels: facts === undefined ? undefined : boundedLabels(facts.labels),
    host: facts?.node ?? host,
    container_name: name.container,
    docker_id: name.id,
    container_hash: facts?.imageId,
    container_image: facts?.image,
    pod_owners:
      owner === undefined ? undefined : [{ owner_kind: owner.kind, owner_name: owner.name }],
  });
}

function boundedLabels(
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const kept: [string, string][] = [];
  let chars = 0;
  for (const [key, value] of Object.entries(labels)) {
    chars += key.length + value.length;
    if (chars > maxLabelChars) break;
    kept.push([key, value]);
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
