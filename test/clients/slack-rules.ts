import { slackLimits as limits } from '#slack';

type Json = Readonly<Record<string, unknown>>;

/** What somebody may post: a message's text and its blocks. */
export interface SlackMessageLike {
  readonly text?: unknown;
  readonly blocks?: unknown;
}

/**
 * What Slack would not take of a message, or show wrongly; none: it is good.
 * Source: docs.slack.dev/reference/block-kit.
 */
export function slackProblems({ text, blocks }: SlackMessageLike): readonly string[] {
  const problems: string[] = [];
  const say = (at: string, what: string): void => {
    problems.push(`${at}: ${what}`);
  };
  const list = Array.isArray(blocks) ? (blocks as readonly Json[]) : [];
  if (blocks !== undefined && !Array.isArray(blocks)) say('blocks', 'is no list');
  if (typeof text !== 'string' || text === '') say('text', 'is empty: phones show nothing');
  else if (text.length > limits.text) say('text', `${text.length} characters`);
  if (list.length > limits.blocks) say('blocks', `${list.length} of them`);
  const actionIds = new Set<unknown>();
  checkBlockIds(list, say);
  list.forEach((block, index) => {
    new BlockCheck(`blocks[${index}]`, say, actionIds).block(block);
  });
  return problems;
}

/** What Slack would not open of a dialogue. Source: docs.slack.dev/reference/views. */
export function slackViewProblems(view: Json): readonly string[] {
  const problems: string[] = [];
  const say = (at: string, what: string): void => {
    problems.push(`${at}: ${what}`);
  };
  const blocks = (view['blocks'] ?? []) as readonly Json[];
  if (view['type'] !== 'modal') say('view', `of type ${String(view['type'])}`);
  for (const part of ['title', 'submit', 'close']) {
    const { type, text } = (view[part] ?? {}) as { type?: string; text?: string };
    if (type !== 'plain_text' || text === undefined || text === '') say(part, 'has no text');
    else if (text.length > limits.modalTitle) say(part, `${text.length} characters`);
  }
  if (String(view['private_metadata'] ?? '').length > limits.privateMetadata)
    say('private_metadata', 'is too long');
  if (blocks.length === 0 || blocks.length > limits.modalBlocks) say('blocks', `${blocks.length}`);
  const actionIds = new Set<unknown>();
  checkBlockIds(blocks, say);
  blocks.forEach((block, index) => {
    new BlockCheck(`blocks[${index}]`, say, actionIds).block(block);
  });
  return problems;
}

function checkBlockIds(blocks: readonly Json[], say: (at: string, what: string) => void): void {
  const ids = blocks.map((block) => block['block_id']).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length) say('blocks', 'a block_id twice');
  if (ids.some((id) => typeof id !== 'string' || id === '' || id.length > limits.blockId))
    say('blocks', 'a block_id that is none');
}

class BlockCheck {
  readonly #at: string;
  readonly #say: (at: string, what: string) => void;
  readonly #actionIds: Set<unknown>;

  constructor(at: string, say: (at: string, what: string) => void, actionIds: Set<unknown>) {
    this.#at = at;
    this.#say = say;
    this.#actionIds = actionIds;
  }

  block(block: Json): void {
    switch (block['type']) {
      case 'header':
        this.#text(block['text'], 'text', limits.headerText, ['plain_text']);
        return;
      case 'section':
        this.#section(block);
        return;
      case 'context':
        this.#elements(block, limits.contextElements, (element, at) => {
          if (element['type'] === 'image') this.#image(element, at);
          else this.#text(element, at, limits.sectionText);
        });
        return;
      case 'actions':
        this.#elements(block, limits.actionElements, (element, at) => this.#action(element, at));
        return;
      case 'image':
        this.#image(block, 'image');
        return;
      case 'input':
        this.#text(block['label'], 'label', 2000, ['plain_text']);
        this.#action((block['element'] ?? {}) as Json, 'element');
        return;
      case 'divider':
        return;
      default:
        this.#bad('type', `there is no ${String(block['type'])}`);
    }
  }

  #section(block: Json): void {
    const { text, fields, accessory } = block;
    if (text === undefined && fields === undefined) this.#bad('section', 'has no text, no fields');
    if (text !== undefined) this.#text(text, 'text', limits.sectionText);
    if (fields !== undefined) {
      const list = fields as readonly Json[];
      if (list.length === 0 || list.length > limits.fields)
        this.#bad('fields', `${list.length} of them`);
      list.forEach((field, at) => {
        this.#text(field, `fields[${at}]`, limits.fieldText);
      });
    }
    if (accessory !== undefined) this.#action(accessory as Json, 'accessory');
  }

  #elements(block: Json, max: number, check: (element: Json, at: string) => void): void {
    const list = (block['elements'] ?? []) as readonly Json[];
    if (list.length === 0 || list.length > max) this.#bad('elements', `${list.length} of them`);
    list.forEach((element, at) => {
      check(element, `elements[${at}]`);
    });
  }

  #action(element: Json, at: string): void {
    const id = element['action_id'];
    if (typeof id === 'string') {
      if (id.length > limits.actionId) this.#bad(at, `action_id of ${id.length} characters`);
      // The same twice in a message: Slack refuses it within a block, and cannot tell them apart.
      if (this.#actionIds.has(id)) this.#bad(at, `action_id ${id} twice`);
      this.#actionIds.add(id);
    }
    if (element['type'] === 'button') {
      this.#text(element['text'], `${at}.text`, limits.buttonText, ['plain_text']);
      if (String(element['value'] ?? '').length > limits.buttonValue) this.#bad(at, 'value');
      const url = element['url'];
      if (url !== undefined) this.#url(url, at, limits.url);
      return;
    }
    if (element['type'] === 'plain_text_input') {
      const { placeholder } = element;
      if (placeholder !== undefined)
        this.#text(placeholder, `${at}.placeholder`, limits.placeholderText, ['plain_text']);
      return;
    }
    if (element['type'] !== 'static_select' && element['type'] !== 'multi_static_select') {
      this.#bad(at, `there is no ${String(element['type'])}`);
      return;
    }
    this.#text(element['placeholder'], `${at}.placeholder`, limits.placeholderText, ['plain_text']);
    const groups = element['option_groups'] as readonly Json[] | undefined;
    const lists = groups?.map((group) => group['options']) ?? [element['options']];
    for (const options of lists as readonly (readonly Json[])[]) {
      if (options.length === 0 || options.length > limits.options)
        this.#bad(at, `${options.length} options`);
      for (const option of options) {
        this.#text(option['text'], `${at}.option`, limits.optionText, ['plain_text']);
        const value = String(option['value'] ?? '');
        if (value === '' || value.length > limits.optionValue)
          this.#bad(at, `option value of ${value.length} characters`);
      }
    }
    const known = (lists as readonly (readonly Json[])[]).flat().map((one) => JSON.stringify(one));
    const { initial_option: one, initial_options: many } = element;
    for (const initial of [...(one === undefined ? [] : [one]), ...((many ?? []) as unknown[])]) {
      if (!known.includes(JSON.stringify(initial))) this.#bad(at, 'starts with what is no option');
    }
  }

  #image(image: Json, at: string): void {
    const alt = image['alt_text'];
    if (typeof alt !== 'string' || alt === '' || alt.length > limits.altText)
      this.#bad(at, 'alt_text');
    if (image['image_url'] !== undefined) this.#url(image['image_url'], at, limits.imageUrl);
    else if (image['slack_file'] === undefined) this.#bad(at, 'neither image_url nor slack_file');
  }

  #url(url: unknown, at: string, max: number): void {
    if (typeof url !== 'string' || url.length > max || !URL.canParse(url)) this.#bad(at, 'url');
  }

  #text(
    object: unknown,
    at: string,
    maxChars: number,
    types: readonly string[] = ['plain_text', 'mrkdwn'],
  ): void {
    const { type, text } = (object ?? {}) as Json;
    if (!types.includes(String(type))) this.#bad(at, `a text of type ${String(type)}`);
    if (typeof text !== 'string' || text === '') this.#bad(at, 'is empty');
    else {
      if (text.length > maxChars) this.#bad(at, `${text.length} characters`);
      if (type === 'mrkdwn') this.#marks(text, at);
    }
  }

  /** Fences that do not end, entities that are cut, marks that nobody meant. */
  #marks(text: string, at: string): void {
    if ((text.split('```').length - 1) % 2 === 1) this.#bad(at, 'a fence does not end');
    // Slack takes an & within an address as it is.
    const known = /<(?:https?:\/\/[^|<>]+(?:\|[^<>]*)?|[@#][A-Z0-9]+|!date\^[^<>|]+\|[^<>]+)>/g;
    const rest = text.replaceAll(known, '').replaceAll(/^>/gm, '');
    if (/&(?!(?:amp|lt|gt);)/.test(rest)) this.#bad(at, `an & that is no entity: ${text}`);
    if (/[<>]/.test(rest)) this.#bad(at, `a mark that nobody meant: ${text}`);
  }

  #bad(part: string, what: string): void {
    this.#say(`${this.#at}.${part}`, what);
  }
}
