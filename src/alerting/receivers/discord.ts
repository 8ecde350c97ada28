import type { DiscordConfig } from '../config/more-receiver-fields.ts';
import { discordEmbed } from '../messages/card-messages.ts';
import type { AlertMessage } from '../messages/contract.ts';
import { statusOf } from '../template/data.ts';
import { type HttpSender, messageFor, type Sender, type SenderDeps, sender } from './contract.ts';
import { multipart } from './multipart.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated, withoutBlank } from './texts.ts';

const maxTitleChars = 256;
const maxMessageChars = 4096;
const maxContentChars = 2000;
const colors = { firing: 0x992d22, resolved: 0x2ecc71 };

export function discordSender(config: DiscordConfig, deps: SenderDeps): Sender {
  const { templates, http } = deps;
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const url = await revealed(config.webhookUrl, config.webhookUrlFile, 'Discord webhook URL');
    const author = withoutBlank({
      username: text(config.username),
      avatar_url: text(config.avatarUrl),
    });
    const message = await messageFor(deps, notification, signal);
    if (message !== undefined) {
      await postMessage(http, { url, author, message, signal });
      return undefined;
    }
    const body = {
      content: truncated(text(config.content), maxContentChars),
      embeds: [
        {
          title: truncated(text(config.title), maxTitleChars),
          description: truncated(text(config.message), maxMessageChars),
          color: colors[statusOf(notification.alerts)],
        },
      ],
      ...author,
    };
    await http.post({ url, body, signal });
    return undefined;
  });
}

/** The picture is sent along: then nobody has to fetch it from here. */
async function postMessage(
  http: HttpSender,
  sent: {
    readonly url: string;
    readonly author: object;
    readonly message: AlertMessage;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { url, author, message, signal } = sent;
  const { picture } = message;
  if (picture === undefined) {
    await http.post({
      url,
      body: { embeds: [discordEmbed(message, undefined)], ...author },
      signal,
    });
    return;
  }
  const name = 'alert.png';
  const embeds = [discordEmbed(message, `attachment://${name}`)];
  const { contentType, bytes } = multipart([
    {
      name: 'payload_json',
      type: 'application/json',
      content: JSON.stringify({ embeds, ...author }),
    },
    { name: 'files[0]', fileName: name, type: 'image/png', content: picture.png },
  ]);
  await http.post({ url, body: bytes, headers: { 'content-type': contentType }, signal });
}
