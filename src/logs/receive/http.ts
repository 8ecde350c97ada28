import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, describeError, isAppError } from '#base';
import { decompress, parseContentEncoding } from '#wire';
import { isRetryable } from './collector.ts';

/** Bound on a push body after decompression. */
export const maxDecompressedBytes: number = 64 * 1024 * 1024;

/** Bodies as bytes whatever their type: the edges parse them. For an edge's own scope. */
export function takeRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/**
 * The request's body, decompressed.
 * @throws {AppError} WIRE_INVALID, WIRE_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE
 */
export async function readBody(request: FastifyRequest): Promise<Uint8Array> {
  const header = request.headers['content-encoding'];
  const encoding = parseContentEncoding(header);
  if (encoding === undefined) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', `Content-Encoding "${header}" is not supported`, {
      hint: 'Send gzip, zstd, deflate or snappy, or no encoding',
    });
  }
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  return await decompress(encoding, body, maxDecompressedBytes);
}

export interface HttpFailure {
  readonly status: number;
  readonly message: string;
}

/** Status and words for a push that failed; 503 asks the sender to try again. */
export function failureOf(error: unknown): HttpFailure {
  if (isRetryable(error)) return { status: 503, message: describeError(error) };
  if (isAppError(error)) {
    const status =
      error.code === 'WIRE_TOO_LARGE' || error.code === 'BODY_TOO_LARGE'
        ? 413
        : error.code === 'UNSUPPORTED_MEDIA_TYPE'
          ? 415
          : error.code === 'UNAUTHENTICATED'
            ? 401
            : error.code === 'FORBIDDEN' || error.code === 'ORIGIN_REFUSED'
              ? 403
              : error.code === 'TOO_MANY_REQUESTS'
                ? 429
                : error.code === 'HOST_REFUSED'
                  ? 421
                  : 400;
    return { status, message: describeError(error) };
  }
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, message: describeError(error) };
  }
  return { status: 500, message: 'The server failed to take the events; its log has the reason' };
}

/** Headers that tell a sender when to come back. */
export function setRetryHeaders(reply: FastifyReply, status: number): void {
  if (status === 503) reply.header('retry-after', '5');
  if (status === 429) reply.header('retry-after', '60');
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="nunchi"');
}

export const mediaType = (request: FastifyRequest): string =>
  (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
