import type { AgentEvent, RecordMap, RecordValue, TextParser } from '../../contract.ts';
import { parseJsonRecord } from '../../records/json-parse.ts';

export interface MergeLogOptions {
  /** Key that holds the text, `log`. */
  readonly contentKey: string;
  /** The parsed map goes under this key; into the record itself when absent. */
  readonly underKey: string | undefined;
  readonly trim: boolean;
  readonly keepLog: boolean;
}

/** Parses the text of an event and puts what it holds into the record. A parser's time counts. */
export function mergeLog(
  event: AgentEvent,
  options: MergeLogOptions,
  parser: TextParser | undefined,
): void {
  const { record } = event;
  const content = record.get(options.contentKey);
  if (typeof content !== 'string') return;
  let merged: RecordMap | undefined;
  if (parser !== undefined) {
    const parsed = parser.parse(content.replace(/[\r\n]+$/, ''));
    merged = parsed?.record;
    if (parsed?.time !== undefined) event.time = parsed.time;
  }
  if (merged === undefined && content.trimStart().startsWith('{'))
    merged = parseJsonRecord(content);
  if (merged === undefined || merged.size === 0) return;
  if (options.trim) {
    for (const [key, value] of merged) {
      if (typeof value === 'string') merged.set(key, trimLineEnds(value));
    }
  }
  if (!options.keepLog) record.delete(options.contentKey);
  if (options.underKey !== undefined) {
    record.delete(options.underKey);
    record.set(options.underKey, merged);
    return;
  }
  for (const [key, value] of merged as Iterable<[string, RecordValue]>) {
    if (!record.has(key)) record.set(key, value);
  }
}

/** Line ends around a text, real ones and those written out as `\n`. */
function trimLineEnds(text: string): string {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  // Backslash, n, r, line feed and carriage return are the only characters that can be trimmed.
  if (
    first !== 92 &&
    first !== 10 &&
    first !== 13 &&
    last !== 110 &&
    last !== 114 &&
    last !== 10 &&
    last !== 13
  ) {
    return text;
  }
  return text.replace(/^(?:[\r\n]|\\[rn])+/, '').replace(/(?:[\r\n]|\\[rn])+$/, '');
}
