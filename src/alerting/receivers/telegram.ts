import type { TelegramConfig } from '../config/more-receiver-fields.ts';
import type { AlertMessage } from '../messages/contract.ts';
import { telegramLimits, telegramMessage } from '../messages/telegram-message.ts';
import {
  DeliveryError,
  type HttpAnswer,
  messageFor,
  type Sender,
  type SenderDeps,
  sender,
} from './contract.ts';
import { multipart } from './multipart.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated, withoutBlank } from './texts.ts';

const maxMessageChars = 4096;

export function telegramSender(config: TelegramConfig, deps: SenderDeps): Sender {
  const { templates, http } = deps;
  return sender(async (notification, signal) => {
    const texts = textsFor(templates, notification);
    const token = await revealed(config.botToken, config.botTokenFile, 'Telegram bot token');
    const chatId = config.chatId ?? (await revealed(undefined, config.chatIdFile, 'chat id'));
    const api = `${config.apiUrl}/bot${token}`;
    const place = withoutBlank({
      chat_id: chatId,
      message_thread_id: config.messageThreadId,
      disable_notification: config.disableNotifications,
    });
    const rich = await messageFor(deps, notification, signal);
    if (rich !== undefined) {
      await tell(deps, { api, place, message: rich, signal });
      return undefined;
    }
    // Values are escaped where the text is HTML; tags of the template itself stay.
    const message =
      config.parseMode === 'HTML' ? texts.html(config.message) : texts.text(config.message);
    const body = {
      chat_id: chatId,
      text: truncated(message, maxMessageChars),
      ...withoutBlank({
        parse_mode: config.parseMode,
        message_thread_id: config.messageThreadId,
        disable_notification: config.disableNotifications,
      }),
      disable_web_page_preview: true,
    };
    checkAnswer(await http.post({ url: `${api}/sendMessage`, body, signal }));
    return undefined;
  });
}

/** The chart with the words below it; where these are too many, they come first and the chart after them. */
async function tell(
  { http }: SenderDeps,
  sent: {
    readonly api: string;
    readonly place: Readonly<Record<string, unknown>>;
    readonly message: AlertMessage;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { api, place, message, signal } = sent;
  const { picture } = message;
  const text = telegramMessage(message, telegramLimits.text);
  const photo = async (more: Readonly<Record<string, unknown>>): Promise<void> => {
    if (picture === undefined) return;
    const fields = Object.entries({ ...place, ...more }).map(([name, value]) => ({
      name,
      type: 'text/plain; charset=utf-8',
      content: String(value),
    }));
    const file = { name: 'photo', fileName: 'alert.png', type: 'image/png', content: picture.png };
    const { contentType, bytes } = multipart([...fields, file]);
    const headers = { 'content-type': contentType };
    checkAnswer(await http.post({ url: `${api}/sendPhoto`, body: bytes, headers, signal }));
  };
  if (picture !== undefined && text.length <= telegramLimits.caption) {
    return await photo({ caption: text, parse_mode: 'HTML' });
  }
  const body = { ...place, text, parse_mode: 'HTML', disable_web_page_preview: true };
  checkAnswer(await http.post({ url: `${api}/sendMessage`, body, signal }));
  // The words have arrived: what they are about must not be told twice for a picture.
  await photo({ disable_notification: true }).catch(() => {});
}

function checkAnswer(answer: HttpAnswer): void {
  if (/"ok"\s*:\s*true/.test(answer.text)) return;
  throw new DeliveryError(`telegram: ${answer.text.slice(0, 200)}`, {
    isRetryable: false,
    reason: 'clientError',
  });
}
