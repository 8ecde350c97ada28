import { stringify } from 'yaml';
import type { Collection } from '#state';
import { CommandError } from './commands/parse.ts';
import type { ActionConfig, ChannelConfig, ChatConfig } from './config/contract.ts';
import type { Question } from './contract.ts';
import type { ReplyForm } from './form.ts';
import type { Reply, ReplyButton } from './reply.ts';
import { textTable } from './text-table.ts';

/** What people have switched in the chat; kept over restarts. */
export interface Switches {
  /** By `PLATFORM/CHANNEL`. */
  readonly notifications?: Readonly<Record<string, boolean>>;
  readonly actions?: Readonly<Record<string, boolean>>;
  readonly sources?: Readonly<Record<string, readonly string[]>>;
}

export interface BuiltinsDeps {
  readonly version: string;
  readonly serverVersion: () => string | undefined;
  readonly switches: Collection<Switches>;
  /** After somebody has switched something. */
  readonly changed?: () => void;
  /** Names of commands that only Nunchi has, with one line each. */
  readonly ownHelp: Readonly<Record<string, string>>;
}

const features: Readonly<Record<string, readonly string[]>> = {
  actions: ['action', 'actions', 'act'],
  executors: ['executor', 'executors', 'exec'],
  sources: ['source', 'sources', 'src'],
  aliases: ['alias', 'aliases', 'als'],
  notifications: ['notification', 'notifications', 'notif'],
  sourcebindings: ['sourcebindings', 'sourcebinding', 'sb'],
  config: ['config', 'cfg', 'configuration'],
};
const featuresOf: Readonly<Record<string, readonly string[]>> = {
  list: ['actions', 'executors', 'sources', 'aliases'],
  enable: ['notifications', 'actions'],
  disable: ['notifications', 'actions'],
  status: ['notifications', 'sourcebindings'],
  edit: ['sourcebindings'],
  show: ['config'],
};

/** Of the form that sources are chosen with. */
const sourcesField = 'sources';

/** First words of the commands here. */
export const builtinVerbs: ReadonlySet<string> = new Set([
  ...['help', 'ping', 'version', 'feedback'],
  ...Object.keys(featuresOf),
]);

/** Commands that Botkube answers by itself. */
export class Builtins {
  readonly #config: ChatConfig;
  readonly #deps: BuiltinsDeps;
  #switches: Switches = {};

  private constructor(config: ChatConfig, deps: BuiltinsDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  static async open(config: ChatConfig, deps: BuiltinsDeps): Promise<Builtins> {
    const builtins = new Builtins(config, deps);
    builtins.#switches = (await deps.switches.get('switches'))?.value ?? {};
    return builtins;
  }

  isNotified(platform: string, channel: ChannelConfig): boolean {
    return (
      this.#switches.notifications?.[`${platform}/${channel.name}`] ??
      !channel.notificationsDisabled
    );
  }

  isEnabled(action: ActionConfig): boolean {
    return this.#switches.actions?.[action.name] ?? action.enabled;
  }

  sourcesOf(platform: string, channel: ChannelConfig): readonly string[] {
    return this.#switches.sources?.[`${platform}/${channel.name}`] ?? channel.bindings.sources;
  }

  /** Undefined: it is a command of somebody else. */
  async answer(
    words: readonly string[],
    question: Question,
    channel: ChannelConfig,
  ): Promise<Reply | undefined> {
    const [verb = 'help', ...rest] = words;
    const { version, serverVersion } = this.#deps;
    const versions = `K8s Server Version: ${serverVersion() ?? 'unknown'}\nBotkube version: ${version}`;
    switch (verb) {
      case 'help':
        return rest[0] === undefined ? this.help() : this.#helpOf(rest[0]);
      case 'ping':
        return { text: `pong\n\n${versions}` };
      case 'version':
        return { text: versions };
      case 'feedback':
        return { text: 'Tell those who run this Nunchi what you miss.' };
      case 'list':
      case 'enable':
      case 'disable':
      case 'status':
      case 'edit':
      case 'show':
        return this.#feature(verb, rest, question, channel);
      default:
        return undefined;
    }
  }

  help(): Reply {
    const { clusterName } = this.#config;
    const button = (text: string, command: string): ReplyButton => ({ text, command });
    const opener = (text: string, command: string): ReplyButton => ({
      text,
      command,
      opensForm: true,
    });
    const tools = this.#config.executors;
    const own = Object.entries(this.#deps.ownHelp).map(([name, line]) => `\`${name}\` ${line}`);
    return {
      text: `Botkube is now active for "${clusterName}" cluster :rocket:`,
      sections: [
        {
          title: 'Ping your cluster',
          buttons: [button('Check status', `ping --cluster-name ${clusterName}`)],
        },
        {
          title: 'Manage incoming notifications',
          buttons: [
            button('Enable notifications', 'enable notifications'),
            button('Disable notifications', 'disable notifications'),
            button('Get status', 'status notifications'),
          ],
        },
        {
          title: 'Notification settings for this channel',
          buttons: [
            opener('Adjust notifications', 'edit sourcebindings'),
            button('Show sources', 'status sourcebindings'),
          ],
        },
        {
          title: 'Manage automated actions',
          buttons: [button('List available actions', 'list actions')],
        },
        {
          title: 'View current configuration',
          buttons: [button('Display configuration', 'show config')],
        },
        {
          title: 'Manage executors and aliases',
          buttons: [
            button('List executors', 'list executors'),
            button('List aliases', 'list aliases'),
          ],
        },
        ...(tools.some(({ kubectl }) => kubectl?.enabled === true)
          ? [
              {
                title: 'Run kubectl commands',
                buttons: [
                  opener('Interactive kubectl', 'kubectl'),
                  button('Get pods', 'kubectl get pods'),
                  button('Get nodes', 'kubectl get nodes'),
                ],
              },
            ]
          : []),
        ...(tools.some(({ helm }) => helm?.enabled === true)
          ? [{ title: 'Run helm commands', buttons: [button('List releases', 'helm list -A')] }]
          : []),
        {
          title: 'Ask Nunchi',
          text: own.join('\n'),
          buttons: [button('Incidents', 'incidents'), button('Top pods', 'top pods')],
        },
      ],
    };
  }

  /** Of one command, as far as there is more to say than of all. */
  #helpOf(name: string): Reply {
    const { ownHelp } = this.#deps;
    if (Object.hasOwn(ownHelp, name)) return { text: `\`${name}\` ${ownHelp[name]}` };
    const known = featuresOf[name];
    if (known !== undefined) {
      return {
        text: `usage: <@bot> ${name} [feature]\n\nAvailable features:\n${known.join('\n')}`,
      };
    }
    return this.help();
  }

  async #feature(
    verb: string,
    [word, ...rest]: readonly string[],
    question: Question,
    channel: ChannelConfig,
  ): Promise<Reply> {
    const known = featuresOf[verb] ?? [];
    const asked =
      word ?? (['enable', 'disable', 'status'].includes(verb) ? 'notifications' : undefined);
    if (asked === undefined) {
      throw new CommandError(
        "You missed to pass options for the command. Please use 'help' to see command options.",
      );
    }
    const feature = known.find((name) => features[name]?.includes(asked));
    if (feature === undefined) {
      throw new CommandError(
        `error: unknown option \`${asked}\`\nusage: <@bot> ${verb} [feature]\n\nAvailable features:\n${known.join('\n')}`,
      );
    }
    switch (`${verb} ${feature}`) {
      case 'list actions':
        return { output: this.#actionTable() };
      case 'list executors':
        return { output: this.#executorTable(channel) };
      case 'list sources':
        return { output: this.#sourceTable(question, channel) };
      case 'list aliases':
        return {
          output: this.#aliasTable(channel),
          text: 'Only showing aliases for executors enabled for this channel.',
        };
      case 'status sourcebindings':
        return { text: this.#sourceWords(question, channel) };
      case 'edit sourcebindings':
        return await this.#editSources(rest, question, channel);
      case 'show config':
        return { output: stringify(this.#config.written) };
      case 'enable actions':
      case 'disable actions':
        return await this.#switchAction(verb === 'enable', rest[0]);
      default:
        return await this.#notifications(verb, question, channel);
    }
  }

  async #notifications(verb: string, question: Question, channel: ChannelConfig): Promise<Reply> {
    const { clusterName } = this.#config;
    const { platform } = question.place;
    if (this.sourcesOf(platform, channel).length === 0) {
      return {
        text: `I'm not configured to send notifications here ('${channel.name}') from cluster '${clusterName}', so you cannot turn them on or off.`,
      };
    }
    if (verb === 'status') {
      const word = this.isNotified(platform, channel) ? 'enabled' : 'disabled';
      return { text: `Notifications from cluster '${clusterName}' are ${word} here.` };
    }
    const isOn = verb === 'enable';
    const { notifications = {} } = this.#switches;
    await this.#keep({
      notifications: { ...notifications, [`${platform}/${channel.name}`]: isOn },
    });
    return {
      text: isOn
        ? `Brace yourselves, incoming notifications from cluster '${clusterName}'.`
        : `Sure! I won't send you notifications from cluster '${clusterName}' here.`,
    };
  }

  async #switchAction(isOn: boolean, name: string | undefined): Promise<Reply> {
    const { clusterName, actions: known } = this.#config;
    if (name === undefined || !known.some((action) => action.name === name)) {
      return {
        text: 'You forgot to pass action name. Please pass one of the following valid actions:',
        output: this.#actionTable(),
      };
    }
    const { actions = {} } = this.#switches;
    await this.#keep({ actions: { ...actions, [name]: isOn } });
    return {
      text: isOn
        ? `I have enabled '${name}' action on '${clusterName}' cluster.`
        : `Done. I won't run '${name}' action on '${clusterName}' cluster.`,
    };
  }

  async #editSources(
    words: readonly string[],
    question: Question,
    channel: ChannelConfig,
  ): Promise<Reply> {
    const chosen = question.values?.[sourcesField] ?? [];
    const wanted = [...words, ...chosen]
      .join(',')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const known = this.#config.sources.map(({ name }) => name);
    if (wanted.length === 0 && question.hasForms === true)
      return { form: this.#sourcesForm(question, channel) };
    if (wanted.length === 0) {
      return {
        text: `Name the sources: \`edit sourcebindings ${known.slice(0, 2).join(',')}\`. There are ${known.join(', ')}.`,
      };
    }
    const unknown = wanted.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      return {
        text: `:exclamation: The \`${unknown}\` source was not found in configuration. There are ${known.join(', ')}.`,
      };
    }
    const { sources = {} } = this.#switches;
    await this.#keep({
      sources: { ...sources, [`${question.place.platform}/${channel.name}`]: wanted },
    });
    const names = wanted.map((name) => `\`${name}\``);
    const shown =
      names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
    return {
      text: `:white_check_mark: ${question.user.mention} adjusted the Botkube notifications settings to ${shown} messages for this channel.`,
    };
  }

  #sourcesForm(question: Question, channel: ChannelConfig): ReplyForm {
    return {
      title: 'Adjust notifications',
      command: 'edit sourcebindings',
      asks: 'when sent',
      fields: [
        {
          kind: 'multi-select',
          name: sourcesField,
          label: 'Select notification sources.',
          options: this.#config.sources.map(({ name, displayName }) => ({
            text: displayName,
            value: name,
          })),
          values: this.sourcesOf(question.place.platform, channel),
        },
      ],
    };
  }

  async #keep(change: Switches): Promise<void> {
    this.#switches = { ...this.#switches, ...change };
    await this.#deps.switches.put('switches', this.#switches);
    this.#deps.changed?.();
  }

  #actionTable(): string {
    return textTable(
      ['ACTION', 'ENABLED', 'DISPLAY NAME'],
      this.#config.actions.map((action) => [
        action.name,
        String(this.isEnabled(action)),
        action.displayName,
      ]),
    );
  }

  #aliasTable({ bindings }: ChannelConfig): string {
    const tools = new Map(
      this.#config.executors
        .filter(({ name }) => bindings.executors.includes(name))
        .flatMap(({ kubectl, helm }) => [
          ['kubectl', kubectl?.enabled === true] as const,
          ['helm', helm?.enabled === true] as const,
        ])
        .filter(([, isOn]) => isOn),
    );
    const isUsable = (command: string): boolean => {
      const [verb = ''] = command.split(' ');
      return (verb !== 'kubectl' && verb !== 'helm') || tools.has(verb);
    };
    return textTable(
      ['ALIAS', 'COMMAND', 'DISPLAY NAME'],
      this.#config.aliases
        .filter(({ command }) => isUsable(command))
        .map(({ name, command, displayName }) => [name, command, displayName]),
    );
  }

  #executorTable({ bindings }: ChannelConfig): string {
    const aliasesOf = (tool: string): string =>
      this.#config.aliases
        .filter(({ command }) => command.split(' ')[0] === tool)
        .map(({ name }) => name)
        .join(', ');
    const rows = this.#config.executors
      .filter(({ name }) => bindings.executors.includes(name))
      .flatMap(({ kubectl, helm }) => [
        ...(helm === undefined ? [] : [['botkube/helm', String(helm.enabled), aliasesOf('helm')]]),
        ...(kubectl === undefined
          ? []
          : [['botkube/kubectl', String(kubectl.enabled), aliasesOf('kubectl')]]),
      ]);
    return textTable(['EXECUTOR', 'ENABLED', 'ALIASES'], rows);
  }

  #sourceTable(question: Question, channel: ChannelConfig): string {
    const bound = this.sourcesOf(question.place.platform, channel);
    const mine = this.#config.sources.filter(({ name }) => bound.includes(name));
    const isOn = mine.some(({ kubernetes }) => kubernetes !== undefined);
    const hasAlerts = mine.some(({ prometheus }) => prometheus !== undefined);
    return textTable(
      ['SOURCE', 'ENABLED'],
      [
        ['botkube/kubernetes', String(isOn)],
        ...(hasAlerts ? [['botkube/prometheus', 'true']] : []),
        ...(mine.some(({ isIncoming }) => isIncoming) ? [['nunchi/webhook', 'true']] : []),
      ],
    );
  }

  #sourceWords(question: Question, channel: ChannelConfig): string {
    const bound = this.sourcesOf(question.place.platform, channel);
    if (bound.length === 0) return 'No sources are bound to this channel.';
    return `Sources of this channel: ${bound.map((name) => `\`${name}\``).join(', ')}.`;
  }
}
