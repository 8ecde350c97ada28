import { AppError } from '#base';

/**
 * What can be wrong with a request to the store. Messages are those that clients of Grafana know where
 * it has one.
 */
const messages = {
  DASHBOARD_NOT_FOUND: 'Dashboard not found',
  DASHBOARD_EXISTS: 'A dashboard with the same uid already exists',
  DASHBOARD_TITLE_EXISTS: 'A dashboard with the same name in the folder already exists',
  DASHBOARD_CHANGED: 'The dashboard has been changed by someone else',
  DASHBOARD_TITLE_EMPTY: 'Dashboard title cannot be empty',
  DASHBOARD_PROVISIONED: 'Cannot save provisioned dashboard',
  DASHBOARD_PROVISIONED_DELETE: 'provisioned dashboard cannot be deleted',
  DASHBOARD_VERSION_NOT_FOUND: 'Dashboard version not found',
  UID_TOO_LONG: 'uid too long, max 40 characters',
  UID_INVALID: 'uid contains illegal characters',
  FOLDER_NOT_FOUND: 'folder not found',
  FOLDER_EXISTS: 'the folder has been changed by someone else: its uid is taken',
  FOLDER_TITLE_EXISTS: 'a folder with the same name already exists in the current location',
  FOLDER_CHANGED: 'the folder has been changed by someone else',
  FOLDER_TITLE_EMPTY: 'folder title cannot be empty',
  FOLDER_HAS_RULES: 'folder contains alert rules',
  FOLDER_NOT_EMPTY: 'folder cannot be deleted: folder is not empty',
  FOLDER_CYCLE: 'a folder cannot be moved into itself',
  FOLDER_TOO_DEEP: 'folders are nested too deeply',
  LIBRARY_ELEMENT_NOT_FOUND: 'library element could not be found',
  LIBRARY_ELEMENT_EXISTS: 'library element with that name or UID already exists',
  LIBRARY_ELEMENT_CHANGED: 'the library element has been changed by someone else',
  LIBRARY_ELEMENT_CONNECTED: 'the library element has connections',
  ANNOTATION_NOT_FOUND: 'Annotation not found',
  QUOTA_REACHED: 'Quota reached',
} as const;

export type DashboardErrorCode = keyof typeof messages;

export function storeError(
  code: DashboardErrorCode,
  options: { readonly hint?: string; readonly details?: Readonly<Record<string, unknown>> } = {},
): AppError {
  return new AppError(code, messages[code], options);
}

/** What is wrong with a document, in words. */
export const invalidDashboard = (message: string): AppError =>
  new AppError('DASHBOARD_INVALID', message);
