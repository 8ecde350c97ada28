import type { ListMeta } from 'kubernetes-types/meta/v1.d.ts';
import { AppError, backoffMs, type Counter, type Histogram, isAppError } from '#base';
import { Authenticator } from './access/authenticator.ts';
import type {
  ClientDeps,
  ClientOptions,
  DeleteOptions,
  KubernetesAccess,
  KubernetesRequest,
  KubernetesResponse,
  ListOptions,
  ListResult,
  ObjectOptions,
  PatchKind,
  PatchOptions,
  PodLogOptions,
  QueryValue,
  ResourceType,
  Selection,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './contract.ts';
import { type Attempt, errorOfAnswer, KubernetesError, unreachable } from './errors.ts';
import { linesOf } from './lines.ts';
import { ListSplitter } from './list-splitter.ts';
import { resourcePath } from './resource.ts';
import { Connector } from './transport/connect.ts';
import type { Transport, TransportResponse } from './transport/contract.ts';
import { AutoTransport } from './transport/transport.ts';

/** Objects are at most 1.5 MiB in etcd; JSON is longer than what is stored. */
export const maxObjectBytes: number = 8 * 1024 * 1024;
/** An answer read as a whole, unless the request says otherwise. */
const maxAnswerBytes = 64 * 1024 * 1024;
/** Of a refusal only its words count. */
const maxErrorBytes = 64 * 1024;
const defaultTimeoutMs = 30_000;
const listTimeoutMs = 120_000;
const defaultPageLimit = 500;
/** Tries of one request that the server asks to repeat, or that found its connection closed. */
const maxTries = 4;
const retryBackoff = { baseMs: 500, maxMs: 10_000 };
/** A server in trouble may ask for more; the caller learns of it rather than wait. */
const maxRetryAfterMs = 30_000;

const metadataAccept = (list: boolean): string =>
  `application/json;as=PartialObjectMetadata${list ? 'List' : ''};g=meta.k8s.io;v=v1,application/json`;

const patchTypes: Readonly<Record<PatchKind, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

/**
 * Talks to one API server over few connections (HTTP/2 where it can). Requests that the server asks to
 * repeat (429, 503 with Retry-After) and reads that found a closed connection are tried again, a few
 * times. Refusals are {@link KubernetesError}s.
 */
export class KubernetesClient implements Disposable {
  readonly access: KubernetesAccess;
  readonly #deps: ClientDeps;
  readonly #options: ClientOptions;
  readonly #authenticator: Authenticator;
  readonly #transport: Transport;
  readonly #requests: Counter;
  readonly #retries: Counter;
  readonly #seconds: Histogram;
  /** Path of the server's URL, before every request's own. */
  readonly #prefix: string;

  /** Opens no connection yet. */
  constructor(access: KubernetesAccess, deps: ClientDeps, options: ClientOptions = {}) {
    this.access = access;
    this.#deps = deps;
    this.#options = options;
    this.#authenticator = new Authenticator(access, deps.clock, deps.env ?? {});
    const connector = new Connector(access, this.#authenticator, {
      proxyUrl: access.proxyUrl,
      mayHttp2: options.protocol !== 'http1',
    });
    this.#prefix = connector.url.pathname.replace(/\/+$/, '');
    this.#transport = new AutoTransport(connector);
    const { metrics } = deps;
    this.#requests = metrics.counter(
      'nunchi_kubernetes_requests_total',
      'Requests to the Kubernetes API server by method and status',
    );
    this.#retries = metrics.counter(
      'nunchi_kubernetes_request_retries_total',
      'Requests to the Kubernetes API server that were sent again',
    );
    this.#seconds = metrics.histogram(
      'nunchi_kubernetes_request_duration_seconds',
      'Time until the head of the answer of the Kubernetes API server',
    );
    metrics.collected(
      'nunchi_kubernetes_connections',
      'Connections to the Kubernetes API server',
      'gauge',
      () => [{ value: this.#transport.openConnections }],
    );
  }

  [Symbol.dispose](): void {
    this.#transport.close();
  }

  /**
   * Any request, for what has no method of its own; the body is read by the caller, without a limit of
   * time.
   * @throws {KubernetesError} for a status from 400 on, and when there is no answer
   */
  async request(request: KubernetesRequest): Promise<KubernetesResponse> {
    const { timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs } = request;
    for (let tries = 0; ; tries++) {
      try {
        return await this.#once(request, timeoutMs);
      } catch (error) {
        const waitMs = this.#retryAfterMs(request, error, tries);
        if (waitMs === undefined || request.signal?.aborted === true) throw error;
        this.#retries.add(1);
        await this.#deps.clock.sleep(waitMs, request.signal);
      }
    }
  }

  /** The whole answer as text. @throws {KubernetesError}, {AppError} KUBERNETES_TOO_LARGE */
  async text(request: KubernetesRequest): Promise<string> {
    return (await this.bytes(request)).toString('utf8');
  }

  /** The whole answer. @throws {KubernetesError}, {AppError} KUBERNETES_TOO_LARGE */
  async bytes(request: KubernetesRequest): Promise<Buffer> {
    const { timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs } = request;
    const { maxBytes = maxAnswerBytes } = request;
    return this.#within(request, timeoutMs, async (limited) => {
      const { body } = await this.request(limited);
      return await readAll(body, maxBytes);
    });
  }

  /** The whole answer as JSON. @throws {KubernetesError}, {AppError} KUBERNETES_TOO_LARGE, KUBERNETES_INVALID */
  async json<T>(request: KubernetesRequest): Promise<T> {
    const text = await this.text({
      ...request,
      headers: { accept: 'application/json', ...request.headers },
    });
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new AppError('KUBERNETES_INVALID', `Kubernetes answered no JSON to ${request.path}`, {
        cause,
      });
    }
  }

  /** One object. @throws {KubernetesError} isNotFound where it does not exist */
  get<T>(
    type: ResourceType,
    name: string,
    options: ObjectOptions & {
      readonly metadataOnly?: boolean;
      readonly subresource?: string;
    } = {},
  ): Promise<T> {
    return this.json<T>({
      ...this.#at(type, name, options),
      ...(options.metadataOnly && { headers: { accept: metadataAccept(false) } }),
    });
  }

  create<T>(type: ResourceType, object: unknown, options: WriteOptions = {}): Promise<T> {
    return this.json<T>({
      ...this.#at(type, undefined, options),
      method: 'POST',
      body: object,
      query: writeQuery(options),
    });
  }

  /** Replaces an object; one with a `resourceVersion` only if nobody else has written it since. */
  update<T>(
    type: ResourceType,
    name: string,
    object: unknown,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.json<T>({
      ...this.#at(type, name, options),
      method: 'PUT',
      body: object,
      query: writeQuery(options),
    });
  }

  patch<T>(
    type: ResourceType,
    name: string,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    const { kind = 'merge', force } = options;
    return this.json<T>({
      ...this.#at(type, name, options),
      method: 'PATCH',
      headers: { 'content-type': patchTypes[kind] },
      body: patch,
      query: { ...writeQuery(options), force: kind === 'apply' ? force : undefined },
    });
  }

  async delete(type: ResourceType, name: string, options: DeleteOptions = {}): Promise<void> {
    const { propagation, gracePeriodSeconds, preconditions } = options;
    await this.text({
      ...this.#at(type, name, options),
      method: 'DELETE',
      body: {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: propagation,
        gracePeriodSeconds,
        preconditions,
      },
      query: writeQuery(options),
    });
  }

  /** All objects of a selection in memory. For many use {@link listEach}. */
  async list<T>(
    type: ResourceType,
    options: ListOptions = {},
  ): Promise<ListResult & { readonly items: T[] }> {
    const items: T[] = [];
    const result = await this.listEach<T>(type, options, (item) => void items.push(item));
    return { ...result, items };
  }

  /**
   * Reads a selection page by page and hands over each object as soon as it is there, in the order of
   * namespace and name. Items of lists have no `kind` and `apiVersion`.
   * @throws {KubernetesError} isExpired when the list took so long that its pages no longer fit
   *   together: what was handed over is to be forgotten, and the list begun anew
   */
  async listEach<T>(
    type: ResourceType,
    options: ListOptions,
    onItem: (item: T) => void,
  ): Promise<ListResult> {
    const { resourceVersion = '', pageLimit = defaultPageLimit } = options;
    let count = 0;
    let next: string | undefined;
    for (;;) {
      // A limit would make the server read from its database what it has in its cache.
      const paging: Record<string, QueryValue> =
        next === undefined
          ? {
              ...versionQuery(resourceVersion),
              limit: resourceVersion === '' ? pageLimit : undefined,
            }
          : { continue: next, limit: pageLimit };
      const meta = await this.#listPage<T>(type, options, paging, (item) => {
        count++;
        onItem(item);
      });
      next = meta.continue || undefined;
      if (next === undefined) return { resourceVersion: meta.resourceVersion ?? '', count };
    }
  }

  /**
   * Changes from a resource version on, in order. Ends when the server ends it, after
   * `timeoutSeconds` at the latest.
   * @throws {KubernetesError} isExpired, UNREACHABLE when it is cut; {AppError} KUBERNETES_TOO_LARGE
   */
  async *watch<T>(type: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const { resourceVersion, timeoutSeconds, metadataOnly, signal } = options;
    const request: KubernetesRequest = {
      path: resourcePath(type, { namespace: options.namespace }),
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion,
        timeoutSeconds,
        ...selectorQuery(options),
      },
      headers: { accept: metadataOnly ? metadataAccept(false) : 'application/json' },
      ...(signal === undefined ? {} : { signal }),
    };
    const { body } = await this.request(request);
    try {
      for await (const line of linesOf(body, maxObjectBytes)) {
        yield JSON.parse(line.toString('utf8')) as WatchEvent<T>;
      }
    } catch (error) {
      throw this.#wrapped(request, error);
    }
  }

  /** Bytes of a container's log as they come; ends with the container where `follow` is set. */
  async *podLogs(pod: string, options: PodLogOptions = {}): AsyncGenerator<Buffer> {
    const { container, follow, previous, timestamps, tailLines, sinceSeconds, limitBytes } =
      options;
    const type: ResourceType = { group: '', version: 'v1', resource: 'pods', namespaced: true };
    const request: KubernetesRequest = {
      ...this.#at(type, pod, { ...options, subresource: 'log' }),
      query: { container, follow, previous, timestamps, tailLines, sinceSeconds, limitBytes },
    };
    const { body } = await this.request(request);
    try {
      yield* body;
    } catch (error) {
      throw this.#wrapped(request, error);
    }
  }

  /** What the server is: `v1.31.2-eks-…`. */
  async serverVersion(signal?: AbortSignal): Promise<{ readonly gitVersion: string }> {
    return this.json({ path: '/version', ...(signal === undefined ? {} : { signal }) });
  }

  #at(
    type: ResourceType,
    name: string | undefined,
    options: ObjectOptions & { readonly subresource?: string },
  ): KubernetesRequest {
    const { namespace = this.access.namespace, subresource, signal, timeoutMs } = options;
    return {
      path: resourcePath(type, { namespace, name, subresource }),
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
  }

  async #listPage<T>(
    type: ResourceType,
    options: ListOptions,
    paging: Readonly<Record<string, QueryValue>>,
    onItem: (item: T) => void,
  ): Promise<ListMeta> {
    const { timeoutMs = listTimeoutMs, metadataOnly } = options;
    const request: KubernetesRequest = {
      path: resourcePath(type, { namespace: options.namespace }),
      query: { ...selectorQuery(options), ...paging },
      headers: { accept: metadataOnly ? metadataAccept(true) : 'application/json' },
      timeoutMs,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    const splitter = new ListSplitter(maxObjectBytes, (json) => onItem(JSON.parse(json) as T));
    await this.#within(request, timeoutMs, async (limited) => {
      const { body } = await this.request(limited);
      for await (const piece of body) splitter.push(piece);
    });
    const list = splitter.end() as { readonly metadata?: ListMeta };
    return list.metadata ?? {};
  }

  /** Does something with a request that must be over in time, its body too. */
  async #within<R>(
    request: KubernetesRequest,
    timeoutMs: number,
    act: (limited: KubernetesRequest) => Promise<R>,
  ): Promise<R> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal =
      request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
    try {
      return await act({ ...request, signal });
    } catch (error) {
      const isLate = deadline.aborted && request.signal?.aborted !== true && !isAppError(error);
      const words = `no whole answer within ${timeoutMs / 1000} s`;
      throw this.#wrapped(request, isLate ? new Error(words) : error);
    }
  }

  async #once(request: KubernetesRequest, timeoutMs: number): Promise<KubernetesResponse> {
    const method = request.method ?? 'GET';
    const target = `${this.#prefix}${request.path}${queryText(request.query)}`;
    const attempt: Attempt = { method, url: request.path };
    const startMs = this.#deps.clock.monotonicMs();
    // Not AbortSignal.any: it would hold on to this one for as long as the caller's lives.
    const ending = new AbortController();
    const onAbort = (): void => ending.abort(request.signal?.reason);
    request.signal?.throwIfAborted();
    request.signal?.addEventListener('abort', onAbort, { once: true });
    const done = (): void => request.signal?.removeEventListener('abort', onAbort);
    const timer = setTimeout(() => {
      ending.abort(new Error(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    let response: TransportResponse;
    try {
      response = await this.#transport.send({
        method,
        target,
        headers: await this.#headers(request),
        body: bodyBytes(request.body),
        signal: ending.signal,
      });
    } catch (error) {
      done();
      if (request.signal?.aborted === true) throw request.signal.reason;
      this.#requests.add(1, { method, code: 'none' });
      throw isAppError(error) ? error : unreachable(attempt, error);
    } finally {
      clearTimeout(timer);
    }
    this.#requests.add(1, { method, code: String(response.status) });
    this.#seconds.observe((this.#deps.clock.monotonicMs() - startMs) / 1000);
    if (response.status < 400) return { ...response, body: whenDone(response.body, done) };
    try {
      if (response.status === 401) this.#authenticator.refuse();
      const text = await readAll(response.body, maxErrorBytes).catch(() => Buffer.alloc(0));
      const retryAfter = response.headers['retry-after'];
      throw errorOfAnswer(attempt, response.status, text.toString('utf8'), retryAfter);
    } finally {
      done();
    }
  }

  async #headers({ headers, body }: KubernetesRequest): Promise<Record<string, string | string[]>> {
    const isBytes = body instanceof Uint8Array;
    return {
      'user-agent': this.#options.userAgent ?? 'nunchi',
      ...(body !== undefined && !isBytes && { 'content-type': 'application/json' }),
      ...headers,
      ...(await this.#authenticator.headers()),
    };
  }

  /** Undefined: not to be tried again. */
  #retryAfterMs(request: KubernetesRequest, error: unknown, tries: number): number | undefined {
    if (!(error instanceof KubernetesError) || tries + 1 >= maxTries) return undefined;
    const isRead = (request.method ?? 'GET') === 'GET';
    if (error.isUnreachable) {
      // A connection that was kept open may have been closed by the other side a moment ago.
      return isRead && tries === 0 && wasReset(error) ? 0 : undefined;
    }
    if (error.status === 401) {
      const { kind } = this.access.credentials;
      return tries === 0 && (kind === 'exec' || kind === 'token-file') ? 0 : undefined;
    }
    // 429 is answered before anything is done.
    const mayRepeat = error.status === 429 || (isRead && error.status >= 500);
    const { retryAfterMs } = error;
    if (!mayRepeat || retryAfterMs === undefined || retryAfterMs > maxRetryAfterMs)
      return undefined;
    const { random } = this.#deps;
    return Math.max(retryAfterMs, backoffMs(tries, retryBackoff, random));
  }

  #wrapped(request: KubernetesRequest, error: unknown): unknown {
    if (request.signal?.aborted === true || isAppError(error)) return error;
    if (error instanceof SyntaxError) {
      return new AppError('KUBERNETES_INVALID', `Kubernetes sent no JSON for ${request.path}`, {
        cause: error,
      });
    }
    return unreachable({ method: request.method ?? 'GET', url: request.path }, error);
  }
}

/** True for a failure that says the connection ended, not that none could be made. */
function wasReset(error: KubernetesError): boolean {
  const { cause } = error;
  if (!(cause instanceof Error)) return false;
  const code = 'code' in cause ? String(cause.code) : '';
  return (
    /^(ECONNRESET|EPIPE|ERR_HTTP2_.*)$/.test(code) || cause.message === 'the connection was closed'
  );
}

async function* whenDone(body: AsyncIterable<Buffer>, done: () => void): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } finally {
    done();
  }
}

async function readAll(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of body) {
    sizeBytes += piece.length;
    if (sizeBytes > maxBytes) {
      throw new AppError('KUBERNETES_TOO_LARGE', `The answer is over ${maxBytes} bytes`);
    }
    parts.push(piece);
  }
  return Buffer.concat(parts);
}

function bodyBytes(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return Buffer.from(JSON.stringify(body));
}

function queryText(query: KubernetesRequest['query']): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    parts.push(`${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function writeQuery({ dryRun, fieldManager }: WriteOptions): Record<string, QueryValue> {
  return { dryRun: dryRun === true ? 'All' : undefined, fieldManager };
}

function selectorQuery({
  labelSelector,
  fieldSelector,
}: Selection): Readonly<Record<string, QueryValue>> {
  return { labelSelector: labelSelector || undefined, fieldSelector: fieldSelector || undefined };
}

function versionQuery(resourceVersion: string): Readonly<Record<string, QueryValue>> {
  if (resourceVersion === '') return {};
  return resourceVersion === '0'
    ? { resourceVersion }
    : { resourceVersion, resourceVersionMatch: 'NotOlderThan' };
}
