import { duration, type Field, type Secret, secret, section, text } from '#metrics/config';
import { slackLimits } from '#slack';
import { type CommonFields, common, secretUrl } from '../config/common-fields.ts';
import type { Notification } from '../contract.ts';
import { type SlackPicture, slackMessage } from '../messages/slack-message.ts';
import { statusOf } from '../template/data.ts';
import { messageFor, type Sender, type SenderDeps, sender, type Texts } from './contract.ts';
import { checkSlackAnswer, slackApi } from './slack-api.ts';
import { uploadedPicture, withPicture } from './slack-picture.ts';
import { textsFor, truncated, withoutBlank } from './texts.ts';

/** Slack's messages as contact points make them. */
export interface GrafanaSlackConfig extends CommonFields {
  /** An incoming webhook; else there is a token. */
  readonly url: Secret | undefined;
  readonly token: Secret | undefined;
  readonly endpointUrl: string;
  readonly recipient: string;
  readonly username: string;
  readonly iconEmoji: string;
  readonly iconUrl: string;
  /** `here`, `channel`, or nobody. */
  readonly mentionChannel: string;
  /** Ids, separated by commas. */
  readonly mentionUsers: string;
  readonly mentionGroups: string;
  readonly title: string;
  readonly text: string;
  /** Empty: red while something fires, else green. */
  readonly color: string;
  readonly footer: string;
  readonly timeoutMs: number;
}

const defaultEndpoint = 'https://slack.com/api/chat.postMessage';

export const grafanaSlack: Field<GrafanaSlackConfig> = section<GrafanaSlackConfig>(
  {
    ...common(true),
    url: secretUrl,
    token: secret,
    endpointUrl: text(defaultEndpoint),
    recipient: text(),
    username: text('Grafana'),
    iconEmoji: text(),
    iconUrl: text(),
    mentionChannel: text(),
    mentionUsers: text(),
    mentionGroups: text(),
    title: text('{{ template "default.title" . }}'),
    text: text('{{ template "default.message" . }}'),
    color: text(),
    footer: text('Grafana v10.4.1'),
    timeoutMs: duration(0),
  },
  ({ url, token, recipient, endpointUrl, mentionChannel }) => {
    if (!['', 'here', 'channel'].includes(mentionChannel)) {
      return `invalid value for mentionChannel: ${JSON.stringify(mentionChannel)}; it must be here or channel`;
    }
    if (!URL.canParse(endpointUrl)) return 'endpointUrl is no URL';
    if (url !== undefined) return undefined;
    if (recipient === '') return 'recipient must be specified when using the Slack chat API';
    return token === undefined
      ? 'token must be specified when using the Slack chat API'
      : undefined;
  },
);

/** Slack's own limits: of an attachment's title, and of a text. */
const maxTitleChars = 1024;
const maxTextChars = 40_000;

const firingColor = '#D63232';
const resolvedColor = '#36a64f';
const footerIcon = 'https://grafana.com/static/assets/img/fav32.png';

export function grafanaSlackSender(config: GrafanaSlackConfig, deps: SenderDeps): Sender {
  const { templates, http } = deps;
  return sender(async (notification, signal) => {
    const texts = textsFor(templates, notification);
    const message = await messageFor(deps, notification, signal);
    const { url, token, endpointUrl, timeoutMs } = config;
    const bodyWith = (picture: SlackPicture | undefined): Record<string, unknown> =>
      message === undefined
        ? grafanaSlackBody(config, notification, texts)
        : richBody(config, texts, slackMessage(message, picture));
    if (url !== undefined) {
      const publicUrl = message?.picture?.url;
      await withPicture(publicUrl === undefined ? undefined : { url: publicUrl }, async (shown) => {
        const body = bodyWith(shown);
        checkSlackAnswer(await http.post({ url: url.reveal(), body, timeoutMs, signal }));
      });
    } else {
      const api = slackApi(http, { url: endpointUrl, token: token?.reveal() ?? '', timeoutMs });
      const picture = await uploadedPicture(api, message?.picture, signal);
      await withPicture(picture, async (shown) => {
        await api.call({ method: 'chat.postMessage', body: bodyWith(shown), signal });
      });
    }
    return undefined;
  });
}

/** Where a message goes and who it comes from. */
export const grafanaSlackAuthor = (
  config: GrafanaSlackConfig,
  { text: fill }: Pick<Texts, 'text'>,
): Record<string, unknown> =>
  withoutBlank({
    channel: fill(config.recipient),
    username: fill(config.username),
    icon_emoji: fill(config.iconEmoji),
    icon_url: fill(config.iconUrl),
  });

/** Our own message; whom the contact point calls is called in a block, where Slack hears it. */
function richBody(
  config: GrafanaSlackConfig,
  texts: Texts,
  message: { readonly text: string; readonly blocks: readonly object[] },
): Record<string, unknown> {
  const called = mentions(config);
  const call = { type: 'section', text: { type: 'mrkdwn', text: called } };
  const blocks = called === '' ? message.blocks : [call, ...message.blocks];
  return {
    ...grafanaSlackAuthor(config, texts),
    text: message.text,
    blocks: blocks.slice(0, slackLimits.blocks),
  };
}

/** What Slack is sent. */
export function grafanaSlackBody(
  config: GrafanaSlackConfig,
  notification: Notification,
  { text: fill }: Texts,
): Record<string, unknown> {
  const title = truncated(fill(config.title), maxTitleChars);
  const isFiring = statusOf(notification.alerts) === 'firing';
  const pretext = mentions(config);
  const color = fill(config.color);
  return {
    ...grafanaSlackAuthor(config, { text: fill }),
    attachments: [
      {
        title,
        title_link: titleLink(notification),
        ...(pretext === '' ? {} : { pretext, mrkdwn_in: ['pretext'] }),
        text: truncated(fill(config.text), maxTextChars),
        fallback: title,
        color: color !== '' ? color : isFiring ? firingColor : resolvedColor,
        ...withoutBlank({ footer: fill(config.footer) }),
        footer_icon: footerIcon,
        ts: Math.floor(notification.nowMs / 1000),
      },
    ],
  };
}

/** The rule, where all alerts are of one; else the list of rules. */
function titleLink({ alerts, externalUrl }: Notification): string {
  const urls = new Set(alerts.map(({ alert }) => alert.generatorUrl));
  const [only = ''] = urls;
  return urls.size === 1 && only !== '' ? only : `${externalUrl}/alerting/list`;
}

function mentions({ mentionChannel, mentionUsers, mentionGroups }: GrafanaSlackConfig): string {
  const ids = (list: string): string[] =>
    list
      .split(',')
      .map((id) => id.trim())
      .filter(Boolean);
  return [
    ...(mentionChannel === '' ? [] : [`<!${mentionChannel}>`]),
    ...ids(mentionGroups).map((id) => `<!subteam^${id}>`),
    ...ids(mentionUsers).map((id) => `<@${id}>`),
  ].join(' ');
}
