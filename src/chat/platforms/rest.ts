import { backoffMs, type Clock, describeError } from '#base';
import { messageRefused, platformFailed } from './failures.ts';

const timeoutMs = 15_000;
const maxTries = 4;
/** Longer than this no chat is waited for; whoever calls tries again later. */
const maxWaitMs = 60_000;
const limited = { baseMs: 1000, maxMs: 15_000 };

export interface RestRequest {
  /** As messages of errors name it: no secrets of its address. */
  readonly what: string;
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
}

/**
 * Calls the API of a chat, and waits where it says that it is asked too often.
 * @returns the JSON of the answer; undefined where it has none
 * @throws {AppError} CHAT_MESSAGE_REFUSED for 4xx, CHAT_PLATFORM_FAILED for the rest
 */
export async function callRest(
  { what, url, method, headers = {}, body }: RestRequest,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers: {
          ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      text = await response.text();
    } catch (error) {
      throw platformFailed(`${what}: ${describeError(error)}`, error);
    }
    if (response.ok) return jsonOf(text);
    const said = `${what}: ${response.status} ${text.slice(0, 200)}`;
    if (response.status === 429 && tries + 1 < maxTries) {
      const waitMs = waitOf(response.headers) ?? backoffMs(tries, limited);
      if (waitMs <= maxWaitMs) {
        await clock.sleep(waitMs, signal);
        continue;
      }
    }
    const isFinal = response.status >= 400 && response.status < 500 && response.status !== 429;
    throw isFinal ? messageRefused(said) : platformFailed(said);
  }
}

/** How long to wait, ms, as the answer says it; undefined: it does not. */
function waitOf(headers: Headers): number | undefined {
  for (const name of ['retry-after', 'x-ratelimit-reset']) {
    const text = headers.get(name);
    if (text === null || text === '') continue;
    const seconds = Number(text);
    if (Number.isFinite(seconds) && seconds >= 0) return Math.max(100, seconds * 1000);
  }
  return undefined;
}

function jsonOf(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
