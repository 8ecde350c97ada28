import { createHmac, randomBytes } from 'node:crypto';
import type { ProviderSettings } from '../config/contract.ts';
import type { IncidentMessage, WatchMessage } from '../messages/contract.ts';
import { followUpBlocks, incidentBlocks } from '../messages/slack.ts';
import {
  advice,
  allLinks,
  defaultText,
  defaultTitle,
  facts,
  headline,
  linksMarkdown,
  logText,
  markdown,
  noEvents,
  noLog,
  summarySentence,
  tail,
} from '../messages/words.ts';

/** What is posted, and which answer is a yes. */
export interface ProviderRequest {
  readonly url: string;
  readonly method?: 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Beside a 2xx status. */
  readonly isOk?: (answer: string) => boolean;
}

type Build = (
  message: WatchMessage,
  config: ProviderSettings,
  nowMs: number,
) => ProviderRequest | undefined;

const crashTitle = 'Kwatch detected a crash in pod';
/**
 * What providers take, in bytes where nothing else is said. Teams takes 28 KiB, in which the text stands
 * twice; an embed of Discord has 6,000 characters in all.
 */
const limits = {
  telegram: 4096,
  teams: 12_000,
  rocketchat: 5000,
  matrix: 60_000,
  dingtalk: 18_000,
  feishu: 25_000,
  zenduty: 30_000,
  googlechat: 4096,
  opsgenieDetail: 1800,
  discordContent: 2000,
  discordLog: 1024,
  discordTitle: 256,
  discordDescription: 2000,
  discordFields: 25,
} as const;

/** At most so many characters, whole ones. */
const cutChars = (text: string, maxChars: number): string => {
  const chars = [...text];
  return chars.length <= maxChars ? text : `${chars.slice(0, maxChars - 1).join('')}…`;
};

const changeLines = ({ evidence }: IncidentMessage): readonly string[] =>
  evidence.changes.length === 0 ? [] : ['**Changed before:**', ...evidence.changes];

const get = ({ settings }: ProviderSettings, key: string): string => settings[key] ?? '';

/** Evidence is cut until the whole fits: what is at its end matters too. */
const evidenceSizes = [6000, 3000, 1500, 700, 300, 100];

/** @param maxBytes of UTF-8 that the provider takes */
function plainOf(message: WatchMessage, config: ProviderSettings, maxBytes: number): string {
  if (message.kind === 'text') return cutBytes(message.text, maxBytes);
  const text = config.settings['text'] ?? defaultText(message);
  return fitting((chars) => markdown(message, text, chars), maxBytes);
}

/** The longest of the texts that fits; the shortest is cut where none does. */
function fitting(make: (evidenceChars: number) => string, maxBytes: number): string {
  let made = '';
  for (const chars of evidenceSizes) {
    made = make(chars);
    if (Buffer.byteLength(made) <= maxBytes) return made;
  }
  return cutBytes(made, maxBytes);
}

/** Facts with their log and events as a flat object, for machines. */
function details(message: IncidentMessage): Record<string, string> {
  const hint = advice(message);
  return {
    ...Object.fromEntries(facts(message)),
    Summary: summarySentence(message),
    ...(hint === undefined ? {} : { Advice: hint }),
    Severity: message.incident.severity,
    ...(message.evidence.changes.length === 0
      ? {}
      : { 'Changed before': message.evidence.changes.join('\n') }),
    Events: message.evidence.events.join('\n') || noEvents,
    Logs: logText(message) || noLog,
  };
}

/** One for each of kwatch's providers that is one request; undefined: it does not take this message. */
export const providerRequests: Readonly<Record<string, Build>> = {
  slack: (message, config) => {
    const { channel, title, text } = config.settings;
    const target = channel === undefined ? {} : { channel };
    const url = get(config, 'webhook');
    if (message.kind === 'text') return { url, body: { text: message.text, ...target } };
    const blocks =
      message.change === 'created'
        ? incidentBlocks(message, { title, text })
        : followUpBlocks(message);
    return { url, body: { text: headline(message), blocks, ...target } };
  },
  discord: (message, config) => {
    const url = get(config, 'webhook');
    if (message.kind === 'text')
      return { url, body: { content: message.text.slice(0, limits.discordContent) } };
    if (message.change !== 'created')
      return { url, body: { content: headline(message).slice(0, limits.discordContent) } };
    const fence = (text: string): string =>
      `\`\`\`\n${tail(text.replaceAll('```', "'''"), limits.discordLog - 10)}\n\`\`\``;
    const { evidence } = message;
    const fields = [
      ...facts(message).map(([name, value]) => ({
        name,
        value: value.slice(0, 1024),
        inline: true,
      })),
      { name: ':mag: Events', value: fence(evidence.events.join('\n') || noEvents) },
      { name: ':memo: Logs', value: fence(logText(message) || noLog) },
    ];
    const title = config.settings['title'] ?? defaultTitle(message);
    const description = cutChars(
      [
        config.settings['text'] ?? defaultText(message),
        `**${summarySentence(message)}.**`,
        advice(message) ?? '',
        ...changeLines(message),
        linksMarkdown(message),
      ]
        .filter((line) => line !== '')
        .join('\n'),
      limits.discordDescription,
    );
    const page = message.links.find(({ url: to }) => URL.canParse(to))?.url;
    const embed = {
      color: 13_041_664,
      title: cutChars(title, limits.discordTitle),
      ...(page === undefined ? {} : { url: page }),
      description,
      fields: fields.slice(0, limits.discordFields),
      footer: { text: 'kwatch' },
    };
    return { url, body: { embeds: [embed] } };
  },
  pagerduty: (message, config) => {
    if (message.kind === 'text') return undefined;
    const { incident } = message;
    const { cause } = incident;
    const common = {
      routing_key: get(config, 'integrationkey'),
      dedup_key: `nunchi-${incident.id}`,
    };
    const url = config.settings['url'] ?? 'https://events.pagerduty.com/v2/enqueue';
    if (message.change === 'resolved') return { url, body: { ...common, event_action: 'resolve' } };
    return {
      url,
      body: {
        ...common,
        event_action: 'trigger',
        payload: {
          summary: `[${cause.container ?? cause.subject.name}] ${headline(message)}`.slice(0, 1024),
          source: cause.container ?? cause.subject.name,
          severity:
            incident.severity === 'normal' || incident.severity === 'medium'
              ? 'warning'
              : 'critical',
          custom_details: details(message),
        },
        links: allLinks(message)
          .filter(({ url: href }) => URL.canParse(href))
          .map(({ text, url: href }) => ({ href, text })),
        ...(message.picture?.url === undefined
          ? {}
          : { images: [{ src: message.picture.url, alt: message.picture.altText }] }),
      },
    };
  },
  telegram: (message, config) => {
    const head = `⛑ ${crashTitle}\n`;
    const text =
      message.kind === 'text'
        ? cutBytes(message.text, limits.telegram)
        : head +
          fitting(
            (chars) => telegramText(message, config, chars),
            limits.telegram - Buffer.byteLength(head),
          );
    const base = (config.settings['url'] ?? 'https://api.telegram.org').replace(/\/$/, '');
    return {
      url: `${base}/bot${get(config, 'token')}/sendMessage`,
      body: {
        chat_id: get(config, 'chatid'),
        text,
        ...(hasOpenMark(text) ? {} : { parse_mode: 'MARKDOWN' }),
      },
    };
  },
  teams: (message, config) => {
    const title =
      message.kind === 'text' ? 'kwatch' : (config.settings['title'] ?? `&#9937; ${crashTitle}`);
    const text = plainOf(message, config, limits.teams);
    const card = {
      type: 'AdaptiveCard',
      version: '1.2',
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      body: [
        { type: 'TextBlock', text: title, weight: 'Bolder', size: 'Medium', wrap: true },
        { type: 'TextBlock', text, wrap: true },
        ...(message.kind === 'text' || message.picture?.url === undefined
          ? []
          : [{ type: 'Image', url: message.picture.url, altText: message.picture.altText }]),
      ],
      ...(message.kind === 'text' ? {} : { actions: openUrls(message) }),
    };
    const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }];
    return { url: get(config, 'webhook'), body: { title, text, type: 'message', attachments } };
  },
  rocketchat: (message, config) => ({
    url: get(config, 'webhook'),
    body: { text: plainOf(message, config, limits.rocketchat) },
  }),
  mattermost: (message, config) => {
    const url = get(config, 'webhook');
    if (message.kind === 'text') return { url, body: { text: message.text } };
    if (message.change === 'resolved') return { url, body: { text: `✅ ${headline(message)}` } };
    const title = config.settings['title'] ?? `:red_circle: ${crashTitle}`;
    const fields = Object.entries(details(message)).map(([name, value]) => ({
      short: value.length < 60,
      title: name,
      value: name === 'Logs' || name === 'Events' ? `\`\`\`\n${tail(value, 8000)}\n\`\`\`` : value,
    }));
    const text = config.settings['text'] ?? defaultText(message);
    const page = message.links.find(({ url: to }) => URL.canParse(to))?.url;
    const attachment = {
      fallback: headline(message),
      color: '#c72c2c',
      title,
      ...(page === undefined ? {} : { title_link: page }),
      text: [text, linksMarkdown(message)].filter((line) => line !== '').join('\n'),
      fields,
      ...(message.picture?.url === undefined ? {} : { image_url: message.picture.url }),
    };
    return { url, body: { text: headline(message), attachments: [attachment] } };
  },
  opsgenie: (message, config) => {
    if (message.kind === 'text') return undefined;
    const { incident } = message;
    const { cause } = incident;
    const base = (config.settings['url'] ?? 'https://api.opsgenie.com').replace(/\/$/, '');
    const headers = { authorization: `GenieKey ${get(config, 'apikey')}` };
    const alias = `nunchi-${incident.id}`;
    if (message.change === 'resolved') {
      return {
        url: `${base}/v2/alerts/${alias}/close?identifierType=alias`,
        headers,
        body: { note: headline(message) },
      };
    }
    return {
      url: `${base}/v2/alerts`,
      headers,
      body: {
        message: (
          config.settings['title'] ?? `kwatch detected a crash in pod: ${cause.subject.name}`
        ).slice(0, 130),
        alias,
        description:
          config.settings['text'] ??
          `There is an issue with container (${cause.container ?? ''}) in pod (${cause.subject.name})`,
        // All of them together may have 8,000 characters.
        details: Object.fromEntries(
          Object.entries(details(message)).map(([name, value]) => [
            name,
            tail(value, limits.opsgenieDetail),
          ]),
        ),
        priority: 'P1',
      },
    };
  },
  matrix: (message, config) => {
    const server = get(config, 'homeserver').replace(/\/$/, '');
    const room = encodeURIComponent(get(config, 'internalroomid'));
    const id = randomBytes(12).toString('hex');
    const body = plainOf(message, config, limits.matrix);
    const formatted = escapeHtml(body)
      .replaceAll('\n', '<br/>')
      .replace(/\*\*(.+?)\*\*/g, '<b>$1</b>');
    return {
      url: `${server}/_matrix/client/v3/rooms/${room}/send/m.room.message/${id}`,
      method: 'PUT',
      headers: { authorization: `Bearer ${get(config, 'accesstoken')}` },
      body: {
        msgtype: 'm.text',
        format: 'org.matrix.custom.html',
        body,
        formatted_body: formatted,
      },
    };
  },
  dingtalk: (message, config, nowMs) => {
    const base = config.settings['url'] ?? 'https://oapi.dingtalk.com/robot/send';
    const url = new URL(base);
    url.searchParams.set('access_token', get(config, 'accesstoken'));
    const { secret } = config.settings;
    if (secret !== undefined) {
      url.searchParams.set('timestamp', String(nowMs));
      url.searchParams.set(
        'sign',
        createHmac('sha256', secret).update(`${nowMs}\n${secret}`).digest('base64'),
      );
    }
    const title = config.settings['title'] ?? crashTitle;
    const body =
      message.kind === 'text'
        ? { msgtype: 'text', text: { content: message.text } }
        : {
            msgtype: 'markdown',
            markdown: { title, text: plainOf(message, config, limits.dingtalk) },
          };
    return { url: url.href, body, isOk: (answer) => codeOf(answer, 'errcode') === 0 };
  },
  feishu: (message, config) => {
    const content = config.settings['title'] ?? crashTitle;
    return {
      url: get(config, 'webhook'),
      body: {
        msg_type: 'interactive',
        card: {
          config: { wide_screen_mode: true },
          header: { title: { tag: 'plain_text', content }, template: 'blue' },
          elements: [{ tag: 'markdown', content: plainOf(message, config, limits.feishu) }],
        },
      },
      isOk: (answer) => (codeOf(answer, 'code') ?? codeOf(answer, 'StatusCode') ?? 0) === 0,
    };
  },
  zenduty: (message, config) => {
    if (message.kind === 'text') return undefined;
    const base = (config.settings['url'] ?? 'https://www.zenduty.com').replace(/\/$/, '');
    return {
      url: `${base}/api/events/${encodeURIComponent(get(config, 'integrationkey'))}/`,
      body: {
        message: headline(message),
        summary: plainOf(message, config, limits.zenduty),
        alert_type:
          message.change === 'resolved' ? 'resolved' : (config.settings['alerttype'] ?? 'critical'),
        entity_id: `nunchi-${message.incident.id}`,
      },
    };
  },
  googlechat: (message, config) => ({
    url: get(config, 'webhook'),
    body: { text: plainOf(message, config, limits.googlechat) },
  }),
  webhook: (message, config) => {
    if (message.kind === 'text') return undefined;
    const { username, password } = config.settings;
    const headers = Object.fromEntries(
      config.headers.map(({ name, value }) => [name.toLowerCase(), value]),
    );
    if (username !== undefined) {
      headers['authorization'] =
        `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
    }
    const { incident } = message;
    const body = {
      ...details(message),
      Labels: incident.cause.labels ?? {},
      Status: message.change,
      Incident: incident.id,
      Links: allLinks(message),
    };
    return { url: get(config, 'url'), headers, body };
  },
};

/** Buttons of an adaptive card: it takes six. */
const openUrls = (message: IncidentMessage): readonly object[] =>
  allLinks(message)
    .filter(({ url }) => URL.canParse(url) && url !== message.picture?.url)
    .slice(0, 6)
    .map(({ text, url }) => ({ type: 'Action.OpenUrl', title: text, url }));

/** Telegram's old Markdown: one star is bold, and an open mark is an error. */
function telegramText(
  message: IncidentMessage,
  config: ProviderSettings,
  evidenceChars: number,
): string {
  const { evidence } = message;
  const plain = (text: string): string => text.replace(/([_*`[])/g, '\\$1');
  const fence = (text: string): string =>
    `\`\`\`\n${tail(text.replaceAll('`', "'"), evidenceChars)}\n\`\`\``;
  if (message.change === 'resolved') return plain(headline(message));
  return [
    plain(config.settings['text'] ?? defaultText(message)),
    ...facts(message).map(([name, value]) => `*${name}:* ${plain(value)}`),
    `*What:* ${plain([`${summarySentence(message)}.`, advice(message) ?? ''].join(' ').trim())}`,
    ...evidence.changes.map((line) => plain(`• ${line}`)),
    ...message.links
      .filter(({ url }) => URL.canParse(url))
      .map(({ text, url }) => `[${text}](${url.replaceAll(')', '%29')})`),
    '*Events:*',
    fence(evidence.events.join('\n') || noEvents),
    '*Logs:*',
    fence(logText(message) || noLog),
  ].join('\n');
}

/** Telegram refuses a text whose mark does not end: better without marks than not at all. */
function hasOpenMark(text: string): boolean {
  const outside = text.replace(/```[\s\S]*?```/g, '').replace(/\\[_*`[]/g, '');
  return ['_', '*', '`'].some((mark) => (outside.split(mark).length - 1) % 2 === 1);
}

/** At most so many bytes of UTF-8, whole characters. */
function cutBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= maxBytes
    ? text
    : bytes
        .subarray(0, maxBytes)
        .toString('utf8')
        .replace(/\uFFFD+$/, '');
}

const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

function codeOf(answer: string, key: string): number | undefined {
  try {
    const value = (JSON.parse(answer) as Record<string, unknown> | null)?.[key];
    return typeof value === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}
