import { createHmac } from 'node:crypto';
import {
  choice,
  type Field,
  optional,
  path,
  type Secret,
  secret,
  section,
  text,
} from '#metrics/config';
import { type CommonFields, common, fileProblem, secretUrl } from '../config/common-fields.ts';
import { jsonAnswer, refusal } from './answers.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated, truncatedBytes } from './texts.ts';

const maxTitleChars = 200;
/** A request may have 20,000 bytes. */
const maxMessageBytes = 18_000;
const robotUrl = 'https://oapi.dingtalk.com/robot/send';
const busyCodes: ReadonlySet<unknown> = new Set([-1, 130101, 410100]);

export interface DingtalkConfig extends CommonFields {
  /** The whole URL of the robot; or its `access_token`. */
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  readonly accessToken: Secret | undefined;
  readonly accessTokenFile: string | undefined;
  /** Of robots that check signatures. */
  readonly secret: Secret | undefined;
  readonly secretFile: string | undefined;
  readonly messageType: 'markdown' | 'text' | 'link' | 'actionCard';
  readonly title: string;
  readonly message: string;
  /** Where `link` and `actionCard` lead. */
  readonly messageUrl: string;
}

export const dingtalk: Field<DingtalkConfig> = section<DingtalkConfig>(
  {
    ...common(true),
    webhookUrl: secretUrl,
    webhookUrlFile: optional(path),
    accessToken: secret,
    accessTokenFile: optional(path),
    secret,
    secretFile: optional(path),
    messageType: choice(['markdown', 'text', 'link', 'actionCard'], 'markdown'),
    title: text('{{ template "dingtalk.default.title" . }}'),
    message: text('{{ template "dingtalk.default.message" . }}'),
    messageUrl: text('{{ template "dingtalk.default.url" . }}'),
  },
  (config) => {
    const { webhookUrl, webhookUrlFile, accessToken, accessTokenFile } = config;
    const ways = [webhookUrl ?? webhookUrlFile, accessToken ?? accessTokenFile];
    if (ways.filter((way) => way !== undefined).length !== 1) {
      return 'one of webhook_url and access_token must be configured';
    }
    return (
      fileProblem('webhook_url', [webhookUrl, webhookUrlFile]) ??
      fileProblem('access_token', [accessToken, accessTokenFile]) ??
      fileProblem('secret', [config.secret, config.secretFile])
    );
  },
);

/** A robot of a DingTalk group. */
export function dingtalkSender(
  config: DingtalkConfig,
  { templates, http, clock }: SenderDeps,
): Sender {
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const url = await urlOf(config, clock.nowMs());
    const title = truncated(text(config.title), maxTitleChars);
    const message = truncatedBytes(text(config.message), maxMessageBytes);
    const link = text(config.messageUrl);
    const parts: Readonly<Record<DingtalkConfig['messageType'], object>> = {
      markdown: { title, text: message },
      text: { content: message },
      link: { title, text: message, messageUrl: link },
      actionCard: { title, text: message, singleTitle: 'More', singleURL: link },
    };
    const { messageType } = config;
    const body = { msgtype: messageType, [messageType]: parts[messageType] };
    const answer = jsonAnswer('dingtalk', await http.post({ url, body, signal }));
    const { errcode: code, errmsg: reason } = answer;
    if (code === 0) return undefined;
    const how = busyCodes.has(code) ? 'limited' : 'final';
    throw refusal('dingtalk', `${String(code)} ${String(reason ?? '')}`, how);
  });
}

async function urlOf(config: DingtalkConfig, nowMs: number): Promise<string> {
  const { webhookUrl, webhookUrlFile, accessToken, accessTokenFile } = config;
  const isWhole = (webhookUrl ?? webhookUrlFile) !== undefined;
  const url = new URL(
    isWhole ? await revealed(webhookUrl, webhookUrlFile, 'DingTalk webhook URL') : robotUrl,
  );
  if (!isWhole) {
    const token = await revealed(accessToken, accessTokenFile, 'DingTalk access token');
    url.searchParams.set('access_token', token);
  }
  if ((config.secret ?? config.secretFile) !== undefined) {
    const key = await revealed(config.secret, config.secretFile, 'DingTalk secret');
    url.searchParams.set('timestamp', String(nowMs));
    const sign = createHmac('sha256', key).update(`${nowMs}\n${key}`).digest('base64');
    url.searchParams.set('sign', sign);
  }
  return url.href;
}
