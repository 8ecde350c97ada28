import type { AlertMessage } from './contract.ts';
import { headline, signOf } from './facts-text.ts';
import { alertLines, escapeHtml } from './html-message.ts';
import { wordsOf } from './words.ts';

const textLimits = { line: 1500, description: 1500 };
const maxLogChars = 6000;
const maxButtons = 6;

/** A card of Google Chat (cards v2); the text is what phones show. */
export function googlechatMessage(message: AlertMessage): {
  readonly text: string;
  readonly cardsV2: readonly object[];
} {
  const { alerts, hiddenAlerts, picture, logs, links, settings } = message;
  const words = wordsOf[settings.language];
  const paragraph = (text: string): object => ({ textParagraph: { text } });
  const lines = logs === undefined ? '' : tailOf(logs.lines);
  const widgets = [
    ...alerts.map((facts) => paragraph(alertLines(facts, message, textLimits).join('<br>'))),
    ...(hiddenAlerts > 0 ? [paragraph(escapeHtml(words.more(hiddenAlerts)))] : []),
    ...(picture?.url === undefined
      ? []
      : [{ image: { imageUrl: picture.url, altText: picture.altText } }]),
    ...(logs === undefined || lines === ''
      ? []
      : [
          paragraph(
            `<b>${escapeHtml(words.lastLines(logs.subject))}</b><br>${escapeHtml(lines).replaceAll('\n', '<br>')}`,
          ),
        ]),
    {
      buttonList: {
        buttons: links
          .filter(({ url }) => /^https?:\/\//.test(url))
          .slice(0, maxButtons)
          .map(({ kind, url }) => ({ text: words.links[kind], onClick: { openLink: { url } } })),
      },
    },
  ];
  const text = `${signOf(message)} ${headline(message)}`;
  const card = { header: { title: text }, sections: [{ widgets }] };
  return { text, cardsV2: [{ cardId: 'alert', card }] };
}

/** The last lines that have room. */
function tailOf(lines: readonly string[]): string {
  const kept: string[] = [];
  let used = 0;
  for (const line of [...lines].reverse()) {
    if (used + line.length + 1 > maxLogChars) break;
    kept.unshift(line);
    used += line.length + 1;
  }
  return kept.join('\n');
}
