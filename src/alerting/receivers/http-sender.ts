import { type Clock, describeError, isAbortError, isAppError, maskSecrets } from '#base';
import type { HttpClient } from '#metrics/http';
import { DeliveryError, type HttpSender } from './contract.ts';
import { objectOf } from './texts.ts';

/** An answer to a message is a few words. */
const maxAnswerBytes = 256 * 1024;
/** Of an answer, in an error's text. */
const maxQuotedChars = 300;
/** As much of it is looked through for secrets. */
const maxReadChars = 4000;
/** An answer may not ask for a longer pause. */
const maxRetryAfterMs = 600_000;

/** The version of Alertmanager whose interfaces these are: senders and clients see it. */
export const alertmanagerVersion = '0.28.1';

/** Posts messages; what comes back decides whether another try may help. */
export function httpSender(client: HttpClient, clock: Clock): HttpSender {
  return {
    post: async ({ url, body, method = 'POST', headers = {}, timeoutMs = 0, signal }) => {
      const ends =
        timeoutMs > 0 ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : signal;
      const { status, answerHeaders, text } = await request(client, {
        url,
        method,
        headers: {
          'user-agent': `Alertmanager/${alertmanagerVersion}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: bytesOf(body) }),
        signal: ends,
      });
      if (status >= 200 && status <= 299) {
        return { status, contentType: String(answerHeaders['content-type'] ?? ''), text };
      }
      const isLimited = status === 429;
      throw new DeliveryError(`unexpected status code ${status}: ${quotable(text, url, headers)}`, {
        isRetryable: isLimited || status >= 500,
        reason: isLimited ? 'rateLimited' : status >= 500 ? 'serverError' : 'clientError',
        retryAfterMs: retryAfterOf(answerHeaders['retry-after'], text, clock.nowMs()),
        status,
        answer: text,
      });
    },
  };
}

const bytesOf = (body: unknown): Uint8Array => {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
};

async function request(
  client: HttpClient,
  sent: Omit<Parameters<HttpClient['request']>[0], 'maxBytes'>,
): Promise<{
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}> {
  try {
    const { status, headers, body } = await client.request({ ...sent, maxBytes: maxAnswerBytes });
    return { status, answerHeaders: headers, text: body.toString('utf8') };
  } catch (error) {
    if (isAppError(error, 'HTTP_BODY_TOO_LARGE') && typeof error.details['status'] === 'number') {
      // The status says whether it was taken: telling again would tell twice.
      return { status: error.details['status'], answerHeaders: {}, text: '' };
    }
    throw new DeliveryError(withoutPath(describeError(error), sent.url), {
      isRetryable: true,
      reason: isAbortError(error) ? 'contextDeadlineExceeded' : 'other',
    });
  }
}

/** The pause that an answer asks for: in its header, or in its body as Discord, Telegram and Matrix have it. */
function retryAfterOf(
  header: string | string[] | undefined,
  body: string,
  nowMs: number,
): number | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  const bounded = (ms: number): number => Math.min(Math.max(0, Math.ceil(ms)), maxRetryAfterMs);
  if (value !== undefined && /^\d{1,7}$/.test(value)) return bounded(Number(value) * 1000);
  const dateMs = value === undefined ? Number.NaN : Date.parse(value);
  if (!Number.isNaN(dateMs)) return bounded(dateMs - nowMs);
  const answer = objectOf(body);
  const { retry_after_ms: ms, retry_after: seconds } = answer;
  if (typeof ms === 'number') return bounded(ms);
  if (typeof seconds === 'number') return bounded(seconds * 1000);
  const parameters = answer['parameters'] as { readonly retry_after?: unknown } | undefined;
  const nested = parameters?.retry_after;
  return typeof nested === 'number' ? bounded(nested * 1000) : undefined;
}

/** Paths of hooks are secrets: whoever reads the log must not be able to post there. */
function withoutPath(message: string, url: string): string {
  if (!URL.canParse(url)) return message;
  const { origin, pathname } = new URL(url);
  return message.replaceAll(url, `${origin}/…`).replaceAll(`${origin}${pathname}`, `${origin}/…`);
}

/** What is shown of an answer: many a server says again what it was asked for, and with what. */
function quotable(
  text: string,
  url: string,
  { 'content-type': _type, ...headers }: Readonly<Record<string, string>>,
): string {
  const parts = Object.values(headers).flatMap((value) => [value, ...value.split(' ')]);
  if (URL.canParse(url)) {
    const { pathname, searchParams, password } = new URL(url);
    parts.push(pathname, decoded(pathname), ...searchParams.values(), decoded(password));
  }
  let said = withoutPath(text.slice(0, maxReadChars), url);
  for (const part of parts) if (part.length >= minSecretChars) said = said.replaceAll(part, '…');
  return maskSecrets(said).trim().slice(0, maxQuotedChars);
}

/** Shorter parts of a URL are no secrets, and stand in every text. */
const minSecretChars = 4;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
