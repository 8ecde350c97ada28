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
import { type CommonFields, common, fileProblem } from '../config/common-fields.ts';
import { jsonAnswer, refusal } from './answers.ts';
import { type DeliveryError, type Sender, type SenderDeps, sender } from './contract.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncatedBytes } from './texts.ts';

const maxMessageBytes = 2048;
/** Tokens are good for two hours; asking anew earlier costs little. */
const tokenLifeMs = 7_000_000;
const busyCodes: ReadonlySet<unknown> = new Set([-1, 45009, 45033]);
const staleTokenCodes: ReadonlySet<unknown> = new Set([40001, 40014, 42001]);

export interface WechatConfig extends CommonFields {
  readonly apiSecret: Secret | undefined;
  readonly apiSecretFile: string | undefined;
  readonly corpId: string;
  readonly apiUrl: string;
  readonly message: string;
  readonly messageType: 'text' | 'markdown';
  readonly toUser: string;
  readonly toParty: string;
  readonly toTag: string;
  readonly agentId: string;
}

export const wechat: Field<WechatConfig> = section<WechatConfig>(
  {
    ...common(false),
    apiSecret: secret,
    apiSecretFile: optional(path),
    corpId: text(),
    apiUrl: text(),
    message: text('{{ template "wechat.default.message" . }}'),
    messageType: choice(['text', 'markdown'], 'text'),
    toUser: text('{{ template "wechat.default.to_user" . }}'),
    toParty: text('{{ template "wechat.default.to_party" . }}'),
    toTag: text('{{ template "wechat.default.to_tag" . }}'),
    agentId: text('{{ template "wechat.default.agent_id" . }}'),
  },
  ({ apiSecret, apiSecretFile }) => fileProblem('api_secret', [apiSecret, apiSecretFile]),
);

/** WeChat Work: an application's message, with an access token that is asked for when it is stale. */
export function wechatSender(config: WechatConfig, { templates, http, clock }: SenderDeps): Sender {
  let token: { readonly value: string; readonly expiresMs: number } | undefined;
  const call = async (path: string, body: unknown, signal: AbortSignal) => {
    const method = body === undefined ? 'GET' : 'POST';
    const url = `${config.apiUrl}${path}`;
    return jsonAnswer('wechat', await http.post({ url, body, method, signal }));
  };
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    if (token === undefined || token.expiresMs <= clock.nowMs()) {
      const corpsecret = text(
        await revealed(config.apiSecret, config.apiSecretFile, 'WeChat API secret'),
      );
      const query = new URLSearchParams({ corpsecret, corpid: text(config.corpId) });
      const answer = await call(`gettoken?${query.toString()}`, undefined, signal);
      const { access_token: value } = answer;
      if (typeof value !== 'string' || value === '') throw refusalOf(answer);
      token = { value, expiresMs: clock.nowMs() + tokenLifeMs };
    }
    const content = truncatedBytes(text(config.message), maxMessageBytes);
    const body = {
      touser: text(config.toUser),
      toparty: text(config.toParty),
      totag: text(config.toTag),
      agentid: text(config.agentId),
      safe: '0',
      msgtype: config.messageType,
      [config.messageType]: { content },
    };
    const query = new URLSearchParams({ access_token: token.value });
    const answer = await call(`message/send?${query.toString()}`, body, signal);
    const { errcode: code } = answer;
    if (code === 0) return undefined;
    if (staleTokenCodes.has(code)) token = undefined;
    throw refusalOf(answer);
  });
}

function refusalOf(answer: Readonly<Record<string, unknown>>): DeliveryError {
  const { errcode: code, errmsg: message } = answer;
  const isStale = staleTokenCodes.has(code);
  const how = busyCodes.has(code) ? 'limited' : isStale ? 'retry' : 'final';
  return refusal('wechat', `${String(code)} ${String(message ?? '')}`, how);
}
