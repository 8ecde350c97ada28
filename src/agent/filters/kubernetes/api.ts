import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type Https from 'node:https';
import { AppError } from '#base';

// Importing node:http by its name also loads fetch and WebSocket: 11 MB that nobody here uses.
const http = process.getBuiltinModule('node:http');
// A machine that is no node of a cluster does without TLS, which takes 9 MB.
const loadHttps = (): typeof Https => process.getBuiltinModule('node:https');

const maxAnswerBytes = 64 * 1024 * 1024;

/** How to prove who asks, and who is believed to answer. PEM texts. */
export interface ApiCredentials {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly ca: string | Buffer | undefined;
  readonly cert: string | Buffer | undefined;
  readonly key: string | Buffer | undefined;
}

/** Who asks. */
export interface ApiIdentity {
  /** Asked before each request. */
  credentials(): ApiCredentials | Promise<ApiCredentials>;
  /** They were not taken: what is remembered of them is no good. */
  refuse(): void;
}

export interface AccountFileOptions {
  readonly caFile: string;
  readonly tokenFile?: string;
  readonly tokenTtlMs?: number;
  /** Client certificate, for services that want one. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** A service account, or a client certificate, as files on this machine. A file that is not there is left out. */
export class AccountFiles implements ApiIdentity {
  readonly #options: AccountFileOptions;
  #token: { readonly value: string | undefined; readonly readAtMs: number } | undefined;
  #ca: Buffer | undefined;

  constructor(options: AccountFileOptions) {
    this.#options = options;
  }

  credentials(): ApiCredentials {
    const { caFile, certFile, keyFile } = this.#options;
    const token = this.#bearer();
    this.#ca ??= tryRead(caFile);
    return {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ca: this.#ca,
      cert: tryRead(certFile),
      key: tryRead(keyFile),
    };
  }

  refuse(): void {
    this.#token = undefined;
  }

  #bearer(): string | undefined {
    const { tokenFile, tokenTtlMs = Number.POSITIVE_INFINITY } = this.#options;
    const nowMs = performance.now();
    // Projected tokens are replaced on disk well before they expire.
    if (this.#token === undefined || nowMs - this.#token.readAtMs > tokenTtlMs) {
      this.#token = { value: tryRead(tokenFile)?.toString('utf8').trim(), readAtMs: nowMs };
    }
    return this.#token.value;
  }
}

export interface KubeApiOptions {
  readonly identity: ApiIdentity;
  readonly verify: boolean;
  readonly verifyHostname: boolean;
  /** Name to expect in the server's certificate, where it is not the URL's host. */
  readonly serverName?: string | undefined;
  readonly timeoutMs: number;
}

/** GET of JSON: nothing more is needed to learn about pods. */
export class KubeApi {
  readonly #options: KubeApiOptions;
  #agent: Https.Agent | undefined;

  constructor(options: KubeApiOptions) {
    this.#options = options;
  }

  /** Undefined for 404. @throws {AppError} KUBERNETES_UNAVAILABLE, with `status` where one came */
  async get(url: string): Promise<unknown> {
    const { status, text } = await this.#request(new URL(url)).catch((cause: unknown) => {
      throw new AppError('KUBERNETES_UNAVAILABLE', `Kubernetes cannot be reached at ${url}`, {
        cause,
      });
    });
    if (status === 404) return undefined;
    if (status !== 200) {
      if (status === 401) this.#options.identity.refuse();
      throw new AppError('KUBERNETES_UNAVAILABLE', `Kubernetes answered ${status} to ${url}`, {
        details: { status },
        ...(status === 403 && { hint: 'Allow get on pods and nodes/proxy to the service account' }),
      });
    }
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new AppError('KUBERNETES_UNAVAILABLE', `Kubernetes answered no JSON to ${url}`, {
        cause,
      });
    }
  }

  close(): void {
    this.#agent?.destroy();
  }

  #tlsAgent(): Https.Agent {
    const https = loadHttps();
    this.#agent ??= new https.Agent({ keepAlive: true, maxSockets: 2 });
    return this.#agent;
  }

  async #request(url: URL): Promise<{ status: number; text: string }> {
    const { identity, verify, verifyHostname, serverName, timeoutMs } = this.#options;
    const { headers: own, ...tls } = await identity.credentials();
    const headers = { accept: 'application/json', ...own };
    const signal = AbortSignal.timeout(timeoutMs);
    return new Promise((resolve, reject) => {
      const onResponse = (response: IncomingMessage): void => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          if (size > maxAnswerBytes)
            response.destroy(new Error(`the answer is over ${maxAnswerBytes} bytes`));
          else parts.push(part);
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
      };
      const request =
        url.protocol === 'http:'
          ? http.get(url, { headers, signal }, onResponse)
          : loadHttps().get(
              url,
              {
                headers,
                signal,
                agent: this.#tlsAgent(),
                ...tls,
                rejectUnauthorized: verify,
                ...(serverName !== undefined && { servername: serverName }),
                // A kubelet is asked at 127.0.0.1, which its certificate does not name.
                ...(!verifyHostname && { checkServerIdentity: () => undefined }),
              },
              onResponse,
            );
      request.on('error', reject);
    });
  }
}

function tryRead(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
