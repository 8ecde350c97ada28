import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hasSyslogFiles } from './discover.ts';

/** `auto`: where this machine has it and nothing else brings the same lines. */
export type Wanted = 'auto' | 'on' | 'off';

export const kernelDevice = '/dev/kmsg';
const journalFolders = ['/var/log/journal', '/run/log/journal'];

/**
 * Which of the logs that are no files are read. The journal is left alone where a syslog daemon
 * writes the same lines to files, the kernel's log where either has them.
 */
export function wantedRecords(
  wanted: { readonly journal: Wanted; readonly kernelLog: Wanted },
  env: Readonly<Record<string, string | undefined>>,
): { readonly journal: boolean; readonly kernelLog: boolean } {
  const inFiles = hasSyslogFiles();
  const isThere = (): boolean =>
    journalFolders.some((path) => existsSync(path)) && isProgram('journalctl', env);
  const journal = wanted.journal === 'on' || (wanted.journal === 'auto' && !inFiles && isThere());
  const isFree = !journal && !inFiles && !existsSync('/var/log/kern.log');
  return {
    journal,
    kernelLog:
      wanted.kernelLog === 'on' ||
      (wanted.kernelLog === 'auto' && isFree && isAllowed(kernelDevice, constants.R_OK)),
  };
}

function isProgram(name: string, env: Readonly<Record<string, string | undefined>>): boolean {
  const folders = (env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => folder !== '' && isAllowed(join(folder, name), constants.X_OK));
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
