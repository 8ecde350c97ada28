import { type Field, flag, optional, path, type Secret, section, text } from '#metrics/config';
import { type CommonFields, common, fileProblem, secretUrl } from '../config/common-fields.ts';
import { googlechatMessage } from '../messages/googlechat-message.ts';
import { messageFor, type Sender, type SenderDeps, sender } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncatedBytes } from './texts.ts';

/** Google Chat refuses messages above 32,000 bytes. */
const maxTextBytes = 31_000;

export interface GooglechatConfig extends CommonFields {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  readonly title: string;
  readonly message: string;
  /** One thread for each group. */
  readonly threads: boolean;
}

export const googlechat: Field<GooglechatConfig> = section<GooglechatConfig>(
  {
    ...common(true),
    webhookUrl: secretUrl,
    webhookUrlFile: optional(path),
    title: text('{{ template "googlechat.default.title" . }}'),
    message: text('{{ template "googlechat.default.message" . }}'),
    threads: flag(true),
  },
  ({ webhookUrl, webhookUrlFile }) =>
    fileProblem('webhook_url', [webhookUrl, webhookUrlFile], 'needed'),
);

/** A webhook of a Google Chat space. */
export function googlechatSender(config: GooglechatConfig, deps: SenderDeps): Sender {
  const { templates, http } = deps;
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const url = new URL(
      await revealed(config.webhookUrl, config.webhookUrlFile, 'Google Chat webhook URL'),
    );
    const title = text(config.title).trim();
    const parts = [title === '' ? '' : `*${title}*`, text(config.message).trim()];
    const message = parts.filter((part) => part !== '').join('\n') || '(no details)';
    if (config.threads) {
      url.searchParams.set('messageReplyOption', 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD');
    }
    const thread = { threadKey: groupHash(notification.groupKey) };
    const rich = await messageFor(deps, notification, signal);
    const body = {
      ...(rich === undefined
        ? { text: truncatedBytes(message, maxTextBytes) }
        : googlechatMessage(rich)),
      ...(config.threads ? { thread } : {}),
    };
    await http.post({ url: url.href, body, signal });
    return undefined;
  });
}
