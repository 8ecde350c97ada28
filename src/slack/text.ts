/**
 * What Slack allows of a message: characters, and numbers of things.
 * Source: docs.slack.dev/reference/block-kit, and chat.postMessage for `text`.
 */
export const slackLimits = {
  blocks: 50,
  headerText: 150,
  sectionText: 3000,
  fields: 10,
  fieldText: 2000,
  contextElements: 10,
  actionElements: 25,
  buttonText: 75,
  buttonValue: 2000,
  options: 100,
  optionText: 75,
  optionValue: 150,
  placeholderText: 150,
  actionId: 255,
  url: 3000,
  imageUrl: 3000,
  altText: 2000,
  modalTitle: 24,
  modalBlocks: 100,
  privateMetadata: 3000,
  blockId: 255,
  text: 40_000,
} as const;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What has a meaning in mrkdwn, so that it has none. */
export const escapeMrkdwn = (text: string): string =>
  text.replace(/[&<>]/g, (char) => entities[char] as string);

/**
 * Escaped, and no longer than `maxChars` after that. Cut between characters, never within `&amp;`.
 */
export function mrkdwn(text: string, maxChars: number): string {
  const whole = escapeMrkdwn(text);
  if (whole.length <= maxChars) return whole;
  let cut = '';
  for (const char of text) {
    const next = escapeMrkdwn(char);
    if (cut.length + next.length + 1 > maxChars) break;
    cut += next;
  }
  return `${cut}…`;
}

/** `<url|label>`; nothing in either ends it. */
export const link = (url: string, label: string): string =>
  `<${url.replace(/[|<>]/g, encodeURIComponent)}|${escapeMrkdwn(label).replaceAll('|', '/')}>`;

/** A text as a block of code, whole. Backticks of the text do not end it. */
export const fenced = (text: string): string =>
  `\`\`\`\n${escapeMrkdwn(text.replaceAll('```', "'''"))}\n\`\`\``;

/**
 * The last lines that fit, as a block of code. Backticks of the lines do not end it.
 */
export function codeBlock(lines: readonly string[], maxChars: number): string {
  const fence = '```';
  const room = maxChars - 2 * fence.length - 2;
  const kept: string[] = [];
  let used = 0;
  for (const line of [...lines].reverse()) {
    const text = mrkdwn(line.replaceAll('```', "'''"), room);
    if (used + text.length + 1 > room) break;
    kept.unshift(text);
    used += text.length + 1;
  }
  return `${fence}\n${kept.join('\n')}\n${fence}`;
}
