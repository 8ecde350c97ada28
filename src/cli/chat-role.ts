import { readFileSync } from 'node:fs';
import { AppError, describeError, watchFiles } from '#base';
import type { Chat, ChatText } from '#chat';
import type { IncomingView } from '#chat/api';
import type { Cluster } from '#kubernetes/cluster';
import type { Edge } from '#server';
import { type ChatRoleDeps, openChat } from './chat/open-chat.ts';
import type { ServerRoleOptions } from './server-role.ts';

export interface ChatParts {
  readonly edges: readonly Edge[];
  /** Opens the bot where a chat is configured; without one it costs nothing. */
  start(deps: ChatRoleDeps): Promise<AsyncDisposable>;
}

/** The bot in the chat, and what others may tell it. */
export async function openChatRole(options: ServerRoleOptions): Promise<ChatParts> {
  const { sourcesEdge } = await import('#chat/api');
  let role: ChatRole | undefined;
  const hear: IncomingView['hear'] = (source, payload) => role?.hear(source, payload) === true;
  return {
    edges: [sourcesEdge({ hear })],
    start: async (deps) => {
      role = new ChatRole(options, deps);
      await role.start();
      return role;
    },
  };
}

/** A Secret is looked at so often. */
const secretEveryMs = 10_000;
const maxSecretBytes = 4 * 1024 * 1024;

/** Runs a bot by the configuration of the moment, and another one when that changes. */
class ChatRole implements AsyncDisposable {
  readonly #options: ServerRoleOptions;
  readonly #deps: ChatRoleDeps;
  readonly #parts = new AsyncDisposableStack();
  readonly #stopping = new AbortController();
  #changing: Promise<void> = Promise.resolve();
  #chat: Chat | undefined;
  /** What the bot was opened with. */
  #key: string | undefined;
  #problem: string | undefined;
  #secret: NodeJS.Timeout | undefined;

  constructor(options: ServerRoleOptions, deps: ChatRoleDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  async start(): Promise<void> {
    await this.#change();
    const end = this.#options.onConfigChange?.(() => this.#changeSoon());
    if (end !== undefined) this.#parts.defer(end);
    const paths = configPaths(this.#options);
    if (paths.length > 0)
      this.#parts.use(watchFiles(paths, () => this.#changeSoon(), this.#options.log));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#secret);
    await this.#parts.disposeAsync();
    await this.#changing;
    await this.#chat?.[Symbol.asyncDispose]();
  }

  /** False: no source of that name is told by others. */
  hear(source: string, payload: Readonly<Record<string, unknown>>): boolean {
    return this.#chat?.hear(source, payload) === true;
  }

  #changeSoon(): void {
    this.#changing = this.#changing.then(async () => {
      if (!this.#stopping.signal.aborted) await this.#change();
    });
  }

  /** What cannot be read leaves the bot as it is: a chat that is set up wrong is no reason to keep no logs. */
  async #change(): Promise<void> {
    const { log, env } = this.#options;
    const { cluster, reason = '' } = this.#deps.kubernetes;
    try {
      const texts = await this.#texts(cluster);
      const key = JSON.stringify(texts);
      if (key === this.#key) return;
      this.#problem = undefined;
      if (texts.length === 0 && this.#chat === undefined) return;
      const { readBotkubeConfig } = await import('#chat');
      const config = readBotkubeConfig(texts, env);
      for (const problem of config.problems)
        log.error('A value of the chat cannot be used', { problem });
      for (const warning of config.warnings)
        log.warn('A key of the chat has no effect', { warning });
      await this.#chat?.[Symbol.asyncDispose]();
      this.#chat = undefined;
      this.#key = key;
      if (texts.length === 0) return;
      if (config.platforms.length === 0 && config.sinks.length === 0) {
        log.warn('No chat is enabled, though there is a configuration for one', {
          files: texts.map(({ file }) => file),
        });
      } else if (cluster === undefined) {
        log.warn('The chat has no cluster to tell of', { reason });
      } else {
        this.#chat = await openChat(this.#options, this.#deps, cluster, config);
      }
    } catch (error) {
      const problem = describeError(error);
      // A Secret is looked at again and again.
      if (problem !== this.#problem) log.error('The chat cannot be opened', { reason: problem });
      this.#problem = problem;
    }
  }

  /** With the Secret that `existingCommunicationsSecretName` names laid over them. */
  async #texts(cluster: Cluster | undefined): Promise<readonly ChatText[]> {
    const texts = chatTexts(this.#options);
    if (texts.length === 0) return texts;
    const { readBotkubeConfig } = await import('#chat');
    const { communicationsSecret } = readBotkubeConfig(texts, this.#options.env);
    if (communicationsSecret === undefined || cluster === undefined) return texts;
    this.#secret ??= setInterval(() => this.#changeSoon(), secretEveryMs);
    return [...texts, await readSecret(cluster, communicationsSecret)];
  }
}

const secretKey = 'comm_config.yaml';

async function readSecret(cluster: Cluster, name: string): Promise<ChatText> {
  const { namespace } = cluster.client.access;
  const file = `Secret ${namespace}/${name}`;
  let found: { readonly data?: Readonly<Record<string, string>> };
  try {
    found = await cluster.client.json({
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`,
      maxBytes: maxSecretBytes,
    });
  } catch (error) {
    throw new AppError('CHAT_CONFIG_UNREADABLE', `${file}: ${describeError(error)}`);
  }
  const text = found.data?.[secretKey];
  if (text === undefined)
    throw new AppError('CHAT_CONFIG_UNREADABLE', `${file} has no key ${secretKey}`);
  return { file, text: Buffer.from(text, 'base64').toString('utf8') };
}

/** Files of the configuration, those that are laid over the others last. */
function configPaths({ config, env = {} }: ServerRoleOptions): readonly string[] {
  const { botkube, botkubeConfig } = config().chat;
  if (botkubeConfig.length > 0) return botkubeConfig;
  if (botkube !== undefined) return [];
  return (env['BOTKUBE_CONFIG_PATHS'] ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

/** @throws {AppError} CHAT_CONFIG_UNREADABLE */
function chatTexts(options: ServerRoleOptions): readonly ChatText[] {
  const { botkube } = options.config().chat;
  const inline = botkube === undefined ? [] : [{ file: botkube.source, text: botkube.text }];
  return [
    ...configPaths(options).map((path) => {
      try {
        return { file: path, text: readFileSync(path, 'utf8') };
      } catch (error) {
        throw new AppError('CHAT_CONFIG_UNREADABLE', `${path}: ${describeError(error)}`);
      }
    }),
    ...inline,
  ];
}

/** Whether the bot with a token of Slack is ours, as configured at the start: it answers buttons then. */
export async function botTokens(options: ServerRoleOptions): Promise<(token: string) => boolean> {
  try {
    const texts = chatTexts(options);
    if (texts.length === 0) return () => false;
    const { readBotkubeConfig } = await import('#chat');
    const { platforms } = readBotkubeConfig(texts, options.env);
    const tokens = platforms.flatMap((one) => ('botToken' in one ? [one.botToken] : []));
    return (token) => tokens.includes(token);
  } catch {
    // The chat says itself what is wrong with it.
    return () => false;
  }
}
