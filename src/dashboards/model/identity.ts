/** Uids and the readable part of a dashboard's URL. */
import { DashboardError } from './errors.ts';

export const maxUidLength = 40;
const uidPattern = /^[a-zA-Z0-9_-]{1,40}$/;

/** 36 letters and digits: 14 of them are 72 bits of chance. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
const newUidLength = 14;

export const isUid = (text: string): boolean => uidPattern.test(text);

/** @throws {DashboardError} `DASHBOARD_UID_INVALID` saying what a uid may be */
export function checkUid(uid: string): void {
  if (isUid(uid)) return;
  const shown = uid.length > maxUidLength ? `${uid.slice(0, maxUidLength)}…` : uid;
  throw new DashboardError(
    'DASHBOARD_UID_INVALID',
    'uid',
    `"${shown}" is no uid: 1 to ${maxUidLength} letters, digits, "-" or "_"`,
  );
}

/** A new uid. `random` fills an array with random bytes. */
export function newUid(
  random: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => void crypto.getRandomValues(bytes),
): string {
  // 252 is the largest multiple of 36 in a byte: what is above would make some letters likelier.
  const fair = 252;
  let uid = '';
  const bytes = new Uint8Array(newUidLength * 2);
  while (uid.length < newUidLength) {
    random(bytes);
    for (const byte of bytes) {
      if (byte < fair && uid.length < newUidLength) uid += alphabet[byte % alphabet.length];
    }
  }
  return uid;
}

const maxSlugLength = 80;

/**
 * A title as part of a path: `Kubernetes / Views / Pods` is `kubernetes-views-pods`. Letters of every
 * script stay, Latin ones without their marks.
 */
export function slugOf(title: string): string {
  const slug = title
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_]+/gu, '-')
    .slice(0, maxSlugLength)
    .replaceAll(/^-+|-+$/g, '');
  return slug === '' ? 'dashboard' : slug;
}
