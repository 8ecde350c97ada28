import { AppError } from '#base';

/** Gives the value of a placeholder, undefined where there is none. */
export type Lookup = (name: string) => string | undefined;

export interface Template {
  /** Names of all placeholders. */
  readonly names: ReadonlySet<string>;
  render(lookup: Lookup): string;
}

/** Longest name of a group or stream, characters. */
const maxNameLength = 512;

/**
 * Compiles a template of `EventRouting`.
 * @throws {AppError} INVALID_TEMPLATE
 */
export function compileTemplate(text: string): Template {
  const parts: (string | readonly string[])[] = [];
  const names = new Set<string>();
  let rest = text;
  while (rest !== '') {
    const open = rest.indexOf('{');
    if (open !== 0) parts.push(open === -1 ? rest : rest.slice(0, open));
    if (open === -1) break;
    const close = rest.indexOf('}', open);
    if (close === -1) {
      throw new AppError('INVALID_TEMPLATE', `Template "${text}" has a { without its }`);
    }
    const choices = rest
      .slice(open + 1, close)
      .split('|')
      .map((choice) => choice.trim());
    if (choices.some((choice) => choice === '')) {
      throw new AppError('INVALID_TEMPLATE', `Template "${text}" has an empty placeholder`);
    }
    for (const choice of choices) if (!choice.startsWith("'")) names.add(choice);
    parts.push(choices);
    rest = rest.slice(close + 1);
  }
  return {
    names,
    render: (lookup) => {
      let out = '';
      for (const part of parts) {
        if (typeof part === 'string') {
          out += part;
          continue;
        }
        for (const choice of part) {
          const value = choice.startsWith("'") ? choice.replaceAll("'", '') : lookup(choice);
          if (value === undefined || value === '') continue;
          out += value;
          break;
        }
      }
      return out;
    },
  };
}

/** A name that a log group may have: letters, digits and `.-_/#`; never empty. */
export function groupName(text: string): string {
  const clean = text.replaceAll(/[^A-Za-z0-9._/#-]/g, '_').replaceAll(/\/{2,}/g, '/');
  return clean === '' ? 'unknown' : clean.slice(0, maxNameLength);
}

/** A name that a log stream may have: anything but `:`, `*` and control characters; never empty. */
export function streamName(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = text.toWellFormed().replaceAll(/[:*\u0000-\u001f\u007f]/g, '_');
  return clean === '' ? 'unknown' : clean.slice(0, maxNameLength).toWellFormed();
}
