import type { AgentEvent, RecordMap } from '../../contract.ts';

/** An event as the service takes it. */
export interface LogEvent {
  readonly timestampMs: number;
  readonly message: string;
}

/** Events of one call of PutLogEvents. */
export interface LogBatch {
  readonly group: string;
  readonly stream: string;
  readonly events: readonly LogEvent[];
  readonly entity: RecordMap | undefined;
}

const maxEvents = 10_000;
const maxBytes = 1_048_576;
const eventOverheadBytes = 26;
const maxSpanMs = 24 * 3600 * 1000;

/** Longest message, UTF-8 bytes: what the service takes, less its overhead. */
export const maxMessageBytes: number = 1_000_000;

/**
 * Splits the events of one stream into batches that the service accepts: sorted by time, at most
 * 10,000 events and 1 MiB (UTF-8 plus 26 an event), and a span under 24 hours. The same events give
 * the same batches, so that a batch can be named by its number when the chunk is sent again.
 */
export function splitBatches(events: readonly LogEvent[]): readonly (readonly LogEvent[])[] {
  const sorted = isSorted(events)
    ? events
    : events.toSorted((a, b) => a.timestampMs - b.timestampMs);
  const batches: LogEvent[][] = [];
  let batch: LogEvent[] = [];
  let bytes = 0;
  for (const event of sorted) {
    const size = Buffer.byteLength(event.message) + eventOverheadBytes;
    const isFull =
      batch.length >= maxEvents ||
      bytes + size > maxBytes ||
      (batch.length > 0 && event.timestampMs - batch[0]!.timestampMs >= maxSpanMs);
    if (isFull && batch.length > 0) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

function isSorted(events: readonly LogEvent[]): boolean {
  for (let i = 1; i < events.length; i++) {
    if (events[i]!.timestampMs < events[i - 1]!.timestampMs) return false;
  }
  return true;
}

export function timestampMsOf({ time }: AgentEvent): number {
  return time.seconds * 1000 + Math.floor(time.nanoseconds / 1e6);
}

/** The text cut to so many UTF-8 bytes, never inside a character. */
export function cutUtf8(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text;
  const cut = Buffer.from(text).subarray(0, bytes);
  let end = cut.length;
  // Back to the last byte that begins a character; it is whole only if the cut fell right behind it.
  while (end > 0 && (cut[end - 1]! & 0xc0) === 0x80) end--;
  if (end > 0 && cut[end - 1]! >= 0x80) end--;
  return cut.subarray(0, end).toString('utf8');
}
