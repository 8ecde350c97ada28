import { createHash } from 'node:crypto';

/** What incidents of a group are known by elsewhere. */
export const groupHash = (groupKey: string): string =>
  createHash('sha256').update(groupKey).digest('hex');
