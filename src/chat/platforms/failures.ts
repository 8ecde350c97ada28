import { AppError, isAppError } from '#base';

/** Another try would not help: what was said is not taken. */
export const messageRefused = (message: string, cause?: unknown): AppError =>
  new AppError('CHAT_MESSAGE_REFUSED', message, { cause });

/** The chat is away or does not let us in; another try may help. */
export const platformFailed = (message: string, cause?: unknown): AppError =>
  new AppError('CHAT_PLATFORM_FAILED', message, { cause });

export const isRefusal = (error: unknown): boolean =>
  isAppError(error) && error.code === 'CHAT_MESSAGE_REFUSED';
