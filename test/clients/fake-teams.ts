import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

type Json = Readonly<Record<string, unknown>>;

export interface TeamsSaid {
  /** With `;messageid=` where it is in a thread. */
  readonly conversation: string;
  readonly id: string;
  activity: Json;
}

const issuer = 'https://api.botframework.com';
const tenant = 'tenant-1';

/**
 * Microsoft's side of a Teams bot: it signs activities, gives tokens, and takes what the bot says, with the
 * size that it refuses messages for.
 */
export class FakeTeams implements AsyncDisposable {
  readonly appId: string = 'app-1';
  readonly appPassword: string = 'app-password';
  readonly said: TeamsSaid[] = [];
  readonly problems: string[] = [];
  /** Tokens that were given. */
  tokens: number = 0;
  /** Answers to what the bot says, in place of the usual ones, once each. */
  readonly nextAnswers: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
  }[] = [];
  /** Where the bot listens. */
  botUrl: string = '';
  readonly #server: Server;
  readonly #sign: (claims: Json) => Promise<string>;
  readonly #keys: readonly JWK[];
  #count = 0;

  private constructor(sign: (claims: Json) => Promise<string>, keys: readonly JWK[]) {
    this.#sign = sign;
    this.#keys = keys;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(([status, body, headers = {}]) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(body));
      });
    });
  }

  static async open(): Promise<FakeTeams> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const key = { ...(await exportJWK(publicKey)), kid: 'key-1', use: 'sig' };
    const sign = (claims: Json): Promise<string> =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
        .sign(privateKey);
    const fake = new FakeTeams(sign, [{ ...key, endorsements: ['msteams'] } as JWK]);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get botId(): string {
    return `28:${this.appId}`;
  }

  get tenant(): string {
    return tenant;
  }

  /** Posts that stand in a channel, and in its threads. */
  in(channel: string): readonly TeamsSaid[] {
    return this.said.filter(({ conversation }) => conversation.split(';')[0] === channel);
  }

  /** Somebody writes in a thread of a channel; without one in a new post. @returns the bot's answer */
  write(
    channel: string,
    text: string,
    more: {
      readonly id?: string;
      readonly thread?: string;
      readonly userId?: string;
      readonly tenant?: string;
      readonly withoutMention?: boolean;
    } = {},
  ): Promise<number> {
    const id = more.id ?? `${++this.#count}`;
    const mention = '<at>Botkube</at>';
    return this.send({
      type: 'message',
      id,
      from: { id: more.userId ?? '29:mina', name: 'Mina' },
      conversation: this.#conversation(channel, more.thread ?? id, more.tenant),
      text: more.withoutMention === true ? text : `${mention} ${text}`,
      entities:
        more.withoutMention === true
          ? []
          : [{ type: 'mention', text: mention, mentioned: { id: this.botId, name: 'Botkube' } }],
    });
  }

  /** Somebody sends a card. */
  submit(channel: string, value: Json, more: Json = {}): Promise<number> {
    const { id = `${++this.#count}`, replyToId } = more;
    return this.send({
      type: 'message',
      id,
      from: { id: '29:mina', name: 'Mina' },
      conversation: this.#conversation(channel, '1'),
      value,
      ...(replyToId === undefined ? {} : { replyToId }),
    });
  }

  /** The bot is added to a channel. */
  add(channel: string): Promise<number> {
    return this.send({
      type: 'conversationUpdate',
      id: `${++this.#count}`,
      from: { id: '29:mina', name: 'Mina' },
      conversation: this.#conversation(channel, undefined),
      membersAdded: [{ id: this.botId }],
    });
  }

  /** Sends an activity as Microsoft does. @param claims over those of a good token */
  async send(activity: Json, claims: Json = {}): Promise<number> {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const token = await this.#sign({
      iss: issuer,
      aud: this.appId,
      serviceurl: this.url,
      nbf: nowSeconds - 1,
      exp: nowSeconds + 3600,
      ...claims,
    });
    return this.sendWith(`Bearer ${token}`, activity);
  }

  async sendWith(authorization: string | undefined, activity: Json): Promise<number> {
    const response = await fetch(this.botUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify({
        channelId: 'msteams',
        serviceUrl: this.url,
        recipient: { id: this.botId, name: 'Botkube' },
        ...activity,
      }),
    });
    await response.text();
    return response.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #conversation(channel: string, thread: string | undefined, ofTenant: string = tenant): Json {
    const id = thread === undefined ? channel : `${channel};messageid=${thread}`;
    return { id, conversationType: 'channel', isGroup: true, tenantId: ofTenant };
  }

  async #answer(
    request: IncomingMessage,
  ): Promise<readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const path = request.url ?? '';
    if (path === '/openid')
      return [
        200,
        {
          issuer,
          jwks_uri: `${this.url}/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        },
      ];
    if (path === '/keys') return [200, { keys: this.#keys }];
    if (path === '/token') {
      const form = new URLSearchParams(text);
      const isGood =
        form.get('grant_type') === 'client_credentials' &&
        form.get('client_id') === this.appId &&
        form.get('client_secret') === this.appPassword &&
        form.get('scope') === `${issuer}/.default`;
      if (!isGood) return [401, { error: 'invalid_client' }];
      return [
        200,
        { token_type: 'Bearer', expires_in: 3600, access_token: `token-${++this.tokens}` },
      ];
    }
    if (request.headers.authorization !== `Bearer token-${this.tokens}`)
      return [401, { message: 'Authorization has been denied for this request.' }];
    const set = this.nextAnswers.shift();
    if (set !== undefined) return [set.status, { error: { code: 'set' } }, set.headers ?? {}];
    return this.#say(request.method ?? '', path, JSON.parse(text) as Json);
  }

  #say(method: string, path: string, body: Json): readonly [status: number, body: unknown] {
    if (
      Buffer.byteLength(JSON.stringify(body)) > 28_000 &&
      !/image\/png/.test(JSON.stringify(body))
    ) {
      this.problems.push('MessageSizeTooBig');
      return [413, { error: { code: 'MessageSizeTooBig' } }];
    }
    const id = `9${++this.#count}`;
    if (path === '/v3/conversations' && method === 'POST') {
      const { channelData, activity } = body as {
        channelData?: { channel?: { id?: string } };
        activity?: Json;
      };
      const channel = channelData?.channel?.id ?? '';
      const conversation = `${channel};messageid=${id}`;
      this.said.push({ conversation, id, activity: activity ?? {} });
      return [201, { id: conversation, activityId: id }];
    }
    const [, encoded = '', known] =
      /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/.exec(path) ?? [];
    if (encoded === '') return [404, { error: { code: 'NotFound' } }];
    if (method === 'PUT') {
      const before = this.said.find((one) => one.id === known);
      if (before === undefined) return [404, { error: { code: 'NotFound' } }];
      before.activity = body;
      return [200, { id: known }];
    }
    this.said.push({ conversation: decodeURIComponent(encoded), id, activity: body });
    return [201, { id }];
  }
}
