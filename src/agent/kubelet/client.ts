import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Agent, RequestOptions } from 'node:https';
import { AppError, type Clock, describeError } from '#base';
import type { KubeletOptions } from './options.ts';

/** A kubelet of some hundred pods answers with a few megabytes. */
const maxBodyBytes = 64 * 1024 * 1024;
const firstBodyBytes = 256 * 1024;
/** Tokens of service accounts are replaced long before they end. */
const fileLifetimeMs = 10_000;
/** Words of a refusal are shown up to this length. */
const maxErrorBytes = 512;

/** Asks the kubelet, over one connection. */
export class KubeletClient {
  readonly #options: KubeletOptions;
  readonly #clock: Clock;
  readonly #url: URL;
  #agent: Agent | undefined;
  #body: Buffer = Buffer.allocUnsafeSlow(firstBodyBytes);
  #token: string | undefined;
  #ca: string | undefined;
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(options: KubeletOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#url = new URL(options.url);
  }

  /**
   * The body, overwritten by the next one.
   * @throws {AppError} KUBELET_REFUSED, KUBELET_UNREACHABLE, KUBELET_TOO_LARGE
   */
  async get(path: string, timeoutMs: number, signal: AbortSignal): Promise<Buffer> {
    this.#readFiles();
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await this.#request(path, AbortSignal.any([signal, timeout]));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError) throw error;
      const reason = timeout.aborted ? `no answer within ${timeoutMs} ms` : describeError(error);
      throw new AppError(
        'KUBELET_UNREACHABLE',
        `Cannot read ${this.#url.origin}${path}: ${reason}`,
        {
          ...hintFor(error),
          cause: error,
        },
      );
    }
  }

  close(): void {
    this.#agent?.destroy();
  }

  #request(path: string, signal: AbortSignal): Promise<Buffer> {
    const isTls = this.#url.protocol === 'https:';
    // Only here: an agent that sends to a server without TLS has no need of it else.
    const { request } = process.getBuiltinModule(isTls ? 'node:https' : 'node:http');
    const { hostname, port } = this.#url;
    const options: RequestOptions = {
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      path: `${this.#url.pathname.replace(/\/+$/, '')}${path}`,
      headers: {
        accept: 'text/plain;version=0.0.4',
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      },
      signal,
      ...(isTls ? { agent: this.#tlsAgent() } : {}),
    };
    return new Promise((resolve, reject) => {
      const sent = request(options, (answer) => {
        this.#read(answer, path).then(resolve, (error) => {
          answer.destroy();
          reject(error);
        });
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  async #read(answer: IncomingMessage, path: string): Promise<Buffer> {
    let length = 0;
    const status = answer.statusCode ?? 0;
    const isGood = status === 200;
    const limit = isGood ? maxBodyBytes : maxErrorBytes;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (length + chunk.length > limit) {
        if (!isGood) break;
        throw new AppError(
          'KUBELET_TOO_LARGE',
          `${path} of the kubelet has more than ${maxBodyBytes} bytes`,
        );
      }
      if (length + chunk.length > this.#body.length) {
        const larger = Buffer.allocUnsafeSlow(
          Math.max(this.#body.length * 2, length + chunk.length),
        );
        this.#body.copy(larger, 0, 0, length);
        this.#body = larger;
      }
      chunk.copy(this.#body, length);
      length += chunk.length;
    }
    const body = this.#body.subarray(0, length);
    if (isGood) return body;
    const words = body.toString('utf8').trim();
    throw new AppError('KUBELET_REFUSED', `The kubelet answers ${status} to ${path}: ${words}`, {
      ...(status === 401 || status === 403
        ? { hint: 'The service account needs get on nodes/metrics' }
        : {}),
    });
  }

  #tlsAgent(): Agent {
    const { insecureTls } = this.#options;
    this.#agent ??= new (process.getBuiltinModule('node:https').Agent)({
      keepAlive: true,
      maxSockets: 1,
      rejectUnauthorized: !insecureTls,
      // Without a list of its own Node keeps the authorities of the whole web in memory.
      ca: insecureTls ? [] : this.#ca,
    });
    return this.#agent;
  }

  #readFiles(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#readMs < fileLifetimeMs) return;
    this.#readMs = nowMs;
    const { tokenFile, caFile, insecureTls } = this.#options;
    // In the middle of being replaced: the old one is still good, or the kubelet says that it is not.
    this.#token = textOf(tokenFile)?.trim() ?? this.#token;
    const ca = insecureTls ? undefined : (textOf(caFile) ?? this.#ca);
    if (ca === this.#ca) return;
    this.#ca = ca;
    this.#agent?.destroy();
    this.#agent = undefined;
  }
}

function textOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const certificateErrors: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function hintFor(error: unknown): { readonly hint?: string } {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  if (typeof code !== 'string' || !certificateErrors.has(code)) return {};
  return {
    hint: "Name the authority of the kubelet's certificate with agent.kubelet.caFile, or set agent.kubelet.insecureTls",
  };
}
