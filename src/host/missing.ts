/**
 * Errors by which procfs and sysfs say that there is no such value: no file, a device that went away
 * while it was read (ENODEV), an attribute without a value now (EINVAL, ENODATA), one of the kernel's
 * that this process may not see (EACCES, EPERM), an unsupported operation.
 */
const missingCodes: ReadonlySet<unknown> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENODEV',
  'ENXIO',
  'ESRCH',
  'EINVAL',
  'ENODATA',
  'EACCES',
  'EPERM',
  'EOPNOTSUPP',
  'ENOTSUP',
  'EIO',
  'EAGAIN',
]);

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && missingCodes.has(error.code);
}

/** ENOENT alone: this machine does not have it. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
