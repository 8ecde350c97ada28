import type { SlackConfig } from '../config/receiver-fields.ts';
import type { Recall } from '../contract.ts';
import { type SlackPicture, slackMessage } from '../messages/slack-message.ts';
import { statusOf } from '../template/data.ts';
import { DeliveryError, messageFor, type Sender, type SenderDeps, sender } from './contract.ts';
import { revealed } from './secrets.ts';
import { checkSlackAnswer, type SlackApi, SlackRefusal, slackApi } from './slack-api.ts';
import { slackAuthor, slackBody } from './slack-body.ts';
import { uploadedPicture, withPicture } from './slack-picture.ts';
import { textsFor } from './texts.ts';

/** A message that others belong to: the root of a thread, or the one that is kept up to date. */
interface Posted {
  readonly channel: string;
  readonly ts: string;
}

/** Why a message cannot be changed or answered any more: a new one takes its place. */
const goneErrors: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
  'channel_not_found',
]);

/** An incoming webhook, or a bot's token: then messages of a group can know of each other. */
export function slackSender(config: SlackConfig, deps: SenderDeps): Sender {
  const { templates, http } = deps;
  return sender(async (notification, signal, recall) => {
    const texts = textsFor(templates, notification);
    const message = await messageFor(deps, notification, signal);
    const { timeoutMs } = config;
    const bodyWith = (picture: SlackPicture | undefined): Record<string, unknown> =>
      message === undefined
        ? slackBody(config, texts)
        : { ...slackAuthor(config, texts), ...slackMessage(message, picture) };
    try {
      if ((config.appToken ?? config.appTokenFile) === undefined) {
        const url = await revealed(config.apiUrl, config.apiUrlFile, 'Slack API URL');
        const publicUrl = message?.picture?.url;
        const picture = publicUrl === undefined ? undefined : { url: publicUrl };
        await withPicture(picture, async (shown) => {
          const body = bodyWith(shown);
          checkSlackAnswer(await http.post({ url, body, timeoutMs, signal }));
        });
        return undefined;
      }
      const token = await revealed(config.appToken, config.appTokenFile, 'Slack app token');
      const api = slackApi(http, { url: config.appUrl, token, timeoutMs });
      const picture = await uploadedPicture(api, message?.picture, signal);
      const posted = await withPicture(picture, (shown) =>
        tell(api, config, { body: bodyWith(shown), signal, before: postedOf(recall) }),
      );
      // What comes after the end is another incident, with a thread of its own.
      return statusOf(notification.alerts) === 'firing' ? { ...posted } : {};
    } catch (error) {
      throw withChannel(error, texts.text(config.channel));
    }
  });
}

const postedOf = ({ channel, ts }: Recall): Posted | undefined =>
  channel === undefined || ts === undefined ? undefined : { channel, ts };

/** @returns the message that the next one belongs to */
async function tell(
  api: SlackApi,
  { updateMessage, threads }: SlackConfig,
  message: {
    readonly body: Readonly<Record<string, unknown>>;
    readonly signal: AbortSignal;
    readonly before: Posted | undefined;
  },
): Promise<Posted> {
  const { body, signal, before } = message;
  if (before !== undefined && (updateMessage || threads)) {
    try {
      const { channel, ts } = before;
      if (updateMessage) {
        await api.call({ method: 'chat.update', body: { ...body, channel, ts }, signal });
      }
      if (threads) {
        const reply = { ...body, channel, thread_ts: ts };
        await api.call({ method: 'chat.postMessage', body: reply, signal });
      }
      return before;
    } catch (error) {
      if (!(error instanceof SlackRefusal) || !goneErrors.has(error.code)) throw error;
    }
  }
  const { channel, ts } = await api.call({ method: 'chat.postMessage', body, signal });
  return { channel: String(channel ?? ''), ts: String(ts ?? '') };
}

function withChannel(error: unknown, channel: string): unknown {
  if (!(error instanceof DeliveryError) || channel === '') return error;
  const { message, isRetryable, reason, retryAfterMs } = error;
  return new DeliveryError(`channel ${JSON.stringify(channel)}: ${message}`, {
    isRetryable,
    reason,
    retryAfterMs,
  });
}
