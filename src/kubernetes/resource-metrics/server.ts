import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import { type AccessQuestion, KubernetesIdentity } from '#kubernetes/identity';
import type { ReadUsage } from '#kubernetes/usage';
import { usageReader } from '#kubernetes/usage';
import type { Queryable } from '#metrics/model';
import type { PromqlEngine } from '#metrics/promql';
import { AdapterApi, adapterVersions } from './adapter/api.ts';
import type { AdapterConfig } from './adapter/contract.ts';
import { adapterDocument, type GroupList, withGroups } from './adapter/documents.ts';
import { apiPathOf, questionOfPath } from './adapter/path.ts';
import { ruledUsage } from './adapter/usage.ts';
import { answer, apiGroup, type Wanted, wantedOf } from './api.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import { FrontDoor } from './front-door.ts';
import { type ApiAnswer, failure } from './status.ts';

export interface ResourceMetricsOptions {
  /** Host and port; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  /** Where the certificate is kept. */
  readonly certificatePath: string;
  /** The Service through which the API server reaches this port; undefined: nothing is registered. */
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
  readonly version: string;
}

export interface ResourceMetricsDeps {
  readonly cluster: Cluster;
  readonly store: Queryable;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Rules of prometheus-adapter, and what carries out their queries; absent: there are none. */
  readonly adapter?: { readonly config: () => AdapterConfig; readonly engine: PromqlEngine };
}

export interface ResourceMetrics extends AsyncDisposable {
  readonly port: number;
}

/** Whoever asks for more than this at once waits at the door of the API server. */
const maxConnections = 256;
const requestTimeoutMs = 30_000;
/** Answered for everybody: the API server and the kubelet ask without credentials. */
const openPaths = new Set(['/healthz', '/livez', '/readyz']);

/**
 * The resource metrics API (`metrics.k8s.io/v1beta1`) on a TLS port of its own, as the API server's
 * aggregation layer expects it: `kubectl top`, autoscalers.
 */
export async function startResourceMetrics(
  options: ResourceMetricsOptions,
  deps: ResourceMetricsDeps,
): Promise<ResourceMetrics> {
  const { cluster, clock, metrics } = deps;
  const log = deps.log.child('kubernetes/resource-metrics');
  await using parts = new AsyncDisposableStack();
  const nodes = parts.use(cluster.use('nodes'));
  const pods = parts.use(cluster.use('pods'));
  const identity = new KubernetesIdentity({ client: cluster.client, clock });
  const door = new FrontDoor({ client: cluster.client, identity, clock, log });
  const readUsage = readerOf(deps);
  const requests = metrics.counter(
    'nunchi_resource_metrics_requests_total',
    'Requests to metrics.k8s.io and what is served beside it, by resource and status',
  );
  const handler = new Handler({
    door,
    readUsage,
    adapter: adapterOf(deps),
    nowMs: () => clock.nowMs(),
    version: options.version,
    objects: {
      node: (name) => nodes.store.get(undefined, name),
      pod: (namespace, name) => pods.store.get(namespace, name),
    },
    log,
    count: (resource, status) => requests.add(1, { resource, code: String(status) }),
  });
  let server: Server | undefined;
  const keeper = await CertificateKeeper.open(
    {
      path: options.certificatePath,
      names: namesOf(options.service),
      service: options.service,
      apiServices: [`v1beta1.${apiGroup}`, ...adapterServices(deps)],
    },
    { client: cluster.client, clock, log },
    ({ certificate: cert, privateKey: key }) => server?.setSecureContext({ cert, key }),
  );
  const { certificate: cert, privateKey: key } = keeper.current;
  server = createServer(
    // Who the client is says the front door: its authorities change while the server runs.
    { cert, key, requestCert: true, rejectUnauthorized: false, requestTimeout: requestTimeoutMs },
    (request, response) => void handler.handle(request, response),
  );
  server.maxConnections = maxConnections;
  server.on('tlsClientError', (error) => log.debug('A TLS client gave up', { err: error.message }));
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const listening = server;
  parts.defer(async () => {
    listening.close();
    listening.closeAllConnections();
    if (listening.listening) await once(listening, 'close');
  });
  const stopping = new AbortController();
  const keeping = keeper.run(stopping.signal);
  parts.defer(async () => {
    stopping.abort();
    await keeping;
  });
  const { port } = server.address() as AddressInfo;
  log.info('Serving metrics.k8s.io', { host: options.host, port });
  const running = parts.move();
  return { port, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Usage by the rules where they say how, else out of the kubelets' series. */
function readerOf({ store, clock, adapter }: ResourceMetricsDeps): ReadUsage {
  const stored = usageReader(store, clock);
  return (signal) => {
    const rules = adapter?.config().usage;
    if (adapter === undefined || rules === undefined) return stored(signal);
    return ruledUsage(rules, { engine: adapter.engine, clock })(signal);
  };
}

function adapterOf({
  adapter,
  cluster,
  store,
  clock,
}: ResourceMetricsDeps): AdapterApi | undefined {
  if (adapter === undefined) return undefined;
  const { client, discovery } = cluster;
  return new AdapterApi({
    ...adapter,
    store,
    clock,
    discovery,
    objects: async (type, { namespace, labelSelector }, signal) => {
      const options = { labelSelector, signal, metadataOnly: true };
      const { items } = await client.list<{ readonly metadata?: { readonly name?: string } }>(
        type,
        namespace === undefined ? options : { ...options, namespace },
      );
      return items.flatMap(({ metadata }) => metadata?.name ?? []);
    },
  });
}

const adapterServices = ({ adapter }: ResourceMetricsDeps): readonly string[] =>
  adapter === undefined
    ? []
    : [...adapterVersions].flatMap(([group, versions]) =>
        versions.map((version) => `${version}.${group}`),
      );

/** A request for a resource of custom or external metrics. */
function adapterPathOf(adapter: AdapterApi | undefined, url: URL): ReturnType<typeof apiPathOf> {
  const path = adapter === undefined ? undefined : apiPathOf(url.pathname);
  if (path === undefined) return undefined;
  return adapterVersions.get(path.group)?.includes(path.version) === true ? path : undefined;
}

/** Names of metrics are many: they are counted by their group. */
function countedAs(path: string): string {
  const group = apiPathOf(path)?.group ?? '';
  return wantedOf(path)?.kind ?? (adapterVersions.has(group) ? group : 'other');
}

function namesOf(service: ResourceMetricsOptions['service']): [string, ...string[]] {
  if (service === undefined) return ['localhost', '127.0.0.1'];
  const { namespace, name } = service;
  const full = `${name}.${namespace}.svc`;
  return [full, `${full}.cluster.local`, `${name}.${namespace}`, name, 'localhost', '127.0.0.1'];
}

interface HandlerDeps {
  readonly door: FrontDoor;
  readonly readUsage: ReadUsage;
  readonly adapter: AdapterApi | undefined;
  readonly nowMs: () => number;
  readonly version: string;
  readonly objects: Parameters<typeof answer>[1]['objects'];
  readonly log: Logger;
  readonly count: (resource: string, status: number) => void;
}

class Handler {
  readonly #deps: HandlerDeps;

  constructor(deps: HandlerDeps) {
    this.#deps = deps;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const url = urlOf(request.url);
    const leaving = new AbortController();
    response.on('close', () => leaving.abort());
    const { status, body } = await this.#answer(request, url, leaving.signal);
    this.#deps.count(countedAs(url.pathname), status);
    if (response.destroyed) return;
    const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-cache, private',
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  async #answer(request: IncomingMessage, url: URL, signal: AbortSignal): Promise<ApiAnswer> {
    const { door, readUsage, nowMs, version, objects, log } = this.#deps;
    const path = adapterPathOf(this.#deps.adapter, url);
    try {
      if (url.pathname === '/readyz') return await this.#readiness(signal);
      if (openPaths.has(url.pathname)) return { status: 200, body: 'ok' };
      const socket = request.socket as TLSSocket;
      const peer = socket.getPeerCertificate(true);
      const identity = await door.identify(request.headers, peer);
      if (identity === undefined) return failure(401, 'Unauthorized', 'Unauthorized');
      const method = request.method ?? 'GET';
      const question = path === undefined ? questionOf(url, method) : questionOfPath(path, method);
      if (!(await door.mayAccess(identity, question))) {
        return failure(403, 'Forbidden', refusal(identity.user, question), {
          group: question.kind === 'resource' ? question.group : '',
          kind: question.kind === 'resource' ? question.resource : '',
        });
      }
      const accept = request.headers.accept ?? '*/*';
      const { adapter } = this.#deps;
      if (adapter !== undefined && (method === 'GET' || method === 'HEAD')) {
        if (path !== undefined) return await adapter.answer({ path, url, signal });
        const document = await adapterDocument(url.pathname, adapter, signal);
        if (document !== undefined) return { status: 200, body: document };
      }
      const answered = await answer(
        { method, url, accept, signal },
        { readUsage, nowMs, version, objects },
      );
      return adapter !== undefined && url.pathname === '/apis'
        ? { ...answered, body: withGroups(answered.body as GroupList) }
        : answered;
    } catch (error) {
      if (!signal.aborted) {
        log.warn('A request for resource metrics failed', {
          path: url.pathname,
          err: describeError(error),
        });
      }
      return failure(503, 'ServiceUnavailable', `resource metrics: ${describeError(error)}`);
    }
  }

  /** Ready when there is something to tell. */
  async #readiness(signal: AbortSignal): Promise<ApiAnswer> {
    const { nodes, pods } = await this.#deps.readUsage(signal);
    return nodes.size > 0 && pods.size > 0
      ? { status: 200, body: 'ok' }
      : { status: 503, body: 'no metrics to serve' };
  }
}

/** A request target that is no URL is a path that nobody has. */
function urlOf(target = '/'): URL {
  const parsed = URL.parse(target, 'https://nunchi');
  return parsed ?? new URL('https://nunchi/-/invalid');
}

function questionOf(url: URL, method: string): AccessQuestion {
  const wanted = wantedOf(url.pathname);
  const isRead = method === 'GET' || method === 'HEAD';
  if (wanted === undefined) {
    return { kind: 'path', verb: method.toLowerCase(), path: url.pathname };
  }
  const verb = isRead ? (wanted.name === undefined ? 'list' : 'get') : method.toLowerCase();
  return {
    kind: 'resource',
    verb,
    group: apiGroup,
    version: 'v1beta1',
    resource: wanted.kind,
    ...namespaceOf(wanted),
    ...(wanted.name === undefined ? {} : { name: wanted.name }),
  };
}

const namespaceOf = (wanted: Wanted): { readonly namespace?: string } =>
  wanted.kind === 'pods' && wanted.namespace !== undefined ? { namespace: wanted.namespace } : {};

function refusal(user: string, question: AccessQuestion): string {
  if (question.kind === 'path') {
    return `forbidden: User "${user}" cannot ${question.verb} path "${question.path}"`;
  }
  const { group, subresource, name, namespace, verb } = question;
  const resource =
    subresource === undefined ? question.resource : `${question.resource}/${subresource}`;
  const object = name === undefined ? '' : ` "${name}"`;
  const where =
    namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `${question.resource}.${group}${object} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
}
