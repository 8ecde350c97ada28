import { timingSafeEqual } from 'node:crypto';
import { AppError } from '#base';
import {
  algorithm,
  amzDateOf,
  canonicalRequest,
  parseAmzDate,
  sha256Hex,
  signatureOf,
} from './canonical.ts';

/** A request as it arrived. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as on the request line. */
  readonly url: string;
  /** Names in lower case, as node:http gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes as sent, before any content encoding is undone. */
  readonly body: Uint8Array;
}

export interface VerifyOptions {
  /** The secret of an access key; undefined when there is no such key. */
  readonly findSecret: (accessKeyId: string) => string | undefined | Promise<string | undefined>;
  /** Wall clock, ms since the epoch. */
  readonly nowMs: number;
  /** How far the clocks of client and server may differ. AWS allows 5 minutes. */
  readonly maxSkewMs?: number;
}

/** Whom and what a signature is for. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  /** `logs`, `eks`, `sts`… */
  readonly service: string;
}

interface Claim extends CredentialScope {
  readonly amzDate: string;
  readonly day: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** Set for a presigned URL. */
  readonly expiresSeconds: number | undefined;
}

const defaultMaxSkewMs = 5 * 60 * 1000;
/** A presigned URL may live a week at most. */
const maxExpiresSeconds = 604_800;

/**
 * Checks a request's signature, in the header or in the query (presigned).
 * @throws {AppError} SIGNATURE_MISSING, SIGNATURE_INCOMPLETE, ACCESS_KEY_UNKNOWN,
 *   SIGNATURE_EXPIRED (also: not valid yet), SIGNATURE_MISMATCH
 */
export async function verifyRequest(
  request: SignedRequest,
  options: VerifyOptions,
): Promise<CredentialScope> {
  const claim = readClaim(request);
  if (claim === undefined) throw new AppError('SIGNATURE_MISSING', 'Missing Authentication Token');
  checkTime(claim, options);
  const secret = await options.findSecret(claim.accessKeyId);
  if (secret === undefined) {
    throw new AppError(
      'ACCESS_KEY_UNKNOWN',
      'The security token included in the request is invalid.',
    );
  }
  checkSignedHeaders(claim, request);
  const { path, query } = splitUrl(request.url);
  const canonical = canonicalRequest(
    {
      method: request.method,
      path,
      query,
      headers: flatHeaders(request.headers, claim.signedHeaders),
      signedHeaders: claim.signedHeaders,
      payloadHash: sha256Hex(request.body),
    },
    claim.expiresSeconds === undefined ? undefined : 'X-Amz-Signature',
  );
  const wanted = Buffer.from(signatureOf(canonical, claim, secret));
  const given = Buffer.from(claim.signature);
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) throw mismatch();
  const { accessKeyId, region, service } = claim;
  return { accessKeyId, region, service };
}

/** What a request says of its signer, unchecked; undefined when it is not signed or not readable. */
export function readCredentialScope(
  request: Pick<SignedRequest, 'url' | 'headers'>,
): CredentialScope | undefined {
  try {
    const claim = readClaim(request);
    if (claim === undefined) return undefined;
    const { accessKeyId, region, service } = claim;
    return { accessKeyId, region, service };
  } catch {
    return undefined;
  }
}

function readClaim(request: Pick<SignedRequest, 'url' | 'headers'>): Claim | undefined {
  const authorization = request.headers['authorization'];
  if (typeof authorization === 'string') return readHeaderClaim(authorization, request);
  const { query } = splitUrl(request.url);
  if (!query.includes('X-Amz-Algorithm=')) return undefined;
  const params = new URLSearchParams(query);
  if (params.get('X-Amz-Algorithm') !== algorithm) throw incomplete('X-Amz-Algorithm');
  const expiresSeconds = Number(params.get('X-Amz-Expires') ?? Number.NaN);
  if (!(expiresSeconds >= 1 && expiresSeconds <= maxExpiresSeconds)) {
    throw incomplete('X-Amz-Expires');
  }
  return makeClaim({
    credential: params.get('X-Amz-Credential') ?? undefined,
    signedHeaders: params.get('X-Amz-SignedHeaders') ?? undefined,
    signature: params.get('X-Amz-Signature') ?? undefined,
    amzDate: params.get('X-Amz-Date') ?? undefined,
    expiresSeconds,
  });
}

function readHeaderClaim(authorization: string, request: Pick<SignedRequest, 'headers'>): Claim {
  if (!authorization.startsWith(`${algorithm} `)) throw incomplete('algorithm');
  const fields = new Map<string, string>();
  for (const part of authorization.slice(algorithm.length + 1).split(',')) {
    const equals = part.indexOf('=');
    if (equals !== -1) fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const date = request.headers['x-amz-date'];
  return makeClaim({
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    amzDate: typeof date === 'string' ? date : undefined,
    expiresSeconds: undefined,
  });
}

function makeClaim(fields: {
  credential: string | undefined;
  signedHeaders: string | undefined;
  signature: string | undefined;
  amzDate: string | undefined;
  expiresSeconds: number | undefined;
}): Claim {
  const { credential, signedHeaders, signature, amzDate, expiresSeconds } = fields;
  if (credential === undefined) throw incomplete('Credential');
  if (signedHeaders === undefined || signedHeaders === '') throw incomplete('SignedHeaders');
  if (signature === undefined) throw incomplete('Signature');
  if (amzDate === undefined) throw incomplete('X-Amz-Date');
  // An access key id may hold slashes in theory; the scope is always the last four parts.
  const parts = credential.split('/');
  const [day, region, service, terminator] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (
    accessKeyId === '' ||
    day === undefined ||
    region === undefined ||
    service === undefined ||
    terminator !== 'aws4_request'
  ) {
    throw incomplete('Credential');
  }
  return {
    accessKeyId,
    day,
    region,
    service,
    amzDate,
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    signature,
    expiresSeconds,
  };
}

function checkTime(claim: Claim, options: VerifyOptions): void {
  const signedMs = parseAmzDate(claim.amzDate);
  if (signedMs === undefined) throw incomplete('X-Amz-Date');
  if (!claim.amzDate.startsWith(claim.day)) throw mismatch();
  const skewMs = options.maxSkewMs ?? defaultMaxSkewMs;
  const now = amzDateOf(options.nowMs);
  const lifeMs = claim.expiresSeconds === undefined ? skewMs : claim.expiresSeconds * 1000;
  if (signedMs + lifeMs < options.nowMs) {
    throw new AppError(
      'SIGNATURE_EXPIRED',
      `Signature expired: ${claim.amzDate} is now earlier than ${amzDateOf(options.nowMs - lifeMs)} (${now} - ${Math.round(lifeMs / 60_000)} min.)`,
      { hint: 'Set the clock of the client or of the server right' },
    );
  }
  if (signedMs - skewMs > options.nowMs) {
    throw new AppError(
      'SIGNATURE_EXPIRED',
      `Signature not yet current: ${claim.amzDate} is still later than ${amzDateOf(options.nowMs + skewMs)} (${now} + ${Math.round(skewMs / 60_000)} min.)`,
      { hint: 'Set the clock of the client or of the server right' },
    );
  }
}

/** A header that decides what is done, and is not signed, could be swapped on the way. */
function checkSignedHeaders(claim: Claim, request: SignedRequest): void {
  const signed = new Set(claim.signedHeaders);
  if (!signed.has('host')) throw mismatch();
  for (const name of ['x-amz-date', 'x-amz-target', 'x-amz-security-token']) {
    if (request.headers[name] !== undefined && !signed.has(name)) throw mismatch();
  }
}

function flatHeaders(
  headers: SignedRequest['headers'],
  names: readonly string[],
): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    flat[name] = typeof value === 'string' ? value : (value ?? []).join(',');
  }
  return flat;
}

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1
    ? { path: url, query: '' }
    : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

function incomplete(what: string): AppError {
  return new AppError(
    'SIGNATURE_INCOMPLETE',
    `The request signature does not conform to AWS standards: "${what}" is missing or not valid.`,
  );
}

function mismatch(): AppError {
  return new AppError(
    'SIGNATURE_MISMATCH',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  );
}
