import { stripVTControlCharacters } from 'node:util';
import { maskSecrets } from '#base';

/** A line longer than this is cut before it is looked at. */
const maxLineChars = 2000;

/** A line of a log without what looks like a secret, and without control characters. */
export function maskLine(line: string): string {
  const text = stripVTControlCharacters(line.slice(0, maxLineChars));
  return maskSecrets(text.replace(/[^\P{Cc}\t]/gu, ' '));
}
