import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type Https from 'node:https';
import { AppError } from '#base';

// Importing node:http by its name also loads fetch and WebSocket: 11 MB that nobody here uses.
const http = process.getBuiltinModule('node:http');
// A machine that is no node of a cluster does without TLS, which takes 9 MB.
const loadHttps = (): typeof Https => process.getBuiltinModule('node:https');

const maxAnswerBytes = 64 * 1024 * 1024;

export interface KubeApiOptions {
  readonly caFile: string;
  readonly tokenFile: string;
  readonly tokenTtlMs: number;
  readonly verify: boolean;
  readonly verifyHostname: boolean;
  readonly timeoutMs: number;
  /** Client certificate, for services that want one. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Instead of the files; asked before each request. */
  readonly credentials?: (() => Promise<ApiCredentials>) | undefined;
  /** Name to expect in the server's certificate, where it is not the URL's host. */
  readonly serverName?: string | undefined;
}

/** How to prove who asks, and who is believed to answer. PEM texts. */
export interface ApiCredentials {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** GET of JSON as the service account, or whom a kubeconfig names: enough to learn about pods. */
export class KubeApi {
  readonly #options: KubeApiOptions;
  #agent: Https.Agent | undefined;
  #token: { value: string | undefined; readAtMs: number } | undefined;
  #ca: Buffer | undefined;

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
      if (status === 401) this.#token = undefined;
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

  #bearer(): string | undefined {
    const nowMs = performance.now();
    // Projected tokens are replaced on disk well before they expire.
    if (this.#token === undefined || nowMs - this.#token.readAtMs > this.#options.tokenTtlMs) {
      this.#token = {
        value: tryRead(this.#options.tokenFile)?.toString('utf8').trim(),
        readAtMs: nowMs,
      };
    }
    return this.#token.value;
  }

  #authority(): Buffer | undefined {
    this.#ca ??= tryRead(this.#options.caFile);
    return this.#ca;
  }

  /** What the files hold now. */
  #account(): RequestCredentials {
    const { certFile, keyFile } = this.#options;
    const token = this.#bearer();
    return {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ca: this.#authority(),
      cert: certFile === undefined ? undefined : tryRead(certFile),
      key: keyFile === undefined ? undefined : tryRead(keyFile),
    };
  }

  async #request(url: URL): Promise<{ status: number; text: string }> {
    const { verify, verifyHostname, serverName, credentials, timeoutMs } = this.#options;
    const account = (await credentials?.()) ?? this.#account();
    const headers = { accept: 'application/json', ...account.headers };
    const { ca, cert, key } = account;
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
                ...{ ca, cert, key },
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

type RequestCredentials = Pick<ApiCredentials, 'headers'> & {
  readonly [pem in 'ca' | 'cert' | 'key']: string | Buffer | undefined;
};

function tryRead(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
