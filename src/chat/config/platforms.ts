import type { ChannelBindings, ChannelConfig, PlatformConfig } from './contract.ts';
import { asFlag, asMap, entries, type Json, textOf } from './values.ts';

export interface PlatformReading {
  /** What is wrong is added. */
  readonly problems: string[];
  bindings(map: Json, at: string): ChannelBindings;
}

type ReadPlatform = (
  platform: Json,
  at: string,
  group: string,
  reading: PlatformReading,
) => PlatformConfig | undefined;

const readers: Readonly<Record<string, ReadPlatform>> = {
  socketSlack: readSlack,
  discord: readDiscord,
  mattermost: readMattermost,
  teams: readTeams,
};

/** Where Microsoft lets bots come from and go to. */
const microsoft = {
  openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  issuer: 'https://api.botframework.com',
};

/** Chats of one group of `communications` that are enabled. */
export function readPlatforms(
  group: string,
  map: Json,
  reading: PlatformReading,
): PlatformConfig[] {
  return Object.entries(map).flatMap(([kind, value]) => {
    const platform = asMap(value);
    if (!asFlag(platform['enabled'], false)) return [];
    const at = `communications.${group}.${kind}`;
    const read = Object.hasOwn(readers, kind) ? readers[kind] : undefined;
    if (read === undefined) {
      const known = Object.keys(readers).join(', ');
      reading.problems.push(`${at}: there is no such platform here; there are ${known}`);
      return [];
    }
    const config = read(platform, at, group, reading);
    return config === undefined ? [] : [config];
  });
}

function readSlack(
  platform: Json,
  at: string,
  group: string,
  reading: PlatformReading,
): PlatformConfig | undefined {
  const [botToken, appToken] = [textOf(platform['botToken']), textOf(platform['appToken'])];
  if (botToken === '' || appToken === '') {
    reading.problems.push(`${at}: needs botToken (xoxb-…) and appToken (xapp-…)`);
    return undefined;
  }
  return {
    kind: 'socketSlack',
    group,
    botToken,
    appToken,
    apiUrl: addressOf(platform, 'apiUrl', at, reading),
    channels: channelsOf(platform, at, 'name', reading),
  };
}

function readDiscord(
  platform: Json,
  at: string,
  group: string,
  reading: PlatformReading,
): PlatformConfig | undefined {
  const token = textOf(platform['token']);
  if (token === '') {
    reading.problems.push(`${at}: needs token, that of the bot`);
    return undefined;
  }
  return {
    kind: 'discord',
    group,
    token,
    botId: textOf(platform['botID']) || undefined,
    apiUrl: addressOf(platform, 'apiUrl', at, reading),
    channels: channelsOf(platform, at, 'id', reading),
  };
}

function readMattermost(
  platform: Json,
  at: string,
  group: string,
  reading: PlatformReading,
): PlatformConfig | undefined {
  const [token, team] = [textOf(platform['token']), textOf(platform['team'])];
  const url = addressOf(platform, 'url', at, reading);
  if (url === undefined || token === '' || team === '') {
    reading.problems.push(`${at}: needs url, token and team`);
    return undefined;
  }
  return {
    kind: 'mattermost',
    group,
    url: url.replace(/\/$/, ''),
    token,
    team,
    botName: textOf(platform['botName']) || 'Botkube',
    channels: channelsOf(platform, at, 'name', reading),
  };
}

function readTeams(
  platform: Json,
  at: string,
  group: string,
  reading: PlatformReading,
): PlatformConfig | undefined {
  const [appId, appPassword] = [textOf(platform['appID']), textOf(platform['appPassword'])];
  if (appId === '' || appPassword === '') {
    reading.problems.push(`${at}: needs appID and appPassword, those of the Azure bot`);
    return undefined;
  }
  const port = Number(textOf(platform['port']) || '3978');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    reading.problems.push(`${at}.port: "${textOf(platform['port'])}" is no port`);
    return undefined;
  }
  const messagePath = textOf(platform['messagePath']) || '/bots/teams';
  const tenantId = textOf(platform['tenantID']) || undefined;
  return {
    kind: 'teams',
    group,
    botName: textOf(platform['botName']) || 'Botkube',
    appId,
    appPassword,
    tenantId,
    port,
    messagePath: messagePath.startsWith('/') ? messagePath : `/${messagePath}`,
    openIdMetadataUrl:
      addressOf(platform, 'openIdMetadataUrl', at, reading) ?? microsoft.openIdMetadataUrl,
    issuer: textOf(platform['issuer']) || microsoft.issuer,
    tokenUrl:
      addressOf(platform, 'tokenUrl', at, reading) ??
      `https://login.microsoftonline.com/${encodeURIComponent(tenantId ?? 'botframework.com')}/oauth2/v2.0/token`,
    bindings: reading.bindings(asMap(platform['bindings']), at),
    channels: [],
  };
}

/** Undefined: there is none, or it is none, which is said. */
function addressOf(
  platform: Json,
  key: string,
  at: string,
  { problems }: PlatformReading,
): string | undefined {
  const text = textOf(platform[key]);
  if (text === '') return undefined;
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  problems.push(`${at}.${key}: "${text}" is no http or https address`);
  return undefined;
}

function channelsOf(
  platform: Json,
  at: string,
  key: 'id' | 'name',
  { problems, bindings }: PlatformReading,
): readonly ChannelConfig[] {
  const names = new Set<string>();
  return entries(platform['channels']).flatMap(([alias, value]) => {
    const map = asMap(value);
    const place = `${at}.channels.${alias}`;
    const name = textOf(map[key]).trim().replace(/^#/, '').trim();
    if (name === '') {
      problems.push(`${place}.${key}: is missing`);
      return [];
    }
    if (names.has(name)) {
      problems.push(`${place}.${key}: "${name}" is a channel of another alias already`);
      return [];
    }
    names.add(name);
    return [
      {
        alias,
        name,
        bindings: bindings(asMap(map['bindings']), place),
        notificationsDisabled: asFlag(asMap(map['notification'])['disabled'], false),
      },
    ];
  });
}
