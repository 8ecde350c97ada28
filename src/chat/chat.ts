import { backoffMs, type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import type { StateStore } from '#state';
import { type AuditRecord, Bot, type BotDeps, type OwnCommandEntry } from './bot.ts';
import { Builtins, builtinVerbs, type Switches } from './builtins.ts';
import type { ChannelBindings, ChannelConfig, ChatConfig } from './config/contract.ts';
import type {
  ChatMessage,
  ChatPlatform,
  PlatformListener,
  Question,
  ThreadSubject,
} from './contract.ts';
import { type ToolAccess, ToolHome } from './executors/home.ts';
import { isTool, Tools } from './executors/tools.ts';
import { maskSecretObjects, withoutTexts } from './mask.ts';
import { type Listener, Notifications } from './notifications.ts';
import { Outbox } from './outbox.ts';
import { isRefusal } from './platforms/failures.ts';
import { openPlatform, platformNames } from './platforms/open.ts';
import type { Reply } from './reply.ts';
import type { PrometheusAlert } from './sources/prometheus.ts';

export interface ChatDeps {
  readonly cluster: Cluster;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly access: ToolAccess;
  readonly version: string;
  readonly own: Readonly<Record<string, OwnCommandEntry>>;
  readonly mayDo: BotDeps['mayDo'];
  readonly audit: (record: AuditRecord) => Promise<void>;
  /** The incident of a thread; undefined: it is an ordinary one. */
  readonly subjectOfThread?: (thread: string) => Promise<ThreadSubject | undefined>;
  readonly mask: (text: string) => string;
  /** Alerts of Nunchi itself, as Prometheus has them. */
  readonly ownAlerts?: () => readonly PrometheusAlert[];
}

const reconnect = { baseMs: 2000, maxMs: 60_000 };

interface Channel extends Listener {
  readonly platform: ChatPlatform;
  readonly config: ChannelConfig;
  readonly outbox: Outbox<ChatMessage>;
}

/** The bot in its chats: answers what is asked, tells what happens, runs what is automated. */
export class Chat implements AsyncDisposable {
  readonly #config: ChatConfig;
  readonly #deps: ChatDeps;
  readonly #stopping = new AbortController();
  readonly #home: ToolHome;
  readonly #channels: Channel[] = [];
  readonly #platforms: ChatPlatform[] = [];
  readonly #running: Promise<void>[] = [];
  readonly #told;
  readonly #dropped;
  readonly #commands;
  #builtins: Builtins | undefined;
  #bot: Bot | undefined;
  readonly #notifications: Notifications<Channel>;

  private constructor(config: ChatConfig, deps: ChatDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#home = new ToolHome(deps.access);
    this.#notifications = new Notifications<Channel>(config, {
      ...deps,
      env: deps.access.env,
      stopping: this.#stopping.signal,
      ownAlerts: deps.ownAlerts ?? (() => []),
      listeners: () => this.#channels,
      isEnabled: (action) => this.#builtins?.isEnabled(action) === true,
      automate: (title, bindings, command, targets) =>
        this.#automate(title, bindings, command, targets),
    });
    const { metrics } = deps;
    this.#told = metrics.counter('nunchi_chat_messages_total', 'Messages that chats took');
    this.#dropped = metrics.counter(
      'nunchi_chat_messages_dropped_total',
      'Messages that no chat took',
    );
    this.#commands = metrics.counter(
      'nunchi_chat_commands_total',
      'Commands that were asked, by what came of them',
    );
  }

  static async open(config: ChatConfig, deps: ChatDeps): Promise<Chat> {
    const chat = new Chat(config, deps);
    const { state, cluster, version, own } = deps;
    for (const { name, command } of config.aliases) {
      const [verb = ''] = command.trim().split(/\s+/);
      if (builtinVerbs.has(verb) || Object.hasOwn(own, verb) || isTool(verb)) continue;
      deps.log.error('An alias of the chat cannot be used', {
        alias: name,
        problem: `Command prefix '${verb}' not found in executors or builtin commands`,
      });
    }
    const builtins = await Builtins.open(config, {
      version,
      serverVersion: () => cluster.status().version,
      switches: state.collection<Switches>('chat-switches'),
      changed: () => chat.#notifications.changed(),
      ownHelp: Object.fromEntries(Object.entries(own).map(([name, { help }]) => [name, help])),
    });
    chat.#builtins = builtins;
    const hide = withoutTexts(secretsOf(config));
    chat.#bot = new Bot(config, {
      ...deps,
      mask: (text) => maskSecretObjects(hide(deps.mask(text))),
      builtins,
      tools: new Tools(chat.#home),
      stopping: chat.#stopping.signal,
      audit: async (record) => {
        chat.#commands.add(1, { result: record.result });
        await deps.audit(record);
      },
    });
    return chat;
  }

  /** Connects in the background: a chat that is away keeps nothing waiting. */
  start(): void {
    const { log, clock, state } = this.#deps;
    const names = platformNames(this.#config.platforms);
    this.#config.platforms.forEach((config, index) => {
      const name = names[index] ?? config.kind;
      const platform = openPlatform(name, config, { log: log.child(name), clock, state });
      this.#platforms.push(platform);
      for (const channel of config.channels) this.#add(platform, channel);
      this.#running.push(this.#connect(platform));
    });
    this.#notifications.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { clusterName } = this.#config;
    const text = `My watch has ended for cluster '${clusterName}'. See you soon!`;
    const farewell = this.#channels
      .filter((channel) => channel.isNotified())
      .map(({ platform, config }) =>
        platform.say({ platform: platform.name, channelName: config.name }, { text }),
      );
    await Promise.race([Promise.allSettled(farewell), this.#deps.clock.sleep(2000)]);
    this.#stopping.abort();
    await Promise.allSettled(this.#platforms.map((platform) => platform[Symbol.asyncDispose]()));
    await this.#notifications[Symbol.asyncDispose]();
    await Promise.allSettled([
      ...this.#running,
      ...this.#channels.map(({ outbox }) => outbox[Symbol.asyncDispose]()),
    ]);
    this.#home[Symbol.dispose]();
  }

  /** Others tell of something. False: there is no such source. */
  hear(source: string, payload: Readonly<Record<string, unknown>>): boolean {
    return this.#notifications.incoming(source, payload);
  }

  #add(platform: ChatPlatform, config: ChannelConfig): Channel {
    const { clock, log } = this.#deps;
    const labels = { platform: platform.name };
    const outbox = new Outbox<ChatMessage>({
      ...{ clock, stopping: this.#stopping.signal, isRefusal },
      send: (message) =>
        platform.say({ platform: platform.name, channelName: config.name }, message),
      told: () => this.#told.add(1, labels),
      dropped: (error) => {
        this.#dropped.add(1, labels);
        const reason = error === undefined ? 'too many wait' : describeError(error);
        log.error('A message cannot be said', { channel: config.name, reason });
      },
    });
    const channel: Channel = {
      ...{ platform, config, outbox },
      sources: () => this.#builtins?.sourcesOf(platform.name, config) ?? [],
      isNotified: () => this.#builtins?.isNotified(platform.name, config) === true,
      say: ({ message }) => outbox.put(message),
    };
    this.#channels.push(channel);
    return channel;
  }

  #channelOf(platform: ChatPlatform, name: string): Channel | undefined {
    return this.#channels.find((one) => one.platform === platform && one.config.name === name);
  }

  async #connect(platform: ChatPlatform): Promise<void> {
    const { log, clock } = this.#deps;
    const { signal } = this.#stopping;
    // Those that are joined later are greeted then.
    const configured = this.#channels.filter((one) => one.platform === platform);
    const listener: PlatformListener = {
      answer: (question) => this.#answer(platform, question),
      joined: (config) => {
        if (this.#channelOf(platform, config.name) !== undefined) return;
        this.#running.push(this.#greet(this.#add(platform, config)));
      },
    };
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        await platform.start(listener);
        break;
      } catch (error) {
        if (signal.aborted) return;
        log.error('A chat cannot be reached, it is tried again', {
          platform: platform.name,
          reason: describeError(error),
        });
        await Promise.resolve(platform[Symbol.asyncDispose]()).catch(() => {});
        await clock.sleep(backoffMs(tries, reconnect), signal).catch(() => {});
      }
    }
    if (signal.aborted) return;
    for (const channel of configured) await this.#greet(channel);
  }

  /** Says that it watches, and the first time ever what it can do. */
  async #greet(channel: Channel): Promise<void> {
    const greeted = this.#deps.state.collection<boolean>('chat-greeted');
    const key = `${channel.platform.name}/${channel.config.name}`;
    if (channel.isNotified()) {
      channel.outbox.put({
        text: `My watch begins for cluster '${this.#config.clusterName}'! :crossed_swords:`,
      });
    }
    if ((await greeted.get(key)) !== undefined) return;
    const help = this.#builtins?.help();
    if (help !== undefined) channel.outbox.put({ reply: help });
    await greeted.put(key, true);
  }

  async #answer(platform: ChatPlatform, question: Question): Promise<Reply | undefined> {
    return await this.#bot?.answer(
      { ...question, place: { ...question.place, platform: platform.name } },
      this.#channelOf(platform, question.place.channelName)?.config,
    );
  }

  async #automate(
    title: string,
    bindings: ChannelBindings,
    command: string,
    targets: readonly Channel[],
  ): Promise<void> {
    const [first] = targets;
    if (first === undefined) return;
    const question: Question = {
      place: {
        platform: first.platform.name,
        channelId: first.config.name,
        channelName: first.config.name,
      },
      user: { id: `automation:${title}`, mention: `Automation "${title}"` },
      text: command,
      isInteraction: true,
    };
    const reply = await this.#bot?.answer(question, { ...first.config, bindings });
    if (reply === undefined) return;
    for (const { outbox } of targets) outbox.put({ reply });
  }
}

/** Tokens and passwords that chats are reached with. */
const secretsOf = ({ platforms, sinks }: ChatConfig): readonly string[] =>
  [...platforms, ...sinks].flatMap((one) =>
    Object.entries(one).flatMap(([key, value]) =>
      typeof value === 'string' && /token|password|secret|integrationKey/i.test(key) ? [value] : [],
    ),
  );
