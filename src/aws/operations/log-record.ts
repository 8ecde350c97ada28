import { decodePointer } from '#logs/insights';
import { fieldValues } from '#logs/queries';
import type { LogEvent } from '#logs/store';
import { invalid, notFound } from '../errors.ts';
import { type Operation, operation } from '../operation.ts';
import { flag, required, text } from '../shape.ts';

/** All values are texts: times in ms, what is found in a JSON message under dotted names. */
export function recordOf(event: LogEvent, accountId: string): Record<string, string> {
  return {
    '@message': event.message,
    '@timestamp': String(event.timestampMs),
    '@ingestionTime': String(event.ingestionMs),
    '@logStream': event.stream,
    '@log': `${accountId}:${event.group}`,
    ...Object.fromEntries(fieldValues(event.message)),
  };
}

const getLogRecord: Operation = operation(
  'GetLogRecord',
  'read',
  { logRecordPointer: required(text({ max: 4096 })), unmask: flag() },
  async ({ logRecordPointer }, { store, scope, signal }) => {
    const pointer = decodePointer(logRecordPointer);
    if (pointer === undefined) throw invalid('The specified logRecordPointer is invalid.');
    const event = await store.readEvent(pointer, signal);
    if (event === undefined) throw notFound('The specified log record does not exist.');
    return { logRecord: recordOf(event, scope.accountId) };
  },
);

export const logRecordOperations: readonly Operation[] = [getLogRecord];
