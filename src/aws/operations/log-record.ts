import { decodePointer } from '#logs/insights';
import type { LogEvent } from '#logs/store';
import { invalid, notFound } from '../errors.ts';
import { type Operation, operation } from '../operation.ts';
import { flag, isObject, required, text } from '../shape.ts';

/** Fields of one event that are discovered; the rest needs `parse`. */
const maxFields = 200;
/** A deeper object is shown as JSON text. */
const maxDepth = 16;

/** All values are texts: times in ms, what is found in a JSON message under dotted names. */
export function recordOf(event: LogEvent, accountId: string): Record<string, string> {
  const record: Record<string, string> = {
    '@message': event.message,
    '@timestamp': String(event.timestampMs),
    '@ingestionTime': String(event.ingestionMs),
    '@logStream': event.stream,
    '@log': `${accountId}:${event.group}`,
  };
  if (event.message.trimStart().startsWith('{')) {
    try {
      addLeaves(record, '', JSON.parse(event.message), { left: maxFields }, 0);
    } catch {
      // Not JSON: the message is all there is.
    }
  }
  return record;
}

function addLeaves(
  record: Record<string, string>,
  path: string,
  value: unknown,
  budget: { left: number },
  depth: number,
): void {
  if (value === null || budget.left === 0) return;
  const isNested = typeof value === 'object' && depth < maxDepth;
  if (isNested && (Array.isArray(value) || isObject(value))) {
    for (const [name, inner] of Object.entries(value)) {
      addLeaves(record, path === '' ? name : `${path}.${name}`, inner, budget, depth + 1);
    }
    return;
  }
  // A field of the message must not pass for one of ours.
  if (path.startsWith('@') && record[path] !== undefined) return;
  budget.left--;
  record[path] = typeof value === 'object' ? JSON.stringify(value) : String(value);
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
