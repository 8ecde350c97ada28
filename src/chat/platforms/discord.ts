import type { REST } from '@discordjs/rest';
import type { WebSocketManager } from '@discordjs/ws';
import type {
  APIChannel,
  APIInteraction,
  APIMessageComponentInteraction,
  GatewayDispatchPayload,
  GatewayMessageCreateDispatchData,
} from 'discord-api-types/v10';
import { describeError } from '#base';
import type { DiscordPlatform } from '../config/contract.ts';
import type {
  Answer,
  ChatMessage,
  ChatPlatform,
  Place,
  PlatformListener,
  Question,
} from '../contract.ts';
import type { FormValues } from '../form.ts';
import type { Reply } from '../reply.ts';
import {
  actionOf,
  type DiscordPost,
  discordForm,
  discordMessage,
  discordReply,
  formValuesOf,
} from './discord-layout.ts';
import { isRefusal, messageRefused, platformFailed } from './failures.ts';
import type { PlatformDeps } from './open.ts';
import { Seen } from './seen.ts';

/** Messages of servers; what mentions the bot has its text without a right of its own. */
const intents = 1 << 9;
const maxThreads = 1000;
const restTimeoutMs = 15_000;
const threadTypes: ReadonlySet<number> = new Set([10, 11, 12]);
/** Answers to a press of a button: a message that comes later, the message itself changed later. */
const laterMessage = 5;
const laterChange = 6;
/** Only the one who asks sees it. */
const whispered = 1 << 6;
const unknownChannel = 10_003;

type Answerable = APIMessageComponentInteraction;

/** Discord: its REST API to say, its gateway to hear. */
export class Discord implements ChatPlatform {
  readonly name: string;
  readonly #config: DiscordPlatform;
  readonly #deps: PlatformDeps;
  readonly #seen = new Seen();
  /** Channels that threads are of; undefined: of none that is configured. */
  readonly #parents = new Map<string, string | undefined>();
  #stopping = new AbortController();
  #rest: REST | undefined;
  #gateway: WebSocketManager | undefined;
  #answer: Answer | undefined;
  #botId = '';
  #applicationId = '';

  constructor(name: string, config: DiscordPlatform, deps: PlatformDeps) {
    this.name = name;
    this.#config = config;
    this.#deps = deps;
  }

  async start({ answer }: PlatformListener): Promise<void> {
    const [{ REST }, { WebSocketManager }] = await Promise.all([
      import('@discordjs/rest'),
      import('@discordjs/ws'),
    ]);
    const { token, apiUrl, botId = '' } = this.#config;
    this.#answer = answer;
    this.#botId = botId;
    this.#stopping = new AbortController();
    const rest = new REST({
      version: '10',
      timeout: restTimeoutMs,
      ...(apiUrl === undefined ? {} : { api: apiUrl.replace(/\/$/, '') }),
    }).setToken(token);
    this.#rest = rest;
    const gateway = new WebSocketManager({ token, intents, rest });
    this.#gateway = gateway;
    const refused = Promise.withResolvers<never>();
    refused.promise.catch(() => {});
    gateway.on('error', (error) => {
      this.#deps.log.error('Discord: the connection failed', { reason: describeError(error) });
      refused.reject(error);
    });
    gateway.on('socketError', (error) => {
      this.#deps.log.warn('Discord: the connection is lost, it is made again', {
        reason: describeError(error),
      });
    });
    gateway.on('ready', ({ user, application }) => {
      this.#botId = user.id;
      this.#applicationId = application.id;
    });
    gateway.on('dispatch', (payload) => void this.#take(payload));
    try {
      await Promise.race([gateway.connect(), refused.promise]);
    } catch (error) {
      throw platformFailed(`Discord refuses the connection: ${describeError(error)}`, error);
    }
    this.#deps.log.info('Connected to Discord', { bot: this.#botId });
  }

  async say(place: Omit<Place, 'channelId'>, message: ChatMessage): Promise<string | undefined> {
    const post = discordMessage(message);
    const { channelName, thread } = place;
    try {
      if (thread === undefined) return await this.#post(channelName, post);
      return await this.#postInThread(channelName, thread, post);
    } catch (error) {
      throw failureOf(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#rest?.clearHandlerSweeper();
    this.#rest?.clearHashSweeper();
    await this.#gateway?.destroy();
  }

  async #take(payload: GatewayDispatchPayload): Promise<void> {
    try {
      if (payload.t === 'MESSAGE_CREATE') await this.#hear(payload.d);
      else if (payload.t === 'INTERACTION_CREATE') await this.#pressed(payload.d);
    } catch (error) {
      this.#deps.log.error('Discord: an answer was not given', { reason: describeError(error) });
    }
  }

  async #hear(message: GatewayMessageCreateDispatchData): Promise<void> {
    const { author } = message;
    // Others' words get into messages of bots and hooks.
    if (author.bot === true || message.webhook_id !== undefined) return;
    if (author.id === this.#botId || !this.#seen.isNew(message.id)) return;
    const mention = new RegExp(`^\\s*<@!?${this.#botId}>`).exec(message.content)?.[0];
    if (mention === undefined) return;
    const question = await this.#questionOf(message.channel_id, message.author.id, {
      text: message.content.slice(mention.length).trim(),
      isInteraction: false,
    });
    if (question === undefined) return;
    const react = async (emoji: string, method: 'put' | 'delete'): Promise<void> => {
      // Only a courtesy: the right may be missing.
      const path = `${message.id}/reactions/${encodeURIComponent(emoji)}/@me`;
      await this.#rest?.[method](`/channels/${message.channel_id}/messages/${path}`).catch(
        () => {},
      );
    };
    const work = this.#answer?.(question);
    const seen = react('👀', 'put');
    const reply = await work;
    await seen;
    if (reply !== undefined) await this.#post(message.channel_id, discordReply(reply), message.id);
    await react('👀', 'delete');
    if (reply !== undefined) await react('✅', 'put');
  }

  async #pressed(interaction: APIInteraction): Promise<void> {
    // 3: a button or a list of a message.
    if (interaction.type !== 3 || !this.#seen.isNew(interaction.id)) return;
    const { data, message } = interaction;
    const action = actionOf(data.custom_id);
    const userId = interaction.member?.user.id ?? interaction.user?.id;
    if (action === undefined || userId === undefined) return;
    const chosen: readonly string[] = 'values' in data ? data.values : [];
    const values: FormValues | undefined =
      action.kind === 'form' || action.kind === 'send'
        ? formValuesOf(message.components ?? [], { name: action.name, values: chosen })
        : undefined;
    const question = await this.#questionOf(interaction.channel.id, userId, {
      text: action.kind === 'run' ? (chosen[0] ?? '') : action.command,
      isInteraction: true,
      ...(values === undefined ? {} : { values }),
    });
    if (question === undefined) return;
    const isForm = action.kind === 'form';
    // Within three seconds, or Discord shows a failure; the answer itself may take longer.
    await this.#acknowledge(interaction, isForm, action.kind === 'open');
    const reply = await this.#answer?.(question);
    const answer: `/${string}` = `/webhooks/${this.#applicationId}/${interaction.token}/messages/@original`;
    if (reply === undefined) {
      if (!isForm) await this.#rest?.delete(answer, { auth: false });
      return;
    }
    const isShown = isForm || action.kind === 'open';
    await this.#rest?.patch(answer, {
      ...sendable(formOr(reply, isShown)),
      auth: false,
      signal: this.#stopping.signal,
    });
  }

  async #acknowledge(
    { id, token }: Answerable,
    isForm: boolean,
    isPrivate: boolean,
  ): Promise<void> {
    await this.#rest?.post(`/interactions/${id}/${token}/callback`, {
      auth: false,
      body: isForm
        ? { type: laterChange }
        : { type: laterMessage, ...(isPrivate ? { data: { flags: whispered } } : {}) },
      signal: this.#stopping.signal,
    });
  }

  /** Undefined: in no channel of ours. */
  async #questionOf(
    channelId: string,
    userId: string,
    asked: Pick<Question, 'text' | 'isInteraction' | 'values'>,
  ): Promise<Question | undefined> {
    const isOurs = this.#config.channels.some(({ name }) => name === channelId);
    const channelName = isOurs ? channelId : await this.#parentOf(channelId);
    if (channelName === undefined) return undefined;
    const thread = isOurs ? undefined : channelId;
    return {
      place: { platform: this.name, channelId, channelName, thread },
      user: { id: userId, mention: `<@${userId}>` },
      hasForms: true,
      ...asked,
    };
  }

  /** Threads are channels of their own. */
  async #parentOf(channelId: string): Promise<string | undefined> {
    if (this.#parents.has(channelId)) return this.#parents.get(channelId);
    const channel = await this.#channel(channelId);
    const parent = channel !== undefined && 'parent_id' in channel ? channel.parent_id : undefined;
    const isThread = channel !== undefined && threadTypes.has(channel.type);
    const ours = this.#config.channels.find(({ name }) => isThread && name === parent)?.name;
    if (this.#parents.size >= maxThreads) this.#parents.clear();
    this.#parents.set(channelId, ours);
    return ours;
  }

  /** Undefined: there is none that the bot sees. */
  async #channel(channelId: string): Promise<APIChannel | undefined> {
    try {
      return (await this.#rest?.get(`/channels/${channelId}`)) as APIChannel | undefined;
    } catch (error) {
      const failure = failureOf(error);
      if (isRefusal(failure)) return undefined;
      throw failure;
    }
  }

  async #post(channelId: string, post: DiscordPost, answersTo?: string): Promise<string> {
    const rest = this.#rest;
    if (rest === undefined) throw platformFailed('Discord is not connected');
    const { body, files } = sendable(post);
    const reference =
      answersTo === undefined
        ? {}
        : { message_reference: { message_id: answersTo, fail_if_not_exists: false } };
    const said = (await rest.post(`/channels/${channelId}/messages`, {
      body: { ...body, ...reference },
      files,
      signal: this.#stopping.signal,
    })) as { readonly id: string };
    return said.id;
  }

  /** The thread of a message has the message's id, and is made by the first that is said in it. */
  async #postInThread(channelId: string, thread: string, post: DiscordPost): Promise<string> {
    try {
      return await this.#post(thread, post);
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== unknownChannel) throw error;
    }
    await this.#rest?.post(`/channels/${channelId}/messages/${thread}/threads`, {
      body: { name: 'Nunchi' },
      signal: this.#stopping.signal,
    });
    return this.#post(thread, post);
  }
}

const formOr = (reply: Reply, isForm: boolean): DiscordPost =>
  isForm && reply.form !== undefined ? discordForm(reply.form) : discordReply(reply);

const sendable = ({
  body,
  files,
}: DiscordPost): {
  body: DiscordPost['body'];
  files: { name: string; data: Buffer; contentType: string }[];
} => ({ body, files: [...files] });

function failureOf(error: unknown): Error {
  const status = (error as { status?: unknown } | null)?.status;
  const isFinal = typeof status === 'number' && status >= 400 && status < 500 && status !== 429;
  const message = `Discord: ${describeError(error)}`;
  return isFinal ? messageRefused(message, error) : platformFailed(message, error);
}
