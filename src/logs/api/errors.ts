import { AppError } from '#base';

export const groupNotFound = (name: string): AppError =>
  new AppError('LOG_GROUP_NOT_FOUND', `There is no log group ${name}`);

export const pointerInvalid = (): AppError =>
  new AppError('POINTER_INVALID', 'This is not the pointer of an event', {
    hint: 'Take it from the pointer of an event, or from @ptr of a query result',
  });

export const eventNotFound = (): AppError =>
  new AppError('EVENT_NOT_FOUND', 'The event is not stored any more', {
    hint: 'Its log group was deleted, or its retention has passed',
  });

export const positionInvalid = (): AppError =>
  new AppError('POSITION_INVALID', 'The value of "after" is not a position that a page gave out');

export const queryNotFound = (id: string): AppError =>
  new AppError('QUERY_NOT_FOUND', `There is no query ${id}`, {
    hint: 'Results are kept for a while only: run the query again',
  });
