import type { WireMatcher } from '../../api/alertmanager.ts';
import type { Labels } from '../../api/metrics.ts';

export type MatcherOperator = '=' | '!=' | '=~' | '!~';
export const matcherOperators: readonly MatcherOperator[] = ['=', '!=', '=~', '!~'];

/** One condition on a label, as it is written. */
export interface Matcher {
  readonly name: string;
  readonly operator: MatcherOperator;
  readonly value: string;
}

export const operatorOf = ({ isRegex, isEqual }: WireMatcher): MatcherOperator =>
  isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';

export const fromWire = (matcher: WireMatcher): Matcher => ({
  name: matcher.name,
  operator: operatorOf(matcher),
  value: matcher.value,
});

export const toWire = ({ name, operator, value }: Matcher): WireMatcher => ({
  name,
  value,
  isRegex: operator.endsWith('~'),
  isEqual: operator.startsWith('='),
});

const bareName = /^[^\s{}!=~,\\"'`]+$/;

/** `pod=~"web-.*"`, as the server reads it. */
export const matcherText = ({ name, operator, value }: Matcher): string =>
  `${bareName.test(name) ? name : JSON.stringify(name)}${operator}${JSON.stringify(value)}`;

/** What a text of conditions and words asks for. */
export interface SearchText {
  readonly matchers: readonly Matcher[];
  readonly words: readonly string[];
}

const part =
  /("(?:[^"\\]|\\.)*"|[^\s{}!=~,"]+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^\s,{}"]*)|([^\s,{}]+)/g;

/**
 * `severity=critical pod=~"web.*" disk full`: conditions, and words that must be somewhere. Braces and
 * commas may stand around conditions, as in a query.
 */
export function parseSearch(text: string): SearchText {
  const matchers: Matcher[] = [];
  const words: string[] = [];
  for (const [, name, operator, value = '', word] of text.matchAll(part)) {
    if (word !== undefined) words.push(word.toLowerCase());
    else if (name !== undefined) {
      matchers.push({
        name: unquoted(name),
        operator: operator as MatcherOperator,
        value: unquoted(value),
      });
    }
  }
  return { matchers, words };
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}

/**
 * Whether labels fulfil a condition. A label that is not there is empty, a pattern is anchored.
 * @throws {SyntaxError} when the pattern is none
 */
export function matcherTest({ name, operator, value }: Matcher): (labels: Labels) => boolean {
  const isWanted = operator.startsWith('=');
  const valueIn = (labels: Labels): string => (Object.hasOwn(labels, name) ? labels[name]! : '');
  if (!operator.endsWith('~')) return (labels) => (valueIn(labels) === value) === isWanted;
  const pattern = new RegExp(`^(?:${value})$`, 's');
  return (labels) => pattern.test(valueIn(labels)) === isWanted;
}

/** One condition as links have it, `alertname=Disk full`: all after the operator is the value. */
export function parseMatcher(text: string): Matcher | undefined {
  const match = /^\s*("(?:[^"\\]|\\.)*"|[^=!~]+?)\s*(=~|!~|!=|=)([\s\S]*)$/.exec(text);
  if (match === null) return undefined;
  const [, name = '', operator, value = ''] = match;
  return {
    name: unquoted(name),
    operator: operator as MatcherOperator,
    value: /^"[\s\S]*"$/.test(value) ? unquoted(value) : value,
  };
}
