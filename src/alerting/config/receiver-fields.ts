import {
  anything,
  count,
  duration,
  type Field,
  flag,
  list,
  optional,
  path,
  type Secret,
  secret,
  section,
  text,
} from '#metrics/config';
import { type CommonFields, common, secretUrl } from './common-fields.ts';

export interface WebhookConfig extends CommonFields {
  readonly url: Secret | undefined;
  readonly urlFile: string | undefined;
  /** 0: all. */
  readonly maxAlerts: number;
  readonly timeoutMs: number;
  /** A body of one's own; its texts are templates. */
  readonly payload: unknown;
}

export const webhook: Field<WebhookConfig> = section<WebhookConfig>(
  {
    ...common(true),
    url: secretUrl,
    urlFile: optional(path),
    maxAlerts: count(0),
    timeoutMs: duration(0),
    payload: anything,
  },
  ({ url, urlFile }) => {
    if (url === undefined && urlFile === undefined)
      return 'one of url or url_file must be configured';
    return url !== undefined && urlFile !== undefined
      ? 'at most one of url & url_file must be configured'
      : undefined;
  },
);

export interface SlackField {
  readonly title: string;
  readonly value: string;
  /** Undefined: as `short_fields` says. */
  readonly short: boolean | undefined;
}

export interface SlackAction {
  readonly type: string;
  readonly text: string;
  readonly url: string;
  readonly style: string;
  readonly name: string;
  readonly value: string;
  readonly confirm:
    | {
        readonly text: string;
        readonly title: string;
        readonly okText: string;
        readonly dismissText: string;
      }
    | undefined;
}

export interface SlackConfig extends CommonFields {
  readonly apiUrl: Secret | undefined;
  readonly apiUrlFile: string | undefined;
  readonly appToken: Secret | undefined;
  readonly appTokenFile: string | undefined;
  readonly appUrl: string;
  readonly channel: string;
  readonly username: string;
  readonly color: string;
  readonly title: string;
  readonly titleLink: string;
  readonly pretext: string;
  readonly text: string;
  readonly fields: readonly SlackField[];
  readonly shortFields: boolean;
  readonly footer: string;
  readonly fallback: string;
  readonly callbackId: string;
  readonly iconEmoji: string;
  readonly iconUrl: string;
  readonly imageUrl: string;
  readonly thumbUrl: string;
  readonly linkNames: boolean;
  readonly mrkdwnIn: readonly string[] | undefined;
  readonly actions: readonly SlackAction[];
  readonly messageText: string;
  /** Later messages of a group take the place of its first; needs a token. */
  readonly updateMessage: boolean;
  /** Later messages of a group go into the thread of its first; needs a token. A key of our own. */
  readonly threads: boolean;
  readonly timeoutMs: number;
}

const slackField: Field<SlackField> = section<SlackField>(
  { title: text(), value: text(), short: optional(flag(false)) },
  ({ title, value }) =>
    title === ''
      ? 'missing title in Slack field configuration'
      : value === ''
        ? 'missing value in Slack field configuration'
        : undefined,
);

const slackAction: Field<SlackAction> = section<SlackAction>(
  {
    type: text(),
    text: text(),
    url: text(),
    style: text(),
    name: text(),
    value: text(),
    confirm: optional(
      section<NonNullable<SlackAction['confirm']>>(
        { text: text(), title: text(), okText: text(), dismissText: text() },
        (confirm) =>
          confirm.text === '' ? 'missing text in Slack confirmation configuration' : undefined,
      ),
    ),
  },
  (action) => {
    if (action.type === '') return 'missing type in Slack action configuration';
    if (action.text === '') return 'missing text in Slack action configuration';
    return action.url === '' && action.name === ''
      ? 'missing name or url in Slack action configuration'
      : undefined;
  },
);

export const slack: Field<SlackConfig> = section<SlackConfig>(
  {
    ...common(false),
    apiUrl: secretUrl,
    apiUrlFile: optional(path),
    appToken: secret,
    appTokenFile: optional(path),
    appUrl: text(),
    channel: text(),
    username: text('{{ template "slack.default.username" . }}'),
    color: text('{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}'),
    title: text('{{ template "slack.default.title" . }}'),
    titleLink: text('{{ template "slack.default.titlelink" . }}'),
    pretext: text('{{ template "slack.default.pretext" . }}'),
    text: text('{{ template "slack.default.text" . }}'),
    fields: list(slackField),
    shortFields: flag(false),
    footer: text('{{ template "slack.default.footer" . }}'),
    fallback: text('{{ template "slack.default.fallback" . }}'),
    callbackId: text('{{ template "slack.default.callbackid" . }}'),
    iconEmoji: text('{{ template "slack.default.iconemoji" . }}'),
    iconUrl: text('{{ template "slack.default.iconurl" . }}'),
    imageUrl: text(),
    thumbUrl: text(),
    linkNames: flag(false),
    mrkdwnIn: optional(list(text())),
    actions: list(slackAction),
    messageText: text(),
    updateMessage: flag(false),
    threads: flag(false),
    timeoutMs: duration(0),
  },
  ({ apiUrl, apiUrlFile, appToken, appTokenFile }) => {
    if (apiUrl !== undefined && apiUrlFile !== undefined) {
      return 'at most one of api_url & api_url_file must be configured';
    }
    if (appToken !== undefined && appTokenFile !== undefined) {
      return 'at most one of app_token & app_token_file must be configured';
    }
    return (apiUrl ?? apiUrlFile) !== undefined && (appToken ?? appTokenFile) !== undefined
      ? 'at most one of api_url/api_url_file & app_token/app_token_file must be configured'
      : undefined;
  },
);
