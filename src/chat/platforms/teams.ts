import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { describeError } from '#base';
import type { Collection } from '#state';
import type { ChannelConfig, TeamsPlatform } from '../config/contract.ts';
import type { ChatMessage, ChatPlatform, Place, PlatformListener, Question } from '../contract.ts';
import { isRefusal, messageRefused, platformFailed } from './failures.ts';
import type { PlatformDeps } from './open.ts';
import { callRest } from './rest.ts';
import { Seen } from './seen.ts';
import { placeOf, readActivity, saidToBot, type TeamsActivity } from './teams-activity.ts';
import { TeamsAuth } from './teams-auth.ts';
import {
  type TeamsPost,
  teamsActionOf,
  teamsForm,
  teamsMessage,
  teamsReply,
} from './teams-cards.ts';

const maxBodyBytes = 256 * 1024;
const maxConnections = 100;
/** Conversations that the bot may be added to. */
const maxConversations = 500;
const requestMs = 10_000;
/** Whoever knocks without a right is told of in the log once in so long. */
const refusedLogMs = 60_000;

/** Where the bot is, and by which service it is reached: kept over restarts. */
interface Conversation {
  readonly id: string;
  readonly type: string;
  readonly serviceUrl: string;
  readonly botId: string;
}

/** Microsoft Teams: activities of the Bot Framework come over HTTP, answers go to its connector. */
export class Teams implements ChatPlatform {
  readonly name: string;
  readonly #config: TeamsPlatform;
  readonly #deps: PlatformDeps;
  readonly #seen = new Seen();
  readonly #known = new Map<string, Conversation>();
  readonly #kept: Collection<Conversation>;
  #stopping = new AbortController();
  #auth: TeamsAuth;
  #server: Server | undefined;
  #listener: PlatformListener | undefined;
  #refusedMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, config: TeamsPlatform, deps: PlatformDeps) {
    this.name = name;
    this.#config = config;
    this.#deps = deps;
    this.#kept = deps.state.collection<Conversation>(`chat-conversations-${name}`);
    this.#auth = this.#newAuth();
  }

  /** Undefined before the start. */
  get port(): number | undefined {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  async start(listener: PlatformListener): Promise<void> {
    this.#stopping = new AbortController();
    this.#auth = this.#newAuth();
    this.#listener = listener;
    // A wrong password is said now, not at the first message.
    await this.#auth.token();
    for (const { value } of await this.#kept.list({ limit: maxConversations })) {
      this.#known.set(value.id, value);
      listener.joined?.(this.#channelOf(value));
    }
    const server = createServer((request, response) => void this.#take(request, response));
    server.requestTimeout = requestMs;
    server.headersTimeout = requestMs;
    server.maxConnections = maxConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(platformFailed(`The port of Teams cannot be opened: ${describeError(error)}`)),
      );
      server.listen(this.#config.port, resolve);
    });
    this.#server = server;
    this.#deps.log.info('Waiting for Microsoft Teams', {
      port: this.port ?? 0,
      path: this.#config.messagePath,
    });
  }

  async say(
    { channelName, thread }: Omit<Place, 'channelId'>,
    message: ChatMessage,
  ): Promise<string | undefined> {
    const conversation = this.#known.get(channelName);
    if (conversation === undefined)
      throw messageRefused('Teams: the bot is no longer in this conversation');
    const [first, ...rest] = teamsMessage(message);
    if (first === undefined) return undefined;
    if (conversation.type !== 'channel') {
      await this.#send(conversation, conversation.id, [first, ...rest]);
      return undefined;
    }
    const id = thread ?? (await this.#begin(conversation, first));
    const said = thread === undefined ? rest : [first, ...rest];
    await this.#send(conversation, `${conversation.id};messageid=${id}`, said);
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  #newAuth(): TeamsAuth {
    const { clock } = this.#deps;
    return new TeamsAuth(this.#config, { clock, signal: this.#stopping.signal });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const end = (status: number): void => {
      response.writeHead(status, { 'content-length': 0 });
      response.end();
    };
    const path = (request.url ?? '').split('?')[0];
    if (path !== this.#config.messagePath) return end(404);
    if (request.method !== 'POST') return end(405);
    let activity: TeamsActivity | undefined;
    try {
      const text = await bodyOf(request);
      if (text === undefined) return end(413);
      activity = readActivity(JSON.parse(text));
    } catch {
      return end(400);
    }
    if (activity === undefined) return end(400);
    try {
      await this.#auth.check(request.headers.authorization, activity);
    } catch (error) {
      this.#refused(describeError(error));
      return end(401);
    }
    const { tenantId } = this.#config;
    if (tenantId !== undefined && activity.tenantId !== tenantId) {
      this.#refused(`it comes from the tenant ${activity.tenantId ?? '(none)'}`);
      return end(403);
    }
    // Answers take longer than Microsoft waits for; it would send again.
    end(200);
    try {
      await this.#hear(activity);
    } catch (error) {
      this.#deps.log.error('Teams: an answer was not given', { reason: describeError(error) });
    }
  }

  #refused(reason: string): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#refusedMs < refusedLogMs) return;
    this.#refusedMs = nowMs;
    this.#deps.log.warn('Teams: an activity was refused', { reason });
  }

  async #hear(activity: TeamsActivity): Promise<void> {
    const { type, id, conversation, botId } = activity;
    if (id !== '' && !this.#seen.isNew(`${conversation} ${id}`)) return;
    if (activity.removed.includes(botId)) return this.#leave(activity);
    const isUpdate = type === 'conversationUpdate' || type === 'installationUpdate';
    if (isUpdate && (type === 'installationUpdate' || activity.added.includes(botId)))
      return void (await this.#join(activity));
    // Ids of programs begin so; others' words get into what they write.
    if (type !== 'message' || activity.from.id.startsWith('28:')) return;
    const known = await this.#join(activity);
    if (known !== undefined) await this.#message(activity, known);
  }

  async #message(activity: TeamsActivity, known: Conversation): Promise<void> {
    const action = teamsActionOf(activity.value);
    const text = action?.command ?? saidToBot(activity);
    if (text === undefined) return;
    const { conversation, from, id } = activity;
    const { channel, thread } = placeOf(conversation);
    const question: Question = {
      place: {
        platform: this.name,
        channelId: conversation,
        channelName: channel,
        // The first message of a thread is asked in the channel; it is answered under it.
        thread: thread === id ? undefined : thread,
      },
      user: { id: from.id, mention: from.name },
      text,
      isInteraction: action !== undefined,
      hasForms: true,
      ...(action?.kind === 'form' ? { values: action.values } : {}),
    };
    const reply = await this.#listener?.answer(question);
    if (reply === undefined) return;
    const { replyToId } = activity;
    if (action?.kind === 'form' && reply.form !== undefined && replyToId !== undefined) {
      await this.#call(known, 'PUT', `${pathOf(conversation)}/${encodeURIComponent(replyToId)}`, {
        type: 'message',
        ...teamsForm(reply.form),
      });
      return;
    }
    await this.#send(known, conversation, teamsReply(reply));
  }

  /** Remembers where it is. @returns undefined when it is in too many conversations */
  async #join({
    conversation,
    conversationType: type,
    serviceUrl,
    botId,
  }: TeamsActivity): Promise<Conversation | undefined> {
    const id = placeOf(conversation).channel;
    const before = this.#known.get(id);
    if (before === undefined && this.#known.size >= maxConversations) {
      this.#deps.log.warn('Teams: the bot is in too many conversations', { max: maxConversations });
      return undefined;
    }
    const now: Conversation = { id, type, serviceUrl, botId };
    if (before !== undefined && before.serviceUrl === serviceUrl && before.botId === botId)
      return before;
    this.#known.set(id, now);
    await this.#kept.put(id, now);
    if (before === undefined) this.#listener?.joined?.(this.#channelOf(now));
    return now;
  }

  async #leave({ conversation }: TeamsActivity): Promise<void> {
    const id = placeOf(conversation).channel;
    this.#known.delete(id);
    await this.#kept.delete(id);
  }

  /** Nobody is told of events unasked: `enable notifications` is said where they are wanted. */
  #channelOf({ id, type }: Conversation): ChannelConfig {
    const { bindings } = this.#config;
    return { alias: type, name: id, bindings, notificationsDisabled: true };
  }

  /** A new post in a channel. @returns its id, which its thread has too */
  async #begin(conversation: Conversation, post: TeamsPost): Promise<string> {
    const made = (await this.#call(conversation, 'POST', '/v3/conversations', {
      isGroup: true,
      bot: { id: conversation.botId },
      channelData: { channel: { id: conversation.id } },
      activity: { type: 'message', ...post },
    })) as { readonly id?: string; readonly activityId?: string } | undefined;
    const id = placeOf(made?.id ?? '').thread ?? made?.activityId;
    if (id === undefined) throw platformFailed('Teams: the answer to a new post has no id');
    return id;
  }

  async #send(conversation: Conversation, id: string, posts: readonly TeamsPost[]): Promise<void> {
    for (const post of posts)
      await this.#call(conversation, 'POST', pathOf(id), { type: 'message', ...post });
  }

  async #call(
    { serviceUrl }: Conversation,
    method: 'POST' | 'PUT',
    path: string,
    body: unknown,
  ): Promise<unknown> {
    const { clock } = this.#deps;
    const call = async (): Promise<unknown> =>
      callRest(
        {
          what: `Teams ${method} ${path.split('/').slice(0, 3).join('/')}`,
          url: `${serviceUrl.replace(/\/$/, '')}${path}`,
          method,
          headers: { authorization: `Bearer ${await this.#auth.token()}` },
          body: JSON.stringify(body),
        },
        { clock, signal: this.#stopping.signal },
      );
    try {
      return await call();
    } catch (error) {
      if (!isRefusal(error) || !/: 401 /.test(describeError(error))) throw error;
      // Its life may have ended before its time.
      this.#auth.forget();
      return await call();
    }
  }
}

const pathOf = (conversation: string): string =>
  `/v3/conversations/${encodeURIComponent(conversation)}/activities`;

/** Undefined: it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
