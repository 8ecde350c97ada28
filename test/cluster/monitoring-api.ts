import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { FakeApi, type FakeObject } from '../../src/kubernetes/client/testing/fake-api.ts';
import { eventually } from '../eventually.ts';
import type { Cluster } from './cluster.ts';

const group = 'monitoring.coreos.com';
const kinds = [
  ['v1', 'PodMonitor'],
  ['v1', 'ServiceMonitor'],
  ['v1', 'Probe'],
  ['v1', 'PrometheusRule'],
  ['v1', 'Prometheus'],
  ['v1alpha1', 'ScrapeConfig'],
] as const;
const versions = ['v1', 'v1alpha1'] as const;

const pluralOf = (kind: string): string =>
  kind === 'Prometheus' ? 'prometheuses' : `${kind.toLowerCase()}s`;

/**
 * Whether the API server can hold custom resources. One of 1.20 that was built with Go 1.18 or later dies
 * at the first one: its JSON library cannot walk the maps of that Go.
 */
export async function holdsCustomResources(cluster: Cluster): Promise<boolean> {
  const version = JSON.parse(await cluster.kubectl('get', '--raw', '/version')) as {
    minor: string;
    goVersion: string;
  };
  const go = Number(/^go1\.(\d+)/.exec(version.goVersion)?.[1] ?? 0);
  return Number.parseInt(version.minor, 10) >= 23 || go < 18;
}

/**
 * Serves the objects of the operator behind the API server's aggregation layer, where it cannot hold
 * them itself: clients see no difference.
 */
export async function serveMonitors(cluster: Cluster, namespace: string): Promise<AsyncDisposable> {
  const api = await FakeApi.open('https1');
  const door = await openDoor(cluster, api.port);
  for (const [version, kind] of kinds) {
    const path = `/apis/${group}/${version}/${pluralOf(kind)}`;
    api.put(path, { metadata: { name: 'x', namespace: 'none' } });
    api.remove(path, 'x', 'none');
  }
  api.intercept = ({ method, path, body, query }, response) =>
    query.get('watch') !== 'true' && answer(api, { method, path, body }, response);
  const apiServices = versions.map((version) => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}` },
    spec: {
      group,
      version,
      groupPriorityMinimum: 1000,
      versionPriority: 10,
      insecureSkipTLSVerify: true,
      service: { namespace, name: 'monitors', port: 443 },
    },
  }));
  const names = apiServices.map(({ metadata }) => metadata.name);
  // Those of definitions that are on their way out.
  await eventually(async () => {
    const found = await cluster.kubectl('get', 'apiservices', '-o', 'name');
    return names.some((name) => found.includes(name)) ? undefined : true;
  }, 60_000);
  await cluster.apply(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name: 'monitors' },
      spec: { ports: [{ port: 443, targetPort: door.port }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { namespace, name: 'monitors' },
      subsets: [{ addresses: [{ ip: door.ip }], ports: [{ port: door.port }] }],
    },
    ...apiServices,
  );
  // One that was looked at before its service was known is looked at again when it changes.
  await eventually(async () => {
    const now = `looked-at=${performance.now()}`;
    await cluster.kubectl('annotate', '--overwrite', 'apiservices', ...names, now);
    const found = await cluster.kubectl('get', '--raw', `/apis/${group}/v1alpha1`);
    return found.includes('scrapeconfigs') ? true : undefined;
  }, 60_000);
  return {
    [Symbol.asyncDispose]: async () => {
      await cluster.kubectl('delete', 'apiservices', ...names, '--ignore-not-found');
      door.close();
      await api[Symbol.asyncDispose]();
    },
  };
}

/** Endpoints may not be on loopback: a port of the node's own address that leads there. */
async function openDoor(
  cluster: Cluster,
  port: number,
): Promise<{ readonly ip: string; readonly port: number; close(): void }> {
  const jsonpath = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  const ip = await cluster.kubectl('get', 'nodes', '-o', `jsonpath=${jsonpath}`);
  const server = createServer((socket) => {
    const inner = connect(port, '127.0.0.1');
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  server.listen(0, ip);
  await once(server, 'listening');
  const { port: outer } = server.address() as AddressInfo;
  return { ip, port: outer, close: () => server.close() };
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Discovery, single objects and writes; lists and watches are the fake's own. */
function answer(api: FakeApi, { method, path, body }: Asked, response: ServerResponse): boolean {
  const send = (status: number, value: unknown): true => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
    return true;
  };
  const discovery = discoveryAt(path);
  if (discovery !== undefined) return send(200, discovery);
  const match = /^(\/apis\/[^/]+\/[^/]+)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (match === null) return false;
  const [, prefix = '', namespace = '', plural = '', name] = match;
  const collection = `${prefix}/${plural}`;
  if (method === 'POST') return send(201, api.put(collection, JSON.parse(body) as FakeObject));
  if (name === undefined) return false;
  const found = api
    .objects(collection)
    .find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  if (found === undefined) {
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 };
    return send(404, { ...status, reason: 'NotFound', message: `${name} not found` });
  }
  if (method === 'PATCH') {
    return send(200, api.put(collection, merge(found, JSON.parse(body)) as FakeObject));
  }
  if (method === 'DELETE') api.remove(collection, name, namespace);
  return send(200, found);
}

function discoveryAt(path: string): object | undefined {
  const names = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  if (path === `/apis/${group}`) {
    return { kind: 'APIGroup', name: group, versions: names, preferredVersion: names[0] };
  }
  const version = versions.find((one) => path === `/apis/${group}/${one}`);
  if (version === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${group}/${version}`,
    resources: kinds
      .filter(([of]) => of === version)
      .map(([, kind]) => ({
        name: pluralOf(kind),
        singularName: kind.toLowerCase(),
        namespaced: true,
        kind,
        verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'],
      })),
  };
}

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const merged: Record<string, unknown> = isObject ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}
