import { AppError } from '#base';

/** What is wrong with requests for notifications; edges translate the codes. */
export type NotificationErrorCode =
  | 'NOTIFICATION_INVALID'
  | 'CONTACT_POINT_NOT_FOUND'
  | 'CONTACT_POINT_EXISTS'
  | 'CONTACT_POINT_IN_USE'
  | 'MUTE_TIMING_NOT_FOUND'
  | 'MUTE_TIMING_EXISTS'
  | 'MUTE_TIMING_IN_USE'
  | 'TEMPLATE_NOT_FOUND'
  | 'NOTIFICATION_PROVISIONED';

export const notificationError = (
  code: NotificationErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AppError => new AppError(code, message, { details });

export const invalid = (message: string): AppError =>
  notificationError('NOTIFICATION_INVALID', message);
