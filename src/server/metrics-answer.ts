import type { NegotiatedFormat } from '#metrics/exposition';

export interface MetricsAnswer {
  readonly contentType: string;
  readonly body: string | Buffer;
}

/**
 * Our metrics (text 0.0.4) as a client wants them: text, OpenMetrics or protobuf by its `Accept`. What
 * turns one into another is loaded for the client that asks for it.
 */
export async function metricsAnswer(
  text: string,
  accept: string | undefined,
): Promise<MetricsAnswer> {
  const plain = { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: text };
  if (accept === undefined || !/openmetrics-text|vnd\.google\.protobuf/.test(accept)) return plain;
  const { familiesOf, negotiateFormat, parseExposition, writeExposition } = await import(
    '#metrics/exposition'
  );
  const format: NegotiatedFormat = negotiateFormat(accept);
  if (format.format === 'text') return plain;
  const families = familiesOf(parseExposition(Buffer.from(text), 'text'));
  const pieces = [...writeExposition(families, format)].map((piece) =>
    typeof piece === 'string' ? Buffer.from(piece) : piece,
  );
  return { contentType: format.contentType, body: Buffer.concat(pieces) };
}
