import type { SlackAction, SlackConfig } from '../config/receiver-fields.ts';
import type { Texts } from './contract.ts';
import { truncated, withoutBlank } from './texts.ts';

/** Slack's own limits: of an attachment's title, and of a text. */
const maxTitleChars = 1024;
const maxTextChars = 40_000;

/** What Slack is sent: one attachment, as Alertmanager makes it. */
export function slackBody(config: SlackConfig, { text }: Texts): Record<string, unknown> {
  const fields = config.fields.map((field) => ({
    title: text(field.title),
    value: text(field.value),
    short: field.short ?? config.shortFields,
  }));
  const actions = config.actions.map((action) => slackAction(action, text));
  const attachment = {
    ...withoutBlank({
      title: truncated(text(config.title), maxTitleChars),
      title_link: text(config.titleLink),
      pretext: text(config.pretext),
    }),
    text: truncated(text(config.text), maxTextChars),
    fallback: text(config.fallback),
    callback_id: text(config.callbackId),
    ...(fields.length === 0 ? {} : { fields }),
    ...(actions.length === 0 ? {} : { actions }),
    ...withoutBlank({ image_url: text(config.imageUrl), thumb_url: text(config.thumbUrl) }),
    footer: text(config.footer),
    ...withoutBlank({ color: text(config.color) }),
    mrkdwn_in: config.mrkdwnIn ?? ['fallback', 'pretext', 'text'],
  };
  return {
    ...slackAuthor(config, { text }),
    ...withoutBlank({ text: truncated(text(config.messageText), maxTextChars) }),
    attachments: [attachment],
  };
}

/** Where a message goes and who it comes from. */
export const slackAuthor = (
  config: SlackConfig,
  { text }: Pick<Texts, 'text'>,
): Record<string, unknown> =>
  withoutBlank({
    channel: text(config.channel),
    username: text(config.username),
    icon_emoji: text(config.iconEmoji),
    icon_url: text(config.iconUrl),
    link_names: config.linkNames,
  });

function slackAction(action: SlackAction, text: Texts['text']): unknown {
  const { confirm } = action;
  return {
    type: text(action.type),
    text: text(action.text),
    ...withoutBlank({
      url: text(action.url),
      style: text(action.style),
      name: text(action.name),
      value: text(action.value),
    }),
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            text: text(confirm.text),
            ...withoutBlank({
              title: text(confirm.title),
              ok_text: text(confirm.okText),
              dismiss_text: text(confirm.dismissText),
            }),
          },
        }),
  };
}
