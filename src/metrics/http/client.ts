import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { AppError, type Clock, describeError } from '#base';
import { defaultHttpClient, type HttpClientConfig } from '#metrics/config';
import { decompress, parseContentEncoding } from '#wire';
import { type AddressCheck, checkedLookup } from './address-check.ts';
import { AgentPool, type ChosenAgent } from './agents.ts';
import { credentialHeaders, TokenSource } from './credentials.ts';
import { FileCache } from './files.ts';

/** As the reference's HTTP library. */
const maxRedirects = 10;

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Dials this path instead of the URL's host. */
  readonly socketPath?: string | undefined;
  /** Of the answer's body, before and after decompression. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Decompressed. */
  readonly body: Buffer;
}

export interface HttpClient extends Disposable {
  /**
   * Sends, follows redirects, reads the body. Any status is an answer.
   * @throws {AppError} HTTP_FAILED (no answer), HTTP_BODY_TOO_LARGE, HTTP_FILE_UNREADABLE,
   *   HTTP_TOKEN_REFUSED; what the signal aborts with
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpClientDeps {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For `User-Agent`. */
  readonly version: string;
  /**
   * Asked of every address before a connection is made to it, after redirects too; not of those behind
   * a proxy, whom the proxy connects to. What it throws is the request's failure.
   */
  readonly checkAddress?: AddressCheck;
  /** The same of every host, before its name is looked up. */
  readonly checkHost?: (host: string) => void;
}

/** A token answer is small. */
const maxTokenBytes = 1024 * 1024;
const tokenTimeoutMs = 10_000;

/** Requests as an `http_config` says: credentials, TLS, proxy, redirects; connections are kept. */
export function createHttpClient(config: HttpClientConfig, deps: HttpClientDeps): HttpClient {
  const files = new FileCache();
  const agents = new AgentPool(config, files, deps.env);
  const tokens = oauthTokens(config, files, deps);
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    let url = new URL(request.url);
    const credentials = await credentialHeaders(config, files, tokens?.source);
    const headers: Record<string, string> = {
      'user-agent': `Prometheus/${deps.version}`,
      ...request.headers,
      ...credentials,
    };
    // What stands in the URL counts where nothing else is said, and is not sent as a part of it.
    if (url.username !== '' && headers['authorization'] === undefined) {
      const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    }
    url.username = '';
    url.password = '';
    let { method = 'GET', body } = request;
    for (let redirects = 0; ; redirects++) {
      const chosen = await agents.choose(url);
      const answer = await exchange(
        { ...request, method, headers, body },
        { url, ...chosen, checkHost: deps.checkHost, checkAddress: deps.checkAddress },
      );
      const location = answer.headers['location'];
      const isRedirect = [301, 302, 303, 307, 308].includes(answer.status);
      if (!config.followRedirects || !isRedirect || typeof location !== 'string') {
        if (answer.status === 401) tokens?.source.forget();
        return await decoded(answer, request.maxBytes);
      }
      if (redirects === maxRedirects) {
        throw failed(request.url, `stopped after ${maxRedirects} redirects`);
      }
      const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
      if (next === undefined || !/^https?:$/.test(next.protocol)) {
        throw failed(request.url, `redirect to "${location}", which is no http or https URL`);
      }
      // Another host, or the same without TLS, must not learn who we are.
      const isOther =
        next.hostname !== url.hostname || (url.protocol === 'https:' && next.protocol === 'http:');
      if (isOther)
        for (const name of ['authorization', 'cookie', ...Object.keys(credentials)])
          delete headers[name];
      if (answer.status !== 307 && answer.status !== 308) {
        method = 'GET';
        body = undefined;
      }
      url = next;
    }
  };
  return {
    request: send,
    [Symbol.dispose]: () => {
      agents.destroy();
      tokens?.client[Symbol.dispose]();
    },
  };
}

function oauthTokens(
  config: HttpClientConfig,
  files: FileCache,
  deps: HttpClientDeps,
): { readonly source: TokenSource; readonly client: HttpClient } | undefined {
  const { oauth2 } = config;
  if (oauth2 === undefined) return undefined;
  const { tlsConfig, proxyUrl, noProxy, proxyFromEnvironment, proxyConnectHeader } = oauth2;
  const client = createHttpClient(
    {
      ...defaultHttpClient,
      tlsConfig,
      proxyUrl,
      noProxy,
      proxyFromEnvironment,
      proxyConnectHeader,
    },
    deps,
  );
  const source = new TokenSource(oauth2, {
    files,
    clock: deps.clock,
    send: async ({ url, body, headers }) => {
      const answer = await client.request({
        url,
        method: 'POST',
        headers,
        body: Buffer.from(body),
        maxBytes: maxTokenBytes,
        signal: AbortSignal.timeout(tokenTimeoutMs),
      });
      return { status: answer.status, text: answer.body.toString('utf8') };
    },
  });
  return { source, client };
}

interface Exchange extends ChosenAgent {
  readonly url: URL;
  readonly checkHost: ((host: string) => void) | undefined;
  readonly checkAddress: AddressCheck | undefined;
}

/** One request and its answer, the body as it came. */
function exchange(
  request: Omit<HttpRequest, 'method' | 'body' | 'headers'> & {
    readonly method: string;
    readonly body: Uint8Array | undefined;
    readonly headers: Readonly<Record<string, string>>;
  },
  { url, agent, viaProxy, tls, checkHost, checkAddress }: Exchange,
): Promise<HttpResponse> {
  const { signal, maxBytes, body } = request;
  const headers: Record<string, string> = { ...request.headers };
  if (body !== undefined) headers['content-length'] = String(body.length);
  const target = viaProxy ?? url;
  if (viaProxy !== undefined) {
    headers['host'] = url.host;
    if (viaProxy.username !== '') {
      const pair = `${decodeURIComponent(viaProxy.username)}:${decodeURIComponent(viaProxy.password)}`;
      headers['proxy-authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    }
  }
  return new Promise<HttpResponse>((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const fail = (error: unknown): void => {
      const isOurs = error instanceof AppError;
      const told = isOurs ? error : failed(url.href, describeError(error), error);
      reject(signal.aborted ? signal.reason : told);
    };
    const host = target.hostname.replace(/^\[|\]$/g, '');
    try {
      checkHost?.(host);
      if (isIP(host) !== 0) checkAddress?.(host, host);
    } catch (error) {
      fail(error);
      return;
    }
    const call = (target.protocol === 'https:' ? https : http).request(
      {
        method: request.method,
        host,
        port: target.port === '' ? undefined : target.port,
        path: viaProxy === undefined ? `${url.pathname}${url.search}` : url.href,
        headers: { host: url.host, ...headers },
        agent,
        signal,
        ...tls,
        ...(checkAddress === undefined ? {} : { lookup: checkedLookup(checkAddress) }),
        ...(request.socketPath === undefined ? {} : { socketPath: request.socketPath }),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= maxBytes) chunks.push(chunk);
          else {
            call.destroy();
            reject(tooLarge(maxBytes, answer.statusCode ?? 0));
          }
        });
        answer.on('end', () => {
          if (!answer.complete) {
            fail(new Error('unexpected EOF'));
            return;
          }
          resolve({
            status: answer.statusCode ?? 0,
            statusText: answer.statusMessage ?? '',
            headers: answer.headers,
            body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes),
          });
        });
        answer.on('error', fail);
        answer.on('aborted', () => fail(new Error('unexpected EOF')));
      },
    );
    call.on('error', fail);
    call.end(body);
  });
}

async function decoded(answer: HttpResponse, maxBytes: number): Promise<HttpResponse> {
  const given = answer.headers['content-encoding'];
  const encoding = parseContentEncoding(Array.isArray(given) ? given.join() : given);
  if (encoding === undefined || encoding === 'identity' || answer.body.length === 0) return answer;
  try {
    const body = await decompress(encoding, answer.body, maxBytes);
    return { ...answer, body: Buffer.from(body.buffer, body.byteOffset, body.length) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'WIRE_TOO_LARGE')
      throw tooLarge(maxBytes, answer.status);
    throw new AppError('HTTP_FAILED', describeError(error), { cause: error });
  }
}

function tooLarge(maxBytes: number, status: number): AppError {
  return new AppError('HTTP_BODY_TOO_LARGE', 'body size limit exceeded', {
    hint: `The answer is larger than ${maxBytes} bytes`,
    details: { maxBytes, status },
  });
}

/** Without the query and what stands before the host: it may hold secrets. */
function failed(url: string, reason: string, cause?: unknown): AppError {
  const { protocol, host, pathname } = new URL(url);
  return new AppError('HTTP_FAILED', `${protocol}//${host}${pathname}: ${reason}`, {
    ...(cause === undefined ? {} : { cause }),
  });
}
