import type { Clock, Logger } from '#base';
import type { StateStore } from '#state';
import type { PlatformConfig } from '../config/contract.ts';
import type { ChatPlatform } from '../contract.ts';
import { Discord } from './discord.ts';
import { Mattermost } from './mattermost.ts';
import { Slack } from './slack.ts';
import { Teams } from './teams.ts';

export interface PlatformDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** What a chat tells only once and must be known after a restart. */
  readonly state: StateStore;
}

/** Libraries of a chat are loaded when it starts, by it alone. */
export function openPlatform(
  name: string,
  config: PlatformConfig,
  deps: PlatformDeps,
): ChatPlatform {
  switch (config.kind) {
    case 'socketSlack':
      return new Slack(name, config, deps);
    case 'discord':
      return new Discord(name, config, deps);
    case 'mattermost':
      return new Mattermost(name, config, deps);
    case 'teams':
      return new Teams(name, config, deps);
  }
}

/** The first of its kind is called by that, others by their group too: what is kept is kept by it. */
export function platformNames(platforms: readonly PlatformConfig[]): readonly string[] {
  return platforms.map(({ kind, group }, index) =>
    platforms.findIndex((one) => one.kind === kind) === index ? kind : `${kind}-${group}`,
  );
}
