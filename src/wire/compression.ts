import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { wireInvalid, wireTooLarge } from './errors.ts';

/** `snappy` is the block format, as in Loki and remote write. */
export type WireEncoding = 'identity' | 'gzip' | 'deflate' | 'zstd' | 'snappy';

type Work = (input: Uint8Array, options: object) => Promise<Uint8Array>;

const gunzip = promisify(zlib.gunzip) as Work;
const inflate = promisify(zlib.inflate) as Work;
const zstdDecompress = promisify(zlib.zstdDecompress) as Work;
const gzip = promisify(zlib.gzip) as Work;
const deflate = promisify(zlib.deflate) as Work;
const zstdCompress = promisify(zlib.zstdCompress) as Work;

/** The encoding that a Content-Encoding header names; undefined when we do not have it. */
export function parseContentEncoding(header: string | undefined): WireEncoding | undefined {
  switch ((header ?? '').trim().toLowerCase()) {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
      return 'deflate';
    case 'zstd':
      return 'zstd';
    case 'snappy':
      return 'snappy';
    default:
      return undefined;
  }
}

/**
 * Decompresses off the main thread. Several gzip members in a row are read as one.
 * @throws {AppError} WIRE_TOO_LARGE when the result would be over `maxBytes`, WIRE_INVALID
 */
export async function decompress(
  encoding: WireEncoding,
  input: Uint8Array,
  maxBytes: number,
): Promise<Uint8Array> {
  if (encoding === 'identity') {
    if (input.length > maxBytes) throw wireTooLarge('The body', maxBytes);
    return input;
  }
  if (encoding === 'snappy') return unsnappy(input, maxBytes);
  const work = encoding === 'gzip' ? gunzip : encoding === 'deflate' ? inflate : zstdDecompress;
  try {
    return await work(input, { maxOutputLength: maxBytes });
  } catch (error) {
    if (isTooLarge(error)) throw wireTooLarge('The decompressed body', maxBytes);
    throw wireInvalid(`The body is not valid ${encoding}`, -1, error);
  }
}

/** Compresses off the main thread; `level` as in the encoding's own scale. */
export async function compress(
  encoding: WireEncoding,
  input: Uint8Array,
  level?: number,
): Promise<Uint8Array> {
  switch (encoding) {
    case 'identity':
      return input;
    case 'snappy':
      return await (await import('snappy')).compress(input as Buffer);
    case 'zstd':
      return await zstdCompress(
        input,
        level === undefined ? {} : { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } },
      );
    default:
      return await (encoding === 'gzip' ? gzip : deflate)(
        input,
        level === undefined ? {} : { level },
      );
  }
}

async function unsnappy(input: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  // The block starts with its decompressed length as a varint: check before memory is taken.
  let length = 0;
  let offset = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = input[offset++];
    if (byte === undefined || offset > 5) throw wireInvalid('Snappy block has no length', 0);
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  if (length > maxBytes) throw wireTooLarge('The decompressed body', maxBytes);
  // Snappy copies at most 64 bytes per 3-byte element: a larger promise cannot be kept.
  if (length > input.length * 32) throw wireInvalid('Snappy block is cut off', input.length);
  try {
    const { uncompress } = await import('snappy');
    return (await uncompress(input as Buffer, { asBuffer: true })) as Buffer;
  } catch (error) {
    throw wireInvalid('The body is not a valid snappy block', -1, error);
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
