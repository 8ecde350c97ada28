import type { ClusterObjects } from '#kubernetes/cluster';
import { parseLabelSelector, SelectorError } from '#kubernetes/cluster';
import type { NodeUsage, PodUsage, ReadUsage, Usage } from '#kubernetes/usage';
import { cpuText, memoryText, windowText } from './quantity-text.ts';
import { parseFieldSelector } from './selectors.ts';
import { type ApiAnswer, failure, timeText } from './status.ts';
import { isTableWanted, type Row, tableOf } from './table.ts';

export const apiGroup = 'metrics.k8s.io';
export const apiVersion = 'metrics.k8s.io/v1beta1';
const root = `/apis/${apiVersion}`;

/** What of a request this API reads. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly accept: string;
  readonly signal: AbortSignal;
}

/** Objects whose labels the metrics carry: a view on the cluster's mirrors. */
export interface Objects {
  readonly node: (name: string) => ClusterObjects['nodes'] | undefined;
  readonly pod: (namespace: string, name: string) => ClusterObjects['pods'] | undefined;
}

export interface ApiDeps {
  readonly readUsage: ReadUsage;
  readonly objects: Objects;
  readonly nowMs: () => number;
  readonly version: string;
}

/** What a request wants of the group, for authorisation and for the answer. */
export type Wanted =
  | { readonly kind: 'nodes'; readonly name: string | undefined }
  | {
      readonly kind: 'pods';
      readonly namespace: string | undefined;
      readonly name: string | undefined;
    };

/** Undefined: not a resource of this group. */
export function wantedOf(path: string): Wanted | undefined {
  if (!path.startsWith(`${root}/`)) return undefined;
  const parts = path
    .slice(root.length + 1)
    .replace(/\/$/, '')
    .split('/')
    .map(decodeSegment);
  const [first, second, third, fourth] = parts;
  if (first === 'nodes' && parts.length <= 2) return { kind: 'nodes', name: second };
  if (first === 'pods' && parts.length === 1) {
    return { kind: 'pods', namespace: undefined, name: undefined };
  }
  if (first === 'namespaces' && third === 'pods' && parts.length <= 4 && second !== '') {
    return { kind: 'pods', namespace: second, name: fourth };
  }
  return undefined;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Answers what was authenticated and authorised. Never throws but what the usage reader throws. */
export async function answer(request: ApiRequest, deps: ApiDeps): Promise<ApiAnswer> {
  const { method, url } = request;
  const path = url.pathname;
  if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed(method);
  const fixed = documents(path, deps);
  if (fixed !== undefined) return { status: 200, body: fixed };
  const wanted = wantedOf(path);
  if (wanted === undefined) {
    return failure(404, 'NotFound', 'the server could not find the requested resource');
  }
  if (/^(1|t|true)$/i.test(url.searchParams.get('watch') ?? '')) return methodNotAllowed('watch');
  try {
    return await answerWanted(wanted, request, deps);
  } catch (error) {
    if (error instanceof SelectorError) return failure(400, 'BadRequest', error.message);
    throw error;
  }
}

interface Item {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly object: (createdAt: string) => Record<string, unknown>;
  readonly row: Row;
}

async function answerWanted(
  wanted: Wanted,
  request: ApiRequest,
  { readUsage, objects, nowMs }: ApiDeps,
): Promise<ApiAnswer> {
  const { url, accept, signal } = request;
  const byLabels = parseLabelSelector(url.searchParams.get('labelSelector') ?? '');
  const byFields = parseFieldSelector(url.searchParams.get('fieldSelector') ?? '');
  const snapshot = await readUsage(signal);
  const createdAt = timeText(nowMs());
  const isTable = isTableWanted(accept);
  const respond = (items: readonly Item[], one: boolean): ApiAnswer => {
    if (isTable) return { status: 200, body: tableOf(items, createdAt) };
    const bodies = items.map((item) => item.object(createdAt));
    if (one) return { status: 200, body: { ...kindOf(wanted.kind), ...bodies[0] } };
    const { kind, apiVersion: version } = kindOf(wanted.kind);
    return {
      status: 200,
      body: { kind: `${kind}List`, apiVersion: version, metadata: {}, items: bodies },
    };
  };
  if (wanted.name !== undefined) {
    const item = findOne(wanted, wanted.name);
    return item === undefined ? notFound(wanted, wanted.name) : respond([item], true);
  }
  const items =
    wanted.kind === 'nodes'
      ? [...snapshot.nodes.values()].map((usage) => nodeItem(usage, objects))
      : [...snapshot.pods.values()]
          .filter(({ namespace }) => (wanted.namespace ?? namespace) === namespace)
          .map((usage) => podItem(usage, objects));
  const selected = items
    .filter((item) => item !== undefined)
    .filter((item) => byLabels(item.labels) && byFields(item))
    .sort(byNamespaceAndName);
  return respond(selected, false);

  function findOne(which: Wanted, name: string): Item | undefined {
    if (which.kind === 'nodes') {
      const usage = snapshot.nodes.get(name);
      return usage && nodeItem(usage, objects);
    }
    const usage = snapshot.pods.get(`${which.namespace}/${name}`);
    return usage && podItem(usage, objects);
  }
}

/** Undefined: what the API server does not have (any more) has no metrics. */
function nodeItem(usage: NodeUsage, objects: Objects): Item | undefined {
  const node = objects.node(usage.name);
  if (node === undefined) return undefined;
  const labels = node.metadata?.labels ?? {};
  return {
    name: usage.name,
    labels,
    object: (creationTimestamp) => ({
      metadata: { name: usage.name, creationTimestamp, labels },
      timestamp: timeText(usage.timeMs),
      window: windowText(usage.windowMs),
      usage: usageBody(usage.usage),
    }),
    row: { name: usage.name, usage: usage.usage, windowMs: usage.windowMs },
  };
}

function podItem(usage: PodUsage, objects: Objects): Item | undefined {
  const { namespace, name } = usage;
  const pod = objects.pod(namespace, name);
  if (pod === undefined) return undefined;
  const labels = pod.metadata?.labels ?? {};
  // A container that is known to the pod and was not measured makes the sum a lie.
  const running = pod.status?.containerStatuses?.filter(({ state }) => state?.running) ?? [];
  const measured = new Set(usage.containers.map((container) => container.name));
  if (running.some((status) => !measured.has(status.name))) return undefined;
  const containers = [...usage.containers].sort((a, b) => (a.name < b.name ? -1 : 1));
  const total = (key: keyof Usage): number =>
    containers.reduce((sum, container) => sum + container.usage[key], 0);
  return {
    name,
    namespace,
    labels,
    object: (creationTimestamp) => ({
      metadata: { name, namespace, creationTimestamp, labels },
      timestamp: timeText(usage.timeMs),
      window: windowText(usage.windowMs),
      containers: containers.map((container) => ({
        name: container.name,
        usage: usageBody(container.usage),
      })),
    }),
    row: {
      name,
      namespace,
      usage: { cpuCores: total('cpuCores'), memoryBytes: total('memoryBytes') },
      windowMs: usage.windowMs,
    },
  };
}

const usageBody = ({ cpuCores, memoryBytes }: Usage): Record<string, string> => ({
  cpu: cpuText(cpuCores),
  memory: memoryText(memoryBytes),
});

const kindOf = (kind: Wanted['kind']): { readonly kind: string; readonly apiVersion: string } => ({
  kind: kind === 'nodes' ? 'NodeMetrics' : 'PodMetrics',
  apiVersion,
});

function byNamespaceAndName(a: Item, b: Item): number {
  const left = [a.namespace ?? '', a.name];
  const right = [b.namespace ?? '', b.name];
  const at = left[0] === right[0] ? 1 : 0;
  return left[at]! < right[at]! ? -1 : 1;
}

/** Discovery: what clients and the aggregation layer ask first. */
function documents(path: string, { version }: ApiDeps): unknown {
  const groupVersion = { groupVersion: apiVersion, version: 'v1beta1' };
  const group = { name: apiGroup, versions: [groupVersion], preferredVersion: groupVersion };
  const resourceOf = (name: string, kind: string, namespaced: boolean): unknown => ({
    name,
    singularName: '',
    namespaced,
    kind,
    verbs: ['get', 'list'],
  });
  switch (path) {
    case '/':
      return { paths: ['/apis', `/apis/${apiGroup}`, root, '/healthz', '/version'] };
    case '/apis':
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] };
    case `/apis/${apiGroup}`:
      return { kind: 'APIGroup', apiVersion: 'v1', ...group };
    case root:
      return {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: apiVersion,
        resources: [
          resourceOf('nodes', 'NodeMetrics', false),
          resourceOf('pods', 'PodMetrics', true),
        ],
      };
    case '/openapi/v2':
      return { swagger: '2.0', info: { title: 'Nunchi', version }, paths: {} };
    case '/openapi/v3':
      return { paths: { [root.slice(1)]: { serverRelativeURL: `/openapi/v3${root}` } } };
    case `/openapi/v3${root}`:
      return { openapi: '3.0.0', info: { title: 'Nunchi', version }, paths: {} };
    case '/version':
      return { major: '1', minor: '0', gitVersion: `v${version}` };
    default:
      return undefined;
  }
}

function notFound(wanted: Wanted, name: string): ApiAnswer {
  const kind = wanted.kind === 'nodes' ? 'nodemetrics' : 'podmetrics';
  const full = wanted.kind === 'nodes' ? name : `${wanted.namespace}/${name}`;
  return failure(404, 'NotFound', `${kind}.${apiGroup} "${full}" not found`, {
    name: full,
    group: apiGroup,
    kind,
  });
}

const methodNotAllowed = (what: string): ApiAnswer =>
  failure(405, 'MethodNotAllowed', `the server does not allow ${what} here`);
