import { AppError } from '#base';

/** A matcher, silence or alert that somebody sent, in the words they get back. */
export const invalidInput = (message: string): AppError =>
  new AppError('ALERTING_INVALID', message);

export const silenceNotFound = (id: string): AppError =>
  new AppError('SILENCE_NOT_FOUND', `silence ${id} not found`);
