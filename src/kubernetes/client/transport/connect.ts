import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Authenticator } from '../access/authenticator.ts';
import type { KubernetesAccess } from '../contract.ts';
import { connectTimeoutMs, opened } from './opened.ts';

// By its name the module would come with others that nobody here uses.
const net = process.getBuiltinModule('node:net');

/** A peer that is gone without a word is noticed after about a minute, not after two hours. */
const keepAlive = { delayMs: 30_000, intervalMs: 10_000, probes: 3 };

export interface Connection {
  readonly socket: Socket;
  /** What both sides agreed on. */
  readonly protocol: 'http1' | 'http2';
}

/** Opens connections to the API server: plain or TLS, direct or through a proxy. */
export class Connector {
  readonly #access: KubernetesAccess;
  readonly #authenticator: Authenticator;
  readonly #proxyUrl: string | undefined;
  readonly #mayHttp2: boolean;
  readonly url: URL;

  constructor(
    access: KubernetesAccess,
    authenticator: Authenticator,
    options: { readonly proxyUrl: string | undefined; readonly mayHttp2: boolean },
  ) {
    this.#access = access;
    this.#authenticator = authenticator;
    this.#proxyUrl = options.proxyUrl;
    this.#mayHttp2 = options.mayHttp2;
    this.url = new URL(access.server);
  }

  get isTls(): boolean {
    return this.url.protocol === 'https:';
  }

  async connect(): Promise<Connection> {
    const deadline = AbortSignal.timeout(connectTimeoutMs);
    const raw = await this.#openSocket(deadline);
    try {
      if (!this.isTls) return { socket: raw, protocol: 'http1' };
      const socket = await this.#secure(raw, deadline);
      return { socket, protocol: socket.alpnProtocol === 'h2' ? 'http2' : 'http1' };
    } catch (error) {
      raw.destroy();
      throw error;
    }
  }

  async #openSocket(deadline: AbortSignal): Promise<Socket> {
    const host = this.url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(this.url.port || (this.isTls ? 443 : 80));
    if (this.#proxyUrl !== undefined) {
      const { connectThroughProxy } = await import('./proxy.ts');
      return prepared(await connectThroughProxy(new URL(this.#proxyUrl), { host, port }, deadline));
    }
    const socket = net.connect({ host, port });
    await opened(socket, 'connect', deadline);
    return prepared(socket);
  }

  async #secure(raw: Socket, deadline: AbortSignal): Promise<TLSSocket> {
    const tls = process.getBuiltinModule('node:tls');
    const { ca, cert, key } = await this.#authenticator.tls();
    const { serverName, insecureSkipVerify } = this.#access.tls;
    const host = this.url.hostname.replace(/^\[|\]$/g, '');
    const name = serverName ?? host;
    const socket = tls.connect({
      socket: raw,
      host: name,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      // A server name is a name: an address may not be sent as one.
      ...(net.isIP(name) === 0 && { servername: name }),
      rejectUnauthorized: !insecureSkipVerify,
      ALPNProtocols: this.#mayHttp2 ? ['h2', 'http/1.1'] : ['http/1.1'],
    });
    await opened(socket, 'secureConnect', deadline);
    return socket;
  }
}

function prepared(socket: Socket): Socket {
  socket.setNoDelay(true);
  const { delayMs, intervalMs, probes } = keepAlive;
  socket.setKeepAlive(true, delayMs, intervalMs, probes);
  return socket;
}
