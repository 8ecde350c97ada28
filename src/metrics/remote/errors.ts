import { AppError } from '#base';

/** A body that is not what its content type says; `offset` in bytes after decompression. */
export function remoteInvalid(what: string, offset: number): AppError {
  return new AppError('REMOTE_INVALID', `${what} at byte ${offset}`, { details: { offset } });
}
