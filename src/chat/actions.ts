import { describeError, type Logger } from '#base';
import { Template, type TemplateFunction, type TemplateValue } from '#go-template';
import type { ActionConfig, ChatConfig } from './config/contract.ts';

const textOf = (value: TemplateValue): string => String(value ?? '');
const listOf = (value: TemplateValue): readonly TemplateValue[] =>
  Array.isArray(value) ? value : [value];

/** Of sprig, what commands are made with. */
const functions: Readonly<Record<string, TemplateFunction>> = {
  lower: (value) => textOf(value).toLowerCase(),
  upper: (value) => textOf(value).toUpperCase(),
  title: (value) => textOf(value).replace(/\b\p{L}/gu, (letter) => letter.toUpperCase()),
  trim: (value) => textOf(value).trim(),
  trimPrefix: (prefix, value) =>
    textOf(value).startsWith(textOf(prefix))
      ? textOf(value).slice(textOf(prefix).length)
      : textOf(value),
  trimSuffix: (suffix, value) =>
    textOf(suffix) !== '' && textOf(value).endsWith(textOf(suffix))
      ? textOf(value).slice(0, -textOf(suffix).length)
      : textOf(value),
  default: (byDefault, value): TemplateValue =>
    value === undefined || value === '' || value === 0 || value === false ? byDefault : value,
  quote: (value) => JSON.stringify(textOf(value)),
  squote: (value) => `'${textOf(value)}'`,
  replace: (from, to, value) => textOf(value).replaceAll(textOf(from), textOf(to)),
  trunc: (length, value) =>
    Number(length) < 0
      ? textOf(value).slice(Number(length))
      : textOf(value).slice(0, Number(length)),
  contains: (part, value) => textOf(value).includes(textOf(part)),
  hasPrefix: (prefix, value) => textOf(value).startsWith(textOf(prefix)),
  hasSuffix: (suffix, value) => textOf(value).endsWith(textOf(suffix)),
  join: (separator, values) => listOf(values).map(textOf).join(textOf(separator)),
  splitList: (separator, value) => textOf(value).split(textOf(separator)),
  first: (values) => listOf(values)[0],
  last: (values) => listOf(values).at(-1),
  ternary: (yes, no, condition) => (condition === true ? yes : no),
  toString: (value: TemplateValue) => textOf(value),
};

/**
 * Makes commands of what has happened; undefined where it makes none of it.
 * @returns undefined for a template that is wrong, which is named
 */
export function commandTemplateOf(
  name: string,
  text: string,
  log: Logger,
): ((data: Readonly<Record<string, unknown>>) => string | undefined) | undefined {
  let template: Template;
  try {
    template = new Template(name, text, { functions });
  } catch (error) {
    log.error('A template of a command cannot be used', { name, reason: describeError(error) });
    return undefined;
  }
  return (data) => {
    try {
      const command = template.execute(data as unknown as TemplateValue).trim();
      return command === '' ? undefined : command;
    } catch (error) {
      log.warn('A template makes no command of an event', { name, reason: describeError(error) });
      return undefined;
    }
  };
}

/** An action whose command is ready to be made of an event. */
export interface ReadyAction {
  readonly action: ActionConfig;
  /** Undefined: it makes no command of this event. */
  readonly command: (event: Readonly<Record<string, unknown>>) => string | undefined;
}

/** Actions whose templates can be used. */
export function readyActions(config: ChatConfig, log: Logger): readonly ReadyAction[] {
  return config.actions.flatMap((action) => {
    const made = commandTemplateOf(action.name, action.command, log);
    return made === undefined ? [] : [{ action, command: (event) => made({ Event: event }) }];
  });
}
