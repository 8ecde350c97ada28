import { parseDurationText } from '../parser/duration-text.ts';
import { notationError } from './series-notation.ts';

/**
 * When counts began, as durations relative to each sample: `_ -1m -30s-1mx2`; undefined: not known.
 * In ms.
 */
export function parseStarts(text: string): (number | undefined)[] {
  return text
    .split(/\s+/)
    .filter((item) => item !== '')
    .flatMap((item) => parseItem(item));
}

function parseItem(item: string): (number | undefined)[] {
  const gap = /^_(?:x(\d+))?$/.exec(item);
  if (gap !== null) return new Array<undefined>(Number(gap[1] ?? 1)).fill(undefined);
  const match = /^([+-]?\d+[a-wyz]*)(?:([+-]\d+[a-wyz]*))?(?:x(\d+))?$/.exec(item);
  if (match === null || (match[2] !== undefined && match[3] === undefined)) {
    throw notationError(item, 'expected a duration, a step and repetitions');
  }
  const step = match[2] === undefined ? 0 : durationOf(match[2]);
  let offset = durationOf(match[1]!);
  const offsets: number[] = [];
  for (let each = 0; each <= Number(match[3] ?? 0); each++) {
    offsets.push(offset);
    offset += step;
  }
  return offsets;
}

function durationOf(text: string): number {
  const [, sign, duration] = /^([+-]?)(.*)$/.exec(text)!;
  const ms = parseDurationText(duration!);
  if (typeof ms !== 'number') throw notationError(text, ms.error);
  return sign === '-' ? -ms : ms;
}
