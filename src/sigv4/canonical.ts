import { createHash, createHmac } from 'node:crypto';

/**
 * The common half of signing and verifying: canonical request, string to sign, signing key.
 * Source: AWS General Reference, "Create a signed AWS API request" (Signature Version 4).
 */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What is signed of a request. Header names are in lower case. */
export interface CanonicalParts {
  readonly method: string;
  /** Path as it stands on the request line, without the query. */
  readonly path: string;
  /** Query as it stands on the request line, without `?`. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

export interface SigningScope {
  /** `yyyymmddThhmmssZ` */
  readonly amzDate: string;
  readonly region: string;
  readonly service: string;
}

export const algorithm = 'AWS4-HMAC-SHA256';

export const sha256Hex = (data: Uint8Array | string): string =>
  createHash('sha256').update(data).digest('hex');

const hmac = (key: Buffer | string, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest();

/** RFC 3986: everything but letters, digits and `-._~` is escaped, in upper-case hex. */
export const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Undoes percent escapes; text with a broken escape stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Each segment of the path on the wire is escaped once more (all services but S3 do so). */
export function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(encodeRfc3986(segment));
  }
  const tail = path.endsWith('/') && segments.length > 0 ? '/' : '';
  return `/${segments.join('/')}${tail}`;
}

/** Sorted by name, then value; `without` leaves one name out (the signature of a presigned URL). */
export function canonicalQuery(query: string, without?: string): string {
  if (query === '') return '';
  const pairs: [string, string][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals === -1 ? part : part.slice(0, equals));
    const value = equals === -1 ? '' : decode(part.slice(equals + 1));
    if (name !== without) pairs.push([encodeRfc3986(name), encodeRfc3986(value)]);
  }
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  pairs.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

export function canonicalRequest(parts: CanonicalParts, withoutQuery?: string): string {
  const headers = parts.signedHeaders.map(
    (name) => `${name}:${(parts.headers[name] ?? '').trim().replace(/ {2,}/g, ' ')}\n`,
  );
  return [
    parts.method.toUpperCase(),
    canonicalPath(parts.path),
    canonicalQuery(parts.query, withoutQuery),
    headers.join(''),
    parts.signedHeaders.join(';'),
    parts.payloadHash,
  ].join('\n');
}

export const scopeText = ({ amzDate, region, service }: SigningScope): string =>
  `${amzDate.slice(0, 8)}/${region}/${service}/aws4_request`;

/** The signature, 64 lower-case hex digits. */
export function signatureOf(canonical: string, scope: SigningScope, secret: string): string {
  const toSign = [algorithm, scope.amzDate, scopeText(scope), sha256Hex(canonical)].join('\n');
  let key = hmac(`AWS4${secret}`, scope.amzDate.slice(0, 8));
  for (const part of [scope.region, scope.service, 'aws4_request']) key = hmac(key, part);
  return hmac(key, toSign).toString('hex');
}

/** Milliseconds to `yyyymmddThhmmssZ`. */
export const amzDateOf = (timeMs: number): string =>
  `${new Date(timeMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

/** `yyyymmddThhmmssZ` to milliseconds; undefined for any other text. */
export function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
