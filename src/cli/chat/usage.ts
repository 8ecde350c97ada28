import { AppError, parseDurationMs } from '#base';
import type { ChatDeps, OwnCommand, Reply } from '#chat';

export type Context = Parameters<OwnCommand>[1];

/** A command that only Nunchi has. */
export interface Described {
  /** What stands behind the command. */
  readonly usage: string;
  /** One line of help. */
  readonly help: string;
  readonly examples: readonly string[];
  /** It changes what is kept. */
  readonly changes?: boolean;
  readonly run: OwnCommand;
}

export const hourMs = 3_600_000;
/** Rows of a table; more are said to be there. */
export const maxRows = 200;

/** What is wrong with a command, in words for the one who wrote it. */
export const usageError = (message: string): AppError =>
  new AppError('CHAT_COMMAND_INVALID', message);

/** Flags with a value, flags without, and the rest. */
export interface ReadWords {
  readonly rest: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  readonly given: ReadonlySet<string>;
}

/**
 * @param names of flags with a value, by how they are written
 * @param plain flags without
 * @throws {AppError} CHAT_COMMAND_INVALID for a flag that there is not: what is misspelt is not to be searched for
 */
export function readWords(
  words: readonly string[],
  names: Readonly<Record<string, string>>,
  plain: Readonly<Record<string, string>> = {},
): ReadWords {
  const rest: string[] = [];
  const values: Record<string, string> = {};
  const given = new Set<string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      rest.push(...words.slice(at + 1));
      break;
    }
    const equals = word.startsWith('-') ? word.indexOf('=') : -1;
    const written = equals < 0 ? word : word.slice(0, equals);
    const flag = Object.hasOwn(plain, written) ? plain[written] : undefined;
    if (flag !== undefined && equals < 0) {
      given.add(flag);
      continue;
    }
    const name = Object.hasOwn(names, written) ? names[written] : undefined;
    if (name === undefined) {
      if (/^-{1,2}[A-Za-z]/.test(word)) {
        const known = [...Object.keys(names), ...Object.keys(plain)];
        throw usageError(
          `There is no flag "${written}" here${known.length === 0 ? '' : `; there are ${known.join(', ')}`}.`,
        );
      }
      rest.push(word);
      continue;
    }
    const value = equals < 0 ? words[++at] : word.slice(equals + 1);
    if (value === undefined || value === '') throw usageError(`${written} needs a value`);
    values[name] = value;
  }
  return { rest, values, given };
}

export const namespaceFlags = { '-n': 'namespace', '--namespace': 'namespace' } as const;
export const sinceFlags = { '--since': 'since' } as const;

const maxDurationMs = 366 * 24 * hourMs;

/** @throws {AppError} CHAT_COMMAND_INVALID */
export function durationMs(text: string | undefined, byDefaultMs: number): number {
  if (text === undefined) return byDefaultMs;
  let ms = 0;
  try {
    ms = parseDurationMs(text);
  } catch {
    // Said below, in the words of the chat.
  }
  if (ms > 0 && ms <= maxDurationMs) return ms;
  throw usageError(`"${text}" is no duration such as 30m, 2h, 1d`);
}

/** @throws {AppError} CHAT_COMMAND_INVALID */
export function countOf(
  flag: string,
  text: string | undefined,
  byDefault: number,
  max: number,
): number {
  if (text === undefined) return byDefault;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw usageError(`${flag} is a number from 1 to ${max}, not "${text}"`);
}

/** `7s`, `12m`, `3h5m`, `4d`. */
export function ageText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1000))}s`;
  if (minutes < 60) return `${minutes}m`;
  return minutes < 48 * 60
    ? `${Math.floor(minutes / 60)}h${minutes % 60}m`
    : `${Math.floor(minutes / 1440)}d`;
}

/** What a command is called with, for `COMMAND --help`. */
export function usageReply(name: string, { usage, help, examples }: Described): Reply {
  return {
    text: help,
    output: [`${name} ${usage}`.trim(), '', ...examples.map((one) => `  ${one}`)].join('\n'),
  };
}

/** Every command answers `--help`. */
export function withHelp(commands: Readonly<Record<string, Described>>): ChatDeps['own'] {
  return Object.fromEntries(
    Object.entries(commands).map(([name, command]) => {
      const run: OwnCommand = (words, context) =>
        words[0] === '--help' || words[0] === '-h'
          ? Promise.resolve(usageReply(name, command))
          : command.run(words, context);
      const { usage, help, changes = false } = command;
      return [name, { help: usage === '' ? help : `${usage}: ${help}`, run, changes }];
    }),
  );
}
