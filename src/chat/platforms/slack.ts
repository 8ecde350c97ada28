import { backoffMs, type Clock, describeError, type Logger } from '#base';
import { escapeMrkdwn } from '#slack';
import type { ChannelConfig, SlackPlatform } from '../config/contract.ts';
import type {
  Answer,
  ChatMessage,
  ChatPlatform,
  Place,
  PlatformListener,
  Question,
} from '../contract.ts';
import type { ReplyForm } from '../form.ts';
import type { Reply } from '../reply.ts';
import { messageRefused, platformFailed } from './failures.ts';
import { Seen } from './seen.ts';
import { messageBlocks, replyBlocks, slackReplyText } from './slack-blocks.ts';
import { formBlocks, formView } from './slack-forms.ts';
import {
  type Heard as HeardWords,
  type InteractionBody,
  pressOf,
  sentOf,
  type ViewBody,
  type ViewMetadata,
} from './slack-presses.ts';

/** From so many characters on an answer is a file. */
const maxTextChars = 3000;
const maxChannels = 1000;
const reconnect = { baseMs: 1000, maxMs: 60_000 };
/** Slack's library tries for half an hour unless told otherwise, and keeps a stop waiting. */
const retryConfig = { retries: 3, minTimeout: 500, maxTimeout: 5000 };

type Bolt = typeof import('@slack/bolt');
type App = InstanceType<Bolt['App']>;
type Connection = Pick<InstanceType<Bolt['SocketModeReceiver']>['client'], 'start'>;
type Respond = (message: {
  readonly text: string;
  readonly blocks: never[];
  readonly replace_original: boolean;
  readonly response_type: 'ephemeral';
}) => Promise<unknown>;

interface UploadAnswer {
  readonly files?: readonly { readonly files?: readonly { readonly id?: string }[] }[];
}

/** With the ways that Slack gives to answer it. */
interface Heard extends HeardWords {
  readonly respond?: Respond;
  readonly triggerId?: string | undefined;
}

export interface SlackDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Slack over Socket Mode: no port is opened, Slack is called. */
export class Slack implements ChatPlatform {
  readonly name: string;
  readonly #config: SlackPlatform;
  readonly #deps: SlackDeps;
  readonly #seen = new Seen();
  /** Names of channels by their ids. */
  readonly #names = new Map<string, string>();
  #stopping = new AbortController();
  #app: App | undefined;
  #botId = '';
  #answer: Answer | undefined;

  constructor(name: string, config: SlackPlatform, deps: SlackDeps) {
    this.name = name;
    this.#config = config;
    this.#deps = deps;
  }

  async start(listener: PlatformListener): Promise<void> {
    this.#answer = listener.answer;
    const bolt = await import('@slack/bolt');
    const { botToken, appToken, apiUrl } = this.#config;
    const clientOptions = {
      retryConfig,
      ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    };
    const logger = this.#logger();
    const receiver = new bolt.SocketModeReceiver({
      appToken,
      logger,
      installerOptions: { clientOptions },
    });
    this.#stopping = new AbortController();
    const app = new bolt.App({
      token: botToken,
      receiver,
      clientOptions,
      logger,
      deferInitialization: true,
    });
    this.#app = app;
    try {
      await app.init();
      const who = await app.client.auth.test();
      this.#botId = who.user_id ?? '';
      app.event('app_mention', async ({ event, body }) => {
        if (!this.#seen.isNew(body.event_id) || event.user === undefined) return;
        // Others' words get into messages of bots; a command was meant when it was written, not when it is mended.
        if (event.bot_id !== undefined || event.edited !== undefined) return;
        await this.#hear({
          channelId: event.channel,
          thread: event.thread_ts,
          userId: event.user,
          text: event.text,
          messageTs: event.ts,
          isInteraction: false,
        });
      });
      app.action(/.*/, async ({ ack, body, respond }) => {
        await ack();
        await this.#pressed(body as unknown as InteractionBody, respond);
      });
      app.view(/.*/, async ({ ack, body }) => {
        await ack();
        await this.#sent(body as unknown as ViewBody);
      });
      app.error(async (error) => {
        this.#deps.log.error('Slack: an event broke', { reason: describeError(error) });
      });
      await app.start();
      this.#keepConnected(receiver.client);
    } catch (error) {
      throw platformFailed(`Slack refuses the connection: ${describeError(error)}`, error);
    }
    this.#deps.log.info('Connected to Slack', { bot: this.#botId });
  }

  /**
   * The library makes a broken connection again, but gives up, with a rejection that nobody hears, when it
   * gets no address for it: Slack may be away for longer than a call is tried.
   */
  #keepConnected(client: Connection): void {
    const { log, clock } = this.#deps;
    const { signal } = this.#stopping;
    const start = client.start.bind(client);
    client.start = async () => {
      for (let tries = 0; ; tries++) {
        try {
          return await start();
        } catch (error) {
          if (!signal.aborted) {
            const reason = describeError(error);
            log.error('Slack cannot be reached, it is tried again', { reason });
            await clock.sleep(backoffMs(tries, reconnect), signal).catch(() => {});
          }
          // Nobody would hear a rejection, and there is nothing more to connect to.
          if (signal.aborted) return { ok: false };
        }
      }
    };
  }

  async say(place: Omit<Place, 'channelId'>, message: ChatMessage): Promise<string | undefined> {
    const app = this.#app;
    if (app === undefined) throw platformFailed('Slack is not connected');
    try {
      return await this.#say(app, place, message);
    } catch (error) {
      throw isFinal(error) ? messageRefused(describeError(error), error) : error;
    }
  }

  async #say(
    app: App,
    place: Omit<Place, 'channelId'>,
    message: ChatMessage,
  ): Promise<string | undefined> {
    if (message.reply !== undefined)
      return this.#reply(place.channelName, place.thread, message.reply);
    const blocks = messageBlocks(message, this.#mention());
    const text = [message.title, message.text].filter((part) => part !== undefined).join('\n');
    const answer = await app.client.chat.postMessage({
      channel: place.channelName,
      text: text === '' ? 'Nunchi' : escapeMrkdwn(text),
      ...(blocks.length === 0 || message.title === undefined ? {} : { blocks: blocks as never[] }),
      ...(place.thread === undefined ? {} : { thread_ts: place.thread }),
    });
    return answer.ts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#app?.stop().catch((error: unknown) => {
      this.#deps.log.debug('Slack: the connection did not end well', {
        reason: describeError(error),
      });
    });
  }

  channelOf(name: string): ChannelConfig | undefined {
    return this.#config.channels.find((channel) => channel.name === name);
  }

  #mention(): string {
    return `<@${this.#botId}>`;
  }

  /** A button, a list or an input box of a message. */
  async #pressed(body: InteractionBody, respond: Respond): Promise<void> {
    const heard = pressOf(body, this.#mention());
    if (heard === undefined || !this.#isNewPress(body.trigger_id)) return;
    await this.#hear({ ...heard, triggerId: body.trigger_id, respond });
  }

  /** A dialogue. */
  async #sent(body: ViewBody): Promise<void> {
    const heard = sentOf(body, this.#mention());
    if (heard !== undefined && this.#isNewPress(body.trigger_id)) await this.#hear(heard);
  }

  #isNewPress(triggerId: string | undefined): boolean {
    return triggerId === undefined || this.#seen.isNew(triggerId);
  }

  async #hear(heard: Heard): Promise<void> {
    if (heard.userId === this.#botId) return;
    const text = heard.text.trim();
    if (!text.startsWith(this.#mention())) return;
    const channelName = await this.#nameOf(heard.channelId);
    const question: Question = {
      place: { platform: this.name, channelId: heard.channelId, channelName, thread: heard.thread },
      user: { id: heard.userId, mention: `<@${heard.userId}>` },
      text: text.slice(this.#mention().length).trim(),
      isInteraction: heard.isInteraction,
      hasForms: true,
      ...(heard.values === undefined ? {} : { values: heard.values }),
    };
    try {
      const work = this.#answer?.(question);
      const seen = this.#knows(channelName) ? this.#react(heard, 'eyes', 'add') : undefined;
      const reply = await work;
      await seen;
      if (reply === undefined) return;
      if (reply.form === undefined) await this.#reply(heard.channelId, heard.thread, reply);
      else await this.#form(heard, reply.form);
      await this.#react(heard, 'eyes', 'remove');
      await this.#react(heard, 'white_check_mark', 'add');
    } catch (error) {
      this.#deps.log.error('Slack: an answer was not given', {
        channel: channelName,
        reason: describeError(error),
      });
    }
  }

  /** Only a courtesy: the scope may be missing. */
  async #react(
    { channelId, messageTs }: Heard,
    name: string,
    kind: 'add' | 'remove',
  ): Promise<void> {
    if (messageTs === undefined) return;
    await this.#app?.client.reactions[kind]({
      channel: channelId,
      timestamp: messageTs,
      name,
    }).catch(() => {});
  }

  /** A dialogue where a press lets one be opened; else a message that nobody else sees. */
  async #form({ respond, triggerId, values, ...heard }: Heard, form: ReplyForm): Promise<void> {
    const client = this.#app?.client;
    if (client === undefined) return;
    if (form.asks === 'when sent' && triggerId !== undefined) {
      const metadata: ViewMetadata = { channel: heard.channelId, thread: heard.thread };
      const view = formView(form, JSON.stringify(metadata)) as never;
      await client.views.open({ trigger_id: triggerId, view });
      return;
    }
    const said = { text: form.title, blocks: formBlocks(form, this.#mention()) as never[] };
    // What was changed in a form is answered in its place.
    if (values !== undefined && respond !== undefined) {
      await respond({ ...said, replace_original: true, response_type: 'ephemeral' });
      return;
    }
    await client.chat.postEphemeral({
      channel: heard.channelId,
      user: heard.userId,
      ...said,
      ...(heard.thread === undefined ? {} : { thread_ts: heard.thread }),
    });
  }

  #knows(channelName: string): boolean {
    return this.channelOf(channelName) !== undefined;
  }

  async #reply(
    channel: string,
    thread: string | undefined,
    reply: Reply,
  ): Promise<string | undefined> {
    const client = this.#app?.client;
    if (client === undefined) return undefined;
    const inThread = thread === undefined ? {} : { thread_ts: thread };
    const text = slackReplyText(reply);
    const isLong = reply.output !== undefined && text.length > maxTextChars;
    if (isLong || reply.picture !== undefined) {
      await this.#upload(client, channel, thread, reply, isLong);
      return undefined;
    }
    const blocks = replyBlocks(reply, this.#mention());
    const answer = await client.chat.postMessage({
      channel,
      text: text === '' ? 'Nunchi' : text,
      ...(blocks === undefined ? {} : { blocks: blocks as never[] }),
      ...inThread,
    });
    return answer.ts;
  }

  /** What is too long for a message, and pictures; the box to filter an output stands under them. */
  async #upload(
    client: App['client'],
    channel: string,
    thread: string | undefined,
    { output, picture, filterable, ...rest }: Reply,
    isLong: boolean,
  ): Promise<void> {
    const channelId = await this.#idOf(channel);
    const files = [
      ...(isLong ? [{ filename: 'Response.txt', file: Buffer.from(output ?? '') }] : []),
      ...(picture === undefined
        ? []
        : [{ filename: picture.name, file: Buffer.from(picture.png) }]),
    ];
    const shown = isLong || output === undefined ? rest : { ...rest, output };
    const answer = (await client.filesUploadV2({
      channel_id: channelId,
      file_uploads: files,
      initial_comment: slackReplyText(shown),
      ...(thread === undefined ? {} : { thread_ts: thread }),
    } as never)) as UploadAnswer;
    if (!isLong || filterable === undefined) return;
    const under = thread ?? (await this.#messageOf(client, answer, channelId));
    if (under === undefined) return;
    const blocks = replyBlocks({ filterable }, this.#mention()) ?? [];
    await client.chat.postMessage({
      channel: channelId,
      text: 'Filter output',
      blocks: blocks as never[],
      thread_ts: under,
    });
  }

  /** The message that a file was sent with; undefined: Slack does not say it (yet). */
  async #messageOf(
    client: App['client'],
    answer: UploadAnswer,
    channelId: string,
  ): Promise<string | undefined> {
    const id = answer.files?.[0]?.files?.[0]?.id;
    if (id === undefined) return undefined;
    try {
      const { file } = await client.files.info({ file: id });
      const shares = { ...file?.shares?.public, ...file?.shares?.private };
      return shares[channelId]?.[0]?.ts;
    } catch {
      // Without the scope files:read there is no box.
      return undefined;
    }
  }

  async #nameOf(channelId: string): Promise<string> {
    const known = this.#names.get(channelId);
    if (known !== undefined) return known;
    const info = await this.#app?.client.conversations.info({ channel: channelId });
    const name = info?.channel?.name ?? channelId;
    // A channel may be configured by its id as well.
    const configured = this.channelOf(channelId) === undefined ? name : channelId;
    if (this.#names.size >= maxChannels) this.#names.clear();
    this.#names.set(channelId, configured);
    return configured;
  }

  /** Uploads take ids, messages names too. */
  async #idOf(channel: string): Promise<string> {
    for (const [id, name] of this.#names) if (name === channel || id === channel) return id;
    let cursor: string | undefined;
    do {
      const page = await this.#app?.client.conversations.list({
        exclude_archived: true,
        limit: 200,
        types: 'public_channel,private_channel',
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { id, name } of page?.channels ?? []) {
        if (id !== undefined && name === channel) {
          this.#names.set(id, name);
          return id;
        }
      }
      cursor = page?.response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined);
    return channel;
  }

  #logger(): {
    debug(): void;
    info(): void;
    warn(...parts: unknown[]): void;
    error(...parts: unknown[]): void;
    setLevel(): void;
    getLevel(): never;
    setName(): void;
  } {
    const { log } = this.#deps;
    const textOf = (parts: readonly unknown[]): string => parts.map(String).join(' ').slice(0, 500);
    return {
      debug: () => {},
      info: () => {},
      warn: (...parts) => log.warn('Slack', { reason: textOf(parts) }),
      error: (...parts) => log.warn('Slack', { reason: textOf(parts) }),
      setLevel: () => {},
      getLevel: () => 'info' as never,
      setName: () => {},
    };
  }
}

/** Refusals that another try does not change. */
const isFinal = (error: unknown): boolean => {
  const code = (error as { data?: { error?: unknown } } | null)?.data?.error;
  return (
    typeof code === 'string' &&
    !['ratelimited', 'rate_limited', 'internal_error', 'fatal_error'].includes(code)
  );
};
