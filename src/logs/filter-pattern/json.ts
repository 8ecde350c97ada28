import { type Condition, ConditionParser, type Scalar, type Selector } from './condition.ts';
import type { FilterPattern } from './contract.ts';
import { patternError } from './errors.ts';
import { Scanner } from './scanner.ts';

type Step =
  | { readonly key: string }
  | { readonly index: number }
  | { readonly any: 'element' | 'field' };

/** CloudWatch's bounds on `[*]` and `.*`. */
const maxWildcardsPerSelector = 1;
const maxWildcardsPerPattern = 3;

/** `{ $.a.b = "x" && … }` on messages that are JSON objects or arrays. */
export function parseJsonPattern(text: string): FilterPattern {
  const scanner = new Scanner(text, text.indexOf('{') + 1);
  const selectors = new Map<string, readonly Step[]>();
  let wildcards = 0;
  const condition: Condition<unknown> = new ConditionParser<unknown>(scanner, {
    what: 'A selector such as $.name',
    hasExistence: true,
    selector: (at): Selector<unknown> | undefined => {
      const start = at.at;
      const parsed = parseSelector(at);
      if (parsed === undefined) return undefined;
      wildcards += countWildcards(parsed.steps);
      if (wildcards > maxWildcardsPerPattern) {
        throw patternError(`A pattern may hold ${maxWildcardsPerPattern} wildcards`, start);
      }
      selectors.set(parsed.name, parsed.steps);
      return { name: parsed.name, select: (value) => select(value, parsed.steps) };
    },
  }).parse();
  if (!scanner.take('}')) scanner.fail('&&, || or the closing } is expected here');
  scanner.skipSpace();
  if (!scanner.done) scanner.fail('Nothing may follow the closing }');
  const known = new Map<string, readonly Step[] | undefined>();
  const matchesValue = (value: unknown): boolean => value !== undefined && condition.test(value);
  return {
    kind: 'json',
    text,
    matches: (message) => matchesValue(parseMessage(message)),
    extract: (message) => {
      const value = parseMessage(message);
      if (!matchesValue(value)) return undefined;
      const found: Record<string, string> = {};
      for (const [name, steps] of selectors) {
        const first = firstText(value, steps);
        if (first !== undefined) found[name] = first;
      }
      return found;
    },
    valueOf: (message, reference) => {
      if (!known.has(reference)) {
        if (known.size > 100) known.clear();
        known.set(reference, stepsOf(reference));
      }
      const steps = known.get(reference);
      const value = steps === undefined ? undefined : parseMessage(message);
      return steps === undefined || value === undefined ? undefined : firstText(value, steps);
    },
    requiredSubstrings: condition.literals,
    explain: () => `The message is JSON and ${condition.explain}`,
    warnings: [],
  };
}

function parseMessage(message: string): unknown {
  // Most lines are no JSON at all: an exception for each would cost a lot.
  const first = /^\s*[{[]/.test(message);
  if (!first) return undefined;
  try {
    return JSON.parse(message) as unknown;
  } catch {
    return undefined;
  }
}

function stepsOf(reference: string): readonly Step[] | undefined {
  try {
    const scanner = new Scanner(reference);
    const parsed = parseSelector(scanner);
    return scanner.done ? parsed?.steps : undefined;
  } catch {
    return undefined;
  }
}

function parseSelector(scanner: Scanner): { name: string; steps: readonly Step[] } | undefined {
  const start = scanner.at;
  if (scanner.char() !== '$') return undefined;
  scanner.at += 1;
  const steps: Step[] = [];
  for (;;) {
    if (scanner.text.startsWith('.*', scanner.at)) {
      scanner.at += 2;
      steps.push({ any: 'field' });
    } else if (scanner.takeMatch(/\.?\[(?=\s*['"])/y) !== undefined) {
      scanner.skipSpace();
      steps.push({ key: scanner.quoted() });
      if (!scanner.take(']')) scanner.fail('A closing ] is missing');
    } else if (scanner.char() === '[') {
      const index = scanner.takeMatch(/\[\s*(?:\*|\d{1,9})\s*\]/y);
      if (index === undefined) return scanner.fail('An index such as [0] or [*] is expected here');
      const inner = index.slice(1, -1).trim();
      steps.push(inner === '*' ? { any: 'element' } : { index: Number(inner) });
    } else if (scanner.char() === '.') {
      scanner.at += 1;
      const key = scanner.takeMatch(/[\p{L}\p{N}_@-]+/uy);
      if (key === undefined) {
        return scanner.fail(
          'The name of a field is expected here',
          "Write other names as $.['name']",
        );
      }
      steps.push({ key });
    } else {
      break;
    }
  }
  if (steps.length === 0) return scanner.fail('A selector begins with $. or $[');
  if (countWildcards(steps) > maxWildcardsPerSelector) {
    throw patternError(`A selector may hold ${maxWildcardsPerSelector} wildcard`, start);
  }
  return { name: scanner.text.slice(start, scanner.at), steps };
}

function countWildcards(steps: readonly Step[]): number {
  return steps.filter((step) => 'any' in step).length;
}

/** Scalars at the selector's places; undefined for a place that is missing, nothing for objects. */
function select(root: unknown, steps: readonly Step[]): readonly Scalar[] {
  let values: unknown[] = [root];
  for (const step of steps) {
    values = values.flatMap((value): unknown[] => {
      if ('any' in step) {
        if (Array.isArray(value)) return step.any === 'element' ? value : [];
        if (typeof value !== 'object' || value === null || step.any === 'element') return [];
        return Object.values(value);
      }
      if ('index' in step) return Array.isArray(value) ? [value[step.index]] : [undefined];
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return [undefined];
      return Object.hasOwn(value, step.key)
        ? [(value as Record<string, unknown>)[step.key]]
        : [undefined];
    });
  }
  return values.filter((value): value is Scalar => typeof value !== 'object' || value === null);
}

function firstText(root: unknown, steps: readonly Step[]): string | undefined {
  const found = select(root, steps).find((value) => value !== undefined && value !== null);
  return found === undefined || found === null ? undefined : String(found);
}
