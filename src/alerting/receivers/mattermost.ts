import {
  type Field,
  type Fields,
  flag,
  list,
  optional,
  path,
  type Secret,
  section,
  text,
} from '#metrics/config';
import { type CommonFields, common, fileProblem, secretUrl } from '../config/common-fields.ts';
import { type Sender, type SenderDeps, sender, type Texts } from './contract.ts';
import { revealed } from './secrets.ts';
import { textsFor, truncated, withoutBlank } from './texts.ts';

const maxTextChars = 16_383;

interface MattermostField {
  readonly title: string;
  readonly value: string;
  readonly short: boolean | undefined;
}

interface MattermostAttachment {
  readonly fallback: string;
  readonly color: string;
  readonly pretext: string;
  readonly text: string;
  readonly authorName: string;
  readonly authorLink: string;
  readonly authorIcon: string;
  readonly title: string;
  readonly titleLink: string;
  readonly fields: readonly MattermostField[];
  readonly thumbUrl: string;
  readonly footer: string;
  readonly footerIcon: string;
  readonly imageUrl: string;
}

interface MattermostPriority {
  readonly priority: string;
  readonly requestedAck: boolean;
  readonly persistentNotifications: boolean;
}

export interface MattermostConfig extends CommonFields, MattermostAttachment {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  readonly channel: string;
  readonly username: string;
  readonly iconUrl: string;
  readonly iconEmoji: string;
  /** In place of the one attachment that the keys above make. */
  readonly attachments: readonly MattermostAttachment[];
  readonly type: string;
  readonly props: { readonly card: string };
  readonly priority: MattermostPriority;
}

const attachmentFields = (defaults: {
  readonly fallback: string;
  readonly color: string;
  readonly text: string;
  readonly title: string;
  readonly titleLink: string;
}): Fields<MattermostAttachment> => ({
  fallback: text(defaults.fallback),
  color: text(defaults.color),
  pretext: text(),
  text: text(defaults.text),
  authorName: text(),
  authorLink: text(),
  authorIcon: text(),
  title: text(defaults.title),
  titleLink: text(defaults.titleLink),
  fields: list(
    section<MattermostField>(
      { title: text(), value: text(), short: optional(flag(false)) },
      ({ title, value }) =>
        title === '' || value === ''
          ? `missing ${title === '' ? 'title' : 'value'} in Mattermost field configuration`
          : undefined,
    ),
  ),
  thumbUrl: text(),
  footer: text(),
  footerIcon: text(),
  imageUrl: text(),
});

const blank = { fallback: '', color: '', text: '', title: '', titleLink: '' };

export const mattermost: Field<MattermostConfig> = section<MattermostConfig>(
  {
    ...common(true),
    ...attachmentFields({
      fallback: '{{ template "mattermost.default.fallback" . }}',
      color: '{{ template "mattermost.default.color" . }}',
      text: '{{ template "mattermost.default.text" . }}',
      title: '{{ template "mattermost.default.title" . }}',
      titleLink: '{{ template "mattermost.default.titlelink" . }}',
    }),
    webhookUrl: secretUrl,
    webhookUrlFile: optional(path),
    channel: text(),
    username: text('{{ template "mattermost.default.username" . }}'),
    iconUrl: text(),
    iconEmoji: text(),
    attachments: list(section<MattermostAttachment>(attachmentFields(blank))),
    type: text(),
    props: section<MattermostConfig['props']>({ card: text() }),
    priority: section<MattermostPriority>({
      priority: text(),
      requestedAck: flag(false),
      persistentNotifications: flag(false),
    }),
  },
  ({ webhookUrl, webhookUrlFile }) => fileProblem('webhook_url', [webhookUrl, webhookUrlFile]),
);

/** Mattermost's incoming webhook. */
export function mattermostSender(
  config: MattermostConfig,
  { templates, http }: SenderDeps,
): Sender {
  return sender(async (notification, signal) => {
    const texts = textsFor(templates, notification);
    const { text } = texts;
    const url = await revealed(config.webhookUrl, config.webhookUrlFile, 'Mattermost webhook URL');
    const hasOwn = config.attachments.length > 0;
    const card = text(config.props.card);
    const priority = priorityOf(config.priority, texts);
    const body = {
      ...withoutBlank({
        // Its own attachments have texts of their own: this one stands above them.
        text: hasOwn ? truncated(text(config.text), maxTextChars) : '',
        channel: text(config.channel),
        username: text(config.username),
        icon_url: text(config.iconUrl),
        icon_emoji: text(config.iconEmoji),
        type: text(config.type),
      }),
      attachments: (hasOwn ? config.attachments : [config]).map((one) => attachmentOf(one, texts)),
      ...(card === '' ? {} : { props: { card } }),
      ...(priority === undefined ? {} : { priority }),
    };
    await http.post({ url, body, signal });
    return undefined;
  });
}

function attachmentOf(one: MattermostAttachment, { text }: Texts): object {
  const fields = one.fields.map(({ title, value, short }) => ({
    title: text(title),
    value: text(value),
    ...(short === undefined ? {} : { short }),
  }));
  return {
    ...withoutBlank({
      fallback: text(one.fallback),
      color: text(one.color),
      pretext: text(one.pretext),
      text: truncated(text(one.text), maxTextChars),
      author_name: text(one.authorName),
      author_link: text(one.authorLink),
      author_icon: text(one.authorIcon),
      title: text(one.title),
      title_link: text(one.titleLink),
      thumb_url: text(one.thumbUrl),
      footer: text(one.footer),
      footer_icon: text(one.footerIcon),
      image_url: text(one.imageUrl),
    }),
    ...(fields.length === 0 ? {} : { fields }),
  };
}

/** Mattermost refuses what does not go together. */
function priorityOf(written: MattermostPriority, { text }: Texts): object | undefined {
  const wanted = text(written.priority).toLowerCase();
  if (wanted === '') return undefined;
  const priority = ['urgent', 'important'].includes(wanted) ? wanted : 'standard';
  return {
    priority,
    requested_ack: written.requestedAck && priority !== 'standard',
    persistent_notifications: written.persistentNotifications && priority === 'urgent',
  };
}
