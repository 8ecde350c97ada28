import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { slackProblems, slackViewProblems } from './slack-rules.ts';

/** What a method of the Web API was called with. */
export interface SlackCall {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

/** A message that only one sees. */
export interface SlackWhisper {
  readonly channel: string;
  readonly user: string;
  readonly ts: string;
  readonly thread: string | undefined;
  blocks: readonly Readonly<Record<string, unknown>>[];
  /** How often it was replaced. */
  replaced: number;
}

const botId = 'U0BOT';
/** A dialogue must be opened so soon after the press. */
const triggerMs = 3000;

/**
 * Slack's Web API and Socket Mode as far as a bot uses them, with the limits that it refuses messages
 * for. Envelopes must be acknowledged within three seconds, as Slack demands.
 */
export class FakeSlack implements AsyncDisposable {
  readonly calls: SlackCall[] = [];
  /** Files that were uploaded: name and content. */
  readonly files: { name: string; content: string; comment: string; thread: string | undefined }[] =
    [];
  /** What messages had that Slack does not take. */
  readonly problems: string[] = [];
  /** Messages that only one sees, as they stand now. */
  readonly whispers: SlackWhisper[] = [];
  /** Dialogues that were opened. */
  readonly views: Readonly<Record<string, unknown>>[] = [];
  /** Envelopes that were not acknowledged in time. */
  readonly late: string[] = [];
  /** Answers of methods, in place of the usual ones, once each. */
  readonly nextAnswers: {
    readonly method: string;
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body: unknown;
  }[] = [];
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #channels: Readonly<Record<string, string>>;
  readonly #uploads = new Map<string, { name: string; content: string }>();
  readonly #acks = new Map<string, () => void>();
  /** Messages that files were sent with. */
  readonly #shares = new Map<string, { readonly channel: string; readonly ts: string }>();
  /** When they were given, ms. */
  readonly #triggers = new Map<string, number>();
  #connections: WebSocket[] = [];
  #count = 0;

  private constructor(channels: Readonly<Record<string, string>>) {
    this.#channels = channels;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body, headers }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    this.#sockets = new WebSocketServer({ server: this.#server, path: '/link/' });
    this.#sockets.on('connection', (socket) => {
      this.#connections.push(socket);
      socket.on('close', () => {
        this.#connections = this.#connections.filter((one) => one !== socket);
      });
      socket.on('message', (data) => {
        const { envelope_id: id = '' } = JSON.parse(String(data)) as { envelope_id?: string };
        this.#acks.get(id)?.();
        this.#acks.delete(id);
      });
      socket.send(
        JSON.stringify({
          type: 'hello',
          num_connections: 1,
          connection_info: { app_id: 'A1' },
          debug_info: { host: 'fake' },
        }),
      );
    });
  }

  /** @param channels names by ids */
  static async open(channels: Readonly<Record<string, string>>): Promise<FakeSlack> {
    const slack = new FakeSlack(channels);
    slack.#server.listen(0, '127.0.0.1');
    await once(slack.#server, 'listening');
    return slack;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#connections.length;
  }

  /** Messages that a channel has, oldest first. */
  messages(channel: string): readonly Readonly<Record<string, unknown>>[] {
    const names = [
      channel,
      this.#channels[channel],
      ...Object.keys(this.#channels).filter((id) => this.#channels[id] === channel),
    ];
    return this.calls
      .filter(
        ({ method, args }) =>
          method === 'chat.postMessage' && names.includes(String(args['channel'])),
      )
      .map(({ args }) => args);
  }

  /** Somebody mentions the bot. @returns the id of the envelope */
  mention(channel: string, text: string, more: Readonly<Record<string, unknown>> = {}): string {
    this.#count += 1;
    const ts = `${1_700_000_000 + this.#count}.000200`;
    const event = {
      type: 'app_mention',
      user: 'U2',
      text: `<@${botId}> ${text}`,
      ts,
      channel,
      event_ts: ts,
      ...more,
    };
    return this.send('events_api', {
      type: 'event_callback',
      team_id: 'T1',
      api_app_id: 'A1',
      event_id: `Ev${this.#count}`,
      event_time: 1,
      event,
      authorizations: [{ team_id: 'T1', user_id: botId, is_bot: true }],
    });
  }

  /** Somebody presses a button, chooses of a list. @returns what was sent, to be sent again */
  act(
    channel: string,
    action: Readonly<Record<string, unknown>>,
    messageTs: string,
    more: Readonly<Record<string, unknown>> = {},
  ): unknown {
    const payload = {
      type: 'block_actions',
      team: { id: 'T1' },
      user: { id: 'U2' },
      api_app_id: 'A1',
      trigger_id: this.#trigger(),
      channel: { id: channel },
      container: { type: 'message', message_ts: messageTs },
      message: { ts: messageTs },
      state: { values: {} },
      actions: [action],
      ...more,
    };
    this.send('interactive', payload);
    return payload;
  }

  /** Somebody presses or changes something of what only they see. */
  actOnWhisper(
    { channel, user, ts, thread, blocks }: SlackWhisper,
    actionId: string,
    change: Readonly<Record<string, unknown>> = {},
  ): void {
    const values: Record<string, Record<string, unknown>> = {};
    let found: Readonly<Record<string, unknown>> | undefined;
    for (const block of blocks) {
      const id = String(block['block_id'] ?? '');
      const elements = (block['elements'] ?? [block['element'] ?? {}]) as readonly Readonly<
        Record<string, unknown>
      >[];
      for (const element of elements) {
        const isMeant = element['action_id'] === actionId;
        const now = {
          type: element['type'],
          ...(element['type'] === 'plain_text_input'
            ? { value: element['initial_value'] ?? null }
            : { selected_option: element['initial_option'] ?? null }),
          ...(isMeant ? change : {}),
        };
        if (isMeant) found = { ...element, ...now, block_id: id };
        if (element['type'] !== 'button') values[id] = { [String(element['action_id'])]: now };
      }
    }
    if (found === undefined) throw new Error(`there is no ${actionId}`);
    this.act(channel, found, ts, {
      user: { id: user },
      container: {
        type: 'message',
        message_ts: ts,
        is_ephemeral: true,
        ...(thread === undefined ? {} : { thread_ts: thread }),
      },
      response_url: `${this.url}/actions/${ts}`,
      state: { values },
    });
  }

  /** Somebody sends a dialogue. @param values elements of blocks by their ids */
  submit(
    view: Readonly<Record<string, unknown>>,
    values: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ): void {
    this.send('interactive', {
      type: 'view_submission',
      team: { id: 'T1' },
      user: { id: 'U2' },
      api_app_id: 'A1',
      trigger_id: this.#trigger(),
      view: { id: 'V1', ...view, state: { values } },
    });
  }

  #trigger(): string {
    const id = `1.${++this.#count}.x`;
    this.#triggers.set(id, performance.now());
    return id;
  }

  /** An envelope, over the newest connection. */
  send(type: string, payload: unknown, id: string = crypto.randomUUID(), retry = 0): string {
    const socket = this.#connections.at(-1);
    if (socket === undefined) throw new Error('nobody is connected');
    const timer = setTimeout(() => this.late.push(id), 3000);
    this.#acks.set(id, () => clearTimeout(timer));
    socket.send(
      JSON.stringify({
        type,
        envelope_id: id,
        accepts_response_payload: false,
        retry_attempt: retry,
        retry_reason: retry > 0 ? 'timeout' : '',
        payload,
      }),
    );
    return id;
  }

  /** Slack asks for a new connection, or simply drops the old one. */
  disconnect(how: 'refresh' | 'cut'): void {
    const connections = this.#connections;
    if (how === 'cut') this.#connections = [];
    for (const socket of connections) {
      if (how === 'cut') socket.terminate();
      else
        socket.send(
          JSON.stringify({
            type: 'disconnect',
            reason: 'refresh_requested',
            debug_info: { host: 'fake' },
          }),
        );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections) socket.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(
    request: IncomingMessage,
  ): Promise<{ status: number; body: unknown; headers?: Record<string, string> }> {
    const url = new URL(request.url ?? '/', this.url);
    const bytes = await bodyOf(request);
    if (url.pathname.startsWith('/upload/')) {
      const upload = this.#uploads.get(url.pathname.slice('/upload/'.length));
      if (upload === undefined) return { status: 404, body: 'no such upload' };
      upload.content = contentOf(bytes, request.headers['content-type'] ?? '');
      return { status: 200, body: 'OK' };
    }
    if (url.pathname.startsWith('/actions/'))
      return this.#respond(url.pathname.slice('/actions/'.length), bytes.toString('utf8'));
    const method = url.pathname.replace(/^\/api\//, '');
    const args = argsOf(bytes.toString('utf8'), request.headers['content-type'] ?? '');
    this.calls.push({ method, args, atMs: Date.now() });
    const at = this.nextAnswers.findIndex((one) => one.method === method);
    const [set] = at < 0 ? [] : this.nextAnswers.splice(at, 1);
    if (set !== undefined) {
      // What was refused was not said.
      this.calls.pop();
      return {
        status: set.status,
        body: set.body,
        ...(set.headers === undefined ? {} : { headers: set.headers }),
      };
    }
    const answer = this.#method(method, args);
    if (answer['ok'] !== true) this.calls.pop();
    return { status: 200, body: answer };
  }

  #method(method: string, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
    switch (method) {
      case 'auth.test':
        return {
          ok: true,
          url: `${this.url}/`,
          team: 'T',
          user: 'nunchi',
          team_id: 'T1',
          user_id: botId,
          bot_id: 'B1',
        };
      case 'apps.connections.open':
        return { ok: true, url: `${this.url.replace('http', 'ws')}/link/?ticket=${++this.#count}` };
      case 'conversations.info': {
        const id = String(args['channel']);
        const name = this.#channels[id];
        return name === undefined
          ? { ok: false, error: 'channel_not_found' }
          : { ok: true, channel: { id, name, is_member: true } };
      }
      case 'conversations.list':
        return {
          ok: true,
          channels: Object.entries(this.#channels).map(([id, name]) => ({ id, name })),
          response_metadata: { next_cursor: '' },
        };
      case 'chat.postMessage':
        return this.#post(args);
      case 'chat.postEphemeral':
        return this.#whisper(args);
      case 'views.open':
        return this.#open(args);
      case 'chat.update':
        return this.#update(args);
      case 'files.getUploadURLExternal': {
        const id = `F${++this.#count}`;
        this.#uploads.set(id, { name: String(args['filename']), content: '' });
        return { ok: true, upload_url: `${this.url}/upload/${id}`, file_id: id };
      }
      case 'files.completeUploadExternal': {
        const into = args['channel_id'];
        // Names will not do here.
        if (into !== undefined && !(String(into) in this.#channels))
          return { ok: false, error: 'channel_not_found' };
        for (const { id } of args['files'] as readonly { id: string }[]) {
          const upload = this.#uploads.get(id);
          if (upload !== undefined) {
            this.files.push({
              ...upload,
              comment: String(args['initial_comment'] ?? ''),
              thread: args['thread_ts'] as string | undefined,
            });
          }
        }
        const message = `${1_800_000_000 + ++this.#count}.000100`;
        const files = (args['files'] as readonly { id: string }[]).map(({ id }) => ({ id }));
        for (const { id } of files) this.#shares.set(id, { channel: String(into), ts: message });
        return { ok: true, files };
      }
      case 'files.info': {
        const { channel, ts } = this.#shares.get(String(args['file'])) ?? {};
        if (channel === undefined) return { ok: false, error: 'file_not_found' };
        return { ok: true, file: { shares: { public: { [channel]: [{ ts }] } } } };
      }
      case 'reactions.add':
      case 'reactions.remove':
        return { ok: true };
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }

  #post(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const channel = String(args['channel']);
    const isKnown = channel in this.#channels || Object.values(this.#channels).includes(channel);
    if (!isKnown) return { ok: false, error: 'channel_not_found' };
    const refused = this.#refusal(args);
    if (refused !== undefined) return { ok: false, error: refused };
    const ts = `${1_800_000_000 + ++this.#count}.000100`;
    // Whoever looks at the message finds it by this.
    Object.assign(args, { ts });
    const id = Object.keys(this.#channels).find((key) => this.#channels[key] === channel);
    return { ok: true, channel: id ?? channel, ts, message: {} };
  }

  /** In place of what was there. Takes ids of channels, no names. */
  #update(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const { channel, ts } = args;
    if (!(String(channel) in this.#channels)) return { ok: false, error: 'channel_not_found' };
    const known = this.messages(String(channel)).find((message) => message['ts'] === ts);
    if (known === undefined) return { ok: false, error: 'message_not_found' };
    const refused = this.#refusal(args);
    if (refused !== undefined) return { ok: false, error: refused };
    Object.assign(known, { text: args['text'], blocks: args['blocks'] });
    return { ok: true, channel, ts };
  }

  #whisper(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const { channel, user, blocks, thread_ts: thread } = args;
    if (!(String(channel) in this.#channels)) return { ok: false, error: 'channel_not_found' };
    if (user === undefined) return { ok: false, error: 'user_not_in_channel' };
    const refused = this.#refusal(args);
    if (refused !== undefined) return { ok: false, error: refused };
    const ts = `${1_800_000_000 + ++this.#count}.000100`;
    this.whispers.push({
      channel: String(channel),
      user: String(user),
      ts,
      thread: thread as string | undefined,
      blocks: (blocks ?? []) as SlackWhisper['blocks'],
      replaced: 0,
    });
    return { ok: true, message_ts: ts };
  }

  /** In place of a message that only one sees. */
  #respond(ts: string, text: string): { status: number; body: unknown } {
    const whisper = this.whispers.find((one) => one.ts === ts);
    const { replace_original: replaces, ...said } = JSON.parse(text) as Record<string, unknown>;
    const refused = this.#refusal(said);
    if (whisper === undefined || refused !== undefined) return { status: 404, body: 'no_message' };
    if (replaces === true) {
      whisper.blocks = (said['blocks'] ?? []) as SlackWhisper['blocks'];
      whisper.replaced += 1;
    }
    return { status: 200, body: 'ok' };
  }

  #open({ trigger_id: id, view }: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const givenMs = this.#triggers.get(String(id));
    this.#triggers.delete(String(id));
    if (givenMs === undefined) return { ok: false, error: 'invalid_trigger' };
    if (performance.now() - givenMs > triggerMs) return { ok: false, error: 'expired_trigger_id' };
    const found = slackViewProblems(view as Record<string, unknown>);
    this.problems.push(...found);
    if (found.length > 0) return { ok: false, error: 'invalid_arguments' };
    this.views.push(view as Record<string, unknown>);
    return { ok: true, view: { id: 'V1' } };
  }

  #refusal(args: Readonly<Record<string, unknown>>): string | undefined {
    const { text, blocks } = args;
    const hasBlocks = Array.isArray(blocks) && blocks.length > 0;
    if (String(text ?? '') === '' && !hasBlocks) return 'no_text';
    const found = slackProblems({ text, blocks });
    this.problems.push(...found);
    if (found.some((problem) => problem.startsWith('blocks'))) return 'invalid_blocks';
    return found.length > 0 ? 'msg_too_long' : undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Of a form each value may be JSON. */
function argsOf(body: string, type: string): Record<string, unknown> {
  if (type.includes('json')) return JSON.parse(body || '{}') as Record<string, unknown>;
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([key, value]) => {
      if (!/^[[{]/.test(value)) return [key, value];
      try {
        return [key, JSON.parse(value) as unknown];
      } catch {
        return [key, value];
      }
    }),
  );
}

/** Of a multipart upload the file itself. */
function contentOf(bytes: Buffer, type: string): string {
  if (!type.includes('multipart')) return bytes.toString('utf8');
  const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(type);
  const text = bytes.toString('utf8');
  const start = text.indexOf('\r\n\r\n');
  const end = text.lastIndexOf(`\r\n--${boundary?.[1] ?? boundary?.[2]}`);
  return text.slice(start + 4, end);
}
