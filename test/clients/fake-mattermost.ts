import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface MattermostPost {
  readonly channel_id: string;
  readonly message: string;
  readonly root_id?: string;
  readonly file_ids?: readonly string[];
}

const botId = 'bot0000000000000000000000b';

/** Mattermost's REST API and web socket as far as a bot uses them. */
export class FakeMattermost implements AsyncDisposable {
  readonly posts: MattermostPost[] = [];
  /** Contents of files by their ids. */
  readonly files: Map<string, string> = new Map();
  /** Answers to posts, in place of the usual ones, once each. */
  readonly nextAnswers: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
  }[] = [];
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #channels: Readonly<Record<string, string>>;
  readonly #written: {
    readonly id: string;
    readonly channel_id: string;
    readonly create_at: number;
  }[] = [];
  #connections: WebSocket[] = [];
  #count = 0;

  private constructor(channels: Readonly<Record<string, string>>) {
    this.#channels = channels;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(([status, body, headers = {}]) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(body));
      });
    });
    this.#sockets = new WebSocketServer({ server: this.#server, path: '/api/v4/websocket' });
    this.#sockets.on('connection', (socket) => {
      socket.on('message', (data) => {
        const {
          seq,
          action,
          data: given,
        } = JSON.parse(String(data)) as {
          seq?: number;
          action?: string;
          data?: { token?: string };
        };
        if (action === 'ping') {
          socket.send(JSON.stringify({ status: 'OK', data: { text: 'pong' }, seq_reply: seq }));
        } else if (action === 'authentication_challenge' && given?.token === this.token) {
          this.#connections.push(socket);
          socket.send(JSON.stringify({ event: 'hello', data: {} }));
        } else {
          socket.send(JSON.stringify({ status: 'FAIL', seq_reply: seq }));
          socket.close();
        }
      });
      socket.on('close', () => {
        this.#connections = this.#connections.filter((one) => one !== socket);
      });
    });
  }

  /** @param channels names by ids */
  static async open(channels: Readonly<Record<string, string>>): Promise<FakeMattermost> {
    const fake = new FakeMattermost(channels);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  /** Whoever connects must show this. */
  get token(): string {
    return 'token-1';
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#connections.length;
  }

  /** Somebody writes; the same id twice is a delivery that came twice. */
  write(
    channelId: string,
    message: string,
    more: {
      readonly id?: string;
      readonly rootId?: string;
      readonly userId?: string;
      readonly props?: Readonly<Record<string, unknown>>;
    } = {},
  ): void {
    const post = {
      id: more.id ?? `post${++this.#count}`,
      channel_id: channelId,
      user_id: more.userId ?? 'user-2',
      root_id: more.rootId ?? '',
      message,
      create_at: Date.now(),
      props: more.props ?? {},
    };
    this.#written.push(post);
    const frame = JSON.stringify({ event: 'posted', data: { post: JSON.stringify(post) } });
    for (const socket of this.#connections) socket.send(frame);
  }

  cut(): void {
    const connections = this.#connections;
    this.#connections = [];
    for (const socket of connections) socket.terminate();
  }

  get botId(): string {
    return botId;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(
    request: IncomingMessage,
  ): Promise<readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      return [401, { id: 'api.context.session_expired.app_error' }];
    }
    const path = (request.url ?? '').replace('/api/v4/', '');
    if (path === 'users/me') return [200, { id: botId }];
    if (path === 'teams/name/shop') return [200, { id: 'team-1' }];
    const [, since, from] = /^channels\/([^/]+)\/posts\?since=(\d+)$/.exec(path) ?? [];
    if (since !== undefined) {
      const found = this.#written.filter(
        (post) => post.channel_id === since && post.create_at >= Number(from),
      );
      return [200, { posts: Object.fromEntries(found.map((post) => [post.id, post])) }];
    }
    const named = /^teams\/team-1\/channels\/name\/(.+)$/.exec(path)?.[1];
    if (named !== undefined) {
      const name = decodeURIComponent(named);
      const id = Object.keys(this.#channels).find((one) => this.#channels[one] === name);
      return id === undefined ? [404, { message: 'no such channel' }] : [200, { id }];
    }
    if (path === 'posts') {
      const set = this.nextAnswers.shift();
      if (set !== undefined) return [set.status, { message: 'set' }, set.headers ?? {}];
      const post = JSON.parse(body) as MattermostPost;
      if (post.message.length > 16_383) return [400, { message: 'too long' }];
      this.posts.push(post);
      return [201, { id: `said${++this.#count}` }];
    }
    if (path === 'files') {
      const id = `file${++this.#count}`;
      this.files.set(id, body);
      return [201, { file_infos: [{ id }] }];
    }
    return [404, { message: `nothing at ${path}` }];
  }
}
