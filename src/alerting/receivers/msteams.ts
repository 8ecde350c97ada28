import type { TeamsConfig, TeamsV2Config } from '../config/more-receiver-fields.ts';
import { teamsCard } from '../messages/card-messages.ts';
import { statusOf } from '../template/data.ts';
import { messageFor, type Sender, type SenderDeps, sender } from './contract.ts';
import { revealed } from './secrets.ts';
import { textsFor } from './texts.ts';

const cardColors = { firing: '8C1A1A', resolved: '2DC72D' };

/** Connectors of Office 365: a message card. */
export function msteamsSender(config: TeamsConfig, { templates, http }: SenderDeps): Sender {
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const url = await revealed(config.webhookUrl, config.webhookUrlFile, 'Teams webhook URL');
    const body = {
      '@context': 'http://schema.org/extensions',
      '@type': 'MessageCard',
      title: text(config.title),
      summary: text(config.summary),
      text: text(config.text),
      themeColor: cardColors[statusOf(notification.alerts)],
    };
    await http.post({ url, body, signal });
    return undefined;
  });
}

/** Workflows: an adaptive card. */
export function msteamsv2Sender(config: TeamsV2Config, deps: SenderDeps): Sender {
  const { templates, http } = deps;
  return sender(async (notification, signal) => {
    const { text } = textsFor(templates, notification);
    const url = await revealed(config.webhookUrl, config.webhookUrlFile, 'Teams webhook URL');
    const isFiring = statusOf(notification.alerts) === 'firing';
    const message = await messageFor(deps, notification, signal);
    const plain = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
      body: [
        {
          type: 'TextBlock',
          text: text(config.title),
          weight: 'Bolder',
          size: 'Medium',
          wrap: true,
          style: 'heading',
          color: isFiring ? 'Attention' : 'Good',
        },
        { type: 'TextBlock', text: text(config.text), wrap: true },
      ],
      msteams: { width: 'full' },
    };
    const content = message === undefined ? plain : teamsCard(message);
    const contentType = 'application/vnd.microsoft.card.adaptive';
    const body = { type: 'message', attachments: [{ contentType, contentUrl: null, content }] };
    await http.post({ url, body, signal });
    return undefined;
  });
}
