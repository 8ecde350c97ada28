import type { Agent as HttpAgent, request as httpRequest, IncomingMessage } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { AppError } from '#base';

// Importing node:http by its name also loads fetch and WebSocket: 11 MB that nobody here uses.
const http = process.getBuiltinModule('node:http');

export interface BatchClientOptions {
  /** Base URL of the Nunchi server, such as `http://nunchi:7600`. */
  readonly url: string;
  /** A function is asked before each request. */
  readonly token?: string | (() => string | undefined);
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string;
  /** One request, from its first byte to the acknowledgement. */
  readonly timeoutMs: number;
  readonly maxConnections: number;
}

export type SendResult =
  | { readonly kind: 'stored'; readonly duplicate: boolean }
  /** Try again, not before `afterMs` where the server named a time. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number | undefined }
  /** The server will never take this batch. */
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string };

export type MetricSendResult =
  /** `written`: how many samples were stored, where the server says so. */
  | { readonly kind: 'stored'; readonly written: number | undefined }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number | undefined }
  /** What the server could store of it is stored; it will never take the rest. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly reason: string;
      readonly written: number | undefined;
    };

/** These heal: somebody mends the token, the server has time again. */
const retriedStatuses: ReadonlySet<number> = new Set([401, 403, 408, 425, 429]);

/** Errors of a server are shown in logs up to this length. */
const maxErrorBytes = 2048;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Of remote write 2.0. */
  readonly samplesWritten: number | undefined;
  readonly text: string;
}

/** A server that names a longer time is asked again all the same. */
const maxRetryAfterMs = 5 * 60_000;

function retryAfterMs({ retryAfter }: Answer): number | undefined {
  const seconds = Number(retryAfter);
  return seconds > 0 ? Math.min(seconds * 1000, maxRetryAfterMs) : undefined;
}

/** Speaks Nunchi's batch protocol over kept-alive connections. */
export class BatchClient {
  readonly #options: BatchClientOptions;
  readonly #base: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #request: typeof httpRequest;

  /** @throws {AppError} SERVER_URL_INVALID */
  constructor(options: BatchClientOptions) {
    this.#options = options;
    const url = URL.parse(options.url);
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      throw new AppError('SERVER_URL_INVALID', `"${options.url}" is not an http or https URL`, {
        hint: 'Write the address of the Nunchi server, such as http://nunchi:7600',
      });
    }
    this.#base = url;
    const settings = { keepAlive: true, maxSockets: options.maxConnections };
    const isTls = url.protocol === 'https:';
    const { ca } = options;
    if (!isTls) {
      this.#agent = new http.Agent(settings);
      this.#request = http.request;
      return;
    }
    // Only here: TLS takes 9 MB.
    const https = process.getBuiltinModule('node:https');
    this.#agent = new https.Agent({ ...settings, ...(ca === undefined ? {} : { ca }) });
    this.#request = https.request;
  }

  /** `body`: a zstd-compressed batch. Network trouble is a result, not a throw. */
  async send(
    source: { readonly id: string; readonly number: number },
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<SendResult> {
    let response: Answer;
    try {
      response = await this.#call('POST', '/nunchi/agent/batches', signal, body, {
        'content-type': 'application/vnd.nunchi.batch+zstd',
        'x-nunchi-agent': source.id,
        'x-nunchi-batch': String(source.number),
      });
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message || String(error) : String(error);
      return { kind: 'retry', reason, afterMs: undefined };
    }
    const { status, text } = response;
    if (status === 200) {
      const duplicate = /"duplicate"\s*:\s*(true|false)/.exec(text)?.[1];
      if (duplicate !== undefined) return { kind: 'stored', duplicate: duplicate === 'true' };
      // A proxy or some other program: what it calls a success stores nothing.
      const reason = `The answer is not a Nunchi server's: ${text}`.trim();
      return { kind: 'retry', reason, afterMs: undefined };
    }
    const reason = `${status} ${text}`.trim();
    // 401 and 403 heal when somebody mends the token: the events wait for that.
    if (status === 400 || status === 413 || status === 415 || status === 422) {
      return { kind: 'refused', status, reason };
    }
    return { kind: 'retry', reason, afterMs: retryAfterMs(response) };
  }

  /**
   * The highest number of the source up to which the server has all batches; undefined when the
   * address is not a Nunchi server. @throws when it cannot be reached
   */
  async storedUpTo(sourceId: string, signal: AbortSignal): Promise<number | undefined> {
    const path = `/nunchi/agent/sources/${encodeURIComponent(sourceId)}`;
    const { status, text } = await this.#call('GET', path, signal, undefined, {});
    if (status !== 200) {
      if (status >= 500 || status === 401 || status === 403 || status === 429) {
        throw new AppError('SERVER_NOT_READY', `The server answered ${status} ${text}`);
      }
      return undefined;
    }
    try {
      const body = JSON.parse(text) as { storedUpTo?: unknown };
      return typeof body.storedUpTo === 'number' ? body.storedUpTo : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Sends an `io.prometheus.write.v2.Request` in a Snappy block to `POST /api/v1/write`. Network
   * trouble is a result, not a throw.
   */
  async writeMetrics(body: Uint8Array, signal: AbortSignal): Promise<MetricSendResult> {
    let response: Answer;
    try {
      response = await this.#call('POST', '/api/v1/write', signal, body, {
        'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '2.0.0',
      });
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message || String(error) : String(error);
      return { kind: 'retry', reason, afterMs: undefined };
    }
    const { status, text } = response;
    const written = response.samplesWritten;
    if (status >= 200 && status < 300) return { kind: 'stored', written };
    const reason = `${status} ${text}`.trim();
    if (status >= 400 && status < 500 && !retriedStatuses.has(status)) {
      return { kind: 'refused', status, reason, written };
    }
    return { kind: 'retry', reason, afterMs: retryAfterMs(response) };
  }

  /** Tells the server how the agent is. False when it did not listen: nothing depends on it. */
  async report(sourceId: string, status: object, signal: AbortSignal): Promise<boolean> {
    try {
      const body = Buffer.from(JSON.stringify(status));
      const headers = { 'content-type': 'application/json', 'x-nunchi-agent': sourceId };
      const answer = await this.#call('POST', '/nunchi/agent/status', signal, body, headers);
      return answer.status >= 200 && answer.status < 300;
    } catch {
      return false;
    }
  }

  /** A question with a short answer. @throws when the server cannot be reached */
  async ask(
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly text: string }> {
    return await this.#call('GET', path, signal, undefined, {});
  }

  close(): void {
    this.#agent.destroy();
  }

  #call(
    method: string,
    path: string,
    signal: AbortSignal,
    body: Uint8Array | undefined,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const { timeoutMs } = this.#options;
    const given = this.#options.token;
    const token = typeof given === 'function' ? given() : given;
    return new Promise((resolve, reject) => {
      const base = this.#base.pathname.replace(/\/$/, '');
      const request = this.#request(
        {
          protocol: this.#base.protocol,
          hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
          port: this.#base.port,
          path: base + path,
          method,
          agent: this.#agent,
          headers: {
            ...headers,
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-length': String(body.length) }),
          },
        },
        (response: IncomingMessage) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            if (text.length < maxErrorBytes) text += chunk.slice(0, maxErrorBytes - text.length);
          });
          response.on('end', () => {
            done();
            const written = response.headers['x-prometheus-remote-write-samples-written'];
            resolve({
              status: response.statusCode ?? 0,
              retryAfter: response.headers['retry-after'],
              samplesWritten: typeof written === 'string' ? Number(written) : undefined,
              text,
            });
          });
          response.on('error', fail);
        },
      );
      const timer = setTimeout(
        () => request.destroy(new Error(`No answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const abort = (): void => void request.destroy(new Error('Stopped'));
      signal.addEventListener('abort', abort, { once: true });
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      const fail = (error: Error): void => {
        done();
        reject(error);
      };
      request.on('error', fail);
      request.end(body);
    });
  }
}
