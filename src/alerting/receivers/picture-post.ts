import { createHttpClient, type HttpClientDeps } from '#metrics/http';
import { escapeMrkdwn, link } from '#slack';
import type { Integration, IntegrationOf } from '../config/integrations.ts';
import type { SlackConfig } from '../config/receiver-fields.ts';
import type { Notification } from '../contract.ts';
import { escapeHtml } from '../messages/html-message.ts';
import type { TemplateSet } from '../template/template-set.ts';
import { DeliveryError, type HttpSender, type Texts } from './contract.ts';
import { mail } from './email.ts';
import { type GrafanaSlackConfig, grafanaSlackAuthor } from './grafana-slack.ts';
import { httpSender } from './http-sender.ts';
import { multipart } from './multipart.ts';
import { revealed } from './secrets.ts';
import { checkSlackAnswer, slackApi } from './slack-api.ts';
import { slackAuthor } from './slack-body.ts';
import { uploadedPicture } from './slack-picture.ts';
import { textsFor, truncated } from './texts.ts';

/** A picture that is no alert: a report of a dashboard. */
export interface PicturePost {
  readonly title: string;
  readonly titleUrl: string;
  /** A line below the title. */
  readonly text: string;
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface PicturePostDeps extends HttpClientDeps {
  readonly externalUrl: string;
  /** Puts it where a chat can fetch it; undefined: there is no such place. */
  readonly publish: (png: Buffer) => Promise<string | undefined>;
}

const fileName = 'report.png';
const maxTitleChars = 250;

/** Whether an integration can be sent a picture by `postPicture`. */
export const takesPictures = ({ kind }: Integration): boolean =>
  kind === 'slack' || kind === 'grafanaSlack' || kind === 'email' || kind === 'discord';

/** Sends a picture with a few words, once. @throws {DeliveryError} */
export async function postPicture(
  integration: Integration,
  post: PicturePost,
  templates: TemplateSet,
  deps: PicturePostDeps,
  signal: AbortSignal,
): Promise<void> {
  using client = createHttpClient(integration.config.httpConfig, deps);
  const http = httpSender(client, deps.clock);
  const texts = textsFor(templates, nothing(integration.receiver, deps));
  switch (integration.kind) {
    case 'slack':
      return await postToSlack(await slackWay(integration.config, texts), post, {
        http,
        deps,
        signal,
      });
    case 'grafanaSlack':
      return await postToSlack(grafanaSlackWay(integration.config, texts), post, {
        http,
        deps,
        signal,
      });
    case 'email':
      return await postByMail(integration, post, texts, signal);
    case 'discord':
      return await postToDiscord(integration, post, http, signal);
    default:
      throw new DeliveryError(`${integration.kind} cannot be sent a picture`, {
        isRetryable: false,
      });
  }
}

/** For the templates of addresses and channels. */
const nothing = (receiver: string, { externalUrl, clock }: PicturePostDeps): Notification => ({
  receiver,
  groupKey: '',
  groupLabels: {},
  alerts: [],
  externalUrl,
  nowMs: clock.nowMs(),
});

/** How Slack is reached, whoever's words the integration is written in. */
interface SlackWay {
  readonly to:
    | { readonly webhookUrl: string }
    | { readonly apiUrl: string; readonly token: string };
  readonly author: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

async function slackWay(config: SlackConfig, texts: Texts): Promise<SlackWay> {
  const { timeoutMs } = config;
  const author = slackAuthor(config, texts);
  if ((config.appToken ?? config.appTokenFile) === undefined) {
    const webhookUrl = await revealed(config.apiUrl, config.apiUrlFile, 'Slack API URL');
    return { to: { webhookUrl }, author, timeoutMs };
  }
  const token = await revealed(config.appToken, config.appTokenFile, 'Slack app token');
  return { to: { apiUrl: config.appUrl, token }, author, timeoutMs };
}

function grafanaSlackWay(config: GrafanaSlackConfig, texts: Texts): SlackWay {
  const { url, token, endpointUrl, timeoutMs } = config;
  const to =
    url === undefined
      ? { apiUrl: endpointUrl, token: token?.reveal() ?? '' }
      : { webhookUrl: url.reveal() };
  return { to, author: grafanaSlackAuthor(config, texts), timeoutMs };
}

async function postToSlack(
  { to, author, timeoutMs }: SlackWay,
  post: PicturePost,
  context: {
    readonly http: HttpSender;
    readonly deps: PicturePostDeps;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { http, deps, signal } = context;
  const title = truncated(post.title, maxTitleChars);
  /** Without a picture the title is a link to what it would show. */
  const bodyWith = (image: object | undefined): Record<string, unknown> => ({
    ...author,
    text: title,
    blocks: [
      section(`*${link(post.titleUrl, title)}*\n${escapeMrkdwn(truncated(post.text, 1000))}`),
      ...(image === undefined ? [] : [{ type: 'image', ...image, alt_text: title }]),
    ],
  });
  const url = await deps.publish(post.png);
  if ('webhookUrl' in to) {
    const body = bodyWith(url === undefined ? undefined : { image_url: url });
    checkSlackAnswer(await http.post({ url: to.webhookUrl, body, timeoutMs, signal }));
    return;
  }
  const api = slackApi(http, { url: to.apiUrl, token: to.token, timeoutMs });
  const picture = await uploadedPicture(api, { png: post.png, altText: title, url }, signal);
  if (picture === undefined) {
    throw new DeliveryError(
      'Slack did not take the picture: the token needs the scope files:write',
      { isRetryable: false },
    );
  }
  const image =
    'fileId' in picture ? { slack_file: { id: picture.fileId } } : { image_url: picture.url };
  await api.call({ method: 'chat.postMessage', body: bodyWith(image), signal });
}

const section = (text: string): object => ({
  type: 'section',
  text: { type: 'mrkdwn', text, verbatim: true },
});

async function postByMail(
  { config }: IntegrationOf<'email'>,
  post: PicturePost,
  { text }: Texts,
  signal: AbortSignal,
): Promise<void> {
  const to = text(config.to);
  const from = text(config.from);
  const message = {
    envelope: { from, to },
    to,
    from,
    subject: post.title,
    text: `${post.title}\n${post.text}\n${post.titleUrl}\n`,
    html: `<!doctype html><html><body style="margin:0;padding:16px;font:14px/1.5 -apple-system,'Segoe UI','Apple SD Gothic Neo','Malgun Gothic',sans-serif;color:#171b20"><div style="font-size:18px;font-weight:600"><a href="${escapeHtml(post.titleUrl)}" style="color:#171b20;text-decoration:none">${escapeHtml(post.title)}</a></div><div style="color:#4f5359;margin-bottom:12px">${escapeHtml(post.text)}</div><img src="cid:report@nunchi" width="${post.width}" alt="${escapeHtml(post.title)}" style="display:block;width:100%;max-width:${post.width}px;height:auto"></body></html>`,
    attachments: [
      {
        filename: fileName,
        content: post.png,
        contentType: 'image/png',
        contentDisposition: 'inline',
        cid: 'report@nunchi',
      },
    ],
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  await mail(config, message, signal);
}

async function postToDiscord(
  { config }: IntegrationOf<'discord'>,
  post: PicturePost,
  http: HttpSender,
  signal: AbortSignal,
): Promise<void> {
  const url = await revealed(config.webhookUrl, config.webhookUrlFile, 'Discord webhook URL');
  const embed = {
    title: truncated(post.title, maxTitleChars),
    url: post.titleUrl,
    description: truncated(post.text, 1000),
    image: { url: `attachment://${fileName}` },
  };
  const { contentType, bytes } = multipart([
    {
      name: 'payload_json',
      type: 'application/json',
      content: JSON.stringify({ embeds: [embed] }),
    },
    { name: 'files[0]', fileName, type: 'image/png', content: post.png },
  ]);
  await http.post({ url, body: bytes, headers: { 'content-type': contentType }, signal });
}
