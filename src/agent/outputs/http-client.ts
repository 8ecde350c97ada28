import { readFileSync } from 'node:fs';
import type Http from 'node:http';
import type Https from 'node:https';
import type { Settings } from '../fluentbit/settings.ts';

// Importing node:http by its name also loads fetch and WebSocket, 11 MB; TLS takes 9 MB more.
const http = process.getBuiltinModule('node:http');
const loadHttps = (): typeof Https => process.getBuiltinModule('node:https');

const maxAnswerBytes = 1024 * 1024;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Http.IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  readonly signal: AbortSignal;
}

export interface TlsOptions {
  readonly verify: boolean;
  readonly verifyHostname: boolean;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly keyPassword?: string | undefined;
  readonly serverName?: string | undefined;
}

/** The `tls.*` options that outputs have in common. */
export function tlsOptionsOf(settings: Settings): TlsOptions {
  return {
    verify: settings.bool('tls.verify', true),
    verifyHostname: settings.bool('tls.verify_hostname', true),
    caFile: settings.text('tls.ca_file'),
    certFile: settings.text('tls.crt_file'),
    keyFile: settings.text('tls.key_file'),
    keyPassword: settings.text('tls.key_passwd'),
    serverName: settings.text('tls.vhost'),
  };
}

/** Node's names for the same; reads the files. */
export function nodeTlsOptions(tls: TlsOptions): Https.AgentOptions {
  return {
    rejectUnauthorized: tls.verify,
    ...(!tls.verifyHostname && { checkServerIdentity: () => undefined }),
    ...(tls.caFile !== undefined && { ca: readFileSync(tls.caFile) }),
    ...(tls.certFile !== undefined && { cert: readFileSync(tls.certFile) }),
    ...(tls.keyFile !== undefined && { key: readFileSync(tls.keyFile) }),
    ...(tls.keyPassword !== undefined && { passphrase: tls.keyPassword }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
  };
}

/** Requests over kept connections, each with a time limit and a bound on its answer. */
export class HttpClient {
  readonly #tls: TlsOptions;
  readonly #timeoutMs: number;
  readonly #plain = new http.Agent({ keepAlive: true, maxSockets: 8 });
  #secure: Https.Agent | undefined;

  constructor(tls: TlsOptions, timeoutMs = 30_000) {
    this.#tls = tls;
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects when there is no answer in time, or none at all. */
  send({ method, url, headers, body, signal }: HttpRequest): Promise<HttpAnswer> {
    const secure = url.protocol === 'https:';
    if (secure)
      this.#secure ??= new (loadHttps().Agent)({
        keepAlive: true,
        maxSockets: 8,
        ...nodeTlsOptions(this.#tls),
      });
    const options = {
      method,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      agent: secure ? this.#secure : this.#plain,
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
    };
    return new Promise((resolve, reject) => {
      const request = (secure ? loadHttps() : http).request(url, options, (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          // What is beyond the bound is read and thrown away, so that the connection can be kept.
          if (size < maxAnswerBytes) parts.push(part);
          size += part.length;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.#plain.destroy();
    this.#secure?.destroy();
  }
}

/** `Retry-After` in seconds or as a date, as milliseconds from now. */
export function retryAfterMs(answer: HttpAnswer, nowMs: number): number | undefined {
  const text = answer.headers['retry-after'];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
