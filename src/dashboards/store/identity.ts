import { createHash } from 'node:crypto';
import { isUid, maxUidLength } from '#dashboards/model';
import { storeError } from './errors.ts';

/** @throws {AppError} UID_TOO_LONG, UID_INVALID */
export function mustBeUid(uid: string): void {
  if (uid.length > maxUidLength) throw storeError('UID_TOO_LONG');
  if (!isUid(uid)) throw storeError('UID_INVALID');
}

/** The same uid for the same place of origin. */
export function uidOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 20);
}

/**
 * The number that older clients know an object by. Made of its uid, so that it needs no counter and is
 * the same after a restore; 48 bits fit into a number of JSON.
 */
export function numericId(kind: string, uid: string): number {
  return createHash('sha256').update(`${kind}\0${uid}`).digest().readUIntBE(0, 6) || 1;
}
