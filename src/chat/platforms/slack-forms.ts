import { codeBlock, mrkdwn, slackLimits } from '#slack';
import type { FormField, FormOption, FormValues, ReplyForm } from '../form.ts';
import { cutText } from './markdown.ts';
import type { Block } from './slack-blocks.ts';

/** Of the elements of a form: what is behind it is the name of a field. */
const fieldPrefix = 'form:';

const plainText = (text: string, maxChars: number): Block => ({
  type: 'plain_text',
  text: cutText(text, maxChars),
});
const section = (text: string): Block => ({ type: 'section', text: { type: 'mrkdwn', text } });

/**
 * A form as a message that only one sees. Each field is a block of its own, whose id says what it shows:
 * Slack keeps what was chosen by it, also when that is no longer among the options.
 */
export function formBlocks(form: ReplyForm, mention: string): readonly Block[] {
  const { title, command, asks, fields, preview, notes = [], buttons = [] } = form;
  const head = section(`*${mrkdwn(title, slackLimits.headerText)}*`);
  // What is chosen in a message is not sent with it; a dialogue is, and takes a press to be opened.
  if (asks === 'when sent') {
    const open = buttonOf('Open', `${mention} ${command}`, `cmd:${command}`);
    return [head, { type: 'actions', elements: [open] }];
  }
  return [
    head,
    ...fields.flatMap((field, at): readonly Block[] => {
      const block_id = cutText(`${mention} ${command}#${at}.${digest(field)}`, slackLimits.blockId);
      if (field.kind === 'text') return [inputBlock(field, block_id)];
      const element = selectOf(field);
      return element === undefined ? [] : [{ type: 'actions', block_id, elements: [element] }];
    }),
    ...(preview === undefined ? [] : [section(codeBlock([preview], slackLimits.sectionText))]),
    ...(notes.length === 0
      ? []
      : [
          {
            type: 'context',
            elements: notes
              .slice(0, slackLimits.contextElements)
              .map((note) => plainText(note, slackLimits.sectionText)),
          },
        ]),
    ...(buttons.length === 0
      ? []
      : [
          {
            type: 'actions',
            elements: buttons.map((button) => ({
              ...buttonOf(button.text, `${mention} ${button.command}`, `cmd:${button.command}`),
              style: 'primary',
            })),
          },
        ]),
  ];
}

/** A form as a dialogue. What it was opened for comes back in its metadata. */
export function formView(form: ReplyForm, metadata: string): Block {
  return {
    type: 'modal',
    callback_id: cutText(form.command, slackLimits.actionId),
    private_metadata: metadata,
    title: plainText(form.title, slackLimits.modalTitle),
    submit: plainText('Apply', slackLimits.modalTitle),
    close: plainText('Cancel', slackLimits.modalTitle),
    blocks: form.fields.flatMap((field): readonly Block[] => {
      if (field.kind === 'text') return [inputBlock(field, field.name, false)];
      const element = selectOf(field);
      if (element === undefined) return [];
      const label = plainText(field.label, 2000);
      return [{ type: 'input', block_id: field.name, label, element }];
    }),
  };
}

/** Undefined: there is nothing to choose from. */
function selectOf(field: Exclude<FormField, { kind: 'text' }>): Block | undefined {
  const options = field.options
    .filter(({ value }) => value !== '' && value.length <= slackLimits.optionValue)
    .slice(0, slackLimits.options);
  if (options.length === 0) return undefined;
  const chosen = field.kind === 'select' ? [field.value] : field.values;
  const initial = options.filter(({ value }) => chosen.includes(value)).map(optionOf);
  const common = {
    action_id: `${fieldPrefix}${field.name}`,
    placeholder: plainText(field.label, slackLimits.placeholderText),
    options: options.map(optionOf),
  };
  if (field.kind === 'select') {
    const [first] = initial;
    const shown = first === undefined ? {} : { initial_option: first };
    return { type: 'static_select', ...common, ...shown };
  }
  const shown = initial.length === 0 ? {} : { initial_options: initial };
  return { type: 'multi_static_select', ...common, ...shown };
}

const optionOf = ({ text, value }: FormOption): Block => ({
  text: plainText(text, slackLimits.optionText),
  value,
});

function inputBlock(
  { name, label, placeholder, value }: Extract<FormField, { kind: 'text' }>,
  block_id: string,
  isSentAlone = true,
): Block {
  return {
    type: 'input',
    block_id,
    optional: true,
    label: plainText(label, 2000),
    element: {
      type: 'plain_text_input',
      action_id: `${fieldPrefix}${name}`,
      placeholder: plainText(placeholder, slackLimits.placeholderText),
      ...(value === undefined ? {} : { initial_value: value }),
      ...(isSentAlone
        ? { dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] } }
        : {}),
    },
    ...(isSentAlone ? { dispatch_action: true } : {}),
  };
}

const buttonOf = (text: string, value: string, actionId: string): Block => ({
  type: 'button',
  action_id: cutText(actionId, slackLimits.actionId),
  text: plainText(text, slackLimits.buttonText),
  value: cutText(value, slackLimits.buttonValue),
});

/** Another when a field shows something else. */
function digest(field: FormField): string {
  let hash = 5381;
  for (const char of JSON.stringify(field)) hash = (hash * 33 + (char.codePointAt(0) ?? 0)) >>> 0;
  return `${field.name}.${hash.toString(36)}`;
}

/** The state of an element, as Slack sends it with a press or a dialogue. */
export interface ElementState {
  readonly value?: string | null;
  readonly selected_option?: { readonly value?: string } | null;
  readonly selected_options?: readonly { readonly value?: string }[];
}

export type SlackState = Readonly<Record<string, Readonly<Record<string, ElementState>>>>;

/** What a form says; elements that are of none are left out. */
export function formValuesOf(state: SlackState | undefined): FormValues {
  const values: Record<string, readonly string[]> = {};
  for (const elements of Object.values(state ?? {})) {
    for (const [id, element] of Object.entries(elements)) {
      if (!id.startsWith(fieldPrefix)) continue;
      const given = valuesOf(element);
      if (given.length > 0) values[id.slice(fieldPrefix.length)] = given;
    }
  }
  return values;
}

function valuesOf({ value, selected_option: one, selected_options: many }: ElementState): string[] {
  const given =
    many === undefined ? [one?.value ?? value ?? undefined] : many.map((option) => option.value);
  return given.filter((text): text is string => text !== undefined && text !== '');
}

/** What a field of a form asks: the command in front of the block's number. */
export const formCommandOf = (actionId: string, blockId: string): string | undefined =>
  actionId.startsWith(fieldPrefix) ? blockId.slice(0, blockId.lastIndexOf('#')) : undefined;
