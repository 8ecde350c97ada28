import { type Field, optional, path, type Secret, secret, section, text } from '#metrics/config';
import { type CommonFields, common, fileProblem } from '../config/common-fields.ts';
import { DeliveryError, type Sender, type SenderDeps, sender } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated } from './texts.ts';

const maxMessageChars = 5000;

export interface LineConfig extends CommonFields {
  readonly apiUrl: string;
  readonly channelToken: Secret | undefined;
  readonly channelTokenFile: string | undefined;
  /** Id of a user, a group or a room. */
  readonly to: string;
  readonly message: string;
}

export const line: Field<LineConfig> = section<LineConfig>(
  {
    ...common(true),
    apiUrl: text('https://api.line.me/v2/bot/message/push'),
    channelToken: secret,
    channelTokenFile: optional(path),
    to: text(),
    message: text('{{ template "line.default.message" . }}'),
  },
  ({ to, channelToken, channelTokenFile }) =>
    to === ''
      ? 'missing to in line config'
      : fileProblem('channel_token', [channelToken, channelTokenFile], 'needed'),
);

/** LINE's Messaging API (LINE Notify is gone). A message tried again has its key: it appears once. */
export function lineSender(config: LineConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const token = await revealed(
      config.channelToken,
      config.channelTokenFile,
      'LINE channel token',
    );
    const message = truncated(text(config.message).trim() || '(no details)', maxMessageChars);
    const headers = {
      authorization: `Bearer ${token}`,
      'x-line-retry-key': uuidOf(`${notification.groupKey} ${notification.nowMs}`),
    };
    const body = { to: text(config.to), messages: [{ type: 'text', text: message }] };
    try {
      await http.post({ url: config.apiUrl, body, headers, signal });
    } catch (error) {
      // The key is known: an earlier try arrived.
      const isKnown = error instanceof DeliveryError && error.status === 409;
      if (!isKnown) throw error;
    }
    return undefined;
  });
}

/** The same for the same message. */
function uuidOf(text: string): string {
  const hash = groupHash(text);
  const variant = '89ab'[Number.parseInt(hash[16] ?? '0', 16) % 4];
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}
