import { BitWriter } from './bit-writer.ts';
import { bitsOf, XorWriter } from './xor-value.ts';

/** A chunk holds so many samples, as the chunks of the reference do. */
export const maxXorSamples = 120;

/**
 * Samples as a chunk of Prometheus' XOR encoding (Gorilla). Cold code: remote readers ask for it.
 *
 * Source: Prometheus tsdb/docs/format/chunks.md.
 */
export function encodeXorChunk(
  timesMs: Float64Array,
  values: Float64Array,
  start: number,
  end: number,
): Buffer {
  const writer = new BitWriter();
  const head = Buffer.alloc(2);
  head.writeUInt16BE(end - start);
  for (const byte of head) writer.byte(byte);
  let delta = 0;
  const value = new XorWriter();
  for (let at = start; at < end; at++) {
    const bits = bitsOf(values, at);
    if (at === start) {
      writer.varint(timesMs[at]!);
      value.first(writer, bits);
      continue;
    }
    const nextDelta = timesMs[at]! - timesMs[at - 1]!;
    if (at === start + 1) writer.uvarint(nextDelta);
    else writeDelta(writer, nextDelta - delta);
    delta = nextDelta;
    value.next(writer, bits);
  }
  return writer.take();
}

function writeDelta(writer: BitWriter, change: number): void {
  const fits = (bits: number): boolean =>
    change >= -(2 ** (bits - 1)) + 1 && change <= 2 ** (bits - 1);
  const put = (ones: number, bits: number): void => {
    for (let at = 0; at < ones; at++) writer.bit(1);
    if (ones < 4) writer.bit(0);
    writer.bits(BigInt.asUintN(bits, BigInt(change)), bits);
  };
  if (change === 0) writer.bit(0);
  else if (fits(14)) put(1, 14);
  else if (fits(17)) put(2, 17);
  else if (fits(20)) put(3, 20);
  else put(4, 64);
}
