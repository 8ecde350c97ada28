import { isStaleValue } from '#metrics/model';
import type { ProtoWriter } from '#wire';

/** As the receivers know it: bit by bit. */
export const staleBits = 0x7ff0000000000002n;
/** A marker that has passed through a JavaScript number. */
export const quietStaleBits = 0x7ff8000000000002n;
/** Every other NaN, as the reference stores it. */
const normalNanBits = 0x7ff8000000000001n;

/**
 * The value of a sample. A staleness marker that has passed through a JavaScript number may have become
 * a quiet NaN, which receivers take for a sample: it gets its own bits again.
 */
export function writeValue(writer: ProtoWriter, field: number, value: number): void {
  if (!Number.isNaN(value)) writer.double(field, value);
  else writer.fixed64(field, isStaleValue(value) ? staleBits : normalNanBits);
}
