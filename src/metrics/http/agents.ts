import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { SecureVersion } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { HttpClientConfig, TlsConfig, TlsVersion } from '#metrics/config';
import type { FileCache } from './files.ts';
import { proxyFor } from './proxy.ts';

/** Idle connections kept for one host: a scrape comes back every interval. */
const maxFreeSockets = 2;
/** An idle connection is kept over a scrape interval of some minutes. */
const idleTimeoutMs = 360_000;

const versions: Readonly<Record<TlsVersion, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

export interface TlsOptions {
  readonly ca?: Buffer | string;
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
  readonly minVersion: SecureVersion;
  readonly maxVersion?: SecureVersion;
}

export interface ChosenAgent {
  readonly agent: http.Agent;
  /** Of a plain request through a proxy: where it goes, and what it says there. */
  readonly viaProxy: URL | undefined;
  /** For the request itself: an agent that tunnels uses its own for the proxy. */
  readonly tls: TlsOptions | undefined;
}

/** Connections that are kept open, made anew when a certificate file has changed. */
export class AgentPool {
  readonly #config: HttpClientConfig;
  readonly #files: FileCache;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #plain: http.Agent;
  #secure:
    | { readonly mark: string; readonly options: TlsOptions; readonly agent: https.Agent }
    | undefined;
  readonly #tunnels = new Map<string, { readonly mark: string; readonly agent: http.Agent }>();

  constructor(
    config: HttpClientConfig,
    files: FileCache,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#config = config;
    this.#files = files;
    this.#env = env;
    this.#plain = new http.Agent({ keepAlive: true, maxFreeSockets, timeout: idleTimeoutMs });
  }

  async choose(url: URL): Promise<ChosenAgent> {
    const proxy = proxyFor(this.#config, url, this.#env);
    if (url.protocol === 'http:') return { agent: this.#plain, viaProxy: proxy, tls: undefined };
    const secure = await this.#secureAgent();
    if (proxy === undefined)
      return { agent: secure.agent, viaProxy: undefined, tls: secure.options };
    const held = this.#tunnels.get(proxy.href);
    const rest = { viaProxy: undefined, tls: secure.options };
    if (held?.mark === secure.mark) return { agent: held.agent, ...rest };
    held?.agent.destroy();
    const headers = Object.fromEntries(
      Object.entries(this.#config.proxyConnectHeader).map(([name, secrets]) => [
        name,
        secrets.map((secret) => secret?.reveal() ?? '').join(', '),
      ]),
    );
    const agent = new HttpsProxyAgent(proxy, { ...secure.options, headers, keepAlive: true });
    this.#tunnels.set(proxy.href, { mark: secure.mark, agent });
    return { agent, ...rest };
  }

  destroy(): void {
    this.#plain.destroy();
    this.#secure?.agent.destroy();
    for (const { agent } of this.#tunnels.values()) agent.destroy();
    this.#tunnels.clear();
  }

  async #secureAgent(): Promise<{ mark: string; options: TlsOptions; agent: https.Agent }> {
    const options = await this.#tlsOptions(this.#config.tlsConfig);
    const hash = createHash('sha256');
    for (const part of [options.ca, options.cert, options.key])
      hash.update(part ?? '-').update('\0');
    const mark = hash.digest('hex');
    if (this.#secure?.mark === mark) return this.#secure;
    // Requests in flight end on their own connections.
    const agent = new https.Agent({
      keepAlive: true,
      maxFreeSockets,
      timeout: idleTimeoutMs,
      ...options,
    });
    const before = this.#secure?.agent;
    this.#secure = { mark, options, agent };
    if (before !== undefined) setTimeout(() => before.destroy(), 60_000).unref();
    return this.#secure;
  }

  async #tlsOptions(tls: TlsConfig | undefined): Promise<TlsOptions> {
    const read = async (
      inline: string | undefined,
      file: string | undefined,
    ): Promise<Buffer | string | undefined> =>
      inline ?? (file === undefined ? undefined : await this.#files.read(file));
    const ca = await read(tls?.ca, tls?.caFile);
    const cert = await read(tls?.cert, tls?.certFile);
    const key = await read(tls?.key?.reveal(), tls?.keyFile);
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
      rejectUnauthorized: tls?.insecureSkipVerify !== true,
      minVersion: versions[tls?.minVersion ?? 'TLS12'],
      ...(tls?.maxVersion === undefined ? {} : { maxVersion: versions[tls.maxVersion] }),
    };
  }
}
