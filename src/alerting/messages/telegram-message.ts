import type { AlertMessage } from './contract.ts';
import { countsText, cut, signOf } from './facts-text.ts';
import { alertLines, escapeHtml } from './html-message.ts';
import { wordsOf } from './words.ts';

/** Telegram's own limits of a text and of what stands below a picture. */
export const telegramLimits = { text: 4096, caption: 1024 } as const;
const textLimits = { line: 300, description: 600 };

/**
 * A message in Telegram's HTML, no longer than the limit: whole parts are left out, the least needed first.
 * Links come before lines of the log.
 */
export function telegramMessage(message: AlertMessage, maxChars: number): string {
  const { alerts, logs, links, hiddenAlerts, settings } = message;
  const words = wordsOf[settings.language];
  const head = `${signOf(message)} <b>${anchor(message.titleUrl, message.title)}</b> · ${escapeHtml(countsText(message))}`;
  const parts = [
    head,
    ...alerts.map((facts) => alertLines(facts, message, textLimits).join('\n')),
    ...(hiddenAlerts > 0 ? [escapeHtml(words.more(hiddenAlerts))] : []),
    links.map(({ kind, url }) => anchor(url, words.links[kind])).join(' · '),
  ].filter((part) => part !== '');
  let text = '';
  for (const part of parts) {
    const next = text === '' ? part : `${text}\n\n${part}`;
    if (next.length <= maxChars) text = next;
  }
  if (logs === undefined) return text;
  const subject = `<b>${escapeHtml(words.lastLines(logs.subject))}</b>`;
  const room = maxChars - text.length - subject.length - '\n\n\n<pre></pre>'.length;
  const lines: string[] = [];
  let used = 0;
  for (const line of [...logs.lines].reverse()) {
    const shown = escapeHtml(cut(line, textLimits.line));
    if (used + shown.length + 1 > room) break;
    lines.unshift(shown);
    used += shown.length + 1;
  }
  return lines.length === 0 ? text : `${text}\n\n${subject}\n<pre>${lines.join('\n')}</pre>`;
}

const anchor = (url: string, text: string): string =>
  /^https?:\/\//.test(url)
    ? `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>`
    : escapeHtml(text);
