import { createHmac } from 'node:crypto';
import { type Field, optional, path, type Secret, secret, section, text } from '#metrics/config';
import { type CommonFields, common, fileProblem, secretUrl } from '../config/common-fields.ts';
import { statusOf } from '../template/data.ts';
import { jsonAnswer, refusal } from './answers.ts';
import { type Sender, type SenderDeps, sender } from './contract.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated, truncatedBytes } from './texts.ts';

const maxTitleChars = 200;
/** A request may have 20 KB; the rest is the card. */
const maxMessageBytes = 16_000;
const busyCodes: ReadonlySet<unknown> = new Set([9499, 11232]);

export interface FeishuConfig extends CommonFields {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  /** Of bots that check signatures. */
  readonly secret: Secret | undefined;
  readonly secretFile: string | undefined;
  readonly title: string;
  readonly message: string;
}

export const feishu: Field<FeishuConfig> = section<FeishuConfig>(
  {
    ...common(true),
    webhookUrl: secretUrl,
    webhookUrlFile: optional(path),
    secret,
    secretFile: optional(path),
    title: text('{{ template "feishu.default.title" . }}'),
    message: text('{{ template "feishu.default.message" . }}'),
  },
  ({ webhookUrl, webhookUrlFile, secret: key, secretFile }) =>
    fileProblem('webhook_url', [webhookUrl, webhookUrlFile], 'needed') ??
    fileProblem('secret', [key, secretFile]),
);

/** A bot of a Feishu or Lark group: an interactive card. */
export function feishuSender(config: FeishuConfig, { templates, http, clock }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const url = await revealed(config.webhookUrl, config.webhookUrlFile, 'Feishu webhook URL');
    const hasSecret = (config.secret ?? config.secretFile) !== undefined;
    const key = hasSecret ? await revealed(config.secret, config.secretFile, 'Feishu secret') : '';
    const isFiring = statusOf(notification.alerts) === 'firing';
    const card = {
      config: { wide_screen_mode: true },
      header: {
        title: { tag: 'plain_text', content: truncated(text(config.title), maxTitleChars) },
        template: isFiring ? 'red' : 'green',
      },
      elements: [
        { tag: 'markdown', content: truncatedBytes(text(config.message), maxMessageBytes) },
      ],
    };
    const signature = hasSecret ? signed(key, Math.floor(clock.nowMs() / 1000)) : {};
    const body = { msg_type: 'interactive', card, ...signature };
    const answer = jsonAnswer('feishu', await http.post({ url, body, signal }));
    const code = answer['code'] ?? answer['StatusCode'];
    if (code === 0) return undefined;
    const message = `${String(code)} ${String(answer['msg'] ?? answer['StatusMessage'] ?? '')}`;
    throw refusal('feishu', message, busyCodes.has(code) ? 'limited' : 'final');
  });
}

/** The text to sign is the key here, and nothing is what is signed. */
const signed = (key: string, seconds: number): object => ({
  timestamp: String(seconds),
  sign: createHmac('sha256', `${seconds}\n${key}`).update('').digest('base64'),
});
