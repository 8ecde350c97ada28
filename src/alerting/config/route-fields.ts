import { duration, type Field, flag, list, optional, record, section, text } from '#metrics/config';
import type { InhibitRule } from '../engine/inhibition.ts';
import { type Matchers, matcherOf } from '../matchers.ts';
import { lazy, matcherText, type Placed, parsed, placed } from './placed.ts';

export interface RouteFields {
  readonly receiver: string | undefined;
  readonly groupBy: readonly string[] | undefined;
  readonly match: Readonly<Record<string, string>>;
  readonly matchRe: Readonly<Record<string, Matchers>>;
  readonly matchers: readonly Matchers[];
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly continue: boolean;
  readonly routes: readonly Placed<RouteFields>[];
  readonly groupWaitMs: number | undefined;
  readonly groupIntervalMs: number | undefined;
  readonly repeatIntervalMs: number | undefined;
}

/** A pattern by the label's name; the name is put in where the maps are joined. */
const pattern: Field<Matchers> = parsed('an RE2 pattern', [], (value) => [
  matcherOf('', '=~', value),
]);

export const route: Field<RouteFields> = section<RouteFields>(
  {
    receiver: optional(text()),
    groupBy: optional(list(text())),
    match: record(text()),
    matchRe: record(pattern),
    matchers: list(matcherText),
    muteTimeIntervals: list(text()),
    activeTimeIntervals: list(text()),
    continue: flag(false),
    routes: list(lazy(() => placed(route))),
    groupWaitMs: optional(duration(0)),
    groupIntervalMs: optional(duration(0)),
    repeatIntervalMs: optional(duration(0)),
  },
  ({ groupBy, groupIntervalMs, repeatIntervalMs }) => {
    const names = groupBy ?? [];
    const repeated = names.find((name, at) => names.indexOf(name) < at);
    if (repeated !== undefined) return `duplicated label ${JSON.stringify(repeated)} in group_by`;
    if (names.includes('')) return 'a label in group_by has no name';
    if (names.includes('...') && names.length > 1) {
      return 'cannot have wildcard group_by (`...`) and other labels at the same time';
    }
    if (groupIntervalMs === 0) return 'group_interval cannot be zero';
    return repeatIntervalMs === 0 ? 'repeat_interval cannot be zero' : undefined;
  },
);

/** All conditions of a node, whichever way they are written. */
export function joinMatchers(
  match: Readonly<Record<string, string>>,
  matchRe: Readonly<Record<string, Matchers>>,
  matchers: readonly Matchers[],
): Matchers {
  return [
    ...Object.entries(match).map(([name, value]) => matcherOf(name, '=', value)),
    ...Object.entries(matchRe).flatMap(([name, [one]]) =>
      // Anchored in the text as well: group keys have it so.
      one === undefined ? [] : [matcherOf(name, '=~', `^(?:${one.value})$`)],
    ),
    ...matchers.flat(),
  ];
}

interface WrittenInhibitRule {
  readonly sourceMatch: Readonly<Record<string, string>>;
  readonly sourceMatchRe: Readonly<Record<string, Matchers>>;
  readonly sourceMatchers: readonly Matchers[];
  readonly targetMatch: Readonly<Record<string, string>>;
  readonly targetMatchRe: Readonly<Record<string, Matchers>>;
  readonly targetMatchers: readonly Matchers[];
  readonly equal: readonly string[];
  readonly name: string;
}

const writtenInhibitRule = section<WrittenInhibitRule>({
  sourceMatch: record(text()),
  sourceMatchRe: record(pattern),
  sourceMatchers: list(matcherText),
  targetMatch: record(text()),
  targetMatchRe: record(pattern),
  targetMatchers: list(matcherText),
  equal: list(text()),
  name: text(),
});

export const inhibitRule: Field<InhibitRule> = {
  absent: () => ({ sourceMatchers: [], targetMatchers: [], equal: [] }),
  read: (node, reader, at) => {
    const rule = writtenInhibitRule.read(node, reader, at);
    return {
      sourceMatchers: joinMatchers(rule.sourceMatch, rule.sourceMatchRe, rule.sourceMatchers),
      targetMatchers: joinMatchers(rule.targetMatch, rule.targetMatchRe, rule.targetMatchers),
      equal: rule.equal,
    };
  },
};
