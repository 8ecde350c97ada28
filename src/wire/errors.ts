import { AppError } from '#base';

/**
 * Bytes that are not what they should be. `offset` counts bytes from the start of the input (of the
 * decompressed input where it was compressed); -1 where there is no single place.
 */
export function wireInvalid(message: string, offset: number, cause?: unknown): AppError {
  return new AppError('WIRE_INVALID', offset < 0 ? message : `${message} at byte ${offset}`, {
    details: { offset },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Input that is larger than its bound: refused before memory is spent on it. */
export function wireTooLarge(what: string, maxBytes: number): AppError {
  return new AppError('WIRE_TOO_LARGE', `${what} is larger than ${maxBytes} bytes`, {
    hint: 'Send smaller batches, or raise the limit of this receiver',
    details: { maxBytes },
  });
}
