import {
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
import { type CommonFields, common, fileProblem, secretUrl } from '../config/common-fields.ts';
import { jsonAnswer, refusal } from './answers.ts';
import { type Sender, type SenderDeps, sender, type Texts } from './contract.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated, withoutBlank } from './texts.ts';

const maxTitleChars = 1024;

interface RocketchatField {
  readonly title: string;
  readonly value: string;
  /** Undefined: as `short_fields` says. */
  readonly short: boolean | undefined;
}

interface RocketchatAction {
  readonly type: string;
  readonly text: string;
  readonly url: string;
  readonly imageUrl: string;
  readonly isWebview: boolean;
  readonly webviewHeightRatio: string;
  readonly msg: string;
  readonly msgInChatWindow: boolean;
  readonly msgProcessingType: string;
}

export interface RocketchatConfig extends CommonFields {
  readonly apiUrl: string;
  readonly tokenId: Secret | undefined;
  readonly tokenIdFile: string | undefined;
  readonly token: Secret | undefined;
  readonly tokenFile: string | undefined;
  /** An incoming webhook in place of tokens; a key of our own. */
  readonly webhookUrl: Secret | undefined;
  readonly channel: string;
  readonly color: string;
  readonly title: string;
  readonly titleLink: string;
  readonly text: string;
  readonly fields: readonly RocketchatField[];
  readonly shortFields: boolean;
  readonly emoji: string;
  readonly iconUrl: string;
  readonly imageUrl: string;
  readonly thumbUrl: string;
  readonly linkNames: boolean;
  readonly actions: readonly RocketchatAction[];
}

export const rocketchat: Field<RocketchatConfig> = section<RocketchatConfig>(
  {
    ...common(false),
    apiUrl: text(),
    tokenId: secret,
    tokenIdFile: optional(path),
    token: secret,
    tokenFile: optional(path),
    webhookUrl: secretUrl,
    channel: text(),
    color: text('{{ if eq .Status "firing" }}red{{ else }}green{{ end }}'),
    title: text('{{ template "rocketchat.default.title" . }}'),
    titleLink: text('{{ template "rocketchat.default.titlelink" . }}'),
    text: text('{{ template "rocketchat.default.text" . }}'),
    fields: list(
      section<RocketchatField>({ title: text(), value: text(), short: optional(flag(false)) }),
    ),
    shortFields: flag(false),
    emoji: text('{{ template "rocketchat.default.emoji" . }}'),
    iconUrl: text('{{ template "rocketchat.default.iconurl" . }}'),
    imageUrl: text(),
    thumbUrl: text(),
    linkNames: flag(false),
    actions: list(
      section<RocketchatAction>({
        type: text(),
        text: text(),
        url: text(),
        imageUrl: text(),
        isWebview: flag(false),
        webviewHeightRatio: text(),
        msg: text(),
        msgInChatWindow: flag(false),
        msgProcessingType: text(),
      }),
    ),
  },
  ({ token, tokenFile, tokenId, tokenIdFile }) =>
    fileProblem('token', [token, tokenFile]) ?? fileProblem('token_id', [tokenId, tokenIdFile]),
);

/** Rocket.Chat's chat.postMessage, or an incoming webhook. */
export function rocketchatSender(
  config: RocketchatConfig,
  { templates, http }: SenderDeps,
): Sender {
  return sender(async (notification, signal) => {
    const body = bodyOf(config, textsFor(templates, notification));
    if (config.webhookUrl !== undefined) {
      await http.post({ url: config.webhookUrl.reveal(), body, signal });
      return undefined;
    }
    const headers = {
      'x-auth-token': await revealed(config.token, config.tokenFile, 'Rocket.Chat token'),
      'x-user-id': await revealed(config.tokenId, config.tokenIdFile, 'Rocket.Chat token id'),
    };
    const url = `${config.apiUrl.replace(/\/*$/, '')}/api/v1/chat.postMessage`;
    const answer = jsonAnswer('rocketchat', await http.post({ url, body, headers, signal }));
    if (answer['success'] === true) return undefined;
    const { error } = answer;
    const isLimited = /too-many-requests/.test(String(answer['errorType'] ?? error));
    throw refusal('rocketchat', error, isLimited ? 'limited' : 'final');
  });
}

function bodyOf(config: RocketchatConfig, { text }: Texts): object {
  const fields = config.fields.map((field) => ({
    title: text(field.title),
    value: text(field.value),
    short: field.short ?? config.shortFields,
  }));
  const actions = config.actions.map((action) => ({
    type: 'button',
    ...withoutBlank({
      text: text(action.text),
      url: text(action.url),
      msg: text(action.msg),
      image_url: text(action.imageUrl),
      is_webview: action.isWebview,
      webview_height_ratio: action.webviewHeightRatio,
      msg_in_chat_window: action.msgInChatWindow,
      msg_processing_type: action.msgProcessingType,
    }),
  }));
  const attachment = {
    ...withoutBlank({
      title: truncated(text(config.title), maxTitleChars),
      title_link: text(config.titleLink),
      text: text(config.text),
      image_url: text(config.imageUrl),
      thumb_url: text(config.thumbUrl),
      color: text(config.color),
    }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(actions.length === 0 ? {} : { actions }),
  };
  return {
    ...withoutBlank({
      channel: text(config.channel),
      emoji: text(config.emoji),
      avatar: text(config.iconUrl),
    }),
    attachments: [attachment],
  };
}
