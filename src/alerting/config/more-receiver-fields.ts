import {
  choice,
  duration,
  type Field,
  flag,
  list,
  optional,
  path,
  record,
  type Secret,
  secret,
  section,
  type TlsConfig,
  text,
  tlsConfig,
} from '#metrics/config';
import { type CommonFields, common, secretUrl } from './common-fields.ts';
import { parsed } from './placed.ts';

export interface PagerdutyConfig extends CommonFields {
  readonly routingKey: Secret | undefined;
  readonly routingKeyFile: string | undefined;
  readonly serviceKey: Secret | undefined;
  readonly serviceKeyFile: string | undefined;
  readonly url: string;
  readonly client: string;
  readonly clientUrl: string;
  readonly description: string;
  readonly details: Readonly<Record<string, string>>;
  readonly images: readonly {
    readonly href: string;
    readonly src: string;
    readonly alt: string;
  }[];
  readonly links: readonly { readonly href: string; readonly text: string }[];
  readonly severity: string;
  readonly class: string;
  readonly component: string;
  readonly group: string;
  readonly source: string;
  readonly timeoutMs: number;
}

export const pagerduty: Field<PagerdutyConfig> = section<PagerdutyConfig>(
  {
    ...common(true),
    routingKey: secret,
    routingKeyFile: optional(path),
    serviceKey: secret,
    serviceKeyFile: optional(path),
    url: text(),
    client: text('{{ template "pagerduty.default.client" . }}'),
    clientUrl: text('{{ template "pagerduty.default.clientURL" . }}'),
    description: text('{{ template "pagerduty.default.description" . }}'),
    details: record(text()),
    images: list(
      section<PagerdutyConfig['images'][number]>({ href: text(), src: text(), alt: text() }),
    ),
    links: list(section<PagerdutyConfig['links'][number]>({ href: text(), text: text() })),
    severity: text('error'),
    class: text(),
    component: text(),
    group: text(),
    source: text(),
    timeoutMs: duration(0),
  },
  (config) => {
    if ((config.serviceKey ?? config.serviceKeyFile) !== undefined) {
      return 'service_key is of the Events API v1, which is not supported: use routing_key';
    }
    if ((config.routingKey ?? config.routingKeyFile) === undefined) {
      return 'missing service or routing key in PagerDuty config';
    }
    return config.routingKey !== undefined && config.routingKeyFile !== undefined
      ? 'at most one of routing_key & routing_key_file must be configured'
      : undefined;
  },
);

export interface OpsgenieResponder {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly type: string;
}

export interface OpsgenieConfig extends CommonFields {
  readonly apiKey: Secret | undefined;
  readonly apiKeyFile: string | undefined;
  readonly apiUrl: string;
  readonly message: string;
  readonly description: string;
  readonly source: string;
  readonly details: Readonly<Record<string, string>>;
  readonly entity: string;
  readonly responders: readonly OpsgenieResponder[];
  readonly actions: string;
  readonly tags: string;
  readonly note: string;
  readonly priority: string;
  readonly updateAlerts: boolean;
}

export const opsgenie: Field<OpsgenieConfig> = section<OpsgenieConfig>(
  {
    ...common(true),
    apiKey: secret,
    apiKeyFile: optional(path),
    apiUrl: text(),
    message: text('{{ template "opsgenie.default.message" . }}'),
    description: text('{{ template "opsgenie.default.description" . }}'),
    source: text('{{ template "opsgenie.default.source" . }}'),
    details: record(text()),
    entity: text(),
    responders: list(
      section<OpsgenieResponder>(
        { id: text(), name: text(), username: text(), type: text() },
        ({ id, name, username, type }) =>
          id === '' && name === '' && username === ''
            ? 'a responder needs an id, a name or a username'
            : type.includes('{{') || /^(team|teams|user|escalation|schedule)$/i.test(type)
              ? undefined
              : `type ${JSON.stringify(type)} of a responder is none of team, teams, user, escalation, schedule`,
      ),
    ),
    actions: text(),
    tags: text(),
    note: text(),
    priority: text(),
    updateAlerts: flag(false),
  },
  ({ apiKey, apiKeyFile }) =>
    apiKey !== undefined && apiKeyFile !== undefined
      ? 'at most one of api_key & api_key_file must be configured'
      : undefined,
);

const hookProblem = (config: {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
}): string | undefined => {
  const { webhookUrl, webhookUrlFile } = config;
  if (webhookUrl === undefined && webhookUrlFile === undefined) {
    return 'one of webhook_url or webhook_url_file must be configured';
  }
  return webhookUrl !== undefined && webhookUrlFile !== undefined
    ? 'at most one of webhook_url & webhook_url_file must be configured'
    : undefined;
};

export interface DiscordConfig extends CommonFields {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  readonly title: string;
  readonly message: string;
  readonly content: string;
  readonly username: string;
  readonly avatarUrl: string;
}

export const discord: Field<DiscordConfig> = section<DiscordConfig>(
  {
    ...common(true),
    webhookUrl: secretUrl,
    webhookUrlFile: optional(path),
    title: text('{{ template "discord.default.title" . }}'),
    message: text('{{ template "discord.default.message" . }}'),
    content: text('{{ template "discord.default.content" . }}'),
    username: text(),
    avatarUrl: text(),
  },
  hookProblem,
);

export interface TeamsConfig extends CommonFields {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  readonly title: string;
  /** Of `msteams_configs` only. */
  readonly summary: string;
  readonly text: string;
}

export const msteams: Field<TeamsConfig> = section<TeamsConfig>(
  {
    ...common(true),
    webhookUrl: secretUrl,
    webhookUrlFile: optional(path),
    title: text('{{ template "msteams.default.title" . }}'),
    summary: text('{{ template "msteams.default.summary" . }}'),
    text: text('{{ template "msteams.default.text" . }}'),
  },
  hookProblem,
);

export type TeamsV2Config = Omit<TeamsConfig, 'summary'>;

export const msteamsv2: Field<TeamsV2Config> = section<TeamsV2Config>(
  {
    ...common(true),
    webhookUrl: secretUrl,
    webhookUrlFile: optional(path),
    title: text('{{ template "msteamsv2.default.title" . }}'),
    text: text('{{ template "msteamsv2.default.text" . }}'),
  },
  hookProblem,
);

export interface TelegramConfig extends CommonFields {
  readonly apiUrl: string;
  readonly botToken: Secret | undefined;
  readonly botTokenFile: string | undefined;
  readonly chatId: string | undefined;
  readonly chatIdFile: string | undefined;
  readonly messageThreadId: string | undefined;
  readonly message: string;
  readonly parseMode: string;
  readonly disableNotifications: boolean;
}

const wholeNumber: Field<string | undefined> = parsed<string | undefined>(
  'a whole number',
  undefined,
  (value) => {
    if (!/^-?\d{1,19}$/.test(value)) throw new TypeError(`"${value}" is not a whole number`);
    return value;
  },
);

export const telegram: Field<TelegramConfig> = section<TelegramConfig>(
  {
    ...common(true),
    apiUrl: text(),
    botToken: secret,
    botTokenFile: optional(path),
    chatId: wholeNumber,
    chatIdFile: optional(path),
    messageThreadId: wholeNumber,
    message: text('{{ template "telegram.default.message" . }}'),
    parseMode: text('HTML'),
    disableNotifications: flag(false),
  },
  (config) => {
    if (config.botToken !== undefined && config.botTokenFile !== undefined) {
      return 'at most one of bot_token & bot_token_file must be configured';
    }
    if (config.chatId === undefined && config.chatIdFile === undefined) {
      return 'missing chat_id or chat_id_file on telegram_config';
    }
    return ['', 'Markdown', 'MarkdownV2', 'HTML'].includes(config.parseMode)
      ? undefined
      : 'unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string';
  },
);

export interface EmailConfig {
  readonly sendResolved: boolean;
  /** Only so that all ways to tell have it. */
  readonly httpConfig: CommonFields['httpConfig'];
  readonly to: string;
  readonly from: string;
  readonly hello: string;
  readonly smarthost: string;
  readonly authUsername: string;
  readonly authPassword: Secret | undefined;
  readonly authPasswordFile: string | undefined;
  readonly authSecret: Secret | undefined;
  readonly authSecretFile: string | undefined;
  readonly authIdentity: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
  readonly text: string;
  readonly requireTls: boolean | undefined;
  readonly forceImplicitTls: boolean | undefined;
  readonly tlsConfig: TlsConfig | undefined;
  /** Messages of a group stand in one thread; a new one each day unless `none`. */
  readonly threading: { readonly enabled: boolean; readonly threadByDate: 'daily' | 'none' };
}

export const email: Field<EmailConfig> = section<EmailConfig>(
  {
    sendResolved: flag(false),
    httpConfig: common(false).httpConfig,
    to: text(),
    from: text(),
    hello: text(),
    smarthost: text(),
    authUsername: text(),
    authPassword: secret,
    authPasswordFile: optional(path),
    authSecret: secret,
    authSecretFile: optional(path),
    authIdentity: text(),
    headers: record(text()),
    html: text('{{ template "email.default.html" . }}'),
    text: text(),
    requireTls: optional(flag(true)),
    forceImplicitTls: optional(flag(false)),
    tlsConfig: optional(tlsConfig),
    threading: section<EmailConfig['threading']>({
      enabled: flag(false),
      threadByDate: choice(['daily', 'none'], 'daily'),
    }),
  },
  ({ to, headers }) => {
    if (to === '') return 'missing to address in email config';
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    const repeated = names.find((name, at) => names.indexOf(name) < at);
    return repeated === undefined
      ? undefined
      : `duplicate header ${JSON.stringify(repeated)} in email config`;
  },
);
