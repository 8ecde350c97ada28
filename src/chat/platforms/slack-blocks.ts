import { escapeMrkdwn, mrkdwn, slackLimits } from '#slack';
import type { ChatMessage } from '../contract.ts';
import { type Reply, replyText } from '../reply.ts';
import { cutText } from './markdown.ts';

export type Block = Readonly<Record<string, unknown>>;

/** Of all blocks of a message: Slack refuses more than about 13,000. */
const maxChars = 12_000;
/** Ten of them leave room for what was said. */
const maxFactChars = 500;

const textOf = (text: string): Block => ({
  type: 'mrkdwn',
  text: cutText(text, slackLimits.sectionText),
});
const section = (text: string): Block => ({ type: 'section', text: textOf(text) });
/** What the cluster says has no meaning to Slack. */
const quiet = (text: string, max: number): string => mrkdwn(text.replaceAll('```', "'''"), max);

/** A notification: title, facts, lists, commands to run, time. */
export function messageBlocks(message: ChatMessage, botName: string): readonly Block[] {
  const { title, text, fields = [], lists = [], commands = [], buttons = [], timeMs } = message;
  const blocks: Block[] = [];
  if (title !== undefined) blocks.push(section(`*${quiet(title, slackLimits.headerText)}*`));
  if (text !== undefined) blocks.push(section(quiet(text, slackLimits.sectionText)));
  if (fields.length > 0) {
    blocks.push({
      type: 'section',
      fields: fields.slice(0, slackLimits.fields).map(([name, value]) => ({
        type: 'mrkdwn',
        text: `*${quiet(name, slackLimits.headerText)}:* ${quiet(value, maxFactChars)}`,
      })),
    });
  }
  let room = maxChars - JSON.stringify(blocks).length;
  for (const { title: head, items } of lists) {
    const max = Math.min(slackLimits.sectionText, room) - slackLimits.headerText - 10;
    if (max <= 0) break;
    const lines = quiet(items.map((item) => `• ${item}`).join('\n'), max);
    blocks.push(section(`*${quiet(head, slackLimits.headerText)}*\n${lines}\n`));
    room -= lines.length;
  }
  const options = commands
    .filter(({ command }) => command.length <= slackLimits.optionValue)
    .slice(0, slackLimits.options)
    .map(({ text: word, command }) => ({
      text: { type: 'plain_text', text: cutText(word, slackLimits.optionText) },
      value: command.replace(/^kubectl /, ''),
    }));
  const elements = [
    ...(options.length === 0
      ? []
      : [
          {
            type: 'static_select',
            action_id: `${botName} kubectl`,
            placeholder: { type: 'plain_text', text: 'Run command...' },
            option_groups: [{ label: { type: 'plain_text', text: 'Supported commands' }, options }],
          },
        ]),
    ...buttons.slice(0, slackLimits.actionElements - 1).map(({ text: word, command }) => ({
      type: 'button',
      action_id: cutText(`cmd:${command}`, slackLimits.actionId),
      text: { type: 'plain_text', text: cutText(word, slackLimits.optionText) },
      value: cutText(`${botName} ${command}`, slackLimits.buttonValue),
    })),
  ];
  if (elements.length > 0) blocks.push({ type: 'actions', elements });
  if (timeMs !== undefined) {
    const seconds = Math.floor(timeMs / 1000);
    const fallback = new Date(timeMs).toUTCString();
    blocks.push({
      type: 'context',
      elements: [textOf(`<!date^${seconds}^{date_num} {time_secs}|${fallback}>`)],
    });
  }
  return blocks.slice(0, slackLimits.blocks);
}

/** The text of an answer. Whoever asked may be called by it, and nobody else: their words are in it. */
export const slackReplyText = (reply: Reply): string =>
  replyText(reply).replace(/<@[UW][A-Z0-9]+>|[^<&>]+|[<&>]/g, (part) =>
    part.startsWith('<@') ? part : escapeMrkdwn(part),
  );

/** Blocks of an answer that has more than a text; undefined: the text says it all. */
export function replyBlocks(reply: Reply, botName: string): readonly Block[] | undefined {
  const { sections = [], filterable } = reply;
  if (sections.length === 0 && filterable === undefined) return undefined;
  const blocks: Block[] = [];
  const text = slackReplyText(reply);
  if (text !== '') blocks.push(section(text));
  for (const { title, text: words, buttons } of sections) {
    blocks.push(section(`*${title}*${words === undefined ? '' : `\n${escapeMrkdwn(words)}`}`));
    if (buttons.length === 0) continue;
    blocks.push({
      type: 'actions',
      elements: buttons
        .slice(0, slackLimits.actionElements)
        .map(({ text: word, command, url }) => ({
          type: 'button',
          text: { type: 'plain_text', text: cutText(word, slackLimits.optionText) },
          ...(url === undefined
            ? {
                action_id: cutText(`cmd:${command}`, slackLimits.actionId),
                value: cutText(`${botName} ${command}`, slackLimits.buttonValue),
              }
            : { action_id: cutText(`url:${url}`, slackLimits.actionId), url }),
        })),
    });
  }
  if (filterable !== undefined && filterable.length < 200) {
    blocks.push({
      type: 'input',
      dispatch_action: true,
      block_id: cutText(`${botName} ${filterable} --filter=`, slackLimits.actionId),
      label: { type: 'plain_text', text: 'Filter output' },
      element: {
        type: 'plain_text_input',
        action_id: 'filter',
        placeholder: { type: 'plain_text', text: 'String pattern to filter by' },
        dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] },
      },
    });
  }
  return blocks.slice(0, slackLimits.blocks);
}
