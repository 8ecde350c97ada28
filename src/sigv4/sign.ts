import {
  algorithm,
  amzDateOf,
  canonicalRequest,
  encodeRfc3986,
  type SigningCredentials,
  type SigningScope,
  scopeText,
  sha256Hex,
  signatureOf,
} from './canonical.ts';

export interface SignOptions {
  readonly method: string;
  readonly url: URL;
  /** Headers to be sent; all of them are signed. Names in any case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly credentials: SigningCredentials;
  readonly region: string;
  /** Signing name: `logs`, `eks`, `sts`, `aps`, `execute-api`… */
  readonly service: string;
  /** Wall clock, ms since the epoch. */
  readonly nowMs: number;
}

export interface PresignOptions extends Omit<SignOptions, 'body'> {
  /** How long the URL is good for, 1 to 604800. */
  readonly expiresSeconds: number;
}

/** Hop-by-hop and proxy-made headers change on the way: signing them breaks the signature. */
const unsignedHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'expect',
  'transfer-encoding',
  'user-agent',
  'x-amzn-trace-id',
]);

function prepare(options: SignOptions, extra: Readonly<Record<string, string>>) {
  const headers: Record<string, string> = { host: options.url.host, ...extra };
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    headers[name.toLowerCase()] = value;
  }
  const signedHeaders = Object.keys(headers)
    .filter((name) => !unsignedHeaders.has(name))
    .sort();
  const scope: SigningScope = {
    amzDate: amzDateOf(options.nowMs),
    region: options.region,
    service: options.service,
  };
  return { headers, signedHeaders, scope };
}

/**
 * Signs with headers. Returns all headers to send, names in lower case: those given, `host`,
 * `x-amz-date`, `x-amz-security-token` where there is one, and `authorization`.
 */
export function signHeaders(options: SignOptions): Record<string, string> {
  const { credentials, url } = options;
  const { headers, signedHeaders, scope } = prepare(options, {
    'x-amz-date': amzDateOf(options.nowMs),
    ...(credentials.sessionToken !== undefined && {
      'x-amz-security-token': credentials.sessionToken,
    }),
  });
  const canonical = canonicalRequest({
    method: options.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers,
    signedHeaders,
    payloadHash: sha256Hex(options.body ?? ''),
  });
  const signature = signatureOf(canonical, scope, credentials.secretAccessKey);
  const credential = `${credentials.accessKeyId}/${scopeText(scope)}`;
  headers['authorization'] =
    `${algorithm} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  return headers;
}

/** A URL that carries its signature in the query; the headers given must be sent with it. */
export function presignUrl(options: PresignOptions): URL {
  const { credentials, url } = options;
  const { headers, signedHeaders, scope } = prepare(options, {});
  const added: [string, string][] = [
    ['X-Amz-Algorithm', algorithm],
    ['X-Amz-Credential', `${credentials.accessKeyId}/${scopeText(scope)}`],
    ['X-Amz-Date', scope.amzDate],
    ['X-Amz-Expires', String(options.expiresSeconds)],
    ['X-Amz-SignedHeaders', signedHeaders.join(';')],
  ];
  if (credentials.sessionToken !== undefined) {
    added.push(['X-Amz-Security-Token', credentials.sessionToken]);
  }
  const addedText = added.map(([name, value]) => `${name}=${encodeRfc3986(value)}`).join('&');
  const query = url.search.length > 1 ? `${url.search.slice(1)}&${addedText}` : addedText;
  const canonical = canonicalRequest({
    method: options.method,
    path: url.pathname,
    query,
    headers,
    signedHeaders,
    payloadHash: sha256Hex(''),
  });
  const signature = signatureOf(canonical, scope, credentials.secretAccessKey);
  const signed = new URL(url);
  signed.search = `?${query}&X-Amz-Signature=${signature}`;
  return signed;
}
