import { readFileSync } from 'node:fs';

/** A random UUID: the kernel's where it gives them, for node:crypto is 3 MB of memory. */
export function randomId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/uuid', 'utf8').trim();
  } catch {
    return process.getBuiltinModule('node:crypto').randomUUID();
  }
}
