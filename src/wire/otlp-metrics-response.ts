import { ProtoWriter } from './protobuf.ts';

/** What a receiver of metrics did not take, `ExportMetricsPartialSuccess`. */
export interface OtlpMetricsPartialSuccess {
  readonly rejectedDataPoints: number;
  readonly errorMessage: string;
}

/** `ExportMetricsServiceResponse`, protobuf: empty on plain success. */
export function encodeOtlpMetricsResponseProto(
  partial: OtlpMetricsPartialSuccess | undefined,
): Buffer {
  const writer = new ProtoWriter();
  if (partial !== undefined) {
    const mark = writer.open(1);
    if (partial.rejectedDataPoints !== 0) writer.int64(1, partial.rejectedDataPoints);
    if (partial.errorMessage !== '') writer.string(2, partial.errorMessage);
    writer.close(mark);
  }
  return writer.take();
}

/** `ExportMetricsServiceResponse`, JSON: `{}` on plain success; a 64-bit number is a text. */
export function encodeOtlpMetricsResponseJson(
  partial: OtlpMetricsPartialSuccess | undefined,
): string {
  if (partial === undefined) return '{}';
  const { rejectedDataPoints, errorMessage } = partial;
  return JSON.stringify({
    partialSuccess: { rejectedDataPoints: String(rejectedDataPoints), errorMessage },
  });
}
