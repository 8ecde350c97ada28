import { createLogger, type Logger } from '#base';
import { FakeDiscord } from './fake-discord.ts';
import { FakeMattermost } from './fake-mattermost.ts';
import { FakeSlack } from './fake-slack.ts';
import { FakeTeams } from './fake-teams.ts';

/** Names of channels, as every room has them. */
export type RoomChannel = 'alerts' | 'quiet' | 'elsewhere';

export interface RoomSaid {
  readonly channel: RoomChannel | undefined;
  readonly thread: string | undefined;
  readonly text: string;
}

export interface RoomWords {
  readonly channel?: RoomChannel;
  readonly thread?: string;
  /** The same twice is one delivery that comes twice. */
  readonly id?: string;
  readonly as?: 'somebody' | 'the bot' | 'another bot';
  readonly withoutMention?: boolean;
  /** It was written before, and mended now: Slack tells of that as of a new one. */
  readonly isEdited?: boolean;
}

/** A chat with three channels, as somebody who writes in it sees it. The bot knows two of them. */
export interface Room {
  /** What stands below `communications.<group>` in Botkube's values. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly log: Logger;
  /** Whether the bot hears what is said. */
  isConnected(): boolean;
  write(text: string, more?: RoomWords): void;
  /** Everything that the bot has said, oldest first. */
  said(): readonly RoomSaid[];
  /** What it has sent beside its messages: names and contents of files. */
  files(): readonly { readonly name: string; readonly content: string }[];
  /** The bot is asked too often: its next message is refused once, and wanted after a while. */
  limit(): void;
  /** The line breaks; undefined: there is none that could. */
  readonly cut?: () => void;
  /** What the chat did not like. */
  problems(): readonly string[];
  close(): Promise<void>;
}

const bindings = { executors: ['k8s-default-tools'] };
const channelsBy = (
  key: 'id' | 'name',
  alerts: string,
  quiet: string,
): Readonly<Record<string, unknown>> => ({
  alerts: { [key]: alerts, bindings: { ...bindings, sources: ['k8s-err-events'] } },
  quiet: { [key]: quiet, bindings: { ...bindings, sources: [] } },
});
/** As the post has it: names are not of ASCII. */
const names = { alerts: '알림-채널', quiet: '조용한-방', elsewhere: '다른-방' } as const;

const roomLog = (write: (line: string) => void = () => {}): Logger => createLogger({ write });

export async function slackRoom(): Promise<Room & { readonly fake: FakeSlack }> {
  const ids = { alerts: 'C1', quiet: 'C2', elsewhere: 'C3' } as const;
  const fake = await FakeSlack.open({ C1: names.alerts, C2: names.quiet, C3: names.elsewhere });
  const channelOf = (channel: string): RoomChannel | undefined =>
    (Object.keys(ids) as RoomChannel[]).find(
      (key) => ids[key] === channel || names[key] === channel,
    );
  return {
    fake,
    values: {
      socketSlack: {
        enabled: true,
        botToken: 'xoxb-1',
        appToken: 'xapp-1',
        apiUrl: `${fake.url}/api/`,
        channels: channelsBy('name', names.alerts, names.quiet),
      },
    },
    log: roomLog(),
    isConnected: () => fake.connections > 0,
    write: (text, { channel = 'alerts', thread, id, as, withoutMention, isEdited } = {}) => {
      const ts = id ?? crypto.randomUUID();
      const user = as === 'the bot' ? 'U0BOT' : 'U2';
      fake.send('events_api', {
        type: 'event_callback',
        team_id: 'T1',
        api_app_id: 'A1',
        event_id: `Ev${ts}`,
        event_time: 1,
        event: {
          type: 'app_mention',
          user,
          text: withoutMention === true ? text : `<@U0BOT> ${text}`,
          ts,
          channel: ids[channel],
          event_ts: ts,
          ...(thread === undefined ? {} : { thread_ts: thread }),
          ...(as === 'another bot' ? { bot_id: 'B2' } : {}),
          ...(isEdited === true ? { edited: { user, ts } } : {}),
        },
        authorizations: [{ team_id: 'T1', user_id: 'U0BOT', is_bot: true }],
      });
    },
    said: () =>
      fake.calls
        .filter(({ method }) => method === 'chat.postMessage')
        .map(({ args }) => ({
          channel: channelOf(String(args['channel'])),
          text: `${args['text']} ${JSON.stringify(args['blocks'] ?? '')}`,
          thread: args['thread_ts'] as string | undefined,
        })),
    files: () => fake.files,
    limit: () =>
      fake.nextAnswers.push({
        method: 'chat.postMessage',
        status: 429,
        headers: { 'retry-after': '1' },
        body: { ok: false, error: 'ratelimited' },
      }),
    cut: () => fake.disconnect('cut'),
    problems: () => [...fake.problems, ...fake.late.map((id) => `${id} was not acknowledged`)],
    close: () => fake[Symbol.asyncDispose](),
  };
}

export async function discordRoom(): Promise<Room & { readonly fake: FakeDiscord }> {
  const ids = { alerts: '11', quiet: '12', elsewhere: '13' } as const;
  const fake = await FakeDiscord.open({ 11: names.alerts, 12: names.quiet, 13: names.elsewhere });
  fake.thread('1705', ids.alerts);
  const placeOf = (at: string): Pick<RoomSaid, 'channel' | 'thread'> =>
    at === '1705'
      ? { channel: 'alerts', thread: at }
      : {
          channel: (Object.keys(ids) as RoomChannel[]).find((key) => ids[key] === at),
          thread: undefined,
        };
  return {
    fake,
    values: {
      discord: {
        enabled: true,
        token: fake.token,
        botID: fake.botId,
        apiUrl: `${fake.url}/api`,
        channels: channelsBy('id', ids.alerts, ids.quiet),
      },
    },
    log: roomLog(),
    isConnected: () => fake.connections > 0,
    write: (text, { channel = 'alerts', thread, id, as, withoutMention } = {}) =>
      fake.write(
        thread ?? ids[channel],
        withoutMention === true ? text : `<@${fake.botId}> ${text}`,
        {
          ...(id === undefined ? {} : { id }),
          ...(as === 'the bot' ? { userId: fake.botId } : {}),
          ...(as === 'another bot' ? { isBot: true } : {}),
        },
      ),
    said: () =>
      fake.said.map(({ channel, body }) => ({
        ...placeOf(channel),
        text: `${body['content']} ${JSON.stringify(body['embeds'])}`,
      })),
    files: () => fake.said.flatMap(({ files }) => files),
    limit: () =>
      fake.nextAnswers.push({
        status: 429,
        body: { message: 'You are being rate limited.', retry_after: 0.2, global: false },
      }),
    cut: () => fake.disconnect('cut'),
    problems: () => [...fake.problems, ...fake.late.map((id) => `${id} was not acknowledged`)],
    close: () => fake[Symbol.asyncDispose](),
  };
}

async function mattermostRoom(): Promise<Room> {
  const ids = { alerts: 'c1', quiet: 'c2', elsewhere: 'c3' } as const;
  const fake = await FakeMattermost.open({
    c1: names.alerts,
    c2: names.quiet,
    c3: names.elsewhere,
  });
  return {
    values: {
      mattermost: {
        enabled: true,
        url: fake.url,
        token: fake.token,
        team: 'shop',
        channels: channelsBy('name', names.alerts, names.quiet),
      },
    },
    log: roomLog(),
    isConnected: () => fake.connections > 0,
    write: (text, { channel = 'alerts', thread, id, as, withoutMention } = {}) =>
      fake.write(ids[channel], withoutMention === true ? text : `@Botkube ${text}`, {
        ...(id === undefined ? {} : { id }),
        ...(thread === undefined ? {} : { rootId: thread }),
        ...(as === 'the bot' ? { userId: fake.botId } : {}),
        ...(as === 'another bot' ? { props: { from_webhook: 'true' } } : {}),
      }),
    said: () =>
      fake.posts.map(({ channel_id: at, message, root_id: thread }) => ({
        channel: (Object.keys(ids) as RoomChannel[]).find((key) => ids[key] === at),
        text: message,
        thread,
      })),
    files: () =>
      [...fake.files.values()].map((content) => ({
        name: /filename="([^"]+)"/.exec(content)?.[1] ?? '',
        content,
      })),
    limit: () => fake.nextAnswers.push({ status: 429, headers: { 'retry-after': '0.2' } }),
    cut: () => fake.cut(),
    problems: () => [],
    close: () => fake[Symbol.asyncDispose](),
  };
}

export async function teamsRoom(): Promise<Room & { readonly fake: FakeTeams }> {
  const ids = {
    alerts: '19:알림@thread',
    quiet: '19:조용한@thread',
    elsewhere: '19:x@thread',
  } as const;
  const fake = await FakeTeams.open();
  const added = new Set<RoomChannel>();
  const log = roomLog((line) => {
    const { msg, port, path } = JSON.parse(line) as { msg: string; port?: number; path?: string };
    if (msg === 'Waiting for Microsoft Teams') fake.botUrl = `http://127.0.0.1:${port}${path}`;
  });
  return {
    fake,
    values: {
      teams: {
        enabled: true,
        botName: 'Botkube',
        appID: fake.appId,
        appPassword: fake.appPassword,
        tenantID: fake.tenant,
        port: 0,
        openIdMetadataUrl: `${fake.url}/openid`,
        tokenUrl: `${fake.url}/token`,
        bindings: { ...bindings, sources: ['k8s-err-events'] },
      },
    },
    log,
    isConnected: () => {
      if (fake.botUrl === '') return false;
      // Who uses Teams adds the bot to channels by hand.
      for (const channel of ['alerts', 'quiet'] as const) {
        if (added.has(channel)) continue;
        added.add(channel);
        void fake.add(ids[channel]);
      }
      return true;
    },
    write: (text, { channel = 'alerts', thread, id, as, withoutMention } = {}) => {
      // Teams knows no channel that the bot is not in; another company's is one.
      void fake.write(ids[channel], text, {
        ...(id === undefined ? {} : { id }),
        ...(thread === undefined ? {} : { thread }),
        ...(as === 'the bot' ? { userId: fake.botId } : {}),
        ...(as === 'another bot' ? { userId: '28:another' } : {}),
        ...(channel === 'elsewhere' ? { tenant: 'tenant-2' } : {}),
        ...(withoutMention === true ? { withoutMention } : {}),
      });
    },
    said: () =>
      fake.said.map(({ conversation, activity }) => ({
        channel: (Object.keys(ids) as RoomChannel[]).find(
          (key) => ids[key] === conversation.split(';')[0],
        ),
        thread: /messageid=(.+)/.exec(conversation)?.[1],
        text: `${activity['text'] ?? ''} ${JSON.stringify(activity['attachments'] ?? '')}`,
      })),
    files: () =>
      fake.said.flatMap(({ activity }) => {
        const attachments = (activity['attachments'] ?? []) as readonly {
          contentType: string;
          name?: string;
          contentUrl?: string;
        }[];
        return attachments.flatMap(({ contentType, name = '', contentUrl = '' }) =>
          contentType.startsWith('image/') ? [{ name, content: contentUrl }] : [],
        );
      }),
    limit: () => fake.nextAnswers.push({ status: 429, headers: { 'retry-after': '0.2' } }),
    problems: () => fake.problems,
    close: () => fake[Symbol.asyncDispose](),
  };
}

/** Every platform, each with a server of its own. */
export const rooms: Readonly<Record<string, () => Promise<Room>>> = {
  slack: slackRoom,
  discord: discordRoom,
  mattermost: mattermostRoom,
  teams: teamsRoom,
};
