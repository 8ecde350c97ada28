import { RE2JS } from 're2js';
import { matchingStages } from './duckdb.ts';
import { numericText, timeLiteral } from './literals.ts';
import { conjuncts, type Plan, type PlanExpression } from './plan.ts';

/** What a store can do for a query before any row is looked at. */
export interface PushDown {
  /** Both inclusive, within the query's own range; empty when from is after to. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Case-sensitive texts that every matching message holds. */
  readonly contains: readonly string[];
  /** Of each list every matching message holds at least one text. */
  readonly containsAny: readonly (readonly string[])[];
  /** False for streams none of whose events can match; undefined when all can. */
  readonly streamMatches: ((stream: string) => boolean) | undefined;
}

/** Shorter texts stand in nearly every block. */
const minContainsChars = 3;

/** Looks at the conditions that every matching event meets. Never narrower than they are. */
export function pushDown(
  plan: Plan,
  range: { readonly fromMs: number; readonly toMs: number },
): PushDown {
  let { fromMs, toMs } = range;
  const contains = new Set<string>();
  const values = new Set<string>();
  const streamTests: ((stream: string) => boolean)[] = [];
  for (const stage of matchingStages(plan)) {
    if (stage.kind !== 'filter') continue;
    for (const one of conjuncts(stage.condition)) {
      for (const text of requiredTexts(one)) {
        if ([...text].length >= minContainsChars) contains.add(text);
      }
      for (const text of requiredValues(one)) {
        if (text.length >= minContainsChars) values.add(text);
      }
      const test = streamTest(one);
      if (test !== undefined) streamTests.push(test);
      const bounds = timeBounds(one);
      if (bounds !== undefined) {
        fromMs = Math.max(fromMs, bounds.fromMs);
        toMs = Math.min(toMs, bounds.toMs);
      }
    }
  }
  return {
    fromMs,
    toMs,
    contains: [...contains],
    containsAny: [...values].map((text) => [text, ...escapes(text)]),
    streamMatches:
      streamTests.length === 0 ? undefined : (stream) => streamTests.every((test) => test(stream)),
  };
}

const isMessage = (e: PlanExpression): boolean => e.kind === 'system' && e.name === '@message';
const isStream = (e: PlanExpression): boolean => e.kind === 'system' && e.name === '@logStream';

function literalText(e: PlanExpression): string | undefined {
  return e.kind === 'literal' && typeof e.value === 'string' ? e.value : undefined;
}

function requiredTexts(e: PlanExpression): readonly string[] {
  switch (e.kind) {
    case 'contains': {
      const text = literalText(e.part);
      return text !== undefined && isMessage(e.value) ? [text] : [];
    }
    case 'matches':
      return isMessage(e.value) ? e.regex.literals : [];
    case 'call':
      return e.name === 'strcontains' && isMessage(e.args[0]!)
        ? [literalText(e.args[1]!) ?? ''].filter((text) => text !== '')
        : [];
    default:
      return [];
  }
}

/** Texts that a JSON string in every matching message spells. */
function requiredValues(e: PlanExpression): readonly string[] {
  switch (e.kind) {
    case 'contains': {
      const text = literalText(e.part);
      // A map is shown without the spaces that the message may have behind its colons.
      const isUsable = e.value.kind === 'raw' && text?.startsWith(':') === false;
      return isUsable ? plainText(text) : [];
    }
    case 'compare': {
      if (e.operator !== '=') return [];
      const text = literalText(e.left.kind === 'raw' ? e.right : e.left);
      const field = e.left.kind === 'raw' ? e.left : e.right;
      return text !== undefined && field.kind === 'raw' ? plainText(text) : [];
    }
    case 'in': {
      const only = e.items.length === 1 ? literalText(e.items[0]!) : undefined;
      return only !== undefined && e.value.kind === 'raw' ? plainText(only) : [];
    }
    default:
      return [];
  }
}

/**
 * A text that stands in a message as it is, or with some characters as `\uXXXX`; none for what has
 * other escapes, and for numbers and booleans, which may be written in several ways.
 */
function plainText(text: string): readonly string[] {
  const isPlain = /^[A-Za-z0-9_.: -]+$/.test(text);
  const isNumber = numericText(text) !== undefined || /^[\s\d.+-]/.test(text);
  return isPlain && !isNumber && !/^(true|false)$/.test(text) ? [text] : [];
}

/**
 * What a message holds that spells a plain text in another way: one of its characters as `\uXXXX`.
 * Letters go by the beginning of their escapes; that of digits and signs would be in most messages,
 * as Go writes `<`, `>` and `&` so.
 */
function escapes(text: string): readonly string[] {
  const found = new Set<string>();
  for (const character of text) {
    const hex = character.charCodeAt(0).toString(16).padStart(4, '0');
    if (character >= 'A') found.add(`\\u${hex.slice(0, 3)}`);
    else found.add(`\\u${hex}`).add(`\\u${hex.toUpperCase()}`);
  }
  return [...found];
}

/** A test of the stream's name alone, or undefined. */
function streamTest(e: PlanExpression): ((stream: string) => boolean) | undefined {
  switch (e.kind) {
    case 'contains': {
      const text = literalText(e.part);
      return isStream(e.value) && text !== undefined ? (s) => s.includes(text) : undefined;
    }
    case 'matches': {
      if (!isStream(e.value)) return undefined;
      const regex = RE2JS.compile(e.regex.source);
      return (s) => regex.test(s);
    }
    case 'compare': {
      const text = literalText(isStream(e.left) ? e.right : e.left);
      const isOne = isStream(e.left) || isStream(e.right);
      // A name that spells a number is compared as one: left to the engine.
      if (!isOne || text === undefined || numericText(text) !== undefined) return undefined;
      if (e.operator === '=') return (s) => s === text;
      return e.operator === '!=' ? (s) => s !== text : undefined;
    }
    case 'in': {
      const texts = e.items.map(literalText);
      const usable = texts.every((text) => text !== undefined && numericText(text) === undefined);
      return isStream(e.value) && usable ? (s) => texts.includes(s) : undefined;
    }
    case 'not': {
      const inner = streamTest(e.operand);
      return inner === undefined ? undefined : (s) => !inner(s);
    }
    case 'or':
    case 'and': {
      const tests = e.operands.map(streamTest);
      if (!tests.every((test) => test !== undefined)) return undefined;
      return e.kind === 'or'
        ? (s) => tests.some((test) => test(s))
        : (s) => tests.every((test) => test(s));
    }
    default:
      return undefined;
  }
}

function timeBounds(e: PlanExpression): { fromMs: number; toMs: number } | undefined {
  if (e.kind !== 'compare') return undefined;
  const isTime = (one: PlanExpression): boolean =>
    (one.kind === 'system' && one.name === '@timestamp') ||
    (one.kind === 'call' && one.name === 'tomillis' && isTime(one.args[0]!));
  const onLeft = isTime(e.left);
  if (!onLeft && !isTime(e.right)) return undefined;
  const [time, other] = onLeft ? [e.left, e.right] : [e.right, e.left];
  const value =
    other.kind === 'literal' && typeof other.value === 'number'
      ? other.value
      : timeLiteral(other, time);
  if (value === undefined) return undefined;
  const mirrored = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=', '!=': '!=' } as const;
  const operator = onLeft ? e.operator : mirrored[e.operator];
  const all = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  switch (operator) {
    case '=':
      return { fromMs: Math.ceil(value), toMs: Math.floor(value) };
    case '<':
      return { ...all, toMs: Math.ceil(value) - 1 };
    case '<=':
      return { ...all, toMs: Math.floor(value) };
    case '>':
      return { ...all, fromMs: Math.floor(value) + 1 };
    case '>=':
      return { ...all, fromMs: Math.ceil(value) };
    default:
      return undefined;
  }
}
