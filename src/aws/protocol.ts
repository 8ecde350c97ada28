import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { AwsError } from './errors.ts';

/** AWS JSON 1.1: what a request is, and how its body is read. */
export const jsonContentType = 'application/x-amz-json-1.1';
export const targetPrefix = 'Logs_20140328.';

/**
 * A lookup table is at most 10 MiB of text, and JSON doubles its quotes and ends of lines. (A
 * PutLogEvents batch is at most 1 MiB of messages; control characters take six bytes each in JSON,
 * and every event has its frame.)
 */
export const maxBodyBytes: number = 16 * 1024 * 1024;

const decoders: Readonly<
  Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) };

/** Undoes a content encoding. @throws {AwsError} */
export async function decodeBody(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body;
  const decode = decoders[encoding.trim().toLowerCase()];
  if (decode === undefined) {
    throw new AwsError('SerializationException', `Unsupported content encoding: ${encoding}`);
  }
  try {
    return await decode(body, { maxOutputLength: maxBodyBytes });
  } catch (cause) {
    const isTooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge
      ? bodyTooLarge()
      : new AwsError('SerializationException', `The body is not valid ${encoding}`, { cause });
  }
}

export const bodyTooLarge = (): AwsError =>
  new AwsError(
    'RequestEntityTooLargeException',
    `Request body exceeds the limit of ${maxBodyBytes} bytes.`,
    { status: 413 },
  );

/** An empty body stands for `{}`. @throws {AwsError} SerializationException */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    // Bytes that are not UTF-8 become U+FFFD, as everywhere in the store.
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.', { cause });
  }
}
