import { isStaleValue, staleBits } from '#metrics/model';
import type { ProtoWriter } from '#wire';

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
