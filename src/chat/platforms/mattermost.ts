import { type Clock, describeError, type Logger } from '#base';
import type { MattermostPlatform } from '../config/contract.ts';
import type {
  Answer,
  ChatMessage,
  ChatPlatform,
  Place,
  PlatformListener,
  Question,
} from '../contract.ts';
import type { Reply } from '../reply.ts';
import { cutText, messageMarkdown, replyMarkdown, withoutCalls } from './markdown.ts';
import { keepSocket } from './mattermost-socket.ts';
import { callRest } from './rest.ts';
import { Seen } from './seen.ts';

/** Mattermost takes 16,383 characters; Botkube stays below 4,000. */
const maxChars = 3990;

interface Post {
  readonly id: string;
  readonly channel_id: string;
  readonly user_id: string;
  readonly root_id?: string;
  readonly message: string;
  /** ms since the epoch. */
  readonly create_at?: number;
  /** Above 0: it was taken back. */
  readonly delete_at?: number;
  readonly props?: Readonly<Record<string, unknown>>;
}

/** Others' words get into posts of bots, hooks and plugins. */
const isOfProgram = ({ props = {} }: Post): boolean =>
  ['from_bot', 'from_webhook', 'from_plugin'].some((key) => String(props[key]) === 'true');

/** Mattermost: its REST API to say, its web socket to hear. */
export class Mattermost implements ChatPlatform {
  readonly name: string;
  readonly #config: MattermostPlatform;
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  #stopping = new AbortController();
  readonly #seen = new Seen();
  /** Ids by configured names, and the other way round. */
  readonly #ids = new Map<string, string>();
  /** When the newest post was written that was heard of, ms of the server's clock. */
  #sinceMs = 0;
  #userId = '';
  #running: Promise<void> | undefined;

  constructor(
    name: string,
    config: MattermostPlatform,
    deps: { readonly clock: Clock; readonly log: Logger },
  ) {
    this.name = name;
    this.#config = config;
    this.#deps = deps;
  }

  async start({ answer }: PlatformListener): Promise<void> {
    this.#stopping = new AbortController();
    const me = await this.#call<{ readonly id: string }>('GET', 'users/me');
    this.#userId = me.id;
    const team = await this.#call<{ readonly id: string }>(
      'GET',
      `teams/name/${encodeURIComponent(this.#config.team)}`,
    );
    for (const { name } of this.#config.channels) {
      const isId = /^[a-z0-9]{26}$/.test(name);
      const path = isId
        ? `channels/${name}`
        : `teams/${team.id}/channels/name/${encodeURIComponent(name)}`;
      const channel = await this.#call<{ readonly id: string }>('GET', path);
      this.#ids.set(name, channel.id);
    }
    const { clock, log } = this.#deps;
    this.#sinceMs = clock.nowMs();
    this.#running = keepSocket(
      `${this.#config.url.replace(/^http/, 'ws')}/api/v4/websocket`,
      this.#config.token,
      {
        ...{ clock, log, signal: this.#stopping.signal },
        heard: ({ event, data }) => {
          if (event === 'posted' && data?.post !== undefined)
            void this.#hear(data.post, data.sender_name, answer);
        },
        isBack: () => void this.#catchUp(answer),
      },
    );
    log.info('Connected to Mattermost', { bot: this.#config.botName });
  }

  async say(
    { channelName, thread }: Omit<Place, 'channelId'>,
    { reply, ...message }: ChatMessage,
  ): Promise<string | undefined> {
    const channelId = this.#ids.get(channelName) ?? channelName;
    if (reply !== undefined) return this.#reply(channelId, thread, reply);
    return this.#post(channelId, thread, messageMarkdown(message));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** What was said while the line was broken; Mattermost does not send it again. */
  async #catchUp(answer: Answer): Promise<void> {
    const sinceMs = this.#sinceMs;
    try {
      for (const channelId of this.#ids.values()) {
        const { posts = {} } = await this.#call<{
          readonly posts?: Readonly<Record<string, Post>>;
        }>('GET', `channels/${channelId}/posts?since=${sinceMs}`);
        const missed = Object.values(posts)
          .filter(({ create_at: atMs = 0 }) => atMs > sinceMs)
          .sort((a, b) => (a.create_at ?? 0) - (b.create_at ?? 0));
        for (const post of missed) void this.#hear(JSON.stringify(post), undefined, answer);
      }
    } catch (error) {
      this.#deps.log.warn('Mattermost: what was said meanwhile is not known', {
        reason: describeError(error),
      });
    }
  }

  async #hear(text: string, sender: string | undefined, answer: Answer): Promise<void> {
    try {
      const post = JSON.parse(text) as Post;
      this.#sinceMs = Math.max(this.#sinceMs, post.create_at ?? 0);
      if (post.user_id === this.#userId || !this.#seen.isNew(post.id)) return;
      if (isOfProgram(post) || (post.delete_at ?? 0) > 0) return;
      const mention = `@${this.#config.botName}`;
      const said = post.message.trim();
      if (said.slice(0, mention.length).toLowerCase() !== mention.toLowerCase()) return;
      const channelName = [...this.#ids].find(([, id]) => id === post.channel_id)?.[0];
      if (channelName === undefined) return;
      const thread = post.root_id === '' ? undefined : post.root_id;
      const question: Question = {
        place: { platform: this.name, channelId: post.channel_id, channelName, thread },
        user: { id: post.user_id, mention: sender ?? post.user_id },
        text: said.slice(mention.length).trim(),
        isInteraction: false,
      };
      const reply = await answer(question);
      if (reply !== undefined) await this.#reply(post.channel_id, thread, reply);
    } catch (error) {
      this.#deps.log.error('Mattermost: an answer was not given', {
        reason: describeError(error),
      });
    }
  }

  /** What is longer than a message is a file beside it, and so is a picture. */
  async #reply(channelId: string, thread: string | undefined, reply: Reply): Promise<string> {
    const { output, picture, ...rest } = reply;
    const text = replyMarkdown(reply);
    const isLong = output !== undefined && text.length > maxChars;
    const files = [
      ...(isLong ? [new File([output], 'Response.txt', { type: 'text/plain' })] : []),
      ...(picture === undefined
        ? []
        : [new File([Buffer.from(picture.png)], picture.name, { type: 'image/png' })]),
    ];
    return this.#post(channelId, thread, isLong ? replyMarkdown(rest) : text, files);
  }

  async #post(
    channelId: string,
    thread: string | undefined,
    text: string,
    files: readonly File[] = [],
  ): Promise<string> {
    const ids: string[] = [];
    for (const file of files) {
      const form = new FormData();
      form.set('channel_id', channelId);
      form.set('files', file);
      const { file_infos: infos } = await this.#call<{
        readonly file_infos: readonly { readonly id: string }[];
      }>('POST', 'files', form);
      ids.push(...infos.map(({ id }) => id));
    }
    const { id } = await this.#call<{ readonly id: string }>('POST', 'posts', {
      channel_id: channelId,
      message: cutText(withoutCalls(text), maxChars),
      ...(thread === undefined ? {} : { root_id: thread }),
      ...(ids.length === 0 ? {} : { file_ids: ids }),
    });
    return id;
  }

  async #call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { url, token } = this.#config;
    return (await callRest(
      {
        what: `Mattermost ${method} ${path.split('?')[0]}`,
        url: `${url}/api/v4/${path}`,
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined
          ? {}
          : { body: body instanceof FormData ? body : JSON.stringify(body) }),
      },
      { clock: this.#deps.clock, signal: this.#stopping.signal },
    )) as T;
  }
}
