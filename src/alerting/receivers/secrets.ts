import { readFile } from 'node:fs/promises';
import { describeError } from '#base';
import type { Secret } from '#metrics/config';
import { DeliveryError } from './contract.ts';

/** A secret given in place or in a file, which is read anew each time. @throws {DeliveryError} */
export async function revealed(
  secret: Secret | undefined,
  file: string | undefined,
  what: string,
): Promise<string> {
  if (secret !== undefined) return secret.reveal();
  if (file === undefined) {
    throw new DeliveryError(`no ${what} is configured`, { isRetryable: false });
  }
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new DeliveryError(`cannot read ${what}: ${describeError(error)}`, {
      isRetryable: true,
      cause: error,
    });
  }
}
