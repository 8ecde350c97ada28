import { AppError } from '#base';

/** A filter pattern that cannot be read; `offset` counts from 0. */
export function patternError(message: string, offset: number, hint?: string): AppError {
  return new AppError('FILTER_PATTERN_INVALID', `${message} (at position ${offset + 1})`, {
    details: { offset },
    ...(hint === undefined ? {} : { hint }),
  });
}
