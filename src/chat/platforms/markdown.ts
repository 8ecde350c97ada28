import type { ChatMessage } from '../contract.ts';
import { type Reply, replyText } from '../reply.ts';

/** A notification as lines of Markdown. */
export function messageMarkdown({
  title,
  text,
  fields = [],
  lists = [],
  buttons = [],
  timeMs,
}: ChatMessage): string {
  return [
    ...(title === undefined ? [] : [`**${title}**`]),
    ...(text === undefined ? [] : [text]),
    ...(fields.length === 0
      ? []
      : [fields.map(([name, value]) => `**${name}:** ${value}`).join('  \n')]),
    ...lists.map(
      ({ title: head, items }) => `**${head}**\n${items.map((item) => `- ${item}`).join('\n')}`,
    ),
    ...(buttons.length === 0
      ? []
      : [buttons.map(({ text: word, command }) => `- ${word}: \`${command}\``).join('\n')]),
    ...(timeMs === undefined ? [] : [`_${new Date(timeMs).toUTCString()}_`]),
  ].join('\n\n');
}

/** An answer; what buttons would do is written out. */
export function replyMarkdown(reply: Reply): string {
  const sections = (reply.sections ?? []).map(({ title, text, buttons }) =>
    [
      `**${title}**`,
      ...(text === undefined ? [] : [text]),
      ...buttons.map((button) =>
        button.url === undefined ? `- \`${button.command}\`` : `- [${button.text}](${button.url})`,
      ),
    ].join('\n'),
  );
  return [replyText(reply), ...sections].filter((part) => part !== '').join('\n\n');
}

/** Whole channels are not called by what somebody or the cluster said. Code calls nobody as it is. */
export const withoutCalls = (text: string): string =>
  text
    .split(/(```[\s\S]*?```)/)
    .map((part, at) =>
      at % 2 === 1 ? part : part.replace(/@(?=(?:all|channel|here)\b)/gi, '@\u200b'),
    )
    .join('');

/** As long as JavaScript counts, cut between characters, with a sign that something is missing. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = maxChars - 1;
  const isWithin = /[\ud800-\udbff]/.test(text[end - 1] ?? '');
  return `${text.slice(0, isWithin ? end - 1 : end)}…`;
}

const emoji: Readonly<Record<string, string>> = {
  crossed_swords: '⚔️',
  rocket: '🚀',
  cricket: '🦗',
  exclamation: '❗',
  white_check_mark: '✅',
  warning: '⚠️',
  tada: '🎉',
};

/** For chats that know no names of pictures. */
export const withEmoji = (text: string): string =>
  text.replace(/:([a-z_]+):/g, (whole, name: string) =>
    Object.hasOwn(emoji, name) ? (emoji[name] ?? whole) : whole,
  );
