import { AppError } from '#base';

/**
 * EXPOSITION_INVALID: a body that is not what its media type says. The message is the reference's;
 * `details.line` counts lines from 1 (0: the place is not known).
 */
export function expositionInvalid(message: string, line: number, cause?: unknown): AppError {
  return new AppError('EXPOSITION_INVALID', message, {
    details: { line },
    hint: 'The whole body is refused: nothing of it is stored',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** 1-based number of the line that holds an offset. Only for errors: it counts from the start. */
export function lineAt(body: Uint8Array, offset: number): number {
  let line = 1;
  for (let at = body.indexOf(0x0a); at >= 0 && at < offset; at = body.indexOf(0x0a, at + 1)) line++;
  return line;
}
