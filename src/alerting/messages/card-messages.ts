import type { AlertFacts, AlertMessage } from './contract.ts';
import {
  countsText,
  cut,
  headline,
  labelsText,
  lifeText,
  signOf,
  timeIn,
  valueText,
} from './facts-text.ts';
import { wordsOf } from './words.ts';

/** Teams refuses messages above 28 KB. */
const maxCardBytes = 26_000;
/** Less and less is said until it fits. */
const cardSizes = [
  { logChars: 8000, textChars: 1500 },
  { logChars: 2000, textChars: 400 },
  { logChars: 0, textChars: 120 },
] as const;
const maxActions = 6;

const discordLimits = {
  title: 256,
  description: 4096,
  fieldName: 256,
  fieldValue: 1024,
};
const discordColors = { firing: 0xbe222a, warning: 0xf2af48, resolved: 0x21763c };

/** The last lines that have room. */
function tailOf(lines: readonly string[], maxChars: number): string {
  const kept: string[] = [];
  let used = 0;
  for (const line of [...lines].reverse()) {
    const text = cut(line, maxChars);
    if (used + text.length + 1 > maxChars) break;
    kept.unshift(text);
    used += text.length + 1;
  }
  return kept.join('\n');
}

function detailsOf(facts: AlertFacts, message: AlertMessage, time: (ms: number) => string): string {
  const words = wordsOf[message.settings.language];
  const value = valueText(facts, message);
  return [
    ...(value === undefined ? [] : [`${words.value} ${value}`]),
    lifeText(facts, words, time),
  ].join(' · ');
}

const titleOf = (facts: AlertFacts): string => (facts.summary === '' ? facts.name : facts.summary);

/** An adaptive card for a workflow of Teams. */
export function teamsCard(message: AlertMessage): object {
  const cards = cardSizes.map((size) => cardOf(message, size));
  const fitting = cards.find((card) => Buffer.byteLength(JSON.stringify(card)) <= maxCardBytes);
  return fitting ?? (cards.at(-1) as object);
}

function cardOf(message: AlertMessage, size: (typeof cardSizes)[number]): object {
  const { alerts, hiddenAlerts, picture, logs, links, settings, status } = message;
  const words = wordsOf[settings.language];
  const textBlock = (text: string, more: object = {}): object => ({
    type: 'TextBlock',
    text,
    wrap: true,
    ...more,
  });
  const body = [
    textBlock(`${signOf(message)} ${cut(headline(message), 500)}`, {
      weight: 'Bolder',
      size: 'Medium',
      style: 'heading',
      color: status === 'firing' ? 'Attention' : 'Good',
    }),
    ...alerts.map((facts) => ({
      type: 'Container',
      items: [
        textBlock(cut(titleOf(facts), size.textChars), { weight: 'Bolder' }),
        ...(facts.description === '' ? [] : [textBlock(cut(facts.description, size.textChars))]),
        textBlock(detailsOf(facts, message, timeIn(message)), { spacing: 'Small', isSubtle: true }),
        ...(facts.labels.length === 0
          ? []
          : [
              textBlock(cut(labelsText(facts.labels), 500), {
                spacing: 'Small',
                isSubtle: true,
                size: 'Small',
              }),
            ]),
      ],
    })),
    ...(hiddenAlerts > 0 ? [textBlock(words.more(hiddenAlerts), { isSubtle: true })] : []),
    ...(picture?.url === undefined
      ? []
      : [{ type: 'Image', url: picture.url, altText: picture.altText, size: 'Stretch' }]),
    ...(logs === undefined || size.logChars === 0
      ? []
      : [
          textBlock(words.lastLines(logs.subject), { weight: 'Bolder' }),
          textBlock(tailOf(logs.lines, size.logChars).replaceAll('\n', '\n\n'), {
            fontType: 'Monospace',
            size: 'Small',
          }),
        ]),
  ];
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body,
    actions: links
      .slice(0, maxActions)
      .map(({ kind, url }) => ({ type: 'Action.OpenUrl', title: words.links[kind], url })),
    msteams: { width: 'full' },
  };
}

/** An embed of Discord. @param imageUrl on the web, or `attachment://NAME` of what is sent along */
export function discordEmbed(message: AlertMessage, imageUrl: string | undefined): object {
  const { alerts, hiddenAlerts, logs, links, settings, status, severity } = message;
  const words = wordsOf[settings.language];
  const time = (ms: number): string => `<t:${Math.floor(ms / 1000)}:f>`;
  const isSoft = ['warning', 'medium', 'minor', 'low', 'info'].includes(severity);
  const parts = [
    ...alerts.map((facts) =>
      [
        `**${escaped(cut(titleOf(facts), 400))}**`,
        ...(facts.description === '' ? [] : [escaped(cut(facts.description, 400))]),
        detailsOf(facts, message, time),
        ...(facts.labels.length === 0
          ? []
          : [`\`${cut(labelsText(facts.labels), 200).replaceAll('`', "'")}\``]),
      ].join('\n'),
    ),
    ...(hiddenAlerts > 0 ? [words.more(hiddenAlerts)] : []),
    links
      .map(({ kind, url }) => `[${words.links[kind]}](${url.replaceAll(')', '%29')})`)
      .join(' · '),
  ];
  const logField =
    logs === undefined
      ? []
      : [
          {
            name: cut(words.lastLines(logs.subject), discordLimits.fieldName),
            value: `\`\`\`\n${tailOf(
              logs.lines.map((line) => line.replaceAll('```', "'''")),
              discordLimits.fieldValue - 10,
            )}\n\`\`\``,
          },
        ];
  return {
    title: cut(`${signOf(message)} ${message.title} · ${countsText(message)}`, discordLimits.title),
    url: message.titleUrl,
    description: cut(parts.join('\n\n'), discordLimits.description),
    color:
      status === 'resolved'
        ? discordColors.resolved
        : isSoft
          ? discordColors.warning
          : discordColors.firing,
    ...(logField.length === 0 ? {} : { fields: logField }),
    ...(imageUrl === undefined ? {} : { image: { url: imageUrl } }),
  };
}

/** Signs of Markdown, so that they are only signs. */
const escaped = (text: string): string => text.replace(/[\\*_~`|[\]<>]/g, '\\$&');

/** What was found, for the bodies of webhooks. */
export function webhookExtras(message: AlertMessage): object {
  const { picture, logs, links, threshold, alerts } = message;
  return {
    ...(threshold === undefined ? {} : { threshold }),
    alerts: alerts.map(({ value, sinceMs, links: own }) => ({
      ...(value === undefined ? {} : { value }),
      since: new Date(sinceMs).toISOString(),
      links: Object.fromEntries(own.map(({ kind, url }) => [kind, url])),
    })),
    ...(picture?.url === undefined ? {} : { pictureURL: picture.url }),
    ...(logs === undefined ? {} : { logs: { of: logs.subject, lines: logs.lines } }),
    links: Object.fromEntries(links.map(({ kind, url }) => [kind, url])),
  };
}
