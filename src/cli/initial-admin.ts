import { readFileSync } from 'node:fs';
import { AppError, describeError, type Logger } from '#base';
import type { AuthConfig } from '#config';
import type { StateStore } from '#state';

/**
 * Makes the administrator of `auth.initialAdmin`, where there are no users yet: a server that is
 * installed by a chart has nobody at its terminal who could run `nunchi user add`.
 * @throws {AppError} INITIAL_ADMIN_INVALID when the password cannot be read or is refused
 */
export async function makeInitialAdmin(
  { name, password, passwordFile }: AuthConfig['initialAdmin'],
  { state, log }: { readonly state: StateStore; readonly log: Logger },
): Promise<void> {
  if (password === undefined && passwordFile === undefined) return;
  if ((await state.users.list()).length > 0) return;
  const secret = password ?? readPassword(passwordFile!);
  try {
    await state.users.add({ name, password: secret, role: 'admin' });
  } catch (error) {
    throw invalid(`"${name}" cannot be made an administrator: ${describeError(error)}`, error);
  }
  log.info('Made the first administrator', { name });
}

function readPassword(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw invalid(`The password of auth.initialAdmin.passwordFile cannot be read`, error);
  }
}

const invalid = (message: string, cause: unknown): AppError =>
  new AppError('INITIAL_ADMIN_INVALID', message, { cause });
