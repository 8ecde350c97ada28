import { createHash } from 'node:crypto';
import type { EventPosition } from '#logs/store';
import { invalidToken } from './errors.ts';

/**
 * Tokens and event ids. All are places written down, so that any replica understands them, a
 * restart does not break a client that follows, and none of them ever expires.
 *
 * An event id is 56 digits, as in AWS:
 *
 *     | '3' | seconds + 9e12, 14 digits | ms, 3 digits | sequence, 16 digits | hash of the group, 22 digits |
 *
 * A GetLogEvents token has the same layout behind `f/` or `b/`, with a hash of group and stream.
 */
const secondsShift = 9_000_000_000_000;
const hashDigits = 22;

/** The last of all sequences: a place behind every event of a millisecond. */
export const maxSequence: number = Number.MAX_SAFE_INTEGER;

/** A hash of names, 22 decimal digits. */
export function nameDigits(...names: readonly string[]): string {
  const hash = createHash('sha256').update(names.join('\0')).digest();
  return (hash.readBigUInt64BE(0) * 1000n + BigInt(hash[8]! % 1000))
    .toString()
    .padStart(hashDigits, '0')
    .slice(-hashDigits);
}

/** Seconds and milliseconds apart, for shifted milliseconds would not be safe integers. */
function timeDigits(timestampMs: number): string {
  const seconds = Math.floor(timestampMs / 1000);
  const ms = timestampMs - seconds * 1000;
  return String(seconds + secondsShift).padStart(14, '0') + String(ms).padStart(3, '0');
}

const placeDigits = ({ timestampMs, sequence }: EventPosition): string =>
  `3${timeDigits(timestampMs)}${String(sequence).padStart(16, '0')}`;

function readPlace(digits: string, nameHash: string): EventPosition | undefined {
  if (!/^3\d{55}$/.test(digits) || digits.slice(34) !== nameHash) return undefined;
  const seconds = Number(digits.slice(1, 15)) - secondsShift;
  const timestampMs = seconds * 1000 + Number(digits.slice(15, 18));
  const sequence = Number(digits.slice(18, 34));
  const isSafe = Number.isSafeInteger(sequence) && Number.isSafeInteger(timestampMs);
  return isSafe ? { timestampMs, sequence } : undefined;
}

/** @param groupHash `nameDigits(group)`, computed once for a page */
export const eventId = (place: EventPosition, groupHash: string): string =>
  placeDigits(place) + groupHash;

/** 56 digits that old agents send back with their next PutLogEvents; nobody reads them. */
export const sequenceToken = (lastSequence: number): string =>
  `4${String(lastSequence).padStart(55, '0')}`;

export interface StreamToken {
  readonly direction: 'forward' | 'backward';
  /** Events strictly after it in the direction of reading are wanted. */
  readonly place: EventPosition;
}

export const writeStreamToken = ({ direction, place }: StreamToken, nameHash: string): string =>
  `${direction === 'forward' ? 'f' : 'b'}/${placeDigits(place)}${nameHash}`;

/** @throws {AwsError} InvalidParameterException for a token of another stream, or none of ours */
export function readStreamToken(token: string, nameHash: string): StreamToken {
  const place = /^[fb]\//.test(token) ? readPlace(token.slice(2), nameHash) : undefined;
  if (place === undefined) throw invalidToken();
  return { direction: token.startsWith('f') ? 'forward' : 'backward', place };
}

/** The same gap between two events, seen from the other side. */
export const justAfter = ({ timestampMs, sequence }: EventPosition): EventPosition =>
  sequence < maxSequence
    ? { timestampMs, sequence: sequence + 1 }
    : { timestampMs: timestampMs + 1, sequence: 0 };

export const justBefore = ({ timestampMs, sequence }: EventPosition): EventPosition =>
  sequence > 0
    ? { timestampMs, sequence: sequence - 1 }
    : { timestampMs: timestampMs - 1, sequence: maxSequence };

/** Binds a page token to what was asked, so that it cannot be used with another question. */
const fingerprint = (question: unknown): string =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 12);

/** A token that names where the next page of a list starts. */
export const writePageToken = (question: unknown, place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify([fingerprint(question), ...place])).toString('base64url');

/** @throws {AwsError} InvalidParameterException when the token is not one for this question */
export function readPageToken(token: string, question: unknown): readonly (string | number)[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw invalidToken();
  }
  const isPart = (part: unknown): boolean => typeof part === 'string' || typeof part === 'number';
  if (!Array.isArray(parts) || !parts.every(isPart) || parts[0] !== fingerprint(question)) {
    throw invalidToken();
  }
  return parts.slice(1);
}

/** One page of a list that is held in memory, and the token of the next. */
export function pageOf<T>(
  items: readonly T[],
  options: {
    /** A text that orders the items and names each. */
    readonly keyOf: (item: T) => string;
    readonly limit: number;
    readonly token: string | undefined;
    /** What was asked, without token and limit. */
    readonly question: unknown;
  },
): { readonly page: readonly T[]; readonly nextToken?: string } {
  const { keyOf, limit, token, question } = options;
  let start = 0;
  if (token !== undefined) {
    const [after] = readPageToken(token, question);
    if (typeof after !== 'string') throw invalidToken();
    const found = items.findIndex((item) => keyOf(item) > after);
    start = found === -1 ? items.length : found;
  }
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  if (last === undefined || start + limit >= items.length) return { page };
  return { page, nextToken: writePageToken(question, [keyOf(last)]) };
}
