import type { ChatMessage } from '../contract.ts';
import type { FormField, FormValues, ReplyForm } from '../form.ts';
import { type Reply, type ReplyButton, replyText } from '../reply.ts';
import { withEmoji } from './markdown.ts';

/** What Teams takes in one message, with room for what is around the text. */
const maxTextBytes = 15_700;
/** An output that is longer than so many messages is cut: no channel is flooded. */
const maxParts = 6;
/** Of a row of buttons; more are not shown. */
const maxActions = 6;
const maxChoices = 100;
/** Of a card: Teams takes 28 KB, with what is around it. */
const maxCardBytes = 24_000;
/** Of a notification: each part leaves room for the others. */
const limits = { title: 300, text: 2000, facts: 12, factName: 60, fact: 400, list: 4000, run: 20 };

/** Something to send: the rest follows the first. */
export interface TeamsPost {
  readonly text?: string;
  readonly textFormat?: 'markdown';
  readonly attachments?: readonly {
    readonly contentType: string;
    readonly name?: string;
    readonly contentUrl?: string;
    readonly content?: unknown;
  }[];
}

type Element = Readonly<Record<string, unknown>>;

/** What a pressed button of ours says. */
export type TeamsAction =
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'form'; readonly command: string; readonly values: FormValues };

const textPost = (text: string): TeamsPost => ({ text, textFormat: 'markdown' });

const cardPost = (body: readonly Element[], text?: string): TeamsPost => ({
  ...(text === undefined ? {} : textPost(text)),
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        msteams: { width: 'Full' },
        body: fitting(body),
      },
    },
  ],
});

/** As many of the elements, from the first on, as there is room for. */
function fitting(body: readonly Element[]): readonly Element[] {
  let room = maxCardBytes;
  return body.filter((element) => {
    const bytes = Buffer.byteLength(JSON.stringify(element));
    if (bytes > room) return false;
    room -= bytes;
    return true;
  });
}

const words = (text: string, more: Element = {}): Element => ({
  type: 'TextBlock',
  text,
  wrap: true,
  ...more,
});
const heading = (text: string): Element => words(text, { weight: 'Bolder' });

/** A notification: what has a title is a card with a list of commands to run. */
export function teamsMessage(message: ChatMessage): readonly TeamsPost[] {
  const { title, text, fields = [], lists = [], buttons = [], timeMs, reply } = message;
  const commands = [...(message.commands ?? []), ...buttons];
  if (reply !== undefined) return teamsReply(reply);
  if (title === undefined) return textPosts(withEmoji(text || 'Nunchi'));
  const body: Element[] = [
    words(clipped(title, limits.title), { weight: 'Bolder', size: 'Large' }),
    ...(text === undefined ? [] : [words(clipped(text, limits.text))]),
    ...(fields.length === 0
      ? []
      : [
          {
            type: 'FactSet',
            facts: fields.slice(0, limits.facts).map(([name, value]) => ({
              title: clipped(name, limits.factName),
              value: clipped(value, limits.fact),
            })),
          },
        ]),
    ...lists.flatMap(({ title: head, items }) => [
      heading(clipped(head, limits.title)),
      words(clipped(items.map((item) => `- ${item}`).join('\n'), limits.list)),
    ]),
    ...(timeMs === undefined
      ? []
      : [words(new Date(timeMs).toUTCString(), { isSubtle: true, size: 'Small' })]),
  ];
  if (commands.length > 0) {
    body.push(
      {
        type: 'Input.ChoiceSet',
        id: 'run',
        placeholder: 'Run command...',
        choices: commands
          .filter(({ command }) => command.length <= limits.fact)
          .slice(0, limits.run)
          .map((one) => ({ title: clipped(one.text, limits.factName), value: one.command })),
      },
      actionSet([{ type: 'Action.Submit', title: 'Run', data: { nunchi: { kind: 'run' } } }]),
    );
  }
  if (buttons.length > 0) body.push(actionSet(buttons.map(actionOf)));
  return [cardPost(body)];
}

/** An answer. Bots cannot send files to channels of Teams: what is long is several messages. */
export function teamsReply(reply: Reply): readonly TeamsPost[] {
  const { form, sections = [], picture } = reply;
  if (form !== undefined) return [teamsForm(form)];
  const text = withEmoji(replyText(reply));
  if (sections.length > 0) {
    const body = [
      ...(text === '' ? [] : [words(clipped(text, limits.list))]),
      ...sections.flatMap(({ title, text: said, buttons }) => [
        heading(clipped(title, limits.title)),
        ...(said === undefined ? [] : [words(clipped(said, limits.list))]),
        ...(buttons.length === 0 ? [] : [actionSet(buttons.map(actionOf))]),
      ]),
    ];
    return [cardPost(body)];
  }
  const posts = [...textPosts(text === '' && picture === undefined ? 'Nunchi' : text, reply)];
  if (picture === undefined) return posts;
  const contentUrl = `data:image/png;base64,${Buffer.from(picture.png).toString('base64')}`;
  return [
    ...posts,
    { attachments: [{ contentType: 'image/png', name: picture.name, contentUrl }] },
  ];
}

/** The form; `asks: 'when changed'` needs a press too, as cards tell of nothing else. */
export function teamsForm(form: ReplyForm): TeamsPost {
  const { title, command, fields, preview, notes = [], buttons = [], asks } = form;
  return cardPost([
    heading(clipped(title, limits.title)),
    ...(preview === undefined ? [] : [words(preview, { fontType: 'Monospace' })]),
    ...notes.map((note) => words(clipped(note, limits.fact), { isSubtle: true })),
    ...fields.flatMap(inputOf),
    actionSet([
      {
        type: 'Action.Submit',
        title: asks === 'when changed' ? 'Next' : 'OK',
        data: { nunchi: { kind: 'form', command } },
      },
      ...buttons.map(actionOf),
    ]),
  ]);
}

function inputOf(field: FormField): readonly Element[] {
  const { kind, name, label } = field;
  if (kind === 'text') {
    const { placeholder, value = '' } = field;
    return [{ type: 'Input.Text', id: `field.${name}`, label, placeholder, value }];
  }
  const value = kind === 'select' ? (field.value ?? '') : field.values.join(',');
  return [
    {
      type: 'Input.ChoiceSet',
      id: `${kind === 'select' ? 'field' : 'list'}.${name}`,
      label,
      value,
      ...(kind === 'multi-select' ? { isMultiSelect: true } : {}),
      choices: field.options
        .slice(0, maxChoices)
        .map(({ text, value: of }) => ({ title: clipped(text, limits.factName), value: of })),
    },
  ];
}

const actionSet = (actions: readonly Element[]): Element => ({
  type: 'ActionSet',
  actions: actions.slice(0, maxActions),
});

const actionOf = (button: ReplyButton): Element =>
  button.url === undefined
    ? {
        type: 'Action.Submit',
        title: clipped(button.text, limits.factName),
        data: { nunchi: { kind: 'command', command: button.command } },
      }
    : { type: 'Action.OpenUrl', title: button.text, url: button.url };

/** Undefined: no button of ours. */
export function teamsActionOf(
  value: Readonly<Record<string, unknown>> | undefined,
): TeamsAction | undefined {
  const ours = value?.['nunchi'] as Readonly<Record<string, unknown>> | undefined;
  if (typeof ours !== 'object' || ours === null || value === undefined) return undefined;
  const { kind, command } = ours;
  if (kind === 'run') {
    const chosen = value['run'];
    return typeof chosen === 'string' && chosen !== ''
      ? { kind: 'command', command: chosen }
      : undefined;
  }
  if (typeof command !== 'string') return undefined;
  if (kind === 'command') return { kind, command };
  if (kind !== 'form') return undefined;
  const values = Object.entries(value).flatMap(([key, chosen]) => {
    const [, of, name] = /^(field|list)\.(.+)$/.exec(key) ?? [];
    if (name === undefined || typeof chosen !== 'string' || chosen === '') return [];
    return [[name, of === 'list' ? chosen.split(',') : [chosen]] as const];
  });
  return { kind, command, values: Object.fromEntries(values) };
}

/** As many messages as it takes, each with whole lines and a fence of its own. */
function textPosts(text: string, reply: Reply = {}): readonly TeamsPost[] {
  if (Buffer.byteLength(text) <= maxTextBytes) return text === '' ? [] : [textPost(text)];
  const { output } = reply;
  if (output === undefined) return [textPost(clipped(text, maxTextBytes))];
  const head = [reply.header, reply.text].filter((part) => part !== undefined).join('\n');
  const parts = chunks(
    output.replaceAll('```', "'''"),
    maxTextBytes - Buffer.byteLength(head) - 20,
  );
  const shown = parts.slice(0, maxParts).map((part) => `\`\`\`\n${part}\n\`\`\``);
  const isCut = parts.length > maxParts;
  return shown.map((part, at) =>
    textPost(
      [
        ...(at === 0 && head !== '' ? [head] : []),
        part,
        ...(isCut && at === shown.length - 1 ? ['… more than is shown here'] : []),
      ].join('\n'),
    ),
  );
}

/** Lines together, as many as fit; a line that is too long by itself is cut. */
function chunks(text: string, maxBytes: number): readonly string[] {
  const found: string[] = [];
  let lines: string[] = [];
  let bytes = 0;
  for (const whole of text.split('\n')) {
    const line = clipped(whole, maxBytes);
    const size = Buffer.byteLength(line) + 1;
    if (bytes + size > maxBytes && lines.length > 0) {
      found.push(lines.join('\n'));
      if (found.length > maxParts) return found;
      lines = [];
      bytes = 0;
    }
    lines.push(line);
    bytes += size;
  }
  return [...found, lines.join('\n')];
}

function clipped(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text).subarray(0, maxBytes - 4);
  return `${new TextDecoder('utf-8', { fatal: false }).decode(bytes).replace(/\ufffd$/, '')}…`;
}
