import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zstdDecompressSync } from 'node:zlib';
import { decodeBatch, forEachEvent } from '#logs/batch';

export interface ReceivedEvent {
  readonly group: string;
  readonly stream: string;
  readonly timestampMs: number;
  readonly message: string;
}

/** For tests: a server of the batch protocol that keeps events in memory and, like the store, knows batches again. */
export class FakeReceiver implements AsyncDisposable {
  readonly events: ReceivedEvent[] = [];
  readonly seen: Set<string> = new Set<string>();
  duplicates = 0;
  requests = 0;
  /** Answers with this status instead of taking the batch. */
  refuseWith: number | undefined;
  /** Takes the batch and breaks the connection instead of answering, so often. */
  dropAnswers = 0;
  /** False: events are counted, not kept. */
  keep = true;
  count = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  static async start(port = 0): Promise<FakeReceiver> {
    const server = createServer();
    const receiver = new FakeReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('error', () => {});
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        receiver.requests++;
        if (receiver.refuseWith !== undefined) {
          response.writeHead(receiver.refuseWith).end('{}');
          return;
        }
        const id = `${request.headers['x-nunchi-agent']}/${request.headers['x-nunchi-batch']}`;
        const duplicate = receiver.seen.has(id);
        if (duplicate) receiver.duplicates++;
        else receiver.#take(Buffer.concat(chunks), id);
        if (receiver.dropAnswers > 0) {
          receiver.dropAnswers--;
          response.destroy();
          return;
        }
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ duplicate }));
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return receiver;
  }

  #take(body: Buffer, id: string): void {
    for (const section of decodeBatch(zstdDecompressSync(body))) {
      this.count += section.count;
      if (!this.keep) continue;
      forEachEvent(section, (timestampMs, message) => {
        const { group, stream } = section;
        this.events.push({ group, stream, timestampMs, message: message.toString() });
      });
    }
    this.seen.add(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
