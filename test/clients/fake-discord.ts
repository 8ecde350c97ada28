import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

type Json = Readonly<Record<string, unknown>>;

export interface DiscordSaid {
  /** Where it was posted, or the interaction that it answers. */
  readonly channel: string;
  readonly id: string;
  body: Json;
  readonly files: readonly { readonly name: string; readonly content: string }[];
  readonly isPrivate: boolean;
}

interface Pressed {
  readonly channel: string;
  readonly message: Json | undefined;
  callback: { readonly type: number; readonly isPrivate: boolean } | undefined;
}

const botId = '1000000000000000001';
const applicationId = '1000000000000000002';

/**
 * Discord's REST API and gateway as far as a bot uses them, with the limits that it refuses messages for.
 * Interactions must be acknowledged within three seconds, as Discord demands.
 */
export class FakeDiscord implements AsyncDisposable {
  readonly said: DiscordSaid[] = [];
  readonly reactions: string[] = [];
  /** What was refused, in Discord's words. */
  readonly problems: string[] = [];
  /** Interactions that were not acknowledged in time. */
  readonly late: string[] = [];
  /** Sessions that were begun anew, and that were taken up again. */
  readonly sessions: { identified: number; resumed: number } = { identified: 0, resumed: 0 };
  /** Answers to posts, in place of the usual ones, once each. */
  readonly nextAnswers: { readonly status: number; readonly body: unknown }[] = [];
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #channels: Readonly<Record<string, string>>;
  /** Threads by their ids: the channels that they are of. */
  readonly #threads = new Map<string, string>();
  readonly #pressed = new Map<string, Pressed>();
  /** Everything that was dispatched: a session that is resumed gets what it has missed. */
  readonly #dispatched: string[] = [];
  #connections: WebSocket[] = [];
  #count = 0;

  private constructor(channels: Readonly<Record<string, string>>) {
    this.#channels = channels;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(([status, body]) => {
        const retry = status === 429 ? { 'retry-after': '0.2' } : {};
        const type = status === 204 ? {} : { 'content-type': 'application/json' };
        response.writeHead(status, { ...type, ...retry });
        response.end(status === 204 ? undefined : JSON.stringify(body));
      });
    });
    this.#sockets = new WebSocketServer({ server: this.#server, path: '/gateway/' });
    this.#sockets.on('connection', (socket) => this.#connected(socket));
  }

  /** @param channels names by ids */
  static async open(channels: Readonly<Record<string, string>>): Promise<FakeDiscord> {
    const fake = new FakeDiscord(channels);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get token(): string {
    return 'discord-token';
  }

  get botId(): string {
    return botId;
  }

  get connections(): number {
    return this.#connections.length;
  }

  thread(id: string, channel: string): void {
    this.#threads.set(id, channel);
  }

  /** Somebody writes; the same id twice is a delivery that came twice. */
  write(
    channel: string,
    content: string,
    more: { readonly id?: string; readonly userId?: string; readonly isBot?: boolean } = {},
  ): void {
    this.#dispatch('MESSAGE_CREATE', {
      id: more.id ?? this.#newId(),
      channel_id: channel,
      author: {
        id: more.userId ?? '2000000000000000001',
        username: 'mina',
        ...(more.isBot === true ? { bot: true } : {}),
      },
      content,
      mentions: [],
    });
  }

  /** Somebody presses a button or chooses of a list. @returns the id of the interaction */
  press(
    channel: string,
    customId: string,
    more: {
      readonly values?: readonly string[];
      readonly message?: Json;
      readonly id?: string;
    } = {},
  ): string {
    const id = more.id ?? this.#newId();
    if (!this.#pressed.has(id)) {
      this.#pressed.set(id, { channel, message: more.message, callback: undefined });
      setTimeout(() => {
        if (this.#pressed.get(id)?.callback === undefined) this.late.push(id);
      }, 3000).unref();
    }
    this.#dispatch('INTERACTION_CREATE', {
      id,
      application_id: applicationId,
      type: 3,
      token: `token-${id}`,
      version: 1,
      channel: { id: channel, type: 0 },
      channel_id: channel,
      member: { user: { id: '2000000000000000001', username: 'mina' } },
      message: { id: '1', components: [], ...more.message },
      data: {
        custom_id: customId,
        ...(more.values === undefined
          ? { component_type: 2 }
          : { component_type: 3, values: more.values }),
      },
    });
    return id;
  }

  /** The line breaks; or Discord asks for a new connection. */
  disconnect(how: 'cut' | 'reconnect'): void {
    const connections = this.#connections;
    if (how === 'cut') this.#connections = [];
    for (const socket of connections) {
      if (how === 'cut') socket.terminate();
      else socket.send(JSON.stringify({ op: 7, d: null }));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections) socket.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #newId(): string {
    return `${3_000_000_000_000_000_000n + BigInt(++this.#count)}`;
  }

  #connected(socket: WebSocket): void {
    const send = (frame: unknown): void => socket.send(JSON.stringify(frame));
    socket.on('close', () => {
      this.#connections = this.#connections.filter((one) => one !== socket);
    });
    socket.on('message', (data) => {
      const { op, d } = JSON.parse(String(data)) as { op: number; d: Json };
      if (op === 1) send({ op: 11, d: null });
      if (op !== 2 && op !== 6) return;
      if (d['token'] !== this.token) return socket.close(4004);
      this.#connections.push(socket);
      if (op === 6) {
        this.sessions.resumed += 1;
        for (const frame of this.#dispatched.slice(Number(d['seq']))) socket.send(frame);
        this.#dispatch('RESUMED', {});
        return;
      }
      this.sessions.identified += 1;
      const url = `${this.url.replace('http', 'ws')}/gateway/`;
      this.#dispatch('READY', {
        v: 10,
        user: { id: botId, username: 'nunchi' },
        guilds: [],
        session_id: 'session-1',
        resume_gateway_url: url,
        application: { id: applicationId, flags: 0 },
      });
    });
    send({ op: 10, d: { heartbeat_interval: 41_250 } });
  }

  #dispatch(t: string, d: unknown): void {
    const frame = JSON.stringify({ op: 0, s: this.#dispatched.length + 1, t, d });
    this.#dispatched.push(frame);
    for (const socket of this.#connections) socket.send(frame);
  }

  async #answer(request: IncomingMessage): Promise<readonly [status: number, body: unknown]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = (request.url ?? '').split('?')[0]?.replace('/api/v10', '') ?? '';
    const hasToken = /^\/(interactions|webhooks)\//.test(path);
    if (!hasToken && request.headers.authorization !== `Bot ${this.token}`)
      return [401, { message: '401: Unauthorized', code: 0 }];
    const { body, files } = contentsOf(
      Buffer.concat(chunks).toString('utf8'),
      request.headers['content-type'] ?? '',
    );
    return this.#route(request.method ?? 'GET', path, body, files);
  }

  #route(
    method: string,
    path: string,
    body: Json,
    files: DiscordSaid['files'],
  ): readonly [status: number, body: unknown] {
    if (path === '/gateway/bot') {
      const limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 };
      const url = `${this.url.replace('http', 'ws')}/gateway/`;
      return [200, { url, shards: 1, session_start_limit: limit }];
    }
    const [, channel, rest = ''] = /^\/channels\/(\d+)(\/.*)?$/.exec(path) ?? [];
    if (channel !== undefined) return this.#channel(method, channel, rest, body, files);
    const callback = /^\/interactions\/(\d+)\/token-\1\/callback$/.exec(path)?.[1];
    if (callback !== undefined) {
      const pressed = this.#pressed.get(callback);
      if (pressed === undefined) return [404, { code: 10_062, message: 'Unknown interaction' }];
      const flags = (body['data'] as { flags?: number } | undefined)?.flags ?? 0;
      pressed.callback = { type: Number(body['type']), isPrivate: (flags & 64) !== 0 };
      return [204, undefined];
    }
    const original = new RegExp(
      `^/webhooks/${applicationId}/token-(\\d+)/messages/@original$`,
    ).exec(path)?.[1];
    const pressed = original === undefined ? undefined : this.#pressed.get(original);
    if (pressed?.callback === undefined || original === undefined)
      return [404, { code: 10_015, message: `Unknown ${path}` }];
    if (method === 'DELETE') return [204, undefined];
    const refused = discordProblem(body, files);
    if (refused !== undefined) return this.#refuse(refused);
    const { isPrivate } = pressed.callback;
    this.said.push({ channel: pressed.channel, id: original, body, files, isPrivate });
    return [200, { id: original }];
  }

  #channel(
    method: string,
    channel: string,
    rest: string,
    body: Json,
    files: DiscordSaid['files'],
  ): readonly [status: number, body: unknown] {
    const name = this.#channels[channel];
    const parent = this.#threads.get(channel);
    if (name === undefined && parent === undefined)
      return [404, { code: 10_003, message: 'Unknown Channel' }];
    if (rest === '')
      return [
        200,
        parent === undefined
          ? { id: channel, type: 0, name, parent_id: '5' }
          : { id: channel, type: 11, parent_id: parent },
      ];
    const started = /^\/messages\/(\d+)\/threads$/.exec(rest)?.[1];
    if (started !== undefined) {
      this.#threads.set(started, channel);
      return [201, { id: started }];
    }
    if (rest.includes('/reactions/')) {
      if (method === 'PUT') this.reactions.push(decodeURIComponent(rest.split('/')[4] ?? ''));
      return [204, undefined];
    }
    if (rest !== '/messages' || method !== 'POST') return [404, { code: 0, message: rest }];
    const set = this.nextAnswers.shift();
    if (set !== undefined) return [set.status, set.body];
    const refused = discordProblem(body, files);
    if (refused !== undefined) return this.#refuse(refused);
    const id = this.#newId();
    this.said.push({ channel, id, body, files, isPrivate: false });
    return [200, { id, channel_id: channel }];
  }

  #refuse(problem: string): readonly [status: number, body: unknown] {
    this.problems.push(problem);
    return [400, { code: 50_035, message: `Invalid Form Body: ${problem}` }];
  }
}

interface Component {
  readonly type: number;
  readonly custom_id?: string;
  readonly url?: string;
  readonly label?: string;
  readonly components?: readonly Component[];
  readonly options?: readonly { readonly label: string; readonly value: string }[];
}

/** What Discord would not take. Source: discord.com/developers/docs, messages and components. */
export function discordProblem(body: Json, files: DiscordSaid['files']): string | undefined {
  const content = String(body['content'] ?? '');
  const embeds = (body['embeds'] ?? []) as readonly Json[];
  const rows = (body['components'] ?? []) as readonly Component[];
  if (content === '' && embeds.length === 0 && files.length === 0) return 'an empty message';
  if (content.length > 2000) return `content of ${content.length} characters`;
  for (const { title = '', description = '', fields = [] } of embeds as readonly {
    title?: string;
    description?: string;
    fields?: readonly { name: string; value: string }[];
  }[]) {
    if (title.length > 256 || description.length > 4096 || fields.length > 25) return 'embed';
    if (fields.some(({ name, value }) => name === '' || value === '' || value.length > 1024))
      return 'embed field';
  }
  if (rows.length > 5) return `${rows.length} rows`;
  const ids = rows.flatMap(({ components = [] }) =>
    components.map((one) => one.custom_id ?? one.url),
  );
  if (new Set(ids).size < ids.length) return 'custom_id twice';
  for (const { components = [] } of rows) {
    if (components.length === 0 || components.length > 5) return `${components.length} in a row`;
    for (const { type, custom_id: id, url, label = '', options = [] } of components) {
      if ((id === undefined || id.length > 100) && url === undefined) return `custom_id ${id}`;
      if (type === 2 && (label === '' || label.length > 80)) return `label ${label}`;
      if (type !== 3) continue;
      if (options.length === 0 || options.length > 25) return `${options.length} options`;
      if (options.some((one) => one.value.length > 100 || one.label.length > 100)) return 'option';
    }
  }
  return undefined;
}

/** Of a multipart body the message and its files. */
function contentsOf(text: string, type: string): { body: Json; files: DiscordSaid['files'] } {
  const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(type);
  if (boundary === null) return { body: JSON.parse(text || '{}') as Json, files: [] };
  let body: Json = {};
  const files: { name: string; content: string }[] = [];
  for (const part of text.split(`--${boundary[1] ?? boundary[2]}`)) {
    const at = part.indexOf('\r\n\r\n');
    if (at < 0) continue;
    const content = part.slice(at + 4).replace(/\r\n$/, '');
    const name = /filename="([^"]+)"/.exec(part.slice(0, at))?.[1];
    if (name !== undefined) files.push({ name, content });
    else if (/name="payload_json"/.test(part.slice(0, at))) body = JSON.parse(content) as Json;
  }
  return { body, files };
}
