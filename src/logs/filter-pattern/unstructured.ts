import type { FilterPattern } from './contract.ts';
import { compilePatternRegex } from './regex.ts';
import { Scanner } from './scanner.ts';

interface Term {
  readonly sign: 'must' | 'not' | 'any';
  readonly shown: string;
  readonly test: (message: string) => boolean;
  readonly literals: readonly string[];
}

/** Words, "phrases" and %regexes%: all plain ones, none of the `-` ones, one of the `?` ones. */
export function parseUnstructured(text: string): FilterPattern {
  const terms = parseTerms(text);
  const must = terms.filter((term) => term.sign === 'must');
  const not = terms.filter((term) => term.sign === 'not');
  const any = terms.filter((term) => term.sign === 'any');
  // Beside plain or excluded terms CloudWatch ignores the optional ones altogether.
  const usesAny = must.length === 0 && not.length === 0;
  const ignored = usesAny ? [] : any;
  const matches = (message: string): boolean => {
    for (const term of must) if (!term.test(message)) return false;
    for (const term of not) if (term.test(message)) return false;
    if (!usesAny || any.length === 0) return true;
    for (const term of any) if (term.test(message)) return true;
    return false;
  };
  const single = usesAny && any.length === 1 ? any : must;
  return {
    kind: 'unstructured',
    text,
    matches,
    extract: (message) => (matches(message) ? {} : undefined),
    valueOf: () => undefined,
    requiredSubstrings: single.flatMap((term) => term.literals),
    explain: () => explain(must, not, usesAny ? any : []),
    warnings: ignored.map(
      (term) =>
        `?${term.shown} has no effect: optional terms are ignored beside required or excluded ones`,
    ),
  };
}

function parseTerms(text: string): Term[] {
  const scanner = new Scanner(text);
  const terms: Term[] = [];
  for (scanner.skipSpace(); !scanner.done; scanner.skipSpace()) {
    let sign: Term['sign'] = 'must';
    const next = scanner.text[scanner.at + 1] ?? ' ';
    if (/[-?]/.test(scanner.char()) && !/\s/.test(next)) {
      sign = scanner.char() === '-' ? 'not' : 'any';
      scanner.at += 1;
    }
    if (scanner.char() === '%' && scanner.text.indexOf('%', scanner.at + 1) !== -1) {
      const { source, offset } = scanner.percent();
      const regex = compilePatternRegex(source, offset);
      terms.push({ sign, shown: `%${source}%`, test: regex.test, literals: regex.literals });
      continue;
    }
    const phrase = scanner.char() === '"' ? scanner.quoted() : scanner.takeMatch(/\S+/y);
    if (phrase === undefined || phrase === '') continue;
    const shown = /^\w+$/.test(phrase) ? phrase : `"${phrase}"`;
    terms.push({ sign, shown, test: (message) => message.includes(phrase), literals: [phrase] });
  }
  return terms;
}

function explain(must: readonly Term[], not: readonly Term[], any: readonly Term[]): string {
  const names = (terms: readonly Term[], word: string): string =>
    terms.map((term) => term.shown).join(` ${word} `);
  const parts: string[] = [];
  if (must.length > 0) parts.push(`contains ${names(must, 'and')}`);
  if (any.length > 0) parts.push(`contains ${names(any, 'or')}`);
  if (not.length > 0) parts.push(`does not contain ${names(not, 'or')}`);
  return parts.length === 0 ? 'Every message' : `The message ${parts.join(' and ')}`;
}
