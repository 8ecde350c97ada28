import type { EventPointer } from '#logs/store';

/** An event's name as `@ptr` and in eventIds: Base64 of `time:sequence:group`. */
export function encodePointer(pointer: EventPointer): string {
  const text = `${pointer.timestampMs}:${pointer.sequence}:${pointer.group}`;
  return Buffer.from(text, 'utf8').toString('base64');
}

/** Undefined when the text is no pointer of ours. */
export function decodePointer(text: string): EventPointer | undefined {
  const match = /^(-?\d{1,16}):(\d{1,16}):([^\0]+)$/s.exec(
    Buffer.from(text, 'base64').toString('utf8'),
  );
  if (match === null) return undefined;
  const timestampMs = Number(match[1]);
  const sequence = Number(match[2]);
  if (!Number.isSafeInteger(timestampMs) || !Number.isSafeInteger(sequence)) return undefined;
  return { timestampMs, sequence, group: match[3]! };
}
