import type { WireLevel } from './wire.ts';

/**
 * A line's level by what is written at its start, for counting: klog's letter, `level=` and
 * `"level":`, or a bare word. One pattern for both engines (RE2 and JavaScript), so that a histogram
 * does not change with the way it was counted.
 */
const words =
  'ERROR|FATAL|PANIC|CRITICAL|SEVERE|WARN(?:ING)?|INFO|NOTICE|DEBUG|TRACE|' +
  'error|fatal|panic|critical|warn(?:ing)?|info|notice|debug|trace';

export const levelPattern: string =
  '^[EWIDF]\\d{4} |' +
  '\\b(?:level|lvl|severity|loglevel)["\']?\\s*[=:]\\s*["\']?\\w+|' +
  `(?:^|[\\s\\[(|<"])(?:${words})(?:[\\s\\])|:>"]|$)`;

/** Where levels are written; further right the words are somebody's prose. */
export const levelChars = 300;

const byWord: Readonly<Record<WireLevel, readonly string[]>> = {
  error: 'e f error err fatal crit critical panic severe alert emerg emergency 50 60'.split(' '),
  warn: 'w warn warning 40'.split(' '),
  info: 'i info information notice 30'.split(' '),
  debug: 'd debug trace verbose fine 10 20'.split(' '),
  other: [],
};

const levelByWord: ReadonlyMap<string, WireLevel> = new Map(
  Object.entries(byWord).flatMap(([level, list]) =>
    list.map((word) => [word, level as WireLevel] as const),
  ),
);

const linePattern = new RegExp(levelPattern);

export function levelOf(message: string): WireLevel {
  const match = linePattern.exec(message.slice(0, levelChars))?.[0];
  return match === undefined ? 'other' : levelOfMatch(match);
}

/** Of what `levelPattern` has matched: its last word, without the digits of klog's date. */
export function levelOfMatch(match: string): WireLevel {
  const word = /([A-Za-z0-9]+)[^A-Za-z0-9]*$/.exec(match)?.[1] ?? '';
  const known = /^[EWIDF]\d{4}$/.test(word) ? word.charAt(0) : word;
  return levelByWord.get(known.toLowerCase()) ?? 'other';
}
