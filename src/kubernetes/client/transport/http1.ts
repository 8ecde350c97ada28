import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection, Connector } from './connect.ts';
import type { Transport, TransportRequest, TransportResponse } from './contract.ts';

// Importing node:http by its name also loads fetch and WebSocket: 11 MB that nobody here uses.
const http = process.getBuiltinModule('node:http');

/** Each watch holds a connection of its own. */
const maxSockets = 128;
const maxFreeSockets = 4;
/** API servers close idle connections after some minutes: we are first. */
const idleTimeoutMs = 60_000;

/** HTTP/1.1: for plain HTTP, for proxies that know nothing else, and for who asks rarely. */
export class Http1Transport implements Transport {
  readonly #agent: Agent;
  readonly #connector: Connector;
  #open = 0;

  /** @param first a connection that is open already */
  constructor(connector: Connector, first?: Connection) {
    this.#connector = connector;
    let spare = first;
    const connect = async (): Promise<Duplex> => {
      const { socket } = spare ?? (await connector.connect());
      spare = undefined;
      this.#open++;
      socket.once('close', () => this.#open--);
      return socket;
    };
    this.#agent = new http.Agent({
      keepAlive: true,
      maxSockets,
      maxFreeSockets,
      timeout: idleTimeoutMs,
    });
    this.#agent.createConnection = (_options, done) => {
      connect().then(
        (socket) => done?.(null, socket),
        (error: Error) => done?.(error, undefined as unknown as Duplex),
      );
      return undefined;
    };
  }

  get openConnections(): number {
    return this.#open;
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const { method, target, headers, body, signal } = request;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent: ClientRequest = http.request({
      method,
      path: target,
      host: this.#connector.url.hostname,
      port: this.#connector.url.port,
      headers: {
        host: this.#connector.url.host,
        ...headers,
        ...(body !== undefined && { 'content-length': body.length }),
      },
      agent: this.#agent,
      signal,
      // A watch is silent for minutes: when it is dead is decided elsewhere.
      timeout: 0,
    });
    sent.on('response', resolve);
    sent.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    sent.end(body);
    const response = await promise;
    return {
      status: response.statusCode ?? 0,
      headers: plainHeaders(response.headers),
      body: response as AsyncIterable<Buffer>,
    };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Repeated headers are joined; what HTTP/2 adds for itself is left out. */
export function plainHeaders(
  headers: Readonly<Record<string, string | string[] | number | undefined>>,
): Record<string, string | undefined> {
  const plain: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':')) continue;
    plain[name] = Array.isArray(value) ? value.join(', ') : value?.toString();
  }
  return plain;
}
