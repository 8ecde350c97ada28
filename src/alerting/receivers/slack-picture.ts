import type { MessagePicture } from '../messages/contract.ts';
import type { SlackPicture } from '../messages/slack-message.ts';
import { DeliveryError } from './contract.ts';
import type { SlackApi } from './slack-api.ts';

/** What Slack says of a message whose picture it cannot show. */
const pictureErrors = /invalid_blocks|invalid_payload|invalid_attachments|slack_file/;

/** Without a picture where it cannot be uploaded: the message is what matters. */
export async function uploadedPicture(
  api: SlackApi,
  picture: Pick<MessagePicture, 'png' | 'altText' | 'url'> | undefined,
  signal: AbortSignal,
): Promise<SlackPicture | undefined> {
  if (picture === undefined) return undefined;
  const file = { name: 'alert.png', title: picture.altText, bytes: picture.png };
  try {
    return { fileId: await api.upload(file, signal) };
  } catch {
    return picture.url === undefined ? undefined : { url: picture.url };
  }
}

/** Tells once more, without the picture, where that is what Slack does not like. */
export async function withPicture<T>(
  picture: SlackPicture | undefined,
  send: (picture: SlackPicture | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await send(picture);
  } catch (error) {
    const isPicture =
      picture !== undefined &&
      error instanceof DeliveryError &&
      !error.isRetryable &&
      pictureErrors.test(error.message);
    if (!isPicture) throw error;
    return await send(undefined);
  }
}
