import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import http from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { KubernetesAccess } from '../contract.ts';

export const testdata = (name: string): string =>
  new URL(`../testdata/${name}`, import.meta.url).pathname;

type FakeServer = http.Server | https.Server | http2.Http2SecureServer;

/** What HTTP/2 has in place of it is alike, as far as it is used here. */
type Response = ServerResponse;

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly httpVersion: string;
  readonly body: string;
}

export interface FakeObject {
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly path: string;
  readonly object: FakeObject;
}

interface OpenWatch {
  readonly path: string;
  readonly response: Response;
  readonly send: (event: unknown) => void;
}

/** `answer` returns true where it has answered; else the fake goes on. */
export type Interception = (seen: Seen, response: Response) => boolean | Promise<boolean>;

/**
 * An API server in memory: collections with versions, lists in pages, watches from a version on,
 * history that can be compacted; and all that may go wrong on the way to it.
 */
export class FakeApi implements AsyncDisposable {
  readonly #server: FakeServer;
  readonly #isTls: boolean;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #objects = new Map<string, Map<string, FakeObject>>();
  #history: Change[] = [];
  #version = 100;
  #uids = 0;
  /** Changes up to this one are forgotten. */
  #compacted = 0;
  readonly #watches = new Set<OpenWatch>();
  readonly seen: Seen[] = [];
  /** Asked first for each request. */
  intercept: Interception | undefined;
  /** Lists never have more items in one page. */
  maxPage: number = Number.POSITIVE_INFINITY;

  private constructor(server: FakeServer, isTls: boolean) {
    this.#server = server;
    this.#isTls = isTls;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    server.on('session', (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => {});
    });
    server.on('request', (request: IncomingMessage, response: Response) => {
      void this.#handle(request, response);
    });
  }

  /** @param protocol `https`: HTTP/2 and HTTP/1.1 by ALPN; `https1`: HTTP/1.1 only */
  static async open(
    protocol: 'http' | 'https' | 'https1' = 'http',
    options: { readonly wantClientCertificate?: boolean } = {},
  ): Promise<FakeApi> {
    const tls = {
      key: readFileSync(testdata('server.key')),
      cert: readFileSync(testdata('server.crt')),
      ca: readFileSync(testdata('ca.crt')),
      requestCert: options.wantClientCertificate === true,
      rejectUnauthorized: options.wantClientCertificate === true,
    };
    const server =
      protocol === 'http'
        ? http.createServer()
        : protocol === 'https1'
          ? https.createServer(tls)
          : http2.createSecureServer({ ...tls, allowHTTP1: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeApi(server, protocol !== 'http');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#isTls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  get version(): number {
    return this.#version;
  }

  access(more: Partial<KubernetesAccess> = {}): KubernetesAccess {
    return {
      server: this.url,
      source: 'a test',
      clusterName: undefined,
      context: undefined,
      namespace: 'default',
      tls: {
        authority: { kind: 'file', path: testdata('ca.crt') },
        certificate: undefined,
        privateKey: undefined,
        serverName: undefined,
        insecureSkipVerify: false,
      },
      credentials: { kind: 'none' },
      proxyUrl: undefined,
      impersonate: undefined,
      ...more,
    };
  }

  /** `path` is the collection's, of all namespaces: `/api/v1/pods`. */
  put(path: string, object: FakeObject): FakeObject {
    const objects = this.#collection(path);
    const key = keyOf(object);
    const before = objects.get(key);
    const uid = object.metadata.uid ?? before?.metadata.uid ?? `uid-${++this.#uids}`;
    return this.#change(path, before === undefined ? 'ADDED' : 'MODIFIED', {
      ...object,
      metadata: { ...object.metadata, uid },
    });
  }

  remove(path: string, name: string, namespace = 'default'): void {
    const object = this.#collection(path).get(`${namespace}/${name}`);
    if (object !== undefined) this.#change(path, 'DELETED', object);
  }

  objects(path: string): FakeObject[] {
    return [...this.#collection(path).values()];
  }

  /** Watches from before now get 410. */
  compact(): void {
    this.#compacted = this.#version;
    this.#history = [];
  }

  bookmark(): void {
    const metadata = { resourceVersion: String(this.#version) };
    for (const { send } of this.#watches) send({ type: 'BOOKMARK', object: { metadata } });
  }

  /** Sends an event to the open watches that no change stands behind. */
  sendToWatches(event: unknown): void {
    for (const { send } of this.#watches) send(event);
  }

  /** Ends watches as a server does at their time. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end();
  }

  /** As a broken line does. */
  cut(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #collection(path: string): Map<string, FakeObject> {
    let objects = this.#objects.get(path);
    if (objects === undefined) {
      objects = new Map();
      this.#objects.set(path, objects);
    }
    return objects;
  }

  #change(path: string, type: Change['type'], object: FakeObject): FakeObject {
    const version = ++this.#version;
    const changed = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    };
    const objects = this.#collection(path);
    if (type === 'DELETED') objects.delete(keyOf(object));
    else objects.set(keyOf(object), changed);
    const change: Change = { version, type, path, object: changed };
    this.#history.push(change);
    for (const watch of this.#watches) {
      if (watch.path === path) watch.send({ type, object: changed });
    }
    return changed;
  }

  async #handle(request: IncomingMessage, response: Response): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    let body = '';
    request.on('error', () => {});
    response.on('error', () => {});
    try {
      for await (const piece of request) body += String(piece);
    } catch {
      return;
    }
    const seen: Seen = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      httpVersion: request.httpVersion,
      body,
    };
    this.seen.push(seen);
    if ((await this.intercept?.(seen, response)) === true) return;
    if (seen.query.get('watch') === 'true') this.#watch(seen, response);
    else if (seen.method === 'GET') this.#list(seen, response);
    else answer(response, 200, { kind: 'Status', status: 'Success' });
  }

  #list({ path, query }: Seen, response: Response): void {
    const found = this.#scopeOf(path);
    if (found === undefined) {
      answer(response, 404, refusal(404, 'NotFound', `nothing at ${path}`));
      return;
    }
    const limit = Math.min(Number(query.get('limit') ?? Number.POSITIVE_INFINITY), this.maxPage);
    const [at, version] = (query.get('continue') ?? '').split('@');
    if (version !== undefined && Number(version) < this.#compacted) {
      answer(response, 410, refusal(410, 'Expired', 'The provided continue parameter is too old'));
      return;
    }
    const from = Number(at ?? 0);
    const all = found.objects.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const items = all.slice(from, from + limit);
    const isLast = from + items.length >= all.length;
    const resourceVersion = version ?? String(this.#version);
    answer(response, 200, {
      kind: 'List',
      apiVersion: 'v1',
      metadata: {
        resourceVersion,
        ...(!isLast && { continue: `${from + items.length}@${resourceVersion}` }),
      },
      items,
    });
  }

  #watch({ path, query }: Seen, response: Response): void {
    const found = this.#scopeOf(path);
    const from = Number(query.get('resourceVersion'));
    if (found === undefined) {
      answer(response, 404, refusal(404, 'NotFound', `nothing at ${path}`));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    const send = (event: unknown): void => void response.write(`${JSON.stringify(event)}\n`);
    if (from < this.#compacted) {
      // The stream is open already: the refusal comes as an event.
      send({ type: 'ERROR', object: refusal(410, 'Expired', `too old resource version: ${from}`) });
      response.end();
      return;
    }
    const inScope = (object: FakeObject): boolean =>
      found.namespace === undefined || object.metadata.namespace === found.namespace;
    const watch: OpenWatch = {
      path: found.path,
      response,
      send: (event) => {
        const { object } = event as { object: FakeObject };
        if (object.metadata?.name === undefined || inScope(object)) send(event);
      },
    };
    for (const change of this.#history) {
      if (change.path === found.path && change.version > from) watch.send(change);
    }
    response.flushHeaders();
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
  }

  /** A collection as a whole or of one namespace. */
  #scopeOf(
    path: string,
  ): { path: string; namespace: string | undefined; objects: FakeObject[] } | undefined {
    const match = /^(.*)\/namespaces\/([^/]+)\/([^/]+)$/.exec(path);
    const whole = match === null ? path : `${match[1]}/${match[3]}`;
    const namespace = match?.[2];
    const objects = this.#objects.get(whole);
    if (objects === undefined) return undefined;
    return {
      path: whole,
      namespace,
      objects: [...objects.values()].filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ),
    };
  }
}

const keyOf = ({ metadata: { namespace, name } }: FakeObject): string => `${namespace}/${name}`;

export function answer(
  response: Response,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

export function refusal(
  code: number,
  reason: string,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details };
}

export const configMap = (name: string, value: string, namespace = 'default'): FakeObject => ({
  metadata: { name, namespace },
  data: { value },
});

export const configMaps = '/api/v1/configmaps';
