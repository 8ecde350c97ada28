import type { AliasConfig } from '../config/contract.ts';
import { splitWords, WordsError } from './words.ts';

/** A command as somebody meant it. */
export interface ParsedCommand {
  readonly words: readonly string[];
  /** As the header of the answer has it: alias put in, blanks as one. */
  readonly shown: string;
  /** Of `--cluster-name`; undefined: whoever hears it. */
  readonly clusterName: string | undefined;
  /** Lines of the answer that hold it; undefined: all. */
  readonly filter: string | undefined;
}

/** In words for the one who asked. */
export class CommandError extends Error {}

/**
 * What a chat makes of a text, taken back: links, curly quotes, blanks that are none.
 * @param text without the mention of the bot
 */
export function normalizeText(text: string): string {
  return text
    .replace(/<(?:https?:\/\/|mailto:)[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<((?:https?:\/\/|mailto:)[^>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/[\u201c\u201d\u201e\u201f]/g, '"')
    .replace(/[\u2018\u2019\u201a\u201b]/g, "'")
    .replace(/[\u2013\u2014](?=[A-Za-z])/g, '--')
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
    .trim();
}

/** @throws {CommandError} */
export function parseCommand(text: string, aliases: readonly AliasConfig[]): ParsedCommand {
  const words = wordsOf(expandAlias(normalizeText(text), aliases));
  const rest: string[] = [];
  const filters: string[] = [];
  let clusterName: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    // After this everything belongs to the program in the container.
    if (word === '--') {
      rest.push(...words.slice(at));
      break;
    }
    const [name, value] = flagOf(word);
    const next = (): string | undefined => value ?? words[++at];
    if (name === '--filter') {
      const filter = next();
      if (filter === undefined || filter === '') {
        throw new CommandError(
          'incorrect use of --filter flag: an argument is missing. use --filter="value" or --filter value',
        );
      }
      filters.push(filter);
    } else if (name === '--cluster-name') clusterName = next();
    else if (name === '--bk-cmd-header') next();
    else if (name !== '--all-clusters') rest.push(word);
  }
  if (filters.length > 1) {
    throw new CommandError('incorrect use of --filter flag: found more than one filter flag');
  }
  const shown = rest.map(shownWord).join(' ');
  return { words: rest, shown, clusterName, filter: filters[0] };
}

function wordsOf(text: string): string[] {
  try {
    return splitWords(text);
  } catch (error) {
    if (!(error instanceof WordsError)) throw error;
    throw new CommandError("cannot parse command. Please use 'help' to see supported commands");
  }
}

/** The longest alias that the command begins with; one may have several words. */
function expandAlias(text: string, aliases: readonly AliasConfig[]): string {
  const fitting = aliases
    .filter(({ name }) => text === name || text.startsWith(`${name} `))
    .sort((a, b) => b.name.length - a.name.length)[0];
  return fitting === undefined ? text : `${fitting.command}${text.slice(fitting.name.length)}`;
}

const flagOf = (word: string): readonly [name: string, value: string | undefined] => {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
};

const shownWord = (word: string): string => (/\s/.test(word) || word === '' ? `"${word}"` : word);

/** Lines that hold the text. */
export const filterLines = (output: string, filter: string | undefined): string =>
  filter === undefined
    ? output
    : output
        .split('\n')
        .filter((line) => line.includes(filter))
        .join('\n');
