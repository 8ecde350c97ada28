import type { Connection, Connector } from './connect.ts';
import type { Transport, TransportRequest, TransportResponse } from './contract.ts';
import { Http1Transport } from './http1.ts';
import { type Http2Times, Http2Transport } from './http2.ts';

/** Speaks what the server does: the first connection tells. */
export class AutoTransport implements Transport {
  readonly #connector: Connector;
  readonly #times: Http2Times | undefined;
  #chosen: Transport | undefined;
  #choosing: Promise<Transport> | undefined;
  #closed = false;

  constructor(connector: Connector, times?: Http2Times) {
    this.#connector = connector;
    this.#times = times;
    // Without TLS there is nothing to agree by.
    if (!connector.isTls) this.#chosen = new Http1Transport(connector);
  }

  get openConnections(): number {
    return this.#chosen?.openConnections ?? 0;
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const transport = this.#chosen ?? (await this.#choose());
    request.signal.throwIfAborted();
    return transport.send(request);
  }

  close(): void {
    this.#closed = true;
    this.#chosen?.close();
  }

  #choose(): Promise<Transport> {
    this.#choosing ??= this.#connector
      .connect()
      .then((first) => {
        const transport = this.#transportOf(first);
        if (this.#closed) transport.close();
        this.#chosen = transport;
        return transport;
      })
      .finally(() => {
        this.#choosing = undefined;
      });
    return this.#choosing;
  }

  #transportOf(first: Connection): Transport {
    return first.protocol === 'http2'
      ? new Http2Transport(this.#connector, first, this.#times)
      : new Http1Transport(this.#connector, first);
  }
}
