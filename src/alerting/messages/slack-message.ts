import { codeBlock, escapeMrkdwn, link, mrkdwn, slackLimits } from '#slack';
import type { AlertFacts, AlertMessage } from './contract.ts';
import { countsText, headline, lifeText, signOf, timeIn, valueText } from './facts-text.ts';
import { wordsOf } from './words.ts';

/** A picture as Slack can show it: uploaded with a token, or somewhere on the web. */
export type SlackPicture = { readonly fileId: string } | { readonly url: string };

const maxSummaryChars = 600;
const maxDescriptionChars = 800;
const maxLabelsChars = 300;
const separator = '  ·  ';

/** A message in blocks, and as a text for notifications. */
export function slackMessage(
  message: AlertMessage,
  picture: SlackPicture | undefined,
): { readonly text: string; readonly blocks: readonly object[] } {
  const { alerts, logs, settings, hiddenAlerts } = message;
  const words = wordsOf[settings.language];
  const title = `${signOf(message)} ${message.title} · ${countsText(message)}`;
  const blocks = [
    {
      type: 'header',
      text: { type: 'plain_text', text: cut(title, slackLimits.headerText), emoji: true },
    },
    ...alerts.map((facts) => section(alertText(facts, message))),
    ...(hiddenAlerts > 0 ? [context([link(message.titleUrl, words.more(hiddenAlerts))])] : []),
    ...(picture === undefined ? [] : [image(message, picture)]),
    ...(logs === undefined
      ? []
      : [
          section(
            `*${mrkdwn(words.lastLines(logs.subject), 300)}*\n${codeBlock(logs.lines, slackLimits.sectionText - 320)}`,
          ),
        ]),
    context(contextTexts(message)),
  ];
  return {
    text: cut(`${signOf(message)} ${headline(message)}`, slackLimits.text),
    blocks: blocks.slice(0, slackLimits.blocks),
  };
}

function alertText(facts: AlertFacts, message: AlertMessage): string {
  const { settings } = message;
  const words = wordsOf[settings.language];
  const sign = facts.status === 'resolved' && message.status === 'firing' ? '🟢 ' : '';
  const summary = mrkdwn(facts.summary === '' ? facts.name : facts.summary, maxSummaryChars);
  const value = valueText(facts, message);
  const slackTime = (ms: number): string => {
    const fallback = escapeMrkdwn(timeIn(message)(ms));
    return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time}|${fallback}>`;
  };
  const life = lifeText(facts, words, slackTime);
  const details = [
    ...(value === undefined ? [] : [`${words.value} *${escapeMrkdwn(value)}*`]),
    life,
  ];
  const labels = facts.labels.map(([name, text]) => `${name}=\`${text.replaceAll('`', "'")}\``);
  const lines = [
    `${sign}*${summary.replaceAll('\n', ' ')}*`,
    ...(facts.description === '' ? [] : [mrkdwn(facts.description, maxDescriptionChars)]),
    details.join(' · '),
    ...(labels.length === 0 ? [] : [mrkdwn(labels.join('  '), maxLabelsChars)]),
  ];
  return lines.join('\n');
}

function contextTexts(message: AlertMessage): readonly string[] {
  const { links, commonLabels, settings } = message;
  const words = wordsOf[settings.language];
  const labels = commonLabels.map(([name, value]) => `${name}=${value}`).join('  ');
  const line: string[] = [];
  let used = 0;
  for (const { kind, url } of links) {
    const text = link(url, words.links[kind]);
    used += text.length + separator.length;
    // A link that is cut is none.
    if (used > slackLimits.sectionText) break;
    line.push(text);
  }
  return [line.join(separator), ...(labels === '' ? [] : [mrkdwn(labels, maxLabelsChars)])];
}

const section = (text: string): object => ({
  type: 'section',
  text: { type: 'mrkdwn', text: cut(text, slackLimits.sectionText), verbatim: true },
});

const context = (texts: readonly string[]): object => ({
  type: 'context',
  elements: texts
    .filter((text) => text !== '')
    .slice(0, slackLimits.contextElements)
    .map((text) => ({ type: 'mrkdwn', text: cut(text, slackLimits.sectionText), verbatim: true })),
});

function image({ picture }: AlertMessage, shown: SlackPicture): object {
  const alt_text = cut(picture?.altText ?? '', slackLimits.altText) || 'chart';
  return 'fileId' in shown
    ? { type: 'image', slack_file: { id: shown.fileId }, alt_text }
    : { type: 'image', image_url: shown.url, alt_text };
}

/** Parts have been cut with care before; this holds whatever they were made of. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  let end = maxChars - 1;
  // Not between the halves of a character.
  if (/[\ud800-\udbff]/.test(text[end - 1] ?? '')) end--;
  return `${text.slice(0, end)}…`;
}
