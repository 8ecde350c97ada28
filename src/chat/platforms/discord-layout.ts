import type {
  APIActionRowComponent,
  APIComponentInMessageActionRow,
  APIEmbed,
  APIMessageTopLevelComponent,
} from 'discord-api-types/v10';
import type { ChatMessage } from '../contract.ts';
import type { FormField, FormOption, FormValues, ReplyForm } from '../form.ts';
import { type Reply, type ReplyButton, replyText } from '../reply.ts';
import { cutText, withEmoji } from './markdown.ts';

/** What Discord takes, in characters and pieces. */
const limits = {
  content: 2000,
  embedTitle: 256,
  embedText: 4096,
  embedFields: 25,
  fieldName: 256,
  fieldValue: 1024,
  rows: 5,
  buttonsOfRow: 5,
  buttonLabel: 80,
  customId: 100,
  options: 25,
  option: 100,
  placeholder: 150,
} as const;

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

export interface DiscordFile {
  readonly name: string;
  readonly data: Buffer;
  readonly contentType: string;
}

export interface DiscordMessage {
  readonly content: string;
  readonly embeds: APIEmbed[];
  readonly components: Row[];
  /** Nobody is called by what a cluster says. */
  readonly allowed_mentions: { readonly parse: []; readonly replied_user: false };
}

export interface DiscordPost {
  readonly body: DiscordMessage;
  readonly files: readonly DiscordFile[];
}

/** What a button or a list of ours means, by its custom id. */
export type DiscordAction =
  | { readonly kind: 'command'; readonly command: string }
  /** Asks for a form that only the one who asks sees. */
  | { readonly kind: 'open'; readonly command: string }
  /** The value is the command. */
  | { readonly kind: 'run' }
  | { readonly kind: 'form' | 'send'; readonly name: string; readonly command: string };

const red = 0xd13b3b;
const green = 0x2e9e5b;
const blue = 0x3b7dd1;

const postOf = (
  parts: Partial<DiscordMessage>,
  files: readonly DiscordFile[] = [],
): DiscordPost => ({
  body: {
    content: '',
    embeds: [],
    components: [],
    allowed_mentions: { parse: [], replied_user: false },
    ...parts,
  },
  files,
});

/** A notification: what has a title is an embed with a list of commands to run. */
export function discordMessage(message: ChatMessage): DiscordPost {
  const {
    title,
    text,
    fields = [],
    lists = [],
    commands = [],
    buttons = [],
    timeMs,
    reply,
  } = message;
  if (reply !== undefined) return discordReply(reply);
  if (title === undefined)
    return postOf({ content: cutText(withEmoji(text || 'Nunchi'), limits.content) });
  const words = [
    ...(text === undefined ? [] : [text]),
    ...lists.map(
      ({ title: head, items }) => `**${head}**\n${items.map((item) => `• ${item}`).join('\n')}`,
    ),
  ].join('\n\n');
  const embed: APIEmbed = {
    title: cutText(title, limits.embedTitle),
    color: title.startsWith('❗') ? red : title.startsWith('🟢') ? green : blue,
    ...(words === '' ? {} : { description: cutText(words, limits.embedText) }),
    fields: fields.slice(0, limits.embedFields).map(([name, value]) => ({
      name: cutText(`${name}:`, limits.fieldName),
      value: cutText(value, limits.fieldValue) || '-',
      inline: true,
    })),
    ...(timeMs === undefined ? {} : { timestamp: new Date(timeMs).toISOString() }),
  };
  const options = optionsOf(
    [...commands, ...buttons].map(({ text: word, command }) => ({ text: word, value: command })),
  );
  const list: Row[] =
    options.length === 0
      ? []
      : [rowOf([{ type: 3, custom_id: 'run', placeholder: 'Run command...', options }])];
  const components = [...list, ...buttonRows(buttons, limits.rows - list.length)];
  return postOf({ embeds: [embed], components });
}

/** An answer; what is longer than a message is a file. */
export function discordReply(reply: Reply): DiscordPost {
  const { form, picture, output, sections = [] } = reply;
  if (form !== undefined) return openerOf(form);
  const files: DiscordFile[] = [];
  let text = withEmoji(replyText(reply));
  if (output !== undefined && text.length > limits.content) {
    files.push({
      name: 'Response.txt',
      data: Buffer.from(output),
      contentType: 'text/plain; charset=utf-8',
    });
    text = [reply.header, reply.text].filter((part) => part !== undefined).join('\n');
  }
  if (picture !== undefined) {
    files.push({ name: picture.name, data: Buffer.from(picture.png), contentType: 'image/png' });
  }
  const words = sections.map(({ title, text: said }) =>
    said === undefined ? `**${title}**` : `**${title}**\n${said}`,
  );
  const content = cutText(text, limits.content);
  const said = words.length === 0 ? [] : [cutText(words.join('\n'), limits.embedText)];
  const components = buttonRows(
    sections.flatMap(({ buttons }) => buttons),
    limits.rows,
  );
  const isEmpty = content === '' && files.length === 0 && said.length === 0;
  const embeds = said.map((description) => ({ description }));
  return postOf({ content: isEmpty ? 'Nunchi' : content, embeds, components }, files);
}

/** A typed question has no answer that only one sees: that takes a press. */
function openerOf({ title, command }: ReplyForm): DiscordPost {
  const open: ReplyButton = { text: title, command, opensForm: true };
  return postOf({ content: `**${title}**`, components: buttonRows([open], 1) });
}

/** The form itself, as the answer to a press. */
export function discordForm(form: ReplyForm): DiscordPost {
  const { title, fields, preview, notes = [], buttons = [] } = form;
  const left: string[] = [...notes];
  const rows: Row[] = [];
  for (const field of fields) {
    if (field.kind === 'text' || field.options.length === 0) continue;
    if (rows.length === limits.rows - (buttons.length > 0 ? 1 : 0)) break;
    if (field.options.length > limits.options)
      left.push(`${field.label}: the first ${limits.options} of ${field.options.length}`);
    rows.push(selectRow(form, field));
  }
  const content = [
    `**${title}**`,
    ...(preview === undefined ? [] : [`\`\`\`\n${preview}\n\`\`\``]),
    ...left.map((line) => `_${line}_`),
  ].join('\n');
  return postOf({
    content: cutText(content, limits.content),
    components: [...rows, ...buttonRows(buttons, 1)],
  });
}

function selectRow(form: ReplyForm, field: Exclude<FormField, { kind: 'text' }>): Row {
  const chosen = field.kind === 'select' ? [field.value] : field.values;
  // What is chosen is shown, however far down it stands.
  const sorted = field.options
    .slice(0, limits.options)
    .concat(field.options.slice(limits.options).filter(({ value }) => chosen.includes(value)))
    .slice(-limits.options);
  const options = optionsOf(sorted, chosen);
  return rowOf([
    {
      type: 3,
      custom_id: cutText(
        `${form.asks === 'when changed' ? 'form' : 'send'}:${field.name}|${form.command}`,
        limits.customId,
      ),
      placeholder: cutText(field.label, limits.placeholder),
      options,
      ...(field.kind === 'multi-select' ? { min_values: 1, max_values: options.length } : {}),
    },
  ]);
}

const rowOf = (components: APIComponentInMessageActionRow[]): Row => ({ type: 1, components });

function optionsOf(
  options: readonly FormOption[],
  chosen: readonly (string | undefined)[] = [],
): { label: string; value: string; default?: boolean }[] {
  const values = new Set<string>();
  return options
    .filter(({ value }) => {
      const isUsable = value !== '' && value.length <= limits.option && !values.has(value);
      values.add(value);
      return isUsable;
    })
    .slice(0, limits.options)
    .map(({ text, value }) => ({
      label: cutText(text, limits.option),
      value,
      ...(chosen.includes(value) ? { default: true } : {}),
    }));
}

/** Five in a row; the same button twice is none. */
function buttonRows(buttons: readonly ReplyButton[], maxRows: number): Row[] {
  const ids = new Set<string>();
  const made = buttons.flatMap((button): APIComponentInMessageActionRow[] => {
    const label = cutText(button.text, limits.buttonLabel);
    if (button.url !== undefined) return [{ type: 2, style: 5, label, url: button.url }];
    const id = `${button.opensForm === true ? 'open' : 'cmd'}:${button.command}`;
    if (id.length > limits.customId || ids.has(id)) return [];
    ids.add(id);
    return [{ type: 2, style: 2, label, custom_id: id }];
  });
  const rows: Row[] = [];
  for (let at = 0; at < made.length && rows.length < maxRows; at += limits.buttonsOfRow)
    rows.push(rowOf(made.slice(at, at + limits.buttonsOfRow)));
  return rows;
}

/** Undefined: it is none of ours. */
export function actionOf(customId: string): DiscordAction | undefined {
  if (customId === 'run') return { kind: 'run' };
  const [, kind, rest = ''] = /^(cmd|open|form|send):(.*)$/s.exec(customId) ?? [];
  if (kind === 'cmd') return { kind: 'command', command: rest };
  if (kind === 'open') return { kind, command: rest };
  if (kind !== 'form' && kind !== 'send') return undefined;
  const at = rest.indexOf('|');
  return at < 0 ? undefined : { kind, name: rest.slice(0, at), command: rest.slice(at + 1) };
}

/** What the lists of a message say, with the one that has changed. */
export function formValuesOf(
  rows: readonly APIMessageTopLevelComponent[],
  changed: { readonly name: string; readonly values: readonly string[] },
): FormValues {
  const values: Record<string, readonly string[]> = {};
  for (const row of rows) {
    if (row.type !== 1) continue;
    for (const component of row.components) {
      if (component.type !== 3) continue;
      const action = actionOf(component.custom_id);
      if (action?.kind !== 'form' && action?.kind !== 'send') continue;
      const chosen = component.options.filter((one) => one.default === true);
      values[action.name] = chosen.map(({ value }) => value);
    }
  }
  return { ...values, [changed.name]: changed.values };
}
