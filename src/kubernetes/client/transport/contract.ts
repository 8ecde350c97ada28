/** One exchange with the API server. */
export interface TransportRequest {
  readonly method: string;
  /** Path and query as they go over the wire. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | undefined;
  /** Ends the exchange, its body too. */
  readonly signal: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Left early, it ends the exchange. */
  readonly body: AsyncIterable<Buffer>;
}

/** Sends requests over few connections and says when a connection is dead. */
export interface Transport {
  /** @throws what the connection failed with, or the signal's reason */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Connections open at the moment, for the program's own metrics. */
  readonly openConnections: number;
  /** Requests in flight end with an error. */
  close(): void;
}
