import { RefusedCommand } from './refused.ts';

/**
 * What follows a flag: nothing, a value, or a value only when it stands behind `=` (`--dry-run`,
 * `--dry-run=server`). To take one for another is to check other words than the program reads.
 */
export type FlagKind = 'plain' | 'value' | 'optional';

/** Flags of a program, as its library of flags (pflag) knows them. */
export interface FlagRules {
  readonly flags: Readonly<Record<string, FlagKind>>;
  readonly letters: Readonly<Record<string, string>>;
}

/** Words as they were understood. */
export interface Written {
  /** What is no flag and no value of one. */
  readonly plain: readonly string[];
  /** Values by the full name of a flag; `true` for one without. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** All of it in its order, flags as `--name=value`: read anew it can have no other meaning. */
  readonly written: readonly { readonly flag: string | undefined; readonly text: string }[];
}

/** Controls but line ends and tabs, and characters that nobody sees or that turn the order of others. */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u;
/** Dashes that look like the one that flags begin with. */
const dashes = /^[\u058a\u05be\u1806\u2010-\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]/;

/**
 * Reads words as pflag reads them: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, several
 * letters together. Nothing is abbreviated; a name that is not known is refused.
 * @throws {RefusedCommand}
 */
export function readFlags(
  words: readonly string[],
  rules: FlagRules,
  refusal: (name: string) => RefusedCommand,
): Written {
  const plain: string[] = [];
  const flags = new Map<string, string[]>();
  const written: { flag: string | undefined; text: string }[] = [];
  const take = (flag: string, value: string | undefined): void => {
    flags.set(flag, [...(flags.get(flag) ?? []), value ?? 'true']);
    written.push({ flag, text: value === undefined ? `--${flag}` : `--${flag}=${value}` });
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    checkCharacters(word);
    const next = (name: string): string => {
      at += 1;
      const value = words[at];
      if (value === undefined) throw new RefusedCommand(`The "${name}" flag needs a value.`);
      checkCharacters(value);
      return value;
    };
    if (word === '-') {
      throw new RefusedCommand('"-" reads what nobody writes here. Please remove it.');
    }
    if (!word.startsWith('-')) {
      plain.push(word);
      written.push({ flag: undefined, text: word });
    } else if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const kind = Object.hasOwn(rules.flags, name) ? rules.flags[name] : undefined;
      if (kind === undefined) throw refusal(name);
      if (equals >= 0) take(name, checkTruth(name, kind, word.slice(equals + 1)));
      else take(name, kind === 'value' ? next(word) : undefined);
    } else {
      readLetters(word, rules, { refusal, take, next });
    }
  }
  return { plain, flags, written };
}

/** Several letters may stand together: -Aw, -nkube-system. */
function readLetters(
  word: string,
  rules: FlagRules,
  {
    refusal,
    take,
    next,
  }: {
    readonly refusal: (name: string) => RefusedCommand;
    readonly take: (flag: string, value: string | undefined) => void;
    readonly next: (name: string) => string;
  },
): void {
  const letters = word.slice(1);
  for (let index = 0; index < letters.length; index++) {
    const letter = letters[index]!;
    const name = Object.hasOwn(rules.letters, letter) ? rules.letters[letter] : undefined;
    const kind = name === undefined ? undefined : rules.flags[name];
    if (name === undefined || kind === undefined) throw refusal(letter);
    const rest = letters.slice(index + 1);
    if (kind === 'value') {
      take(name, rest === '' ? next(`-${letter}`) : rest.replace(/^=/, ''));
      return;
    }
    if (rest.startsWith('=')) {
      take(name, checkTruth(name, kind, rest.slice(1)));
      return;
    }
    take(name, undefined);
  }
}

function checkTruth(name: string, kind: FlagKind, value: string): string {
  if (kind !== 'plain' || value === 'true' || value === 'false') return value;
  throw new RefusedCommand(`The "${name}" flag is true or false, not "${value}".`);
}

function checkCharacters(word: string): void {
  const found = unseen.exec(word)?.[0];
  if (found !== undefined) {
    const code = found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    throw new RefusedCommand(
      `The command has a character that cannot be seen (U+${code}). Please write it anew.`,
    );
  }
  if (dashes.test(word)) {
    throw new RefusedCommand(
      `"${word}" begins with a dash that only looks like one. Please write it as "-".`,
    );
  }
}
